"""Deadlines of a class and of the whole school: the daily report, the month's report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from casebook.rules.absence import World
from casebook.rules.due import Deadline, by_fact, since
from casebook.rules.facts import Deed
from casebook.rules.reckoning import Because, monthly, warn_day


def daily_reports(class_id: str, day: dt.date, world: World) -> Iterator[Deadline]:
    """R20: the headcounts that a class owes that day, by the hour; a correction later does not make a report late."""
    rules = world.book.on(day)
    counts = world.attendance.of(class_id, day)
    for session in rules.codes("report_sessions") if world.calendar.is_school_day(day) else ():
        rule = rules.rule(f"daily_report_{session}")
        at = dt.datetime.combine(day, dt.time.fromisoformat(rule.value), world.now.tzinfo)
        steps = (since("school_day", day), Because("clock", {"clock": rule.value}))
        made = counts[session].versions[0] if session in counts else None
        yield Deadline(
            rule.key, class_id, day, steps, rule.clause, rule.source, at=at, kept=by_fact(made),
            facts={"session": session},
        )  # fmt: skip


def monthly_report(world: World, month: dt.date, deeds: Iterable[Deed]) -> Iterator[Deadline]:
    """R47: the report of a month, also when there is nothing to report."""
    rule = world.book.on(month).rule("monthly_report")
    counted = monthly(rule, month, world.calendar)
    name = month.isoformat()[:7]
    sent = [deed for deed in deeds
            if deed.act == "reported" and deed.text("report") == "RE" and deed.text("period") == name]  # fmt: skip
    if counted.day is not None:
        yield Deadline(
            rule.key, name, counted.day, counted.steps, rule.clause, rule.source,
            warn_on=warn_day(rule, counted.day, world.calendar), kept=by_fact(sent[0] if sent else None),
        )  # fmt: skip


def monthly_reports(world: World, deeds: Sequence[Deed]) -> Iterator[Deadline]:
    """This month's report after those of the year before it that nobody has sent, where the classes were counted then;
    the oldest first.
    """
    this = world.today.replace(day=1)
    first = this.replace(year=this.year - 1)
    counted = {day.replace(day=1) for _, day in world.attendance.counts if first <= day < this}
    for month in sorted(counted):
        yield from (due for due in monthly_report(world, month, deeds) if due.kept is None)
    yield from monthly_report(world, this, deeds)
