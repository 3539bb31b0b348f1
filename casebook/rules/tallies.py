"""Counts of many children at one cut-off: what was done in time, who came back, who is lost (domain 6.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casebook.rules.absence import PRESENT
from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE, OVERDUE
from casebook.rules.facts import DOOR_MODES
from casebook.rules.figures import Rate
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.replay import Episode

IN_TIME = {"same_day_visit": "visited_same_day", "notice_service": "served_in_time", "gov_report": "reported_in_time"}
LOST_STATES = ("C3", "C4", "C5")


@dataclass(frozen=True)
class Tally:
    """The children behind the figures, by name: every figure drills down to them (R46)."""

    confirmed: tuple[str, ...]
    not_back: tuple[str, ...]
    by_ledger: dict[str, tuple[str, ...]]
    rates: tuple[Rate, ...]


def tally(lives: Sequence[Lifecycle], first: dt.date) -> Tally:
    """What happened from `first` to the moment at which `lives` were worked out."""
    confirmed = tuple(life.child.case for life in lives if _confirmed(life, first))
    not_back = tuple(life.child.case for life in lives if life.state in LOST_STATES and not _seen_lately(life))
    return Tally(confirmed, not_back, by_ledger(lives), (*_in_time(lives, first), *_outcomes(lives, first)))


def by_ledger(lives: Iterable[Lifecycle]) -> dict[str, tuple[str, ...]]:
    """The children of each class of the ledger."""
    found: dict[str, list[str]] = {}
    for life in lives:
        found.setdefault(life.ledger_class, []).append(life.child.case)
    return {name: tuple(children) for name, children in found.items()}


def quota(life: Lifecycle, first: dt.date) -> Rate:
    """Q8: visits at the door since `first`, of those that the quota demands for this child."""
    needed = life.world.book.on(first).number("quota.key" if life.child.key else "quota.all")
    made = sum(contact.mode in DOOR_MODES for contact in life.facts.visits(first))
    return Rate("quota", min(made, needed), needed)


def _in_time(lives: Iterable[Lifecycle], first: dt.date) -> list[Rate]:
    """Of the deadlines that were kept or missed, those kept in time; what is still open says nothing yet."""
    found: dict[str, list[str]] = {key: [] for key in IN_TIME}
    for life in lives:
        for due in deadlines(life):
            if due.key in IN_TIME and due.due and due.due >= first:
                found[due.key].append(due.status(life.world.now))
    return [Rate(name, found[key].count(MET), sum(one in (MET, MET_LATE, OVERDUE) for one in found[key]))
            for key, name in IN_TIME.items()]  # fmt: skip


def _outcomes(lives: Iterable[Lifecycle], first: dt.date) -> list[Rate]:
    """劝返成功率: of the episodes confirmed, those that ended in a return; 再辍率: of the returns, the relapses."""
    confirmed = back = returns = relapses = 0
    for life in lives:
        for episode in life.story.episodes:
            if _reached(life, episode, "C3") and episode.since >= first:
                confirmed, back = confirmed + 1, back + bool(episode.returned_on)
            if episode.returned_on and episode.returned_on >= first:
                returns, relapses = returns + 1, relapses + (episode.number < len(life.story.episodes))
    return [Rate("persuaded_back", back, confirmed), Rate("relapsed", relapses, returns)]


def _confirmed(life: Lifecycle, first: dt.date) -> bool:
    return any(step.state == "C3" and step.day >= first for step in life.story.steps)


def _reached(life: Lifecycle, episode: Episode, state: str) -> bool:
    return any(step.state == state and step.episode == episode.number for step in life.story.steps)


def _seen_lately(life: Lifecycle) -> bool:
    """Some counties count a child as back who was seen within so many days before the cut-off (row, off by default)."""
    days = life.world.book.on(life.world.today).number("cutoff_present_within")
    since = life.world.today - dt.timedelta(days=days)
    return days > 0 and any(day.status == PRESENT and day.day >= since for day in life.days)
