"""Steps of a case, asked for in the console or noted on a phone; refused with all that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.kinds.act import ACTS, SCHOOL_REPORTS
from casebook.rules.guards import Person
from casebook.rules.states import Refused, may
from sync_server.access import Subject
from sync_server.escalation import Declined, Escalation, roles_of
from sync_server.play.kinds import LABEL
from sync_server.play.phonebook import REFUSED, WRITTEN, Outcome, PhoneBook, need
from sync_server.play.phones import Written
from sync_server.play.said import StoryBroken
from sync_server.play.story import Event

#: Those who sit at the console; everybody else notes a teacher's act on the phone.
OFFICE = frozenset({"principal", "deputy", "academic_office", "registrar"})


class Steps:
    """Acts of people in their roles."""

    def __init__(self, phones: PhoneBook) -> None:
        self._phones, self._stage = phones, phones.stage
        wiring = self._stage.wiring
        self._desk = Escalation(
            wiring.store, self._stage.school, wiring.lives, wiring.office, wiring.uploads, self._stage.clock
        )

    def act(self, event: Event) -> Outcome:
        """One act. Raises StoryBroken for an act that there is not, or without a person or child."""
        act = event.subject
        if act not in ACTS:
            raise StoryBroken(event.place, "play.broken.nobody", said=act, kind="act", known=" ".join(ACTS))
        said = {name: self._resolved(value) for name, value in event.get("says", {}).items()}
        if said.get("report") not in SCHOOL_REPORTS:
            need(event, "child")
        person = need(event, "by")
        if ACTS[act].teachers and not OFFICE & set(self._stage.cast.people[person].roles):
            return self._on_phone(event, person, said)
        return self._unasked(event, person, said) if event.get("unasked") else self._at_school(event, person, said)

    def _at_school(self, event: Event, person: str, said: Mapping[str, Any]) -> Outcome:
        account, child = self._stage.account(person), event.get("child")
        if child is None:
            answer = self._desk.report_school(account, said)
        else:
            subject = Subject(self._stage.students[child], self._stage.student(child).class_id)
            answer = self._desk.write(account, subject, event.subject, said)
        if isinstance(answer, Declined):
            return {REFUSED: [*answer.refused.missing, *(lack.sentence for lack in answer.lacks)]}
        self._call(event, answer)
        return {WRITTEN: "stored"}

    def _on_phone(self, event: Event, person: str, said: Mapping[str, Any]) -> Outcome:
        """With signal the rules are asked first; without, or unasked, the act counts once its evidence is there."""
        account, child = self._stage.account(person), event.get("child")
        fitting = (one for one in account.roles if one in roles_of(event.subject))
        role = event.get("role") or next(fitting, account.roles[0])
        phone = self._phones.of(event.get("on") or person)
        body = {**said, "act": event.subject, "role": role, "name": account.name}
        if not event.get("unasked") and not event.get("offline", phone.offline):
            seen = self._phones.life(child).situation(Person(account.id, role, account.name), body)
            answer = may(event.subject, seen)
            if isinstance(answer, Refused):
                return {REFUSED: list(answer.missing)}
        rid = phone.write(Written("act", body, self._stage.students[child]))
        self._call(event, rid)
        return self._phones.sent(event, phone, rid)

    def _unasked(self, event: Event, person: str, said: Mapping[str, Any]) -> Outcome:
        """As if the console had not asked the rules: it is on record, and counts only once its evidence is there."""
        wiring, account, child = self._stage.wiring, self._stage.account(person), event.get("child")
        body = {**said, "act": event.subject, "role": event.get("role", account.roles[0]), "name": account.name}
        case = self._stage.students[child] if child else None
        outcome = wiring.store.run_tx(lambda conn: wiring.office.write(conn, account, "act", case, body=body))
        self._call(event, outcome.rid)
        return {WRITTEN: str(outcome.verdict)} | ({REFUSED: [outcome.code]} if outcome.code else {})

    def _call(self, event: Event, rid: str) -> None:
        self._stage.call(f"{event.subject}:{event.place.line}", event.get("as", ""), rid)

    def _resolved(self, value: Any) -> Any:
        """Labels become the records and visits that they stand for."""
        if isinstance(value, list):
            return [self._resolved(one) for one in value]
        if isinstance(value, str) and value.startswith(LABEL):
            return self._stage.labels.get(value.removeprefix(LABEL), value)
        return value
