"""All records of one kind that belong to no child: signed weeks, rows of the rulebook."""

from __future__ import annotations

from sqlalchemy import Connection

from casebook.casefile import Entry
from casebook.records import decode
from sync_server.store.archive import COUNTS, ENTRY, r


def of_type(conn: Connection, school: str, kind: str) -> list[Entry]:
    """The records of this kind that count, in the order of arrival."""
    found = ENTRY.where(r.school == school, r.type == kind, COUNTS).order_by(r.sseq)
    return [Entry(row.rid, decode(row.payload), row.received_at, row.sseq) for row in conn.execute(found)]
