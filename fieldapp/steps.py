"""The teacher's own steps in a case: what may be done now, what is missing for it, and the seal (domain 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casebook.kinds.act import ACTS
from casebook.rules.guards import Person
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.states import Refused, find, may
from fieldapp import jottings
from fieldapp.sealing import seal_own, unsealed
from fieldapp.workspace import Workspace

STEPS = tuple(name for name, act in ACTS.items() if act.teachers)  # what a phone may write
_ANYTHING = {"because": "-", "by": "guardian"}  # stands for what the teacher has not said yet


@dataclass(frozen=True)
class StepCard:
    """One step of a child's case; `refused` says what is missing for it, None when it may be done now."""

    act: str
    refused: Refused | None


@dataclass(frozen=True)
class StepPage:
    """All that the screen of one step shows: the child, its state, what is missing, what is half said."""

    case: str
    name: str
    act: str
    state: str
    today: str
    refused: Refused | None
    said: Mapping[str, Any]


class Steps:
    """The steps a teacher may take on the phone."""

    def __init__(self, work: Workspace) -> None:
        self._work = work

    def offered(self, case: str) -> list[StepCard]:
        """The steps that exist in the child's state, those that may be done now first. Raises NoSuchCase."""
        here = self._work.life(case)
        cards = [StepCard(act, self._judged(here, act, self._imagined(act))) for act in STEPS if find(act, here.state)]
        return sorted(cards, key=lambda card: card.refused is not None)

    def page(self, case: str, act: str) -> StepPage:
        """One step, as far as it is said. Raises NoSuchCase."""
        here, student = self._work.life(case), self._work.student(case)
        said = jottings.jotted(self._work, _key(case, act))
        told = self._imagined(act) | {name: value for name, value in said.items() if value}
        return StepPage(
            case, str(student.get("name") or ""), act, here.state, self._work.today().isoformat(),
            self._judged(here, act, told), said,
        )  # fmt: skip

    def jot(self, case: str, act: str, said: Mapping[str, Any]) -> None:
        """Keeps what is said so far. Raises StorageFull."""
        jottings.jot(self._work, _key(case, act), said)

    def seal(self, case: str, act: str, said: Mapping[str, str]) -> str | Refused:
        """Seals the step, or says what is missing for it. Raises NoSuchCase, NotEnrolled, StorageFull.

        What the teacher has sealed today in the same words is that very step: the app died before it could say so.
        """
        work, here = self._work, self._work.life(case)
        told = {name: said.get(name, "").strip() for name in ACTS[act].fields}
        if sealed := self._sealed_today(here, act, told):
            return sealed
        refused = self._judged(here, act, told)
        if refused:
            return refused
        body = {"act": act, "role": self._role(here, act), **told}
        record = unsealed(work, "act", case, body)
        return seal_own(work, record, lambda db, *_: jottings.forget(work, db, _key(case, act)))

    def _sealed_today(self, here: Lifecycle, act: str, told: Mapping[str, str]) -> str | None:
        today, who = self._work.today(), str(self._work.account().get("id", ""))
        own = (deed for deed in here.seen.done(act) if deed.author == who and deed.stamp.day == today)
        return next((deed.rid for deed in own if all(deed.text(name) == value for name, value in told.items())), None)

    def _judged(self, here: Lifecycle, act: str, told: Mapping[str, str]) -> Refused | None:
        account = self._work.account()
        person = Person(str(account.get("id", "")), self._role(here, act), str(account.get("name", "")))
        answer = may(act, here.situation(person, told))
        return answer if isinstance(answer, Refused) else None

    def _role(self, here: Lifecycle, act: str) -> str:
        """The role in which this teacher does the step: the first of the table's that the account holds."""
        roles: Any = self._work.account().get("roles") or []
        move = find(act, here.state)
        fitting = [role for role in (move.roles if move else ()) if role in roles]
        return next(iter([*fitting, *roles]), "")

    def _imagined(self, act: str) -> dict[str, str]:
        """A body that is complete, so that only what is truly missing is named."""
        possible = _ANYTHING | {"on": self._work.today().isoformat()}
        return {name: possible[name] for name in ACTS[act].fields}


def _key(case: str, act: str) -> str:
    return f"step/{case}/{act}"
