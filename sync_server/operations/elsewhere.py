"""Backups that a county makes with its database server's tools: what they hold, and what follows a restore by them."""

from __future__ import annotations

import datetime as dt

from sync_server.operations import keeping, restore
from sync_server.operations.faults import OperationFailed
from sync_server.store import coverage, files, nights, schools
from sync_server.store.engine import Connection
from sync_server.wiring import Shared

#: What arrived so shortly before a backup may have been committed after it.
UNDER_WAY = dt.timedelta(minutes=10)


def note_backup(shared: Shared, made_at: dt.datetime) -> int:
    """A backup of database and files that was begun at `made_at` is good: phones may rely on it. For how many schools.

    Raises OperationFailed (not_yet) for a moment to come.
    """
    if made_at > shared.clock():
        raise OperationFailed("not_yet")
    here = made_at.astimezone(shared.clock().tzinfo)
    limit, moment = ((here - early).isoformat(timespec="seconds") for early in (UNDER_WAY, dt.timedelta(0)))

    def note(conn: Connection) -> int:
        found = schools.all_of(conn)
        for school in found:
            lacking = coverage.first_lacking(conn, school.id, limit)
            facts = {"sseq": coverage.upto(conn, school.id, limit), "first_lacking": lacking}
            nights.note_done(conn, school.id, keeping.BACKUP, moment, facts)
        return len(found)

    return shared.store.run_tx(note)


def begin_anew(shared: Shared) -> list[str]:
    """After the database was brought back by other means: another life of every school's store.

    Phones offer again what was lost. The files that the rows name and that are not there are returned; they are waited
    for again. To be done while no server runs.
    """
    with shared.store.read() as conn:
        known = {one for school in schools.all_of(conn) for one in files.all_of(conn, school.id).items()}
    gone = [sha256 for sha256, size in sorted(known) if not shared.blobs.holds(sha256, size)]
    shared.store.run_tx(lambda conn: restore.another_life(conn, gone, shared.clock()))
    return gone
