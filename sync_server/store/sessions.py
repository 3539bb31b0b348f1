"""Console logins under way; only hashes of their tokens are kept, so a stolen database opens no session."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from sync_server.store import schema as t


@dataclass(frozen=True)
class Session:
    """One login; `token` is the hash of what the browser holds, times are instants."""

    school: str
    token: str
    account: str
    made_at: str
    seen_at: str
    expires_at: str


def add(conn: Connection, session: Session) -> None:
    """Opens a session."""
    conn.execute(insert(t.session).values(**session.__dict__))


def by_token(conn: Connection, school: str, token: str) -> Session | None:
    """The session whose token has this hash; the caller checks whether it has run out."""
    found = select(t.session).where(t.session.c.school == school, t.session.c.token == token)
    row = conn.execute(found).one_or_none()
    return Session(**row._mapping) if row else None


def note_seen(conn: Connection, school: str, token: str, at: str, expires_at: str) -> None:
    """Prolongs a session that is in use."""
    mine = update(t.session).where(t.session.c.school == school, t.session.c.token == token)
    conn.execute(mine.values(seen_at=at, expires_at=expires_at))


def end(conn: Connection, school: str, token: str) -> None:
    """Ends one session."""
    conn.execute(delete(t.session).where(t.session.c.school == school, t.session.c.token == token))


def end_all(conn: Connection, school: str, account: str) -> None:
    """Ends every session of an account (a new password, someone who left)."""
    conn.execute(delete(t.session).where(t.session.c.school == school, t.session.c.account == account))


def forget_all(conn: Connection, school: str) -> None:
    """Logs everybody out."""
    conn.execute(delete(t.session).where(t.session.c.school == school))


def forget(conn: Connection, school: str, before: str) -> None:
    """Drops sessions that ran out before `before`."""
    conn.execute(delete(t.session).where(t.session.c.school == school, t.session.c.expires_at < before))
