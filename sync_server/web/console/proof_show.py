"""The proof of service 送达回证 of one visit as a paper: what, to whom, when, where, how, before whom, is it valid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from assets import load_wording
from casebook.errors import NoSuchPage
from casebook.rules.facts import Contact
from casebook.rules.guards import return_by
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.service import SERVED, Service
from casebook.rules.words import defect_key
from casebook.wording import Wording
from sync_server import access, audit, notices
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.notices import OnFile
from sync_server.store import accounts
from sync_server.visits import Evidence, Version
from sync_server.web.console.ink import Drawing, draw
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.step_show import PAPER_LANGUAGE

WITNESSES, SERVERS = ("1", "2"), ("1", "2")
AT_HOME = "door"


@dataclass(frozen=True)
class Witness:
    """Who saw it: name, post and unit, telephone, signature where there is one."""

    name: str
    post: str
    phone: str
    drawing: Drawing | None


@dataclass(frozen=True)
class Proof:
    """A proof of service ready for the printer, every text in the language of papers; `no` is the notice's number."""

    no: str
    title: str
    addressee: str
    child: OnFile
    at: str
    place: str
    way: str
    receiver: str
    drawing: Drawing | None
    stamp: Evidence | None
    agent_why: str
    refusal: str
    left: str
    witnesses: tuple[Witness, ...]
    servers: tuple[tuple[str, Drawing | None], ...]
    photos: tuple[Evidence, ...]
    outcome: str
    served_on: str
    back_by: str
    defects: tuple[str, ...]
    remark: str
    rid: str


def show(console: Console, ask: Ask) -> Response:
    """The paper. Raises NoSuchVisit, NoSuchPage (no notice was served on that visit), NotAllowed."""
    visit, wiring, words = ask.part("visit"), console.wiring, load_wording(PAPER_LANGUAGE)
    with wiring.store.read() as conn:
        row, subject = console.visits.subject(conn, visit)
        may_see_photos = _admitted(ask, subject)
        life = wiring.lives.of(conn, row.case)
        contact = next((one for one in life.contacts if one.visit == visit and one.is_service), None)
        if contact is None:
            raise NoSuchPage()
        child = notices.on_file(conn, console.school, row.case)
        head = console.visits.open(conn, visit, words).head
        author = accounts.names(conn, console.school).get(contact.author, "")
        rules = wiring.lives.world(conn).book.on(contact.stamp.day)
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.PRINT_PAPER, f"visit:{visit}"))
    title = notices.title(notices.GUARDIAN_NOTICE, rules, words)
    proof = _Making(words, life, contact, head, child, author).proof(title)
    return console.page(
        ask, "proof", proof=proof, words=words, visit=visit, case=row.case, may_see_photos=may_see_photos,
        school_phone=notices.contact_of(rules, "school"), hotline=notices.contact_of(rules, "hotline"),
    )  # fmt: skip


def _admitted(ask: Ask, subject: Subject) -> bool:
    """Whether the reader sees the photos too; who issues notices sees the paper without them. Raises NotAllowed."""
    if access.allows(ask.actor, Verb.READ_EVIDENCE, subject):
        return True
    access.require(ask.actor, Verb.READ_CASE, subject)
    access.require(ask.actor, Verb.ISSUE_NOTICE, subject)
    return False


