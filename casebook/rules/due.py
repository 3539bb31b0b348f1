"""What a deadline is: from when it runs, how it is counted, by which rule, and whether it was kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.rules.absence import World
from casebook.rules.facts import Deed, Fact, Stamp
from casebook.rules.reckoning import Because, reckon, warn_day
from casebook.rules.rulebook import MINUTES, Rule, Rules

MET, MET_LATE, OPEN, WARNED, OVERDUE, NO_DAY = "met", "met_late", "open", "warned", "overdue", "no_day"
URGENCIES = ("overdue", "today", "soon", "later")
_SOON = dt.timedelta(days=2)


@dataclass(frozen=True)
class Kept:
    """What met a deadline: the day that counts, its record, and both times when a device wrote it."""

    day: dt.date
    source: str
    stamp: Stamp | None = None

    def facts(self, rules: Rules) -> dict[str, Any]:
        """Captured, corrected and received time side by side, and whether the clock was far off (domain 3.3)."""
        if self.stamp is None:
            return {"day": self.day.isoformat()}
        rule = rules.rule("clock_offset_flag")
        assert rule.unit == MINUTES
        received = self.stamp.received
        return {
            "day": self.day.isoformat(), "captured": self.stamp.captured.isoformat(timespec="minutes"),
            "corrected": self.stamp.at.isoformat(timespec="minutes"), "offset_minutes": round(self.stamp.offset / 60),
            "received": received.isoformat(timespec="minutes") if received else "",
            "flagged": self.stamp.off_by_more_than(int(rule.value)),
        }  # fmt: skip


@dataclass(frozen=True)
class Deadline:
    """One date with its reasons. `at` is the exact moment where a clock decides; else the day's end does."""

    key: str
    subject: str
    due: dt.date | None
    because: tuple[Because, ...]
    clause: str
    reference: str
    source: str = ""
    at: dt.datetime | None = None
    warn_on: dt.date | None = None
    kept: Kept | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def status(self, now: dt.datetime) -> str:
        """met, met_late, overdue, warned (the warning day has come), open, or no_day (the calendar ends before it)."""
        if self.due is None:
            return NO_DAY
        if self.kept is not None:
            return MET_LATE if self._late(self.kept) else MET
        if now > self.at if self.at else now.date() > self.due:
            return OVERDUE
        return WARNED if self.warn_on and now.date() >= self.warn_on else OPEN

    def _late(self, kept: Kept) -> bool:
        if self.at is not None and kept.stamp is not None:
            return kept.stamp.at > self.at
        return self.due is not None and kept.day > self.due


def by_fact(fact: Fact | None, day: dt.date | None = None) -> Kept | None:
    """A record that met a deadline: an act's own day counts, for everything else the corrected capture time."""
    if fact is None:
        return None
    said = fact.day() if isinstance(fact, Deed) and fact.body.get("on") else fact.stamp.day
    return Kept(day or said, fact.rid, fact.stamp)


def deadline(
    rule: Rule, subject: str, since: Because, start: dt.date, world: World, *, key: str = "", value: int | None = None,
    source: str = "", kept: Kept | None = None,
) -> Deadline:  # fmt: skip
    """The deadline that `rule` sets from `start`; `since` says what happened then."""
    counted = reckon(rule, start, world.calendar, value)
    return Deadline(
        key or rule.key, subject, counted.day, (since, *counted.steps), rule.clause, rule.source, source,
        warn_on=warn_day(rule, counted.day, world.calendar), kept=kept,
    )  # fmt: skip


def urgency_of(due: dt.date | None, today: dt.date) -> str:
    """overdue, today, soon (within two days) or later."""
    if due is None or due > today + _SOON:
        return "later"
    if due < today:
        return "overdue"
    return "today" if due == today else "soon"


def since(code: str, day: dt.date, **facts: Any) -> Because:
    """The first step of an explanation: what the count starts from."""
    return Because(f"since_{code}", {"day": day.isoformat(), **facts})
