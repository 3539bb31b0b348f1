"""The sample school's calendar: the shipped school years, with the day of the demonstration a school day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from casebook.rules.calendar import SchoolCalendar, Term
from sync_server.registry import default_terms

BEFORE, AFTER = timedelta(weeks=8), timedelta(weeks=16)
DAY = timedelta(days=1)


def demonstration_terms(today: date) -> tuple[Mapping[str, object], ...]:
    """Calendar rows in which `today` is a school day.

    A Saturday or a holiday becomes a make-up day; outside every term a demonstration term fills the gap
    around `today`, so that absences and deadlines can be shown on any day of the year.
    """
    terms = default_terms()
    calendar = SchoolCalendar.from_rows(terms)
    if calendar.is_school_day(today):
        return terms
    if any(term.first <= today <= term.last for term in calendar.terms):
        return tuple(_with_make_up_day(row, today) for row in terms)
    return (*terms, _term_around(today, calendar.terms))


def _with_make_up_day(row: Mapping[str, object], today: date) -> Mapping[str, object]:
    term = Term.from_row(row)
    if not term.first <= today <= term.last:
        return row
    return {**row, "on": [day.isoformat() for day in sorted(term.on | {today})]}


def _term_around(today: date, terms: tuple[Term, ...]) -> Mapping[str, object]:
    first = max([today - BEFORE, *(term.last + DAY for term in terms if term.last < today)])
    last = min([today + AFTER, *(term.first - DAY for term in terms if term.first > today)])
    weekend = [today.isoformat()] if today.weekday() >= 5 else []
    return {"term": "demo", "first": first.isoformat(), "last": last.isoformat(), "off": [], "on": weekend}