@dataclass(frozen=True)
class _Making:
    """What a proof is made from: the contact as the rules read it, and the visit's newest version in words."""

    words: Wording
    life: Lifecycle
    contact: Contact
    head: Version
    child: OnFile
    author: str

    def proof(self, title: str) -> Proof:
        contact, words, verdict = self.contact, self.words, self._verdict()
        served = verdict is not None and verdict.outcome == SERVED
        back = return_by(self.life.seen) if served else None
        return Proof(
            no=contact.text("doc_no"), title=title, addressee=self._addressee(), child=self.child,
            at=self._moment(contact.stamp.at), place=self._place(), way=self._way(verdict), receiver=self._receiver(),
            drawing=self._drawing("guardian_signature"), stamp=self._photo("photos_thumb", "photos_seal"),
            agent_why=self._told("agent_why", "agent_note"), refusal=self._told("refuse_why", "refuse_note"),
            left=contact.text("left_where"), witnesses=self._witnesses(), servers=self._servers(),
            photos=self._photos("photos_notice", "photos_scene", "photos_door"),
            outcome=verdict.outcome if verdict else "", back_by=notices.day_in_words(back, words) if back else "",
            served_on=notices.day_in_words(verdict.served_on, words) if verdict and served else "",
            defects=tuple(words(defect_key(code)) for code in verdict.defects) if verdict else (),
            remark=contact.text("guardian_remark"), rid=contact.rid,
        )  # fmt: skip

    def _verdict(self) -> Service | None:
        return next((one for one in self.life.seen.services if one.source == self.contact.rid), None)

    def _addressee(self) -> str:
        """Whom the notice named; the guardians on file when it was never issued."""
        number = notices.bare(self.contact.text("doc_no"))
        issued = (deed for deed in self.life.facts.done("notice_issued") if notices.bare(deed.text("no")) == number)
        named = next((deed.text("addressee") for deed in issued), "")
        return named or self.words("notices.between").join(self.child.guardians)

    def _moment(self, at: dt.datetime) -> str:
        return self.words("proof.moment", day=notices.day_in_words(at.date(), self.words), time=f"{at:%H:%M}")

    def _place(self) -> str:
        where = self.child.address if self.contact.mode == AT_HOME else self._told("mode")
        fix = self.head.record.place if self.head.record else None
        return self.words("proof.place", where=where, how=self.words("proof.fix" if fix else "proof.no_fix"))

    def _way(self, verdict: Service | None) -> str:
        way = verdict.receipt.way if verdict else ""
        key = f"console.value.service_way.{way}"
        return self.words(key) if self.words.has(key) else self.words("acts.service.way.none")

    def _receiver(self) -> str:
        """Who took it, with the relation to the child; nobody when it was refused or no adult was there."""
        name, relation = self.contact.text("met_person"), self.contact.text("met_person_relation")
        if not name or self.contact.text("receiver") not in ("guardian", "cohabiting_adult"):
            return ""
        key = f"console.value.relation.{relation}"
        return name + self.words("console.bracketed", text=self.words(key)) if self.words.has(key) else name

    def _witnesses(self) -> tuple[Witness, ...]:
        found = (
            Witness(
                self.contact.text(f"witness_{n}_name"),
                self.contact.text(f"witness_{n}_unit") or self._told(f"witness_{n}_post"),
                self.contact.text(f"witness_{n}_phone"), self._drawing(f"witness_{n}_signature"),
            )
            for n in WITNESSES
        )  # fmt: skip
        return tuple(one for one in found if one.name)

    def _servers(self) -> tuple[tuple[str, Drawing | None], ...]:
        names = [self.author, self.contact.text("covisitors")]
        found = ((name, self._drawing(f"server_{n}_signature")) for name, n in zip(names, SERVERS, strict=True))
        return tuple((name, drawing) for name, drawing in found if name or drawing)

    def _answers(self) -> Mapping[str, str]:
        """Question -> answer in words, without the pages that only few may read."""
        open_pages = (section for section in self.head.reading.sections if not section.restricted)
        return {_name(row.ref): row.words for section in open_pages for row in section.answers}

    def _told(self, *questions: str) -> str:
        answers = self._answers()
        return self.words("console.list_comma").join(filter(None, (answers.get(name, "") for name in questions)))

    def _drawing(self, question: str) -> Drawing | None:
        strokes = (one.strokes for one in self.head.signatures)
        mine = (one for one in strokes if one and _name(one.attachment.question or "") == question)
        return next((draw(one.content) for one in mine if one.content), None)

    def _photos(self, *questions: str) -> tuple[Evidence, ...]:
        return tuple(one for one in self.head.photos
                     if _name(one.attachment.question or "") in questions and one.here and not one.altered)  # fmt: skip

    def _photo(self, *questions: str) -> Evidence | None:
        return next(iter(self._photos(*questions)), None)


def _name(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]
