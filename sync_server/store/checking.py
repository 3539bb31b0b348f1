"""What a thorough look at the store reads: every record, and what the tables beside the archive say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from casebook.casefile import Entry, effects, fold
from casebook.records import Record, intact
from sync_server.store import archive, originals, visits
from sync_server.store import schema as t
from sync_server.store.originals import Original

PAGE = 500
r = t.record.c
#: A row of the index: property, record, value (JSON), hybrid clock, author, time.
Value = tuple[str, str, str, int, int, str, str]


def every_record(conn: Connection, school: str) -> Iterator[list[Original]]:
    """All records in the order of arrival, some hundred at a time."""
    after = 0
    while page := originals.after(conn, school, after, PAGE):
        yield page
        after = page[-1].sseq


def cases(conn: Connection, school: str) -> list[str]:
    """Every child of whom there are records, or rows of the index."""
    found: set[str] = set()
    for column in (r.case, t.case_value.c.case, t.case_superseded.c.case, t.visit.c.case):
        found.update(conn.execute(select(column).where(column.table.c.school == school).distinct()).scalars())
    return sorted(case for case in found if case is not None)


def entries(conn: Connection, school: str, case: str) -> list[Entry] | None:
    """The records that count for a child; None when one of them is not what was sealed."""
    rows = conn.execute(archive.ENTRY.where(r.school == school, r.case == case, archive.COUNTS)).all()
    read = [(row, intact(row.rid, row.payload)) for row in rows]
    found = [Entry(row.rid, record, row.received_at, row.sseq) for row, record in read if record is not None]
    return found if len(found) == len(rows) else None


def index_of(conn: Connection, school: str, case: str) -> tuple[set[Value], set[tuple[str, str]]]:
    """The values the index shows for a child, and which record's value of which property it holds replaced."""
    v, gone = t.case_value.c, t.case_superseded.c
    columns = select(v.prop, v.rid, v.value, v.hlc_ms, v.hlc_n, v.author, v.at)
    values = {tuple(row) for row in conn.execute(columns.where(v.school == school, v.case == case))}
    replaced = conn.execute(select(gone.prop, gone.rid).where(gone.school == school, gone.case == case))
    return values, {(row.prop, row.rid) for row in replaced}


def folded(case: str, found: list[Entry]) -> tuple[set[Value], set[tuple[str, str]]]:
    """The same as the records say it."""
    file = fold(case, found)
    values = {
        (one.prop, one.rid, json.dumps(one.value, ensure_ascii=False), one.hlc[0], one.hlc[1], one.author, one.at)
        for prop in file.properties()
        for one in file.values(prop)
    }
    changes = [effects(entry).supersedes for entry in found]
    return values, {(prop, rid) for change in changes for prop, rids in change.items() for rid in rids}


def visits_that_differ(conn: Connection, school: str, unreadable: set[str | None]) -> list[str]:
    """Visits whose row in the list is not what their records say; of `unreadable` ones nothing can be said."""
    v = t.visit.c
    kept = {row.visit: row._mapping for row in conn.execute(select(t.visit).where(v.school == school))}
    known = select(r.visit).where(r.school == school, archive.COUNTS, r.visit.is_not(None)).distinct()
    wrong = visits.miscounted(conn, school)
    for visit in sorted({*kept, *conn.execute(known).scalars()} - unreadable):
        said, row = visits.row_of(conn, school, visit), kept.get(visit)
        if said is None or row is None:
            wrong += [visit] if said is not row else []
        elif any(row[name] != value for name, value in said.items()):
            wrong.append(visit)
    return sorted(set(wrong))


def row_differs(conn: Connection, school: str, original: Original, record: Record) -> list[str]:
    """Columns and rows noted beside a record's bytes that say something else than the bytes."""
    noted = {"type": record.type, "case": record.case, "author": record.author, "dev": record.dev, "ep": record.ep,
             "seq": record.seq, "prev": record.prev, "visit": archive.visit_of(record)}  # fmt: skip
    wrong = [name for name, value in noted.items() if getattr(original, name) != value]
    n, h = t.record_file.c, t.headcount.c
    named = conn.execute(select(n.sha256, n.role, n.size).where(n.school == school, n.rid == original.rid))
    if {tuple(row) for row in named} != {(att.sha256, att.role, att.size) for att in record.att}:
        wrong.append("files")
    if record.type == "headcount" and original.verdict != "quarantined":
        counted = conn.execute(select(h.class_id, h.day).where(h.school == school, h.rid == original.rid)).all()
        if [tuple(row) for row in counted] != [(record.body["class"], record.body["day"])]:
            wrong.append("headcount")
    return wrong
