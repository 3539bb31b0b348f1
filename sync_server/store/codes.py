"""Enrolment codes waiting to be typed into a phone; only their hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from sync_server.store import schema as t


@dataclass(frozen=True)
class WaitingCode:
    """A code that was given out: `handle` is its first part in clear, `code` the hash of all of it."""

    school: str
    handle: str
    code: str
    account: str
    made_at: str
    expires_at: str
    used_at: str | None = None
    tries: int = 0


def add(conn: Connection, code: WaitingCode) -> None:
    """Keeps a new code."""
    conn.execute(insert(t.enrol_code).values(**code.__dict__))


def by_handle(conn: Connection, school: str, handle: str) -> WaitingCode | None:
    """The code that begins with `handle`."""
    found = select(t.enrol_code).where(t.enrol_code.c.school == school, t.enrol_code.c.handle == handle)
    row = conn.execute(found).one_or_none()
    return WaitingCode(**row._mapping) if row else None


def school_of(conn: Connection, handle: str, code: str) -> str | None:
    """Which school of the deployment gave out this code; else, one that gave out a code that begins like it."""
    c = t.enrol_code.c
    found = conn.execute(select(c.school, c.code).where(c.handle == handle).order_by(c.school)).all()
    return next((row.school for row in found if row.code == code), found[0].school if found else None)


def note_try(conn: Connection, school: str, handle: str) -> None:
    """Counts a wrong guess."""
    mine = update(t.enrol_code).where(t.enrol_code.c.school == school, t.enrol_code.c.handle == handle)
    conn.execute(mine.values(tries=t.enrol_code.c.tries + 1))


def note_use(conn: Connection, school: str, handle: str, at: str) -> None:
    """Marks the code as used up."""
    mine = update(t.enrol_code).where(t.enrol_code.c.school == school, t.enrol_code.c.handle == handle)
    conn.execute(mine.values(used_at=at))


def forget_all(conn: Connection, school: str) -> None:
    """Forgets every code: nobody knows which of them were used since."""
    conn.execute(delete(t.enrol_code).where(t.enrol_code.c.school == school))


def forget(conn: Connection, school: str, before: str) -> None:
    """Drops codes that ran out before `before` (an instant in the school's zone)."""
    old = delete(t.enrol_code).where(t.enrol_code.c.school == school, t.enrol_code.c.expires_at < before)
    conn.execute(old)
