"""The week of a class as it is signed: its days, the same-day visits and the changes of the roll (R21, domain 6, 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.rules.deadlines import same_day_visits
from casebook.rules.due import MET, MET_LATE
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.weekly import ClassDay, Week

ON_TIME, LATE, NOT_DONE = "on_time", "late", "not_done"
_WEEK = dt.timedelta(days=6)


@dataclass(frozen=True)
class Visited:
    """An absence that began in the week and whether its visit, or its proved excuse, came the same day (R25)."""

    student: str
    day: dt.date
    outcome: str


@dataclass(frozen=True)
class RollMove:
    """A change of the roll in the week (R13): who, what kind of event, which day."""

    student: str
    kind: str
    day: dt.date


@dataclass(frozen=True)
class WeekSheet:
    """Everything the weekly report of a class says. What is signed is `figures`, and nothing else."""

    week: Week
    visits: tuple[Visited, ...] = ()
    moves: tuple[RollMove, ...] = ()

    @property
    def visit_counts(self) -> Mapping[str, int]:
        """Same-day visits by outcome."""
        return {code: sum(one.outcome == code for one in self.visits) for code in (ON_TIME, LATE, NOT_DONE)}

    @property
    def unreported(self) -> tuple[dt.date, ...]:
        """School days for which the class reported nothing."""
        return tuple(day.day for day in self.week.days if not day.reported)

    @property
    def figures(self) -> dict[str, Any]:
        """The exact figures as plain JSON values; children by id."""
        return {
            "class": self.week.class_id, "first": self.week.first.isoformat(),
            "days": [_day(day) for day in self.week.days], "totals": dict(sorted(self.week.totals.items())),
            "visits": [[one.student, one.day.isoformat(), one.outcome] for one in self.visits],
            "moves": [[one.student, one.kind, one.day.isoformat()] for one in self.moves],
        }  # fmt: skip


def visits_of(lives: Iterable[Lifecycle], first: dt.date) -> tuple[Visited, ...]:
    """The absences of these children that began in the week from `first` on, with what became of the visit."""
    found = (one for life in lives for one in _visits(life, first))
    return tuple(sorted(found, key=lambda one: (one.day, one.student)))


def changed_parts(signed: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs from what was signed: days by their date, then visits and moves by their name."""
    before = {day["day"]: day for day in signed.get("days", ())}
    after = {day["day"]: day for day in now["days"]}
    days = [day for day in sorted(before.keys() | after.keys()) if before.get(day) != after.get(day)]
    return (*days, *(part for part in ("visits", "moves") if signed.get(part) != now[part]))


def _visits(life: Lifecycle, first: dt.date) -> Iterator[Visited]:
    for due in same_day_visits(life):
        if due.due is not None and first <= due.due <= first + _WEEK:
            outcomes = {MET: ON_TIME, MET_LATE: LATE}
            yield Visited(life.child.case, due.due, outcomes.get(due.status(life.world.now), NOT_DONE))


def _day(day: ClassDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(), "reported": day.reported, "expected": day.expected, "present": day.present,
        "kinds": dict(sorted((day.kinds or {}).items())), "unexcused": list(day.unexcused),
        "changes": [[one.student, one.was, one.now, one.reason, one.source] for one in day.changes],
        "discrepancies": [[one.code, one.class_heads, one.other_heads] for one in day.discrepancies],
    }  # fmt: skip
