"""The list of complete files; a row is written only after the file itself lies synced in the file store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from sync_server.store import schema as t
from sync_server.store.direct import Among, Direct

c = t.file.c
named = t.record_file.c

# What runs for every file is built once: making a statement costs more than running it.
ADD = Direct(insert(t.file))
COLUMNS = select(c.sha256, c.size, c.type, c.complete_at).where(c.school == bindparam("of_school"))
AMONG = Among(lambda hashes: COLUMNS.where(c.sha256.in_(hashes)))


@dataclass(frozen=True)
class CompleteFile:
    """A file whose hash and content were checked."""

    sha256: str
    size: int
    type: str
    complete_at: str


def add_all(conn: Connection, school: str, complete: Iterable[CompleteFile]) -> None:
    """Notes complete files; those that were noted before stay as they are."""
    wanted = {file.sha256: file for file in complete}
    fresh = wanted.keys() - among(conn, school, wanted).keys()
    ADD.run_all(conn, [{"school": school, **wanted[sha256].__dict__} for sha256 in sorted(fresh)])


def one(conn: Connection, school: str, sha256: str) -> CompleteFile | None:
    """The complete file with this hash."""
    return among(conn, school, [sha256]).get(sha256)


def among(conn: Connection, school: str, hashes: Iterable[str]) -> dict[str, CompleteFile]:
    """Those of `hashes` that are complete."""
    return {row[0]: CompleteFile(*row) for row in AMONG.all(conn, list(hashes), of_school=school)}


def all_of(conn: Connection, school: str) -> dict[str, int]:
    """Hash -> size of every complete file."""
    return {row.sha256: row.size for row in conn.execute(select(c.sha256, c.size).where(c.school == school))}


def amount(conn: Connection, school: str, since: str = "") -> tuple[int, int]:
    """How many files are complete, and their bytes; those that were complete at `since` already are left out."""
    counted = select(func.count(), func.coalesce(func.sum(c.size), 0)).where(c.school == school, c.complete_at > since)
    count, size = conn.execute(counted).one()
    return int(count), int(size)


def forget(conn: Connection, school: str, sha256: str) -> None:
    """The file is not whole at school any more: it is waited for again."""
    conn.execute(delete(t.file).where(c.school == school, c.sha256 == sha256))


def brought_by(conn: Connection, school: str, sha256: str) -> str:
    """Who wrote the first record that named this file; empty when none does.

    Whoever names it after that may have heard of its hash alone: no later record of others opens it.
    """
    r = t.record.c
    naming = select(r.author).where(r.school == school, r.rid == named.rid, named.school == school)
    return conn.execute(naming.where(named.sha256 == sha256).order_by(r.sseq).limit(1)).scalar() or ""


def of_record(conn: Connection, school: str, rid: str) -> dict[str, CompleteFile | None]:
    """Hash -> the file, or None while it is on its way, for every file a record names."""
    hashes = list(conn.execute(select(named.sha256).where(named.school == school, named.rid == rid)).scalars())
    complete = among(conn, school, hashes)
    return {sha256: complete.get(sha256) for sha256 in hashes}
