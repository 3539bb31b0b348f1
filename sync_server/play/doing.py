"""Lets the events of a story happen, each through the door that it has at a real school."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casebook.ed25519 import Ed25519Verifier
from casebook.errors import CasebookError
from casebook.rules.rulebook import RuleBroken
from sync_server import rulebook
from sync_server.answers import Answers
from sync_server.cases import Cases
from sync_server.play import enrolling
from sync_server.play import stage as scenery
from sync_server.play.classroom import Classroom
from sync_server.play.going import Goings
from sync_server.play.kinds import LABEL
from sync_server.play.phonebook import REFUSED, WRITTEN, Outcome, PhoneBook, pointed_at
from sync_server.play.said import StoryBroken
from sync_server.play.stage import COUNTY, Stage
from sync_server.play.steps import Steps
from sync_server.play.story import Event
from sync_server.play.yearend import close_year
from sync_server.review import Reviews
from sync_server.roster.rollbook import Entry, RollBook
from sync_server.seals import Seals
from sync_server.store import visits
from sync_server.visits import Visits

COUNTY_SCOPE = f"county:{COUNTY}"  # whose rows a story's rows are, unless it says otherwise


class Doings:
    """Performs events on a stage and says what became of each."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.phones = self._phones = PhoneBook(stage)
        wiring, school = stage.wiring, stage.school
        seals = Seals(school, Ed25519Verifier(), wiring.keys.receipt.public_key)
        self.visits = Visits(school, seals, Answers(school, stage.clock), wiring.blobs)
        self._reviews = Reviews(wiring.store, school, self.visits, seals, wiring.office, wiring.now)
        self._cases = Cases(wiring.store, school, seals, wiring.office, stage.clock, wiring.lives)
        self._rolls = RollBook(wiring.store, school, wiring.office, wiring.uploads, stage.clock)
        self._goings = Goings(self._phones)
        room, steps = Classroom(self._phones), Steps(self._phones)
        self._ways: Mapping[str, Callable[[Event], Outcome]] = {
            "headcount": room.headcount, "leave": room.leave, "call": self._visit, "visit": self._visit,
            "act": steps.act, "review": self._review, "resolve": self._resolve, "roll": self._roll,
            "sync": self._sync, "freeze": self._freeze, "term": self._term, "rule": self._rule,
            "year_end": lambda event: close_year(stage, event),
            "import": lambda event: enrolling.take_in(stage, event),
        }  # fmt: skip

    def happen(self, event: Event) -> Outcome:
        """What became of an event; `refused` lists all that speaks against it. Raises StoryBroken."""
        self._stage.clock.now = event.at
        try:
            return self._ways[event.verb](event)
        except CasebookError as error:
            return {REFUSED: [error.code]}
        except RuleBroken as error:
            raise StoryBroken(event.place, "play.broken.rule", said=error.key, name=error.field) from error

    def _visit(self, event: Event) -> Outcome:
        outcomes = []
        for number, child in enumerate(one for one in event.subject if one not in event.get("except", ())):
            phone = self._phones.used(event, self._stage.cast.teacher_of(child))
            rid = self._goings.go(event, child, phone, number)
            outcomes.append(self._phones.sent(event, phone, rid))
        return outcomes[0] if len(outcomes) == 1 else {WRITTEN: len(outcomes)}

    def _review(self, event: Event) -> Outcome:
        visit = pointed_at(self._stage, event, event.subject)
        with self._stage.wiring.store.read() as conn:
            row = visits.one(conn, self._stage.school, visit)
        if row is None:
            return {REFUSED: ["no_such_visit"]}
        account = self._stage.account(event.get("by", "principal"))
        self._reviews.decide(account, visit, row.head, event.get("decision"), event.get("remark", ""))
        return {"decided": event.get("decision")}

    def _resolve(self, event: Event) -> Outcome:
        case, prop, keep = self._stage.students[event.get("child")], event.subject, event.get("keep")
        with self._stage.wiring.store.read() as conn:
            standing = self._cases.standing(conn, case, prop)
        wanted = self._stage.labels.get(f"{keep.removeprefix(LABEL)}.record", "")
        chosen = next((one for one in standing if one.rid == wanted or str(one.value) == keep), None)
        if chosen is None:
            return {REFUSED: ["already_decided"], "standing": [one.value for one in standing]}
        self._cases.resolve(self._stage.account(event.get("by", "office")), case, prop, chosen.rid)
        return {"kept": chosen.value}

    def _roll(self, event: Event) -> Outcome:
        """Entered by the registrar; what takes a child off the list waits for another person (R14)."""
        on, until = event.get("day", event.at.date()), event.get("until")
        texts = {name: str(value) for name, value in event.get("says", {}).items()}
        entry = Entry(self._stage.students[event.get("child")], event.subject, on.isoformat(),
                      until.isoformat() if until else "", texts)  # fmt: skip
        found, faults = self._rolls.enter(self._stage.account(event.get("by", "registrar")), entry)
        if faults:
            return {REFUSED: [fault.rsplit(".", 1)[-1] for fault in faults]}
        self._stage.call(f"{event.subject}:{event.place.line}", event.get("as", ""), found)
        for part, approve in (("approved_by", True), ("refused_by", False)):
            if event.get(part):
                self._rolls.decide(self._stage.account(event.get(part)), found, approve, "-")
                return {"entered": True, "approved": approve}
        return {"entered": True}

    def _sync(self, event: Event) -> Outcome:
        phone = self._phones.of(event.subject)
        return phone.sync(event.get("order", ()), event.get("times", 1), event.get("bytes")).outline()

    def _freeze(self, event: Event) -> Outcome:
        return {"frozen": scenery.freeze(self._stage, event.get("by", "registrar"), event.subject)}

    def _term(self, event: Event) -> Outcome:
        faults = scenery.save_term(self._stage, event.get("by", "office"), event.subject.plain())
        return {REFUSED: faults} if faults else {"saved": True}

    def _rule(self, event: Event) -> Outcome:
        return {"rows": publish_rules(self._stage, event.subject)}


def publish_rules(stage: Stage, said: Mapping[str, Any]) -> int:
    """Sends rows of the rulebook: what a row does not say is as in the defaults. Raises RuleBroken."""
    rows, wiring = list(_rows(said)), stage.wiring
    return wiring.store.run_tx(lambda conn: rulebook.publish(conn, stage.school, rows, wiring.now()))


def _rows(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    defaults = {row["key"]: row for row in rulebook.default_rows()}
    for key, value in said.items():
        parts = value if isinstance(value, dict) else {"value": value}
        if key not in defaults and "unit" not in parts:
            raise RuleBroken(key, "unit")
        yield {**defaults.get(key, {}), "key": key, "scope": COUNTY_SCOPE, **parts}
