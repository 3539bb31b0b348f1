"""What a copy of the database and the files holds that others made at some moment, as far as our rows can tell."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select

from sync_server.store import schema as t

r, named, whole = t.record.c, t.record_file.c, t.file.c


def upto(conn: Connection, school: str, moment: str) -> int:
    """The newest number of a record that had arrived before `moment`; 0: none had."""
    found = select(func.max(r.sseq)).where(r.school == school, r.received_at < moment)
    return int(conn.execute(found).scalar() or 0)


def first_lacking(conn: Connection, school: str, moment: str) -> dict[str, int]:
    """Device -> the first of its records that names a file which was not whole at school before `moment`."""
    same = and_(whole.school == named.school, whole.sha256 == named.sha256, whole.complete_at < moment)
    rows = (
        select(r.dev, func.min(r.sseq))
        .join_from(t.record, t.record_file, and_(named.school == r.school, named.rid == r.rid))
        .outerjoin(t.file, same)
        .where(r.school == school, whole.sha256.is_(None))
        .group_by(r.dev)
    )
    return {dev: int(sseq) for dev, sseq in conn.execute(rows)}
