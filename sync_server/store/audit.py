"""The audit: who did or read what, when. Lines are only ever added; facts are ids and codes, never names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from sync_server.store import schema as t
from sync_server.store.schools import take_audit

#: What a restore from a backup was done to: the whole store.
RESTORED = "store"


@dataclass(frozen=True)
class Line:
    """One act; `subject` is what it was done to, such as `visit:<id>` or `case:<id>`."""

    at: str
    account: str
    act: str
    subject: str
    facts: Mapping[str, object] = field(default_factory=dict)
    n: int = 0


def note(conn: Connection, school: str, line: Line) -> int:
    """Adds a line, in the transaction of the act itself, and returns its number."""
    n = take_audit(conn, school)
    facts = json.dumps(dict(line.facts), sort_keys=True)
    row = insert(t.audit).values(school=school, n=n, at=line.at, account=line.account, act=line.act)
    conn.execute(row.values(subject=line.subject, facts=facts))
    return n


def about(conn: Connection, school: str, subject: str, limit: int = 200) -> list[Line]:
    """Lines about one subject, newest first."""
    return _lines(conn, select(t.audit).where(t.audit.c.school == school, t.audit.c.subject == subject), limit)


def newest(conn: Connection, school: str, limit: int = 200) -> list[Line]:
    """The newest lines of the school."""
    return _lines(conn, select(t.audit).where(t.audit.c.school == school), limit)


def _lines(conn, query, limit: int) -> list[Line]:  # type: ignore[no-untyped-def]
    rows = conn.execute(query.order_by(t.audit.c.n.desc()).limit(limit))
    return [Line(row.at, row.account, row.act, row.subject, json.loads(row.facts), row.n) for row in rows]
