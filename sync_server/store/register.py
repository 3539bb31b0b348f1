"""The register as it stands and every change it went through; entries are replaced, changes are only ever added."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from sync_server.store import schema as t
from sync_server.store import schools

STUDENT, CLASS, STAFF, VILLAGE = KINDS = ("student", "class", "staff", "village")
CHUNK = 400  # stays below SQLite's limit of bound values

e = t.register_entry.c
c = t.register_change.c


@dataclass(frozen=True)
class Entry:
    """One noun of the register as JSON; `kind` is student, class, staff or village."""

    kind: str
    key: str
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Authorship:
    """Who changes the register, when, and by what: `import:<id>`, `event:<id>`, `hand` …"""

    account: str
    at: str
    origin: str


@dataclass(frozen=True)
class Change:
    """One change that was made; `before` is None for what was new."""

    n: int
    at: str
    account: str
    kind: str
    key: str
    origin: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


def entries(conn: Connection, school: str, kind: str) -> list[Mapping[str, Any]]:
    """Every value of one kind, by key."""
    found = select(e.value).where(e.school == school, e.kind == kind).order_by(e.key)
    return [json.loads(text) for text in conn.execute(found).scalars()]


def entry(conn: Connection, school: str, kind: str, key: str) -> Mapping[str, Any] | None:
    """One value."""
    found = conn.execute(select(e.value).where(e.school == school, e.kind == kind, e.key == key)).scalar()
    return json.loads(found) if found is not None else None


def put(conn: Connection, school: str, news: Sequence[Entry], by: Authorship) -> int:
    """Keeps entries and adds a line of history for each that says something new; returns how many did."""
    texts = {(one.kind, one.key): json.dumps(one.value, ensure_ascii=False, sort_keys=True) for one in news}
    before = {name: text for kind in KINDS for name, text in _kept(conn, school, kind, texts)}
    changed = [name for name in texts if before.get(name) != texts[name]]
    if not changed:
        return 0
    first = schools.take(conn, school, len(changed))
    lines = [
        {
            "school": school, "n": first + place, "at": by.at, "account": by.account, "kind": kind, "key": key,
            "origin": by.origin, "before": before.get((kind, key)), "after": texts[kind, key],
        }
        for place, (kind, key) in enumerate(changed)
    ]  # fmt: skip
    _replace(conn, school, changed, texts, by.at)
    conn.execute(insert(t.register_change), lines)
    return len(changed)


def version(conn: Connection, school: str) -> int:
    """Grows with every change of the register."""
    return int(conn.execute(select(func.max(c.n)).where(c.school == school)).scalar() or 0)


def changes_of(conn: Connection, school: str, kind: str, key: str, limit: int = 100) -> list[Change]:
    """What one entry went through, the newest first."""
    found = select(t.register_change).where(c.school == school, c.kind == kind, c.key == key)
    return [_change(row) for row in conn.execute(found.order_by(c.n.desc()).limit(limit))]


def replaced(conn: Connection, school: str, kind: str, keys: Sequence[str]) -> list[Change]:
    """Every change of these entries that said something before, the oldest first."""
    found = []
    for start in range(0, len(keys), CHUNK):
        part = c.key.in_(keys[start : start + CHUNK])
        lines = select(t.register_change).where(c.school == school, c.kind == kind, c.before.is_not(None), part)
        found += [_change(row) for row in conn.execute(lines.order_by(c.n))]
    return found


def later(conn: Connection, school: str, kind: str, day: dt.date, origin: str = "") -> list[Change]:
    """Every change of this kind after a day whose origin begins so, the newest first."""
    after = (day + dt.timedelta(days=1)).isoformat()
    lines = select(t.register_change).where(c.school == school, c.kind == kind, c.at >= after)
    lines = lines.where(c.origin.startswith(origin))
    return [_change(row) for row in conn.execute(lines.order_by(c.n.desc()))]


def newest_at(conn: Connection, school: str, origin: str) -> str:
    """When something of such an origin last changed the register; empty when nothing did."""
    found = select(func.max(c.at)).where(c.school == school, c.origin.startswith(origin))
    return str(conn.execute(found).scalar() or "")


def oldest_at(conn: Connection, school: str) -> str:
    """When the register began; empty while it holds nothing."""
    return str(conn.execute(select(func.min(c.at)).where(c.school == school)).scalar() or "")


def _kept(
    conn: Connection, school: str, kind: str, wanted: Mapping[tuple[str, str], str]
) -> list[tuple[tuple[str, str], str]]:
    keys = [key for own, key in wanted if own == kind]
    found = []
    for start in range(0, len(keys), CHUNK):
        part = e.key.in_(keys[start : start + CHUNK])
        rows = conn.execute(select(e.key, e.value).where(e.school == school, e.kind == kind, part))
        found += [((kind, row.key), row.value) for row in rows]
    return found


def _replace(
    conn: Connection, school: str, names: Sequence[tuple[str, str]], texts: Mapping[tuple[str, str], str], at: str
) -> None:
    for kind in KINDS:
        keys = [key for own, key in names if own == kind]
        for start in range(0, len(keys), CHUNK):
            old = (e.school == school, e.kind == kind, e.key.in_(keys[start : start + CHUNK]))
            conn.execute(delete(t.register_entry).where(*old))
    rows = [
        {"school": school, "kind": kind, "key": key, "value": texts[kind, key], "changed_at": at}
        for kind, key in names
    ]
    conn.execute(insert(t.register_entry), rows)


def _change(row: Any) -> Change:
    before = None if row.before is None else json.loads(row.before)
    return Change(row.n, row.at, row.account, row.kind, row.key, row.origin, before, json.loads(row.after))
