"""The school's own row and its counter: the one source of sequence numbers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from sync_server.store import schema as t
from sync_server.store.direct import Direct

c = t.counter.c
MINE = c.school == bindparam("of_school")
GEN = Direct(select(t.school.c.gen).where(t.school.c.school == bindparam("of_school")))
SIZE = Direct(select(c.sseq).where(MINE))
TAKE = Direct(update(t.counter).where(MINE).values(sseq=c.sseq + bindparam("count")).returning(c.sseq))
BEHIND = or_(c.hlc_ms < bindparam("ms"), and_(c.hlc_ms == bindparam("ms"), c.hlc_n < bindparam("n")))
MOVE_CLOCK = Direct(update(t.counter).where(MINE, BEHIND).values(hlc_ms=bindparam("ms"), hlc_n=bindparam("n")))


@dataclass(frozen=True)
class School:
    """A school of this deployment; `gen` names this life of its store."""

    id: str
    name: str
    gen: str


def add(conn: Connection, school: School, made_at: str) -> None:
    """Makes the school, its counter and its empty log."""
    conn.execute(insert(t.school).values(school=school.id, name=school.name, gen=school.gen, made_at=made_at))
    conn.execute(insert(t.counter).values(school=school.id, sseq=0, audit=0, hlc_ms=0, hlc_n=0))
    conn.execute(insert(t.tree).values(school=school.id, size=0, peaks=b""))


def all_of(conn: Connection) -> list[School]:
    """Every school of this deployment, the oldest first."""
    found = conn.execute(select(t.school).order_by(t.school.c.made_at, t.school.c.school))
    return [School(row.school, row.name, row.gen) for row in found]


def oldest(conn: Connection) -> str | None:
    """The school that was here first, if there is any."""
    found = select(t.school.c.school).order_by(t.school.c.made_at, t.school.c.school).limit(1)
    return conn.execute(found).scalar()


def name_of(conn: Connection, school: str) -> str:
    """The school's name."""
    return str(conn.execute(select(t.school.c.name).where(t.school.c.school == school)).scalar_one())


def gen_of(conn: Connection, school: str) -> str:
    """The generation of the school's store."""
    return str(GEN.only(conn, of_school=school))


def renew(conn: Connection, school: str, gen: str) -> None:
    """Another life of the school's store begins, under this generation."""
    conn.execute(update(t.school).where(t.school.c.school == school).values(gen=gen))


def size(conn: Connection, school: str) -> int:
    """The newest sequence number; everything up to it is visible to whoever reads this first."""
    return int(SIZE.only(conn, of_school=school))


def take(conn: Connection, school: str, count: int = 1) -> int:
    """Takes `count` sequence numbers and returns the first.

    The row stays locked until the transaction ends, so numbers become visible in their order: a reader that
    has seen n will never find a smaller one later (a database's own sequences do not promise that).
    """
    return int(TAKE.only(conn, of_school=school, count=count)) - count + 1


def take_audit(conn: Connection, school: str) -> int:
    """The next number of the audit."""
    row = update(t.counter).where(t.counter.c.school == school).values(audit=t.counter.c.audit + 1)
    return int(conn.execute(row.returning(t.counter.c.audit)).scalar_one())


def clock(conn: Connection, school: str) -> tuple[int, int]:
    """The newest hybrid clock value seen by the school."""
    row = conn.execute(select(t.counter.c.hlc_ms, t.counter.c.hlc_n).where(t.counter.c.school == school)).one()
    return row.hlc_ms, row.hlc_n


def keep_clock(conn: Connection, school: str, hlc: tuple[int, int]) -> None:
    """Moves the school's hybrid clock forward to `hlc`; never back."""
    MOVE_CLOCK.run(conn, of_school=school, ms=hlc[0], n=hlc[1])
