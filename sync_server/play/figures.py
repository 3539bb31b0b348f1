"""The figures of the school year as plain JSON values: heads before percentages, names behind every number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from casebook.rules.calendar import SchoolCalendar, Term
from casebook.rules.figures import ClassView, Rate, Verdict
from sync_server.figures import Group, Statistics, YearFigures
from sync_server.store.engine import Connection

_FINE = 3
_ROLL = (
    "base", "joined", "left", "died", "suspended", "withdrew", "other_gain", "dropped_ever", "dropped_still",
    "enrolled", "present",
)  # fmt: skip


def year_of(conn: Connection, desk: Statistics, calendar: SchoolCalendar, today: dt.date) -> YearFigures | None:
    """The figures of the school year of today; None when the calendar knows no term."""
    term = _term_of(calendar, today)
    return desk.year(conn, term, today) if term else None


def year_outline(found: YearFigures) -> dict[str, Any]:
    """Stages and school, the ledger, rates of time and persuasion, key visits."""
    return {
        "term": found.term, "from": found.first, "until": found.cutoff,
        "groups": {group.name: group_outline(group) for group in found.groups},
        "ledger": {name: len(cases) for name, cases in found.tally.by_ledger.items()},
        "confirmed": list(found.tally.confirmed), "not_back": list(found.tally.not_back),
        "rates": _rates(found.tally.rates), "late_visits": list(found.late_visits),
        "key_visits": rate_outline(found.key_visits) if found.key_visits else None,
    }  # fmt: skip


def group_outline(group: Group) -> dict[str, Any]:
    """A stage, a class or the school."""
    told = {name: getattr(group.roll, name) for name in _ROLL} | {
        "frozen": group.frozen, "rates": _rates(group.rates), "targets": _verdicts(group.verdicts),
        "people": {part: list(ids) for part, ids in group.people.items() if ids},
    }  # fmt: skip
    return told | (_view(group.view) if group.view else {})


def rate_outline(rate: Rate) -> dict[str, Any]:
    """So many of so many; the percentage as people read it, and with a third place."""
    return {"heads": rate.heads, "base": rate.base, "percent": rate.rounded(), "percent_3": rate.rounded(_FINE)}


def _rates(rates: Iterable[Rate]) -> dict[str, Any]:
    return {rate.formula: rate_outline(rate) for rate in rates}


def _verdicts(found: Iterable[Verdict]) -> dict[str, Any]:
    return {one.key: {"kept": one.kept, "limit": one.limit, "allowed": one.allowed, "effect": one.effect}
            for one in found}  # fmt: skip


def _view(view: ClassView) -> dict[str, Any]:
    return {"targets": _verdicts(view.verdicts), "meets": view.meets, "veto": view.veto}


def _term_of(calendar: SchoolCalendar, today: dt.date) -> Term | None:
    upcoming = [term for term in calendar.terms if term.last >= today]
    return next(iter(upcoming or calendar.terms[-1:]), None)
