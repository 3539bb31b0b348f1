"""Homes: contact data belong to the household, so here the case files of brothers and sisters are read together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from casebook import home
from casebook.casefile import Effects, Entry
from casebook.feeds import STUDENTS
from casebook.policies import POLICY, is_of_home
from casebook.records import intact
from sync_server.store import rows
from sync_server.store import schema as t
from sync_server.store.archive import COUNTS, ENTRY
from sync_server.store.rows import ScopedRow

PROPS = tuple(prop for prop in POLICY if is_of_home(prop))
COLUMN = "home"  # of a child's row: what the records of its brothers and sisters say of their home
v, gone, r = t.case_value.c, t.case_superseded.c, t.record.c


@dataclass(frozen=True)
class Contested:
    """A property of a home with several values; `cases` are the children whose records say them, the newest first."""

    prop: str
    cases: tuple[str, ...]
    values: int


def told(conn: Connection, school: str, children: Collection[str]) -> list[home.Told]:
    """What the records of these children say of their home; one that was tampered with says nothing."""
    if not children:
        return []
    kept = conn.execute(ENTRY.where(r.school == school, r.case.in_(list(children)), COUNTS))
    found = ((row, intact(row.rid, row.payload)) for row in kept)
    return home.told(Entry(row.rid, record, row.received_at, row.sseq) for row, record in found if record is not None)


def effects(conn: Connection, school: str, case: str) -> list[Effects]:
    """What the records of a child's brothers and sisters say of their home, as its case file takes it in."""
    return home.read(told(conn, school, siblings(rows.one(conn, school, STUDENTS, case) or {})))


def siblings(child: Any) -> tuple[str, ...]:
    """The brothers and sisters that a child's row names."""
    return tuple(child.get("siblings") or ())


def speaking(conn: Connection, school: str) -> set[str]:
    """The children whose records say something of their home that still stands."""
    found = select(v.case).where(v.school == school, v.prop.in_(PROPS)).distinct()
    return set(conn.execute(found).scalars())


def share(conn: Connection, school: str, case: str, at: str) -> None:
    """Tells whoever knows a brother or sister of this child what its records say of their home."""
    family = siblings(rows.one(conn, school, STUDENTS, case) or {})
    known = rows.of_feed(conn, school, STUDENTS, family) if family else {}
    told_now = [
        ScopedRow(STUDENTS, id, rows.scope_of(conn, school, STUDENTS, id), with_home(conn, school, child))
        for id, child in known.items()
    ]
    rows.put(conn, school, told_now, at)


def with_home(conn: Connection, school: str, child: Any) -> dict[str, Any]:
    """A child's row with what its brothers and sisters say of their home; nothing where they say nothing."""
    plain = {name: value for name, value in child.items() if name != COLUMN}
    said = told(conn, school, siblings(child))
    return plain | ({COLUMN: said} if said else {})


def contested(conn: Connection, school: str, props: Iterable[str]) -> list[Contested]:
    """Every property among `props` for which a home has different values that nobody has replaced or decided."""
    wanted = [prop for prop in props if prop in PROPS]
    newest_first = (v.hlc_ms.desc(), v.hlc_n.desc(), v.rid.desc())
    columns = select(v.case, v.prop, v.rid, v.value).where(v.school == school, v.prop.in_(wanted))
    standing = conn.execute(columns.order_by(*newest_first)).all()
    replaced = conn.execute(select(gone.case, gone.prop, gone.rid).where(gone.school == school, gone.prop.in_(wanted)))
    home_of = _Homes(conn, school, {row.case for row in standing})
    over = {(home_of[row.case], row.prop, row.rid) for row in replaced}
    sides: dict[tuple[str, str], list[Any]] = {}
    for row in standing:
        key = home_of[row.case]
        if (key, row.prop, row.rid) not in over:
            sides.setdefault((key, row.prop), []).append(row)
    return [
        Contested(prop, tuple(dict.fromkeys(row.case for row in found)), len({row.value for row in found}))
        for (_, prop), found in sides.items()
        if len({row.value for row in found}) > 1
    ]


class _Homes:
    """Child -> its home, named by the child of the home that sorts first; who has no brother or sister is one alone."""

    def __init__(self, conn: Connection, school: str, cases: Collection[str]) -> None:
        known = rows.of_feed(conn, school, STUDENTS, cases) if len(cases) > 1 else {}
        self._first: dict[str, str] = {}
        for case, child in known.items():
            family = (case, *siblings(child))
            self._first |= dict.fromkeys(family, min(family))

    def __getitem__(self, case: str) -> str:
        return self._first.get(case, case)
