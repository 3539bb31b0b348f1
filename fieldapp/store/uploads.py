"""Which files of sealed records the school still lacks, and from which byte."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.records import Attachment
from fieldapp.store.records import AT_SCHOOL_SQL

if TYPE_CHECKING:
    from fieldapp.store.store import Database


@dataclass(frozen=True)
class PendingFile:
    """A file whose record the school keeps, but not yet all its bytes.

    `record` is the place of the oldest such record on this phone.
    """

    sha256: str
    size: int
    type: str
    role: str
    record: int


@dataclass(frozen=True)
class FileCount:
    """Files of one record (photos, sounds, papers, signatures) and how many of them have arrived."""

    files: int
    files_arrived: int


@dataclass(frozen=True)
class Waiting:
    """Files that wait to be sent (photos, sounds, papers, signatures) and their bytes."""

    files: int
    bytes: int


NO_FILES = FileCount(0, 0)


def name_files(db: Database, rid: str, attachments: Iterable[Attachment]) -> None:
    """Rows for a record's attachments; the files are durable already."""
    for position, attachment in enumerate(attachments):
        know_file(db, attachment.sha256, attachment.size, attachment.type)
        row = {"rid": rid, "position": position, "sha256": attachment.sha256}
        db.table("record_file").insert(row | {"role": attachment.role, "size": attachment.size})


def is_named(db: Database, rid: str) -> bool:
    """Whether the rows for a record's attachments are there."""
    return db.execute("SELECT 1 FROM record_file WHERE rid = ?", [rid]).fetchone() is not None


def know_file(db: Database, sha256: str, size: int, type: str) -> None:
    """A row for a file that is on this phone; one that is known stays as it is."""
    db.execute(
        "INSERT INTO file (sha256, size, type, at_school, arrived, damaged) VALUES (?, ?, ?, 0, 0, 0)"
        " ON CONFLICT (sha256) DO UPDATE SET damaged = 0",
        [sha256, size, type],
    )


def pending(db: Database) -> list[PendingFile]:
    """Files to send: signatures before everything else, small before large."""
    rows = db.execute(
        f"""SELECT f.sha256, f.size, f.type, min(CASE rf.role WHEN 'signature' THEN ' signature' ELSE rf.role END),
            min(r.rowid)
        FROM file f JOIN record_file rf USING (sha256) JOIN record r USING (rid)
        WHERE (r.verdict IN ({AT_SCHOOL_SQL}) OR r.own = 0 AND r.sseq IS NOT NULL) AND f.arrived = 0 AND f.damaged = 0
        GROUP BY f.sha256 ORDER BY 4 <> ' signature', f.size, f.sha256"""
    ).fetchall()
    return [PendingFile(sha256, size, type_, role.strip(), record) for sha256, size, type_, role, record in rows]


def keep_offset(db: Database, sha256: str, offset: int, arrived: bool) -> None:
    """How far the school has a file."""
    db.execute(
        "UPDATE file SET at_school = ?, arrived = ? WHERE sha256 = ?", [offset, int(arrived), sha256]
    )


def keep_arrived(db: Database, files: Iterable[str]) -> None:
    """The school has these files completely."""
    db.conn.executemany(
        "UPDATE file SET at_school = size, arrived = 1 WHERE sha256 = ?", [(sha256,) for sha256 in files]
    )


def keep_arrived_but(db: Database, rids: Iterable[str], lacking: Collection[str]) -> None:
    """The school has all files that these records name, but for those that are `lacking`."""
    for rid in rids:
        named = [sha256 for (sha256,) in db.execute("SELECT sha256 FROM record_file WHERE rid = ?", [rid]).fetchall()]
        keep_arrived(db, [sha256 for sha256 in named if sha256 not in lacking])


def keep_damaged(db: Database, sha256: str) -> None:
    """The file on this phone is not what its name says and cannot be sent."""
    db.execute("UPDATE file SET damaged = 1 WHERE sha256 = ?", [sha256])


def offer_all_again(db: Database) -> None:
    """The school may have lost files: ask about every one again."""
    db.execute("UPDATE file SET at_school = 0, arrived = 0")


def counts(db: Database) -> dict[str, FileCount]:
    """Per own record, how many files it has and how many have arrived."""
    rows = db.execute(
        """SELECT rid, count(*), sum(arrived)
        FROM record_file JOIN file USING (sha256) GROUP BY rid"""
    ).fetchall()
    return {rid: FileCount(*numbers) for rid, *numbers in rows}


def waiting(db: Database) -> Waiting:
    """What sealed records still have to send, whether or not their text has arrived; refused ones send nothing."""
    row = db.execute(
        """SELECT count(*), coalesce(sum(size), 0) FROM (
            SELECT f.size AS size
            FROM file f JOIN record_file rf USING (sha256) JOIN record r USING (rid)
            WHERE r.verdict IS NOT 'refused' AND f.arrived = 0 AND f.damaged = 0
            GROUP BY f.sha256)"""
    ).fetchone()
    return Waiting(*row)


def named(db: Database) -> set[str]:
    """Every file that a record or draft names."""
    rows = db.execute("SELECT sha256 FROM record_file UNION SELECT sha256 FROM draft_file")
    return {sha256 for (sha256,) in rows}


def forget_unnamed(db: Database) -> list[str]:
    """Drops the rows of files that nothing names any more; the caller deletes the files after the commit."""
    rows = db.execute(
        """DELETE FROM file WHERE sha256 NOT IN (SELECT sha256 FROM record_file UNION SELECT sha256 FROM draft_file)
        RETURNING sha256"""
    ).fetchall()
    return [sha256 for (sha256,) in rows]
