"""Rows that flow down to phones: the latest value per feed and key, each with the scope of those who get it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, insert, select

from casebook.feeds import (
    CASES,
    CLASSES,
    ME,
    PAIRS,
    SCHOOL_SCOPE,
    STAFF,
    STUDENTS,
    VILLAGES,
    account_scope,
    class_scope,
    village_scope,
)
from casebook.protocol import Row
from sync_server.store import accounts, reach, schools
from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

f = t.feed_row.c
s = t.student.c
CHUNK = 400  # stays below SQLite's limit of bound values
CLASSES_OF = Among(
    lambda students: select(s.student, s.class_id).where(s.school == bindparam("of_school"), s.student.in_(students))
)
WRITTEN = Direct(
    select(f.feed, f.key).where(
        f.school == bindparam("of_school"), f.sseq > bindparam("after"), f.sseq <= bindparam("upto")
    )
)
NAMED = (f.school == bindparam("of_school"), f.feed == bindparam("of_feed"), f.key == bindparam("of_key"))
ONE = Direct(select(f.value).where(*NAMED))


class Downward(Protocol):
    """A row on its way down; `scope` is "school", "class:<id>", "case:<id>" or "account:<id>"."""

    @property
    def feed(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def value(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class ScopedRow:
    """A row and whom it is for."""

    feed: str
    key: str
    scope: str
    value: Mapping[str, object]


@dataclass(frozen=True)
class Kept:
    """A row as the store has it; no value means it was taken back."""

    feed: str
    key: str
    sseq: int
    scope: str
    value: str | None

    @property
    def row(self) -> Row:
        """The row as a phone gets it."""
        return Row(self.feed, self.key, None if self.value is None else json.loads(self.value))


def put(conn: Connection, school: str, rows: Iterable[Downward], at: str) -> int:
    """Publishes rows; those that say nothing new are skipped. Returns how many were new or changed.

    Rows of the feeds `classes`, `villages` and `students` also keep the register's tables and the reach of those who
    teach a class or lead a village.
    """
    wanted = {(row.feed, row.key): row for row in rows}
    kept = _kept(conn, school, list(wanted))
    texts = {name: json.dumps(row.value, ensure_ascii=False, sort_keys=True) for name, row in wanted.items()}
    changed = [name for name, row in wanted.items() if not _same(kept.get(name), row.scope, texts[name])]
    if not changed:
        return 0
    _write(conn, school, [(*name, wanted[name].scope, texts[name]) for name in changed])
    for name in (name for name in changed if name[0] == CLASSES):
        _keep_class(conn, school, wanted[name].value, at)
    for name in (name for name in changed if name[0] == VILLAGES):
        _keep_leader(conn, school, name[1], _said(kept.get(name), "leader_id"), wanted[name].value, at)
    _keep_students(conn, school, [wanted[name].value for name in changed if name[0] == STUDENTS])
    for name in changed:
        before = kept.get(name)
        if before is not None and before.scope != wanted[name].scope:
            _moved(conn, school, before, wanted[name].scope)
        home = str(wanted[name].value.get("village", ""))
        if before is not None and name[0] == STUDENTS and _said(before, "village") != home:
            reach.moved_home(conn, school, before.key, _said(before, "village"), home)
    _carry_along(conn, school, {key: row.scope for (feed, key), row in wanted.items() if feed == STUDENTS}, at)
    return len(changed)


def _carry_along(conn: Connection, school: str, scopes: Mapping[str, str], at: str) -> None:
    """The number of a case, and who helps the child, go where the child goes."""
    beside = [(feed, key) for feed in (CASES, PAIRS) for key in scopes]
    live = [row for row in _kept(conn, school, beside).values() if row.value]
    put(conn, school, [ScopedRow(row.feed, row.key, scopes[row.key], json.loads(row.value or "")) for row in live], at)


def follow_leaders(conn: Connection, school: str, at: str) -> None:
    """Gives everybody who leads a village its children; for schools in which somebody did before this was known."""
    for code, village in of_feed(conn, school, VILLAGES).items():
        _keep_leader(conn, school, code, "", village, at)


def put_me(conn: Connection, school: str, account: str, at: str) -> None:
    """Publishes the row by which a phone knows its own person: name, roles, classes, and whose records it has all."""
    found = accounts.by_id(conn, school, account)
    if found is None:
        return
    value = {
        "id": found.id, "name": found.name, "roles": list(found.roles), "classes": list(found.classes),
        "cases": list(found.cases), "follows": reach.follows(found), "school_name": schools.name_of(conn, school),
    }  # fmt: skip
    put(conn, school, [ScopedRow(ME, account, account_scope(account), value)], at)


def name_colleagues(conn: Connection, school: str, at: str) -> None:
    """Phones know everybody at school by name, also those who came with no roster: office, directors, principal."""
    known = of_feed(conn, school, STAFF)
    fresh = [one for one in accounts.all_of(conn, school) if one.id not in known]
    told = [ScopedRow(STAFF, one.id, SCHOOL_SCOPE, {"id": one.id, "name": one.name, "roles": [*one.roles]})
            for one in fresh]  # fmt: skip
    put(conn, school, told, at)


def take_back(conn: Connection, school: str, feed: str, keys: Sequence[str]) -> None:
    """The rows are gone for everybody; phones get a tombstone."""
    kept = _kept(conn, school, [(feed, key) for key in keys])
    _write(conn, school, [(row.feed, row.key, row.scope, None) for row in kept.values()])


def one(conn: Connection, school: str, feed: str, key: str) -> dict[str, Any] | None:
    """The value of one row."""
    value = ONE.scalar(conn, of_school=school, of_feed=feed, of_key=key)
    return json.loads(value) if value is not None else None


def of_feed(conn: Connection, school: str, feed: str, keys: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Key -> value of all rows of a feed (of `keys`, when given), by key."""
    found = select(f.key, f.value).where(f.school == school, f.feed == feed, f.value.is_not(None))
    if keys is not None:
        found = found.where(f.key.in_(list(keys)))
    return {row.key: json.loads(row.value) for row in conn.execute(found.order_by(f.key))}


