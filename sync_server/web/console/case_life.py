"""A child's life under the rules in words: deadlines with their why, duties, states with their clause, what lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.rules.deadlines import deadlines
from casebook.rules.due import Deadline
from casebook.rules.duties import Duty, child_duties, without_effect
from casebook.rules.facts import Deed
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.states import Refused
from casebook.rules.words import because_key, deadline_key, defect_key, duty_key, event_key, refusal, source_told
from casebook.wording import Wording
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.store.accounts import Account
from sync_server.web.console.dates import Dates

PAPERS = ("confirmed", "notice_issued", "reported", "external")  # acts that are printed
# The form that answers a duty, where one does.
FORM_OF_DUTY = {
    "enter_mark": "marked", "propose_confirmation": "proposed", "confirm_dropout": "confirmed",
    "issue_notice": "notice_issued", "village_letter": "letter", "decide_failed": "ineffective",
    "report_failure": "reported?v=RC", "report_return": "reported?v=RD", "note_return": "returned",
    "confirm_return": "return_confirmed", "strike_off": "struck_off", "close_case": "closed",
    "watch_roll": "roll_moved", "tell_police": "police_report",
}  # fmt: skip


@dataclass(frozen=True)
class DeadlineLine:
    """A deadline ready to be drawn; `why` are its reasons in order, `kept` says what met it."""

    name: str
    deadline: Deadline
    status: str
    why: tuple[str, ...]
    source: str
    kept: Mapping[str, Any]


@dataclass(frozen=True)
class DutyLine:
    """Something to be done, whose duty it is, and the form that answers it where the reader may write it."""

    name: str
    duty: Duty
    roles: str
    form: str


@dataclass(frozen=True)
class StepLine:
    """A state that was entered, by what, under which clause, in which episode."""

    state: str
    event: str
    day: dt.date
    clause: str
    episode: int
    source: str


@dataclass(frozen=True)
class UnmetLine:
    """An act that is kept and does not count, with everything it lacked."""

    event: str
    day: dt.date
    missing: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class ServiceLine:
    """An attempt at serving a notice, judged; `visit` when it was on a visit, of which there is a proof to print."""

    no: str
    way: str
    outcome: str
    on: dt.date
    defects: tuple[str, ...]
    visit: str


@dataclass(frozen=True)
class Voice:
    """The reasons of one side as this reader may see them."""

    side: str
    reasons: str
    restricted: bool


@dataclass(frozen=True)
class Telling:
    """What is needed to say a life: words, the reader."""

    wording: Wording
    dates: Dates
    account: Account
    life: Lifecycle
    names: Mapping[str, str]

    def deadlines(self, kept: bool) -> list[DeadlineLine]:
        """Deadlines by day: those that something has met, with what met them, or those that are still to be met."""
        now = self.life.world.now
        return [
            DeadlineLine(
                self.wording(deadline_key(due.key)), due, due.status(now), tuple(self._why(due)),
                source_told(due.reference, self.wording), due.kept.facts(self.life.rules) if due.kept else {},
            )
            for due in deadlines(self.life) if (due.kept is not None) == kept
        ]  # fmt: skip

    def duties(self, offered: Collection[str]) -> list[DutyLine]:
        """What is to be done, the most urgent first; `offered` are the acts that the reader may write now."""
        found = child_duties(self.life)
        return [
            DutyLine(self.wording(duty_key(duty.kind)), duty, self._roles(duty), _form(duty.kind, offered))
            for duty in found
        ]

    def steps(self) -> list[StepLine]:
        """Every state entered, the newest first."""
        return [
            StepLine(step.state, self.wording(event_key(step.event)), step.day, step.clause, step.episode, step.source)
            for step in reversed(self.life.story.steps)
        ]

    def unmet(self) -> list[UnmetLine]:
        """Acts that do not count and were not made up for."""
        return [
            UnmetLine(self.wording(event_key(one.event)), one.day,
                      tuple(refusal(Refused(one.missing, one.facts), self.wording)), one.rid)
            for one in without_effect(self.life)
        ]  # fmt: skip

    def services(self) -> list[ServiceLine]:
        """How the notices were served, and what is missing."""
        visits = {contact.rid: contact.visit for contact in self.life.contacts}
        return [
            ServiceLine(
                one.receipt.doc_no, self.wording(f"acts.service.way.{one.receipt.way or 'none'}"), one.outcome,
                one.served_on or one.receipt.on, tuple(self.wording(defect_key(code)) for code in one.defects),
                visits.get(one.source, ""),
            )
            for one in self.life.seen.services
        ]  # fmt: skip

    def voices(self) -> list[Voice]:
        """Reasons as guardian, student and school see them; what is kept for few is left out for the others (R62)."""
        found = []
        for side, voice in self.life.voices.items():
            contact = next((one for one in self.life.contacts if one.rid == voice.source), None)
            written = Subject("", written_by=frozenset({contact.author} if contact else ()))
            whole = voice.restricted and access.allows(self.account, Verb.READ_RESTRICTED, written)
            codes = contact.codes(f"reasons_{side}") if contact and whole else voice.codes
            if codes:
                reasons = self.wording("console.list_comma").join(self._reason(code) for code in codes)
                found.append(Voice(side, reasons, whole))
        return found

    def papers(self) -> Sequence[Deed]:
        """The confirmation, notices, reports and documents of the government, the newest first."""
        return [deed for deed in reversed(self.life.facts.deeds) if deed.act in PAPERS]

    def _why(self, due: Deadline) -> list[str]:
        return [self.wording(because_key(step.code), **self.dates.told(step.facts)) for step in due.because]

    def _roles(self, duty: Duty) -> str:
        words = [self.wording(f"acts.role.{role}") for role in duty.roles]
        return self.wording("console.list_comma").join(words)

    def _reason(self, code: str) -> str:
        key = f"console.value.reason.{code}"
        return self.wording(key) if self.wording.has(key) else self.wording(f"acts.reason.{code}")


def _form(kind: str, offered: Collection[str]) -> str:
    form = FORM_OF_DUTY.get(kind, "")
    return form if form.partition("?")[0] in offered else ""
