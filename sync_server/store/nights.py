"""What the server does by itself at night: when each job was last tried and last came off, and with what result."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sync_server.store import schema as t

n = t.night_job.c
ONE = select(t.night_job).where(n.school == bindparam("of_school"), n.job == bindparam("of_job"))  # for every hello


@dataclass(frozen=True)
class Night:
    """The last try of a job; `fault` is the code of why it failed, `facts` belong to the last time it came off."""

    job: str
    tried_at: str
    done_at: str | None = None
    fault: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether nobody knows yet what came of the last try: it is under way, or was killed."""
        return self.fault is None and self.tried_at != self.done_at


def one(conn: Connection, school: str, job: str) -> Night | None:
    """The job's last try."""
    row = conn.execute(ONE, {"of_school": school, "of_job": job}).one_or_none()
    return _night(row) if row else None


def all_of(conn: Connection, school: str) -> dict[str, Night]:
    """Job -> its last try."""
    rows = conn.execute(select(t.night_job).where(n.school == school))
    return {row.job: _night(row) for row in rows}


def claim(conn: Connection, school: str, job: str, at: str, unless_since: dt.datetime) -> bool:
    """Takes the job on; false when somebody tried it after `unless_since`, another process of the school perhaps."""
    before = one(conn, school, job)
    if before is None:
        _add(conn, school, Night(job, at))
        return True
    if dt.datetime.fromisoformat(before.tried_at) > unless_since:
        return False
    mine = update(t.night_job).where(n.school == school, n.job == job, n.tried_at == before.tried_at)
    return conn.execute(mine.values(tried_at=at, fault=None)).rowcount == 1


def note_done(conn: Connection, school: str, job: str, at: str, facts: Mapping[str, Any]) -> None:
    """The job came off."""
    _put(conn, school, job, at, done_at=at, fault=None, facts=json.dumps(dict(facts), sort_keys=True))


def note_failed(conn: Connection, school: str, job: str, at: str, fault: str) -> None:
    """The job failed; what is known of its last success stays."""
    _put(conn, school, job, at, fault=fault)


def forget(conn: Connection, school: str) -> None:
    """Forgets all jobs: this is another life of the store."""
    conn.execute(delete(t.night_job).where(n.school == school))


def _night(row: Any) -> Night:
    return Night(row.job, row.tried_at, row.done_at, row.fault, json.loads(row.facts))


def _put(conn: Connection, school: str, job: str, at: str, **values: Any) -> None:
    if one(conn, school, job) is None:
        _add(conn, school, Night(job, at))
    conn.execute(update(t.night_job).where(n.school == school, n.job == job).values(tried_at=at, **values))


def _add(conn: Connection, school: str, night: Night) -> None:
    conn.execute(insert(t.night_job).values(school=school, job=night.job, tried_at=night.tried_at, facts="{}"))
