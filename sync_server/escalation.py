"""What may be done with a case now and by whom; doing it writes an act, refusing it names all that is missing (3.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.days import day_written
from casebook.errors import NotAllowed
from casebook.kinds.act import ACTS, LONGEST, SCHOOL_REPORTS
from casebook.rules.aid import AID_ACTS
from casebook.rules.facts import Deed, day_from
from casebook.rules.guards import GUARDS, Person, Situation, is_about, missing_papers
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.rulebook import Rules
from casebook.rules.states import MOVES, PERSON, Refused, find, may
from casebook.rules.words import refusal
from casebook.wording import Wording
from sync_server import access, audit, papers
from sync_server.access import Subject, Verb
from sync_server.actverbs import VERB_OF_ACT
from sync_server.audit import Act
from sync_server.lives import Lives
from sync_server.notices import bare, commands_in, numbers
from sync_server.office import Office
from sync_server.reports import is_period
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.uploads import Uploads

PAPER = "paper_sha256"
FIRST_DAYS = ("on", "slip_on")  # days that have been
NUMBERED = ("notice_issued", "reported")
# Evidence that an empty field names already: said once.
_FIELDS_OF: Mapping[str, frozenset[str]] = {
    "basis": frozenset({"field_basis"}), "return_noted": frozenset({"field_returned"}),
    "closing_noted": frozenset({"field_closing"}), "papers": frozenset({"field_papers"}),
    "report_kind": frozenset({"field_report"}), "roll_call": frozenset({"field_on", "field_returned"}),
}  # fmt: skip
_SCHOOL_FROM = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Lack:
    """Something missing or impossible in what was typed: the key of its sentence, and its facts."""

    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Declined:
    """Why an act was not written: what the rules miss and what is wrong with what was typed; nothing is left out."""

    refused: Refused = field(default_factory=lambda: Refused(()))
    lacks: tuple[Lack, ...] = ()

    def sentences(self, wording: Wording) -> list[str]:
        """One sentence for everything that is missing."""
        return [*refusal(self.refused, wording), *(wording(lack.sentence, **lack.facts) for lack in self.lacks)]


@dataclass(frozen=True)
class Offer:
    """A step that the state allows and a person may write in `role`; `evidence` says of each demand if it is met."""

    act: str
    role: str
    clause: str
    target: str | None
    evidence: Mapping[str, bool]

    @property
    def ready(self) -> bool:
        """Whether all that does not depend on the form itself is there."""
        return all(self.evidence.values())


class Escalation:
    """The steps of the cases of one school. `clock` gives aware times in the school's zone."""

    def __init__(
        self, store: Store, school: str, lives: Lives, office: Office, uploads: Uploads,
        clock: Callable[[], dt.datetime],
    ) -> None:  # fmt: skip
        self._store, self._school, self._lives = store, school, lives
        self._office, self._uploads, self._clock = office, uploads, clock

    def offers(self, life: Lifecycle, account: Account, subject: Subject) -> list[Offer]:
        """What this person may write now: what moves the case first, else in the order of the table of acts."""
        found = []
        for act in (act for act in ACTS if act not in AID_ACTS):  # those stand on the page of aid
            move, role = find(act, life.state), role_for(account, act, subject)
            if move is not None and role in move.roles:
                there = evidence(act, life.situation(Person(account.id, role, account.name), likely(act, life)))
                found.append(Offer(act, role, move.clause, move.target, there))
        return sorted(found, key=lambda offer: offer.target is None)

    def write(
        self, account: Account, subject: Subject, act: str, body: Mapping[str, Any], paper: bytes = b""
    ) -> str | Declined:
        """Writes the act and returns its record, or says all that is missing. Raises NotAllowed, NoSuchCase.

        `paper` is a photographed paper; a report that names no other proof is proved by it.
        """
        role = require_role(account, act, subject)
        told = {**body, "act": act, "role": role, "name": account.name} | self._kept(act, body, paper)

        def work(conn: Connection) -> str | Declined:
            life = self._lives.of(conn, subject.case)
            situation = life.situation(Person(account.id, role, account.name), told)
            lacks = (*_paper_lacks(paper), *typed_lacks(told, life.world.today), *self._taken(conn, told))
            return self._file(conn, account, subject.case, told, Declined(everything_missing(act, situation), lacks))

        return self._store.run_tx(work)

    def report_school(self, account: Account, body: Mapping[str, Any], paper: bytes = b"") -> str | Declined:
        """Writes a report of the whole school (RE, RF); the same answers. Raises NotAllowed."""
        access.require(account, Verb.SEND_REPORT)
        role = require_role(account, "reported", Subject(""))
        told = {**body, "act": "reported", "role": role, "name": account.name} | self._kept("reported", body, paper)

        def work(conn: Connection) -> str | Declined:
            world = self._lives.world(conn)
            typed = (*_paper_lacks(paper), *typed_lacks(told, world.today), *_period_lacks(told))
            lacks = (*typed, *self._taken(conn, told))
            missing = _school_missing(told, world.book.on(world.today))
            return self._file(conn, account, None, told, Declined(Refused(missing), lacks))

        return self._store.run_tx(work)

    def deeds(self, conn: Connection) -> list[Deed]:
        """Every act of the school, of children and of the whole."""
        of_children = [deed for life in self._lives.all(conn) for deed in life.facts.deeds]
        return [*of_children, *self._lives.school_deeds(conn)]

    def _kept(self, act: str, body: Mapping[str, Any], paper: bytes) -> dict[str, str]:
        """Files a readable paper and names it."""
        if papers.picture_type(paper) is None:
            return {}
        kept = papers.keep(self._uploads, self._school, paper)
        proves = act == "reported" and not body.get("proof")
        return {PAPER: kept} | ({"proof": kept} if proves else {})

    def _taken(self, conn: Connection, body: Mapping[str, Any]) -> Iterator[Lack]:
        """A number is given once in a year, whoever's paper it is on (R32)."""
        number, on = bare(str(body.get("no", ""))), day_from(body.get("on"))
        if body["act"] not in NUMBERED or not number or on is None:
            return
        if (on.year, number) in numbers(self.deeds(conn), body["act"]):
            yield Lack("acts.fault.number_taken", {"no": number, "year": on.year})

    def _file(
        self, conn: Connection, account: Account, case: str | None, body: Mapping[str, Any], declined: Declined
    ) -> str | Declined:
        """Seals the act and leaves a line of who did it, unless something is missing."""
        if declined.refused.missing or declined.lacks:
            return declined
        outcome = self._office.write(conn, account, "act", case, body=body)
        subject = f"case:{case}" if case else f"school:{self._school}"
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, account, at, Act.CASE_STEP, subject, step=body["act"], role=body["role"], rid=outcome.rid)
        return outcome.rid


