"""The index: what every case file shows now, kept up record by record at a cost that does not grow with the case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from casebook.casefile import Entry, Shown, effects
from sync_server.store import schema as t

v = t.case_value.c
s = t.case_superseded.c


def apply(conn: Connection, school: str, entry: Entry) -> None:
    """Applies one record's effects, the very ones the case file applies; call it once, with the record's own add."""
    case = entry.record.case
    if case is None:
        return
    change = effects(entry)
    for prop, rids in change.supersedes.items():
        _supersede(conn, school, case, prop, rids)
    for prop, shown in change.sets.items():
        if not _is_superseded(conn, school, case, prop, entry.rid):
            _set(conn, school, case, shown)


def values(conn: Connection, school: str, case: str) -> dict[str, list[Shown]]:
    """Per property the values nobody has replaced, the greatest hybrid clock first."""
    found = select(t.case_value).where(v.school == school, v.case == case)
    rows = conn.execute(found.order_by(v.prop, v.hlc_ms.desc(), v.hlc_n.desc(), v.rid.desc()))
    shown: dict[str, list[Shown]] = {}
    for row in rows:
        shown.setdefault(row.prop, []).append(_shown(row))
    return shown


def base_for(conn: Connection, school: str, case: str, props: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The `base` of a new record that sets `props`: it replaces exactly what stands now."""
    held = values(conn, school, case)
    return {prop: tuple(sorted(shown.rid for shown in held.get(prop, ()))) for prop in props}


def holding(conn: Connection, school: str, prop: str, among: Iterable[Any] | None = None) -> dict[str, Any]:
    """Case id -> newest value of `prop`, for all cases that hold one (of `among`, when given)."""
    found = select(t.case_value).where(v.school == school, v.prop == prop)
    if among is not None:
        found = found.where(v.value.in_([json.dumps(value, ensure_ascii=False) for value in among]))
    per_case: dict[str, list[Shown]] = {}
    for row in conn.execute(found.order_by(v.case, v.hlc_ms.desc(), v.hlc_n.desc(), v.rid.desc())):
        per_case.setdefault(row.case, []).append(_shown(row))
    return {case: shown[0].value for case, shown in per_case.items()}


def _supersede(conn: Connection, school: str, case: str, prop: str, rids: Iterable[str]) -> None:
    known = select(s.rid).where(s.school == school, s.case == case, s.prop == prop, s.rid.in_(list(rids)))
    fresh = set(rids) - set(conn.execute(known).scalars())
    if not fresh:
        return
    shared = {"school": school, "case": case, "prop": prop}
    conn.execute(insert(t.case_superseded), [shared | {"rid": rid} for rid in sorted(fresh)])
    conn.execute(delete(t.case_value).where(v.school == school, v.case == case, v.prop == prop, v.rid.in_(list(fresh))))


def _is_superseded(conn: Connection, school: str, case: str, prop: str, rid: str) -> bool:
    found = select(s.rid).where(s.school == school, s.case == case, s.prop == prop, s.rid == rid)
    return conn.execute(found).first() is not None


def _set(conn: Connection, school: str, case: str, shown: Shown) -> None:
    conn.execute(
        insert(t.case_value).values(
            school=school, case=case, prop=shown.prop, rid=shown.rid, value=json.dumps(shown.value, ensure_ascii=False),
            hlc_ms=shown.hlc[0], hlc_n=shown.hlc[1], author=shown.author, at=shown.at,
        )
    )  # fmt: skip


def _shown(row: Any) -> Shown:
    return Shown(row.prop, json.loads(row.value), row.rid, row.author, row.at, (row.hlc_ms, row.hlc_n))