def changed(conn: Connection, school: str, after: int, upto: int) -> dict[str, list[str]]:
    """Feed -> keys of the rows that were written with after < sseq <= upto."""
    found: dict[str, list[str]] = {}
    for feed, key in WRITTEN.all(conn, of_school=school, after=after, upto=upto):
        found.setdefault(feed, []).append(key)
    return found


def after(conn: Connection, school: str, cursor: int, upto: int, limit: int, who: Any) -> list[Kept]:
    """Rows with cursor < sseq <= upto that `who` lets through, in their order."""
    found = _columns().where(f.school == school, f.sseq > cursor, f.sseq <= upto, who)
    return [Kept(**row._mapping) for row in conn.execute(found.order_by(f.sseq).limit(limit))]


def live(conn: Connection, school: str, who: Any) -> list[Kept]:
    """All rows that `who` lets through and that were not taken back."""
    found = _columns().where(f.school == school, f.value.is_not(None), who)
    return [Kept(**row._mapping) for row in conn.execute(found)]


def visible(conn: Connection, school: str, feed: str, key: str, who: Any) -> Kept | None:
    """One row, if `who` lets it through."""
    found = _columns().where(f.school == school, f.feed == feed, f.key == key, who)
    row = conn.execute(found).one_or_none()
    return Kept(**row._mapping) if row else None


def scope_of(conn: Connection, school: str, feed: str, key: str) -> str:
    """Whom a row is for; empty when there is no such row."""
    kept = _kept(conn, school, [(feed, key)]).get((feed, key))
    return kept.scope if kept else ""


def class_of(conn: Connection, school: str, student: str) -> str | None:
    """The class a child is in; None for a child the school does not know."""
    return classes_of(conn, school, [student]).get(student)


def classes_of(conn: Connection, school: str, students: Sequence[str]) -> dict[str, str]:
    """Child -> the class it is in, of those of these children that the school knows."""
    return dict(CLASSES_OF.all(conn, students, of_school=school))


