"""The sample school's calendar: the shipped school years, with the day of the demonstration a school day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from casebook.rules.calendar import SchoolCalendar, Term
from sync_server.registry import default_terms

DAY = dt.timedelta(days=1)
# How far the demonstration looks back and ahead; where no term is known its own term reaches as far.
BEFORE, AFTER = dt.timedelta(weeks=4), dt.timedelta(weeks=2)
DEMONSTRATION = "demo"


def demonstration_terms(today: dt.date) -> tuple[Mapping[str, object], ...]:
    """Calendar rows in which `today` is a school day with some weeks of school before and after it.

    A Saturday or a holiday becomes a make-up day. Near its ends a term is stretched into the vacation, and in
    the vacation a term of the demonstration fills the gap: absences and deadlines can be shown on any day.
    """
    rows = default_terms()
    terms = SchoolCalendar.from_rows(rows).terms
    around = next((term for term in terms if term.first <= today <= term.last), None)
    before = max((term.last for term in terms if term.last < today), default=dt.date.min)
    after = min((term.first for term in terms if term.first > today), default=dt.date.max)
    if around is None:
        around = Term(DEMONSTRATION, *_stretched(today, today, today, before, after))
        return (*rows, _row(around, today))
    first, last = _stretched(around.first, around.last, today, before, after)
    return tuple(
        _row(replace(around, first=first, last=last), today) if row["term"] == around.term else row for row in rows
    )


def _stretched(
    first: dt.date, last: dt.date, today: dt.date, before: dt.date, after: dt.date
) -> tuple[dt.date, dt.date]:
    """First and last day that leave room around `today` without touching the terms before and after."""
    return max(min(first, today - BEFORE), before + DAY), min(max(last, today + AFTER), after - DAY)


def _row(term: Term, today: dt.date) -> Mapping[str, object]:
    """The term as a row of the calendar, `today` being a school day."""
    is_school_day = SchoolCalendar((term,)).is_school_day(today)
    days_on = term.on if is_school_day else term.on | {today}
    return {
        "term": term.term,
        "first": term.first.isoformat(),
        "last": term.last.isoformat(),
        "off": [day.isoformat() for day in sorted(term.off)],
        "on": [day.isoformat() for day in sorted(days_on)],
    }
