"""Takes files in piece by piece: every byte that came before a cut counts, and a file counts only when it is whole."""

from __future__ import annotations

import datetime as dt
import errno
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from casebook.errors import (
    FileBusy,
    FileHashWrong,
    FileTooLarge,
    FileTypeWrong,
    InputError,
    NoSuchFile,
    OffsetWrong,
    StorageFull,
    StoreDamaged,
)
from casebook.protocol import FileOffset
from sync_server import filetypes
from sync_server.store import archive, files, visits
from sync_server.store.blobs import Announcement, Blobs
from sync_server.store.engine import Connection, Store
from sync_server.store.files import CompleteFile

log = structlog.get_logger()

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: Locks shared by many parts: enough that strangers rarely wait for each other, and never more of them.
STRIPES = 64


@dataclass(frozen=True)
class Progress:
    """How much of a file the school has; `offset == size` only for a file that is whole, checked and synced."""

    offset: int
    size: int


class Writing:
    """One connection's turn at a part. The newest turn is the only one that may write."""

    def __init__(self, uploads: Uploads, school: str, sha256: str, announcement: Announcement, offset: int) -> None:
        self._uploads = uploads
        self.key = (school, sha256)
        self.announcement = announcement
        self.offset = offset

    def write(self, chunk: bytes) -> None:
        """Adds bytes. Raises FileBusy (a newer connection took over), FileTooLarge, StorageFull."""
        if chunk:
            self._uploads.append(self, chunk)
            self.offset += len(chunk)

    def close(self) -> Progress:
        """Ends the turn; a part that has all its bytes is checked and becomes a file. Raises what `progress` does."""
        self._uploads.leave(self)
        return self._uploads.progress(*self.key)


class Uploads:
    """The files on their way into the school. Threads may call it at the same time."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        clock: Callable[[], dt.datetime],
        free_bytes: Callable[[], int],
        reserve_bytes: int,
        max_bytes: int,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._free_bytes = free_bytes
        self._reserve_bytes = reserve_bytes
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str], Writing] = {}
        self._locks = [threading.Lock() for _ in range(STRIPES)]

    def announce(self, school: str, sha256: str, announcement: Announcement) -> Progress:
        """A device is about to send a file. Raises FileTooLarge, FileTypeWrong, StorageFull."""
        if announcement.size > self.max_bytes or announcement.size < 1:
            raise FileTooLarge(size=announcement.size, limit=self.max_bytes)
        if announcement.type not in filetypes.ACCEPTED:
            raise FileTypeWrong(claimed=announcement.type[:80])
        if (complete := self._complete(school, sha256)) is not None:
            return complete
        self._need_room(announcement.size - self._blobs.received(school, sha256))
        if self._blobs.announced(school, sha256) != announcement:
            self._writing_disk(lambda: self._blobs.announce(school, sha256, announcement))
        return self.progress(school, sha256)

    def progress(self, school: str, sha256: str) -> Progress:
        """How far a file is. A part that has all its bytes is settled now (also after a crash).

        Raises NoSuchFile; FileHashWrong, FileTypeWrong or PhotoUnreadable when the whole part proved wrong (it
        is dropped); StorageFull.
        """
        if (complete := self._complete(school, sha256)) is not None:
            return complete
        announcement = self._blobs.announced(school, sha256)
        if announcement is None:
            raise NoSuchFile(sha256=sha256)
        with self._lock_of(school, sha256):
            received = self._blobs.received(school, sha256)
            if received < announcement.size:
                return Progress(received, announcement.size)
            return self._complete(school, sha256) or self._settle(school, sha256, announcement)

    def open(self, school: str, sha256: str, offset: int) -> Writing:
        """Takes the turn at a part from whoever had it. Raises NoSuchFile, OffsetWrong (with facts), StorageFull."""
        now = self.progress(school, sha256)
        announcement = self._blobs.announced(school, sha256) or Announcement(now.size, "")
        if offset != now.offset:
            raise OffsetWrong(offset=now.offset, size=now.size)
        self._need_room(now.size - now.offset)
        writing = Writing(self, school, sha256, announcement, offset)
        with self._lock:
            self._turns[writing.key] = writing
        return writing

    def append(self, writing: Writing, chunk: bytes) -> None:
        """Adds bytes for the connection whose turn it is."""
        with self._lock_of(*writing.key):
            if self._turns.get(writing.key) is not writing or self._blobs.received(*writing.key) != writing.offset:
                raise FileBusy(sha256=writing.key[1])
            if writing.offset + len(chunk) > writing.announcement.size:
                raise FileTooLarge(size=writing.offset + len(chunk), limit=writing.announcement.size)
            self._need_room(len(chunk))
            self._writing_disk(lambda: self._blobs.append(*writing.key, chunk))

    def leave(self, writing: Writing) -> None:
        """Gives the turn back, if it is still this connection's."""
        with self._lock:
            if self._turns.get(writing.key) is writing:
                del self._turns[writing.key]

    def missing(self, school: str, hashes: Iterable[str]) -> list[FileOffset]:
        """Those of `hashes` that are not complete, with the byte from which each is wanted."""
        asked = list(dict.fromkeys(hashes))
        with self._store.read() as conn:
            complete = files.among(conn, school, asked)
        lacking = [h for h in asked if h not in complete or not self._blobs.holds(h, complete[h].size)]
        return [FileOffset(h, self._blobs.received(school, h)) for h in lacking]

    def expire(self, older_than: dt.timedelta) -> int:
        """Drops parts that nobody continued for so long, unless a record of the school names them; returns how many."""
        limit = (self._clock() - older_than).timestamp()
        stale = [part for part in self._blobs.parts() if part.touched < limit]
        with self._store.read() as conn:
            stale = [part for part in stale if not archive.names_file(conn, part.school, part.sha256)]
        for part in stale:
            with self._lock_of(part.school, part.sha256):
                self._blobs.drop(part.school, part.sha256)
        return len(stale)

    def need_room(self) -> None:
        """Raises StorageFull when the disk is so full that nothing should be taken in."""
        self._need_room(0)

    def _complete(self, school: str, sha256: str) -> Progress | None:
        with self._store.read() as conn:
            file = files.one(conn, school, sha256)
        # a file that vanished from the disk is asked for again: the phone still has it
        return Progress(file.size, file.size) if file and self._blobs.holds(sha256, file.size) else None

    def _settle(self, school: str, sha256: str, announcement: Announcement) -> Progress:
        try:
            if self._blobs.digest(school, sha256) != sha256:
                raise FileHashWrong(sha256=sha256)
            filetypes.check(self._blobs.part_path(school, sha256), announcement.type)
        except (FileHashWrong, InputError) as error:
            log.warning("file refused", sha256=sha256, code=error.code)
            self._blobs.drop(school, sha256)
            raise
        self._writing_disk(lambda: self._blobs.keep(school, sha256))
        at = self._clock().isoformat(timespec="seconds")
        file = CompleteFile(sha256, announcement.size, announcement.type, at)

        def note(conn: Connection) -> None:
            files.add(conn, school, file)
            visits.note_file(conn, school, sha256)

        self._store.run_tx(note)
        self._blobs.forget(school, sha256)
        return Progress(announcement.size, announcement.size)

    def _need_room(self, size: int) -> None:
        if self._free_bytes() < size + self._reserve_bytes:
            raise StorageFull()

    def _writing_disk(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            log.error("disk refused", errno=error.errno)
            raise (StorageFull() if error.errno in DISK_FULL else StoreDamaged()) from error

    def _lock_of(self, school: str, sha256: str) -> threading.Lock:
        return self._locks[int(sha256[:4], 16) % STRIPES]