def roles_of(act: str) -> frozenset[str]:
    """Every role that may write this act in some state, by the table of states."""
    return frozenset(role for move in MOVES if move.event == act and move.by == PERSON for role in move.roles)


def role_for(account: Account, act: str, subject: Subject) -> str:
    """The role in which the account would write this act about the child; empty when it may not."""
    if not access.allows(account, VERB_OF_ACT[act], subject):
        return ""
    return next((role for role in account.roles if role in roles_of(act)), "")


def require_role(account: Account, act: str, subject: Subject) -> str:
    """The same. Raises NotAllowed."""
    role = role_for(account, act, subject) if act in ACTS else ""
    if not role:
        raise NotAllowed(verb=VERB_OF_ACT[act].value if act in ACTS else act)
    return role


def evidence(act: str, situation: Situation) -> dict[str, bool]:
    """What the step demands in this state, and whether it is there."""
    move = find(act, situation.state)
    return {code: GUARDS[code](situation) for code in move.needs if is_about(code, situation)} if move else {}


def everything_missing(act: str, situation: Situation) -> Refused:
    """What the rules miss; also what is to be proved while the form itself is not complete yet."""
    answer = may(act, situation)
    if not isinstance(answer, Refused):
        return Refused(())
    told = {code for code in answer.missing if code.startswith("field_")}
    lacking = [code for code, there in evidence(act, situation).items() if not there]
    more = [code for code in lacking if code not in answer.missing and not told & _FIELDS_OF.get(code, frozenset())]
    codes = (*answer.missing, *more)
    return Refused(codes, {**answer.facts, "papers": missing_papers(situation)} if "papers" in codes else answer.facts)


def likely(act: str, life: Lifecycle) -> dict[str, Any]:
    """What the form will say if nothing is changed in it: today, the newest return or closing, all visits."""
    body: dict[str, Any] = {"on": life.world.today.isoformat()}
    newest = {"return_confirmed": "returned", "closed": "closing"}.get(act)
    if newest:
        done = life.seen.done(newest)
        body[newest] = done[-1].rid if done else ""
    if act == "confirmed":
        body["basis"] = [contact.visit for contact in life.contacts]
    if act == "reported":
        body["report"] = next(iter(life.rules.codes("case_reports")), "")
    return body


def typed_lacks(body: Mapping[str, Any], today: dt.date) -> Iterator[Lack]:
    """What is wrong with the typed values themselves, whatever the rules say."""
    for part in (*FIRST_DAYS, "until", "from_on"):
        text = body.get(part)
        day = day_written(text)
        if text and (day is None or day < _SCHOOL_FROM):
            yield Lack("acts.fault.day", {"text": str(text)[:20]})
        elif day is not None and part in FIRST_DAYS and day > today:
            yield Lack("acts.fault.future")
        elif day is not None and part == "until" and day <= today:
            yield Lack("acts.fault.until")
    written = (body.get(part) for part in (*ACTS[body["act"]].fields, "note"))
    if any(isinstance(text, str) and len(text) > LONGEST for text in written):
        yield Lack("acts.fault.long", {"most": LONGEST})
    words = commands_in(*_spoken(body)) if body["act"] == "notice_issued" else []
    if words:
        yield Lack("acts.fault.command", {"words": " ".join(words)})


def _spoken(body: Mapping[str, Any]) -> Iterable[str]:
    return (str(body.get(part, "")) for part in ("text", "addressee", "no"))


def _period_lacks(body: Mapping[str, Any]) -> Iterator[Lack]:
    """A report under a name that nobody looks for would leave its month or week unreported."""
    report, named = str(body.get("report")), str(body.get("period", ""))
    if report in SCHOOL_REPORTS and not is_period(report, named):
        yield Lack(f"acts.fault.period.{report}")


def _paper_lacks(paper: bytes) -> tuple[Lack, ...]:
    return (Lack("acts.fault.picture"),) if paper and papers.picture_type(paper) is None else ()


def _school_missing(body: Mapping[str, Any], rules: Rules) -> tuple[str, ...]:
    """The same demands as in a case: every field, and a kind of report that the county uses."""
    untold = tuple(f"field_{part}" for part in ACTS["reported"].fields if not body.get(part))
    used = body.get("report") in rules.codes("school_reports") and body.get("report") in SCHOOL_REPORTS
    return (*untold, *(() if used or "field_report" in untold else ("report_kind",)))

