"""All records of one kind that belong to no child: signed weeks, rows of the rulebook."""

from __future__ import annotations

from sqlalchemy import Connection

from casebook.casefile import Entry
from casebook.records import intact
from sync_server.store.archive import COUNTS, ENTRY, r


def of_type(conn: Connection, school: str, kind: str, saying: bytes = b"") -> list[Entry]:
    """The records of this kind that count, in the order of arrival; with `saying` only those with these very bytes.

    What was tampered with is no fact; the pages that show a record's seal say so.
    """
    found = conn.execute(ENTRY.where(r.school == school, r.type == kind, COUNTS).order_by(r.sseq))
    read = ((row, intact(row.rid, row.payload)) for row in found if saying in row.payload)
    return [Entry(row.rid, record, row.received_at, row.sseq) for row, record in read if record is not None]
