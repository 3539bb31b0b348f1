"""A batch of records on its way into the archive: what the school knows about them, looked up once for all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from casebook.feeds import STUDENTS
from casebook.kinds.headcount import LESSON
from casebook.merging import Known, Standing
from casebook.records import Record
from casebook.sealing import Sealed
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.actverbs import VERB_OF_ACT
from sync_server.lives import Lives
from sync_server.store import accounts, archive, devices, facts, forms, rooms, rows
from sync_server.store.accounts import Account
from sync_server.store.archive import Held
from sync_server.store.engine import Connection

#: State of a child that left the school for good (domain 4.12): what phones still send waits for a person.
CLOSED_STATE = "C8"


@dataclass(frozen=True)
class Arrival:
    """A record as it came in: readable and properly sealed, or the code of what can never be right about it."""

    rid: str
    sealed: Sealed | None = None
    record: Record | None = None
    refusal: str | None = None


class Batch:
    """What is known while a batch is filed; `held` and `added` grow with every record that is."""

    def __init__(self, conn: Connection, school: str, arrivals: Collection[Arrival], lives: Lives) -> None:
        self._conn, self._school, self._lives = conn, school, lives
        records = [arrival.record for arrival in arrivals if arrival.record is not None]
        cases = sorted({record.case for record in records if record.case is not None})
        self._classes = rows.classes_of(conn, school, cases)
        self._closed = facts.closed_once(conn, school, cases)
        self._standings: dict[str, Standing | None] = {}
        self._forms: dict[tuple[str, str], str | None] = {}
        self.held: dict[str, Held] = archive.held(conn, school, [one.rid for one in arrivals if one.record is not None])
        self.added: list[Sealed] = []

    def add(self, sealed: Sealed, record: Record, answered: Held) -> None:
        """A record was filed."""
        self.added.append(sealed)
        self.held[sealed.rid] = answered
        if record.case is not None and facts.closes(record):
            self._closed.add(record.case)

    def known(self, rid: str, record: Record) -> Known:
        """What the school knows about the key, the child and the author of an arriving record."""
        known = Known(rid in self.held, self._standing(record.dev))
        if record.case is not None:
            here = record.case in self._classes
            known = replace(known, case_known=here, case_open=not here or self._is_open(record.case))
        if record.type not in ("act", "leave", "headcount"):
            return known
        author = accounts.by_id(self._conn, self._school, record.author)
        known = replace(known, roles=frozenset(author.roles if author else ()))
        if record.type == "headcount":
            return replace(known, may_count=self._may_count(record, author), names_own=self._names_own(record))
        return replace(known, may_act=self._may_act(record, author))

    def flags(self, rid: str, record: Record) -> tuple[str, ...]:
        """What a person who looks at the record should be told; none of it keeps the record out."""
        chain = archive.chain_flag(self._conn, self._school, rid, record)
        return tuple(flag for flag in (chain, None if self._knows_form(record) else "form_unknown") if flag)

    def _knows_form(self, record: Record) -> bool:
        form = record.form
        if form is None:
            return True
        name = (form.id, form.version)
        if name not in self._forms:
            self._forms[name] = forms.sha256_of(self._conn, self._school, *name)
        return self._forms[name] == form.sha256

    def _standing(self, dev: str) -> Standing | None:
        """Whose key it is; a key whose owner has left the school may speak no longer."""
        if dev not in self._standings:
            self._standings[dev] = _standing(self._conn, self._school, dev)
        return self._standings[dev]

    def _is_open(self, case: str) -> bool:
        """Working the state out is worth it only for a case that was closed at some time."""
        return case not in self._closed or self._lives.of(self._conn, case).state != CLOSED_STATE

    def _may_count(self, record: Record, author: Account | None) -> bool:
        """Whether the author may count the class: by the table of roles (R18), and a lesson who teaches there (R19)."""
        room = Subject("", str(record.body.get("class")))
        if author is None or not rooms.is_class(self._conn, self._school, room.class_id):
            return False
        taught = record.body.get("session") == LESSON and access.allows(author, Verb.LIST_STUDENTS, room)
        return taught or access.allows(author, Verb.ENTER_HEADCOUNT, room)

    def _names_own(self, record: Record) -> bool:
        """Whether every child named belongs to the class, or once did: a phone may not know yet that it has left."""
        class_id, named = str(record.body.get("class")), {one["student"] for one in record.body["absent"]}
        known = rows.of_feed(self._conn, self._school, STUDENTS, named) if named else {}
        places = {
            id: {row.get("class_id"), *(stay[0] for stay in row.get("stays", ()))} for id, row in known.items()
        }
        return all(class_id in places.get(student, ()) for student in named)

    def _may_act(self, record: Record, author: Account | None) -> bool:
        """Whether the author reaches the child with this step or leave (domain §1); whether its time has come say the
        rules.
        """
        child = Subject(record.case or "", self._classes.get(record.case or "", ""))
        verb = Verb.KEEP_LEAVE if record.type == "leave" else VERB_OF_ACT[str(record.body.get("act"))]
        return author is not None and access.allows(author, verb, child)


def _standing(conn: Connection, school: str, dev: str) -> Standing | None:
    signer = devices.by_id(conn, school, dev)
    if signer is None or signer.office or accounts.is_active(conn, school, signer.account):
        return signer.standing if signer else None
    return replace(signer.standing, active=False)
