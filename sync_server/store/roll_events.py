"""Events of the roll as lists need them; the sealed records behind them say the same and are never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sync_server.store import schema as t

ENTERED, DONE, REFUSED = "entered", "done", "refused"
v = t.roll_event.c


@dataclass(frozen=True)
class RollEvent:
    """One event: `status` is entered (waits for the principal), done or refused; `on_day` when it takes effect.

    `facts` hold papers, other school, approval, the standing before, and `rekeyed`: when and by whom it was
    entered in the national system.
    """

    event: str
    student: str
    kind: str
    status: str
    class_id: str
    on_day: str
    until: str | None
    rid: str
    account: str
    at: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    decided_rid: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None


def add(conn: Connection, school: str, event: RollEvent) -> None:
    """Keeps a new event."""
    facts = json.dumps(dict(event.facts), ensure_ascii=False, sort_keys=True)
    conn.execute(insert(t.roll_event).values(school=school, **{**event.__dict__, "facts": facts}))


def decide(conn: Connection, school: str, event: str, status: str, rid: str, by: tuple[str, str]) -> None:
    """Notes the decision; `by` is account and instant."""
    values = {"status": status, "decided_rid": rid, "decided_by": by[0], "decided_at": by[1]}
    conn.execute(update(t.roll_event).where(v.school == school, v.event == event).values(**values))


def note(conn: Connection, school: str, event: str, facts: Mapping[str, Any]) -> None:
    """Keeps the event with these facts instead of the earlier ones."""
    told = json.dumps(dict(facts), ensure_ascii=False, sort_keys=True)
    conn.execute(update(t.roll_event).where(v.school == school, v.event == event).values(facts=told))


def one(conn: Connection, school: str, event: str) -> RollEvent | None:
    """The event of this id."""
    row = conn.execute(_all(school).where(v.event == event)).one_or_none()
    return _event(row) if row else None


def of_student(conn: Connection, school: str, student: str) -> list[RollEvent]:
    """All events of one child, the newest first."""
    return [_event(row) for row in conn.execute(_all(school).where(v.student == student))]


def of_school(conn: Connection, school: str) -> list[RollEvent]:
    """All events, the newest first."""
    return [_event(row) for row in conn.execute(_all(school))]


def waiting(conn: Connection, school: str) -> list[RollEvent]:
    """Events that nobody has decided about."""
    return [_event(row) for row in conn.execute(_all(school).where(v.status == ENTERED))]


def _all(school: str) -> Any:
    return select(t.roll_event).where(v.school == school).order_by(v.on_day.desc(), v.at.desc(), v.event)


def _event(row: Any) -> RollEvent:
    return RollEvent(
        row.event, row.student, row.kind, row.status, row.class_id, row.on_day, row.until, row.rid, row.account,
        row.at, json.loads(row.facts), row.decided_rid, row.decided_by, row.decided_at,
    )  # fmt: skip
