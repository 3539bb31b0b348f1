"""The sample's base figures: frozen by the registrar on the first day of the school year, as at a real school (R11)."""

from __future__ import annotations

import datetime as dt

from casebook.rules.calendar import SchoolCalendar, Term
from sync_server.figures import year_start
from sync_server.roster.figures import Figures
from sync_server.sample.school import SampleSchool
from sync_server.store import accounts
from sync_server.wiring import Wiring

REGISTRAR = "registrar"
END_OF_FIRST_DAY = dt.time(17, 30)


def freeze(wiring: Wiring, school: SampleSchool, today: dt.date) -> int:
    """Freezes every class in the first term of the school year of `today`; how many were. None before that day."""
    first = _first_term(school, today)
    evening = dt.datetime.combine(first.first, END_OF_FIRST_DAY, wiring.clock().tzinfo)
    if first.first > today:
        return 0
    with wiring.store.read() as conn:
        registrar = next(one for one in accounts.all_of(conn, wiring.school.id) if REGISTRAR in one.roles)
    figures = Figures(wiring.store, wiring.school.id, lambda: evening)
    return figures.freeze(registrar, first.term, [one.id for one in school.roster.classes])


def _first_term(school: SampleSchool, today: dt.date) -> Term:
    calendar = SchoolCalendar.from_rows(school.roster.terms)
    here = next((term for term in calendar.terms if term.last >= today), calendar.terms[-1])
    return year_start(calendar, here)
