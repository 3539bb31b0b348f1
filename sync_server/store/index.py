"""The index: what every case file shows now, kept up record by record at a cost that does not grow with the case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select

from casebook.casefile import Entry, Shown, effects
from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

v = t.case_value.c
s = t.case_superseded.c
SCHOOL: BindParameter[str] = bindparam("of_school")
CASE: BindParameter[str] = bindparam("of_case")
PROP: BindParameter[str] = bindparam("of_prop")
RID: BindParameter[str] = bindparam("of_rid")
REPLACED = Direct(select(s.prop).where(s.school == SCHOOL, s.case == CASE, s.rid == RID))
KNOWN = Among(lambda rids: select(s.prop, s.rid).where(s.school == SCHOOL, s.case == CASE, s.rid.in_(rids)))
DROP = Direct(delete(t.case_value).where(v.school == SCHOOL, v.case == CASE, v.prop == PROP, v.rid == RID))
ADD, REPLACE = Direct(insert(t.case_value)), Direct(insert(t.case_superseded))
STANDING = select(t.case_value).where(v.school == SCHOOL, v.case == CASE)
BEST_FIRST = (v.prop, v.hlc_ms.desc(), v.hlc_n.desc(), v.rid.desc())
ALL_OF_CASE = STANDING.order_by(*BEST_FIRST)
SOME_OF_CASE = STANDING.where(v.prop.in_(bindparam("of_props", expanding=True))).order_by(*BEST_FIRST)


def apply(conn: Connection, school: str, entry: Entry) -> None:
    """Applies one record's effects, the very ones the case file applies; call it once, with the record's own add."""
    case = entry.record.case
    if case is None:
        return
    change = effects(entry)
    _supersede(conn, school, case, {(prop, rid) for prop, rids in change.supersedes.items() for rid in rids})
    replaced = _replaced_before(conn, school, case, entry.rid) if change.sets else frozenset()
    _set(conn, school, case, [shown for prop, shown in change.sets.items() if prop not in replaced])


def values(conn: Connection, school: str, case: str, props: Iterable[str] | None = None) -> dict[str, list[Shown]]:
    """Per property (of `props`, when given) the values nobody has replaced, the greatest hybrid clock first."""
    mine: dict[str, Any] = {"of_school": school, "of_case": case}
    if props is None:
        rows = conn.execute(ALL_OF_CASE, mine)
    else:
        rows = conn.execute(SOME_OF_CASE, {**mine, "of_props": list(props)})
    shown: dict[str, list[Shown]] = {}
    for row in rows:
        shown.setdefault(row.prop, []).append(_shown(row))
    return shown


def base_for(conn: Connection, school: str, case: str, props: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The `base` of a new record that sets `props`: it replaces exactly what stands now."""
    props = list(props)
    held = values(conn, school, case, props)
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


def _supersede(conn: Connection, school: str, case: str, named: set[tuple[str, str]]) -> None:
    """Notes which record's value of which property is replaced, whether that record has arrived or not."""
    if not named:
        return
    known = KNOWN.all(conn, sorted({rid for _, rid in named}), of_school=school, of_case=case)
    fresh = sorted(named.difference(known))
    REPLACE.run_all(conn, [{"school": school, "case": case, "prop": prop, "rid": rid} for prop, rid in fresh])
    gone = [{"of_school": school, "of_case": case, "of_prop": prop, "of_rid": rid} for prop, rid in fresh]
    DROP.run_all(conn, gone)


def _replaced_before(conn: Connection, school: str, case: str, rid: str) -> frozenset[str]:
    """Properties whose value by this record was replaced before the record itself arrived."""
    return frozenset(row[0] for row in REPLACED.all(conn, of_school=school, of_case=case, of_rid=rid))


def _set(conn: Connection, school: str, case: str, values: list[Shown]) -> None:
    rows = [
        {
            "school": school, "case": case, "prop": shown.prop, "rid": shown.rid,
            "value": json.dumps(shown.value, ensure_ascii=False), "hlc_ms": shown.hlc[0], "hlc_n": shown.hlc[1],
            "author": shown.author, "at": shown.at,
        }
        for shown in values
    ]  # fmt: skip
    ADD.run_all(conn, rows)


def _shown(row: Any) -> Shown:
    return Shown(row.prop, json.loads(row.value), row.rid, row.author, row.at, (row.hlc_ms, row.hlc_n))
