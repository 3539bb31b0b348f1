"""What happened at the sample school lately: planned events of a few children, in school days from today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_server.sample.words import word_list

UNEXCUSED = "unexcused"


@dataclass(frozen=True)
class Moment:
    """`day` 0 is today, -1 the school day before, 1 the next one; `at` is the time of day."""

    day: int
    at: str


@dataclass(frozen=True)
class Away:
    """From the school day `first` to `last` the class is counted without the child; `kind` is what the teacher says."""

    first: int
    last: int
    kind: str


@dataclass(frozen=True)
class Correction:
    """The class teacher corrects the headcount of a past day: the child was something else than was said."""

    moment: Moment
    day: int
    kind: str
    reason: str


@dataclass(frozen=True)
class PlannedLeave:
    """A leave that the class teacher writes down; `verified` is the call back, `returned` the day of coming back."""

    moment: Moment
    first: int
    last: int
    kind: str
    asked_by: str
    reason: str
    proof: str
    verified: Moment | None
    returned: int | None


@dataclass(frozen=True)
class PlannedAct:
    """A step in the child's case, by a login in one of its roles; `says` is what that act must say."""

    moment: Moment
    label: str
    by: str
    act: str
    says: Mapping[str, Any]


@dataclass(frozen=True)
class PlannedVisit:
    """A home visit; `by` is a login, `sync` when the telephone reached the school. Answers by question name."""

    moment: Moment
    label: str
    minutes: int
    by: str
    form: str
    answers: Mapping[str, str]
    sync: Moment


@dataclass(frozen=True)
class PlannedReview:
    """The principal's decision about the child's visit with that label."""

    moment: Moment
    visit: str
    decision: str
    remark: str


Event = Away | Correction | PlannedLeave | PlannedAct | PlannedVisit | PlannedReview


@dataclass(frozen=True)
class ChildStory:
    """The events around one child; `key` names it, `who` says which child of the class it is about.

    `assigned_to` is the login of a teacher who answers for the child besides its class teacher.
    """

    key: str
    class_id: str
    who: Mapping[str, str]
    events: tuple[Event, ...]
    assigned_to: str = ""

    @property
    def away(self) -> tuple[Away, ...]:
        """The times of being away."""
        return tuple(event for event in self.events if isinstance(event, Away))


@dataclass(frozen=True)
class RollCalls:
    """How the school counts: for how many school days, who is late or silent today, which lesson counted otherwise.

    `late` is class -> time of day, `silent` are classes that have not reported yet, `lesson` is who counted what.
    """

    days: int
    late: Mapping[str, str]
    silent: frozenset[str]
    lesson: Mapping[str, Any]
    sessions: tuple[str, ...] = ("am",)


def stories() -> tuple[ChildStory, ...]:
    """The planned history, in the order in which children are looked for."""
    return tuple(
        ChildStory(
            child["key"], child["class"], child["who"], tuple(_EVENTS[event["do"]](event) for event in child["events"]),
            child.get("assigned_to", ""),
        )
        for child in word_list("history")["children"]
    )  # fmt: skip


def usual_answers() -> Mapping[str, str]:
    """Answers to questions a story says nothing about, given where they are asked."""
    found: Mapping[str, str] = word_list("history")["usual"]
    return found


def roll_calls() -> RollCalls:
    """How the classes are counted."""
    planned = word_list("history")["roll_calls"]
    return RollCalls(planned["days"], planned["late"], frozenset(planned["silent"]), planned["lesson"])


def _moment(event: Mapping[str, Any]) -> Moment:
    return Moment(event["day"], event["at"])


def _away(event: Mapping[str, Any]) -> Away:
    return Away(event["first"], event["last"], event.get("kind", UNEXCUSED))


def _correction(event: Mapping[str, Any]) -> Correction:
    return Correction(_moment(event), event["of"], event["kind"], event["reason"])


def _leave(event: Mapping[str, Any]) -> PlannedLeave:
    verified = Moment(**event["verified"]) if "verified" in event else None
    texts = (event["kind"], event["asked_by"], event["reason"], event["proof"])
    return PlannedLeave(_moment(event), event["first"], event["last"], *texts, verified, event.get("returned"))


def _act(event: Mapping[str, Any]) -> PlannedAct:
    act = event["act"]
    return PlannedAct(_moment(event), event.get("label", act), event.get("by", ""), act, event["says"])


def _visit(event: Mapping[str, Any]) -> PlannedVisit:
    sync, by = Moment(**event["sync"]), event.get("by", "")
    return PlannedVisit(
        _moment(event), event["label"], event["minutes"], by, event["form"], event["answers"], sync
    )


def _review(event: Mapping[str, Any]) -> PlannedReview:
    return PlannedReview(_moment(event), event["visit"], event["decision"], event["remark"])


_EVENTS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "away": _away, "correct": _correction, "leave": _leave, "act": _act, "visit": _visit, "review": _review,
}  # fmt: skip