def _columns() -> Any:
    return select(f.feed, f.key, f.sseq, f.scope, f.value)


def _kept(conn: Connection, school: str, names: list[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
    found: dict[tuple[str, str], Kept] = {}
    for feed in sorted({feed for feed, _ in names}):
        keys = [key for row_feed, key in names if row_feed == feed]
        for start in range(0, len(keys), CHUNK):
            part = _columns().where(f.school == school, f.feed == feed, f.key.in_(keys[start : start + CHUNK]))
            found |= {(row.feed, row.key): Kept(**row._mapping) for row in conn.execute(part)}
    return found


def _same(kept: Kept | None, scope: str, text: str) -> bool:
    return kept is not None and kept.scope == scope and kept.value == text


def _write(conn: Connection, school: str, rows: list[tuple[str, str, str, str | None]]) -> None:
    first = schools.take(conn, school, len(rows))
    for feed in {row[0] for row in rows}:
        keys = [row[1] for row in rows if row[0] == feed]
        for start in range(0, len(keys), CHUNK):
            old = (f.school == school, f.feed == feed, f.key.in_(keys[start : start + CHUNK]))
            conn.execute(delete(t.feed_row).where(*old))
    values = [
        {"school": school, "feed": feed, "key": key, "sseq": first + n, "scope": scope, "value": text}
        for n, (feed, key, scope, text) in enumerate(rows)
    ]
    conn.execute(insert(t.feed_row), values)


def _keep_class(conn: Connection, school: str, value: Mapping[str, Any], at: str) -> None:
    """The class teacher's reach follows the register."""
    c = t.class_room.c
    here = (c.school == school, c.class_id == value["id"])
    row = {"name": value["name"], "teacher": value.get("teacher_id")}
    found = conn.execute(select(c.teacher).where(*here)).one_or_none()
    scope = class_scope(str(value["id"]))
    if found is None:
        conn.execute(insert(t.class_room).values(school=school, class_id=value["id"], **row))
    else:
        conn.execute(t.class_room.update().where(*here).values(**row))
        if found.teacher and found.teacher != row["teacher"]:
            reach.revoke(conn, school, found.teacher, scope)
            put_me(conn, school, found.teacher, at)
    if row["teacher"]:
        reach.grant(conn, school, str(row["teacher"]), scope, at)
        put_me(conn, school, str(row["teacher"]), at)


def _keep_leader(conn: Connection, school: str, code: str, was: str, value: Mapping[str, Any], at: str) -> None:
    """The reach of who leads a village follows the register (R03)."""
    now = str(value.get("leader_id", ""))
    if was and was != now:
        reach.revoke(conn, school, was, village_scope(code))
        put_me(conn, school, was, at)
    if now:
        reach.grant(conn, school, now, village_scope(code), at)
        put_me(conn, school, now, at)


def _said(kept: Kept | None, column: str) -> str:
    """What a row said, empty when it said nothing."""
    return str(json.loads(kept.value).get(column, "")) if kept and kept.value else ""


def _keep_students(conn: Connection, school: str, values: list[Mapping[str, Any]]) -> None:
    rows = [
        {"school": school, "student": value["id"], "class_id": value["class_id"], "name": value["name"]}
        for value in values
    ]
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        ids = [row["student"] for row in part]
        conn.execute(delete(t.student).where(s.school == school, s.student.in_(ids)))
        conn.execute(insert(t.student), part)


def _moved(conn: Connection, school: str, before: Kept, scope: str) -> None:
    """A row changed hands: those who lose it are told it is gone, new eyes get the child's records as well."""
    old, new = accounts.who_reaches(conn, school, [before.scope]), accounts.who_reaches(conn, school, [scope])
    reach.tell(conn, school, old - new, [(reach.GONE, before.feed, before.key)])
    if before.feed == STUDENTS:
        reach.tell(conn, school, new - old, reach.records_of_case(conn, school, before.key))
