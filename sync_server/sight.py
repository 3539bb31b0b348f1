"""What one person's phone is given of each record and row that it may have: all of it, or a copy with less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from casebook.feeds import STUDENTS
from casebook.kinds.headcount import KIND as HEADCOUNT
from casebook.protocol import PulledRecord, Row, SealedWire, sealed_to_wire
from casebook.records import Record, encode, intact
from casebook.sealing import Sealed
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.withheld import Confidential, plain_row


@dataclass(frozen=True)
class Sight:
    """The eyes of one account during one pull."""

    conn: Connection
    account: Account
    confidential: Confidential

    def record(self, row: Any) -> PulledRecord | None:
        """A kept record (rid, sseq, received_at, payload, signature, keyid, clock_offset) as this account may read it.

        None for one that was tampered with: nobody can say what of it may be read, and no phone could use it.
        """
        sealed, record = Sealed(row.payload, row.signature, row.keyid), intact(row.rid, row.payload)
        if record is None:
            return None
        copy = self._less(record)
        if copy is None:
            return PulledRecord(row.sseq, row.received_at, sealed_to_wire(sealed), row.clock_offset)
        unsealed = SealedWire(encode(copy).decode(), "", "")
        return PulledRecord(row.sseq, row.received_at, unsealed, row.clock_offset, sealed.rid)

    def row(self, row: Row) -> Row:
        """A row; of children whose case files are closed to this account only names and classes."""
        if row.feed != STUDENTS or row.value is None:
            return row
        subject = Subject(row.key, str(row.value.get("class_id", "")))
        return row if access.allows(self.account, Verb.READ_CASE, subject) else replace(row, value=plain_row(row.value))

    def _less(self, record: Record) -> Record | None:
        """The record without what this account may not read; None when it may read all of it."""
        if record.type == HEADCOUNT.type:
            return self._fewer_names(record)
        written = Subject("", written_by=frozenset({record.author}))
        if access.allows(self.account, Verb.READ_RESTRICTED, written):
            return None
        return self.confidential.left_out(self.conn, record)

    def _fewer_names(self, record: Record) -> Record | None:
        """A headcount of another's class names only the children one is assigned to, and those of one's villages."""
        own = record.author == self.account.id
        if own or access.allows(self.account, Verb.LIST_STUDENTS, Subject("", str(record.body["class"]))):
            return None
        mine = {*self.account.cases, *self.account.led}
        absent = [one for one in record.body["absent"] if one["student"] in mine]
        return replace(record, body={**record.body, "absent": absent})
