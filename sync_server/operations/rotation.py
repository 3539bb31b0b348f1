"""Which backups are kept: the newest few, and the newest of each of the last days, weeks and months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

NEWEST, DAYS, WEEKS, MONTHS = 3, 7, 5, 12


def kept(moments: Iterable[dt.datetime]) -> set[dt.datetime]:
    """Those worth keeping: never fewer than one while there is any, and always the newest."""
    newest_first = sorted(moments, reverse=True)
    periods: list[tuple[Callable[[dt.datetime], object], int]] = [
        (lambda moment: moment.date(), DAYS),
        (lambda moment: moment.isocalendar()[:2], WEEKS),
        (lambda moment: (moment.year, moment.month), MONTHS),
    ]
    found = set(newest_first[:NEWEST])
    for period_of, most in periods:
        newest_of: dict[object, dt.datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(period_of(moment), moment)
        found.update(list(newest_of.values())[:most])
    return found
