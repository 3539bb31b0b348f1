"""Uploaded rosters that wait for a confirmation, and the history of those that were confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sync_server.store import schema as t

d = t.roster_draft.c
i = t.roster_import.c


@dataclass(frozen=True)
class RosterDraft:
    """An uploaded file, its cells compressed."""

    draft: str
    account: str
    file_sha256: str
    tables: bytes
    made_at: str


@dataclass(frozen=True)
class RosterImport:
    """A confirmed import; `counts` say how many of what."""

    draft: str
    account: str
    file_sha256: str
    plan_sha256: str
    counts: Mapping[str, int]
    at: str


def put_draft(conn: Connection, school: str, draft: RosterDraft) -> None:
    """Keeps an uploaded file."""
    conn.execute(insert(t.roster_draft).values(school=school, **draft.__dict__))


def draft_of(conn: Connection, school: str, draft: str) -> RosterDraft | None:
    """The uploaded file that waits under this id."""
    columns = select(d.draft, d.account, d.file_sha256, d.tables, d.made_at)
    row = conn.execute(columns.where(d.school == school, d.draft == draft)).one_or_none()
    return RosterDraft(**row._mapping) if row else None


def waiting(conn: Connection, school: str) -> list[tuple[str, str, str]]:
    """(id, account, instant) of every file that waits, the newest first."""
    found = select(d.draft, d.account, d.made_at).where(d.school == school).order_by(d.made_at.desc())
    return [(row.draft, row.account, row.made_at) for row in conn.execute(found)]


def discard(conn: Connection, school: str, draft: str) -> bool:
    """Throws an uploaded file away; false when there is none."""
    return conn.execute(delete(t.roster_draft).where(d.school == school, d.draft == draft)).rowcount > 0


def forget(conn: Connection, school: str, before: str) -> None:
    """Throws away what was uploaded before this instant."""
    conn.execute(delete(t.roster_draft).where(d.school == school, d.made_at < before))


def note_import(conn: Connection, school: str, done: RosterImport) -> None:
    """Adds a line to the history."""
    values = {**done.__dict__, "counts": json.dumps(dict(done.counts), sort_keys=True)}
    conn.execute(insert(t.roster_import).values(school=school, **values))


def imports(conn: Connection, school: str, limit: int = 50) -> list[RosterImport]:
    """Confirmed imports, the newest first."""
    found = select(t.roster_import).where(i.school == school).order_by(i.at.desc(), i.draft).limit(limit)
    return [_import(row) for row in conn.execute(found)]


def import_of(conn: Connection, school: str, draft: str) -> RosterImport | None:
    """One confirmed import."""
    row = conn.execute(select(t.roster_import).where(i.school == school, i.draft == draft)).one_or_none()
    return _import(row) if row else None


def _import(row: Any) -> RosterImport:
    return RosterImport(row.draft, row.account, row.file_sha256, row.plan_sha256, json.loads(row.counts), row.at)
