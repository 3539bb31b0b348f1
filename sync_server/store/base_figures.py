"""The base figures of classes, one a term, written once (R11)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from sync_server.store import schema as t

b = t.base_figure.c


@dataclass(frozen=True)
class BaseFigure:
    """How many children, and which, were on the list of a class when the office froze it."""

    term: str
    class_id: str
    class_name: str
    count: int
    students: tuple[str, ...]
    account: str
    at: str


def add(conn: Connection, school: str, figure: BaseFigure) -> None:
    """Keeps a figure for good."""
    students = json.dumps(list(figure.students))
    conn.execute(insert(t.base_figure).values(school=school, **{**figure.__dict__, "students": students}))


def of_term(conn: Connection, school: str, term: str) -> dict[str, BaseFigure]:
    """Class -> its figure in that term."""
    rows = conn.execute(select(t.base_figure).where(b.school == school, b.term == term))
    return {
        row.class_id: BaseFigure(
            row.term, row.class_id, row.class_name, row._mapping["count"], tuple(json.loads(row.students)),
            row.account, row.at,
        )
        for row in rows
    }  # fmt: skip


def newest(conn: Connection, school: str, since: str = "") -> dict[str, int]:
    """Class -> how many children its newest figure counts, whatever the term, if it was frozen after `since`."""
    found = select(b.class_id, t.base_figure.c["count"]).where(b.school == school, b.at > since).order_by(b.at, b.term)
    return {class_id: int(count) for class_id, count in conn.execute(found)}
