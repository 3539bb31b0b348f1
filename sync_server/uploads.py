"""Takes files in piece by piece: every byte that came before a cut counts, and a file counts only when it is whole.

Everything comes as a pack: files one after the other in one stream; a file that comes alone is a pack of one.
"""

from __future__ import annotations

import datetime as dt
import errno
import itertools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256 as hash_of

import structlog

from casebook.errors import (
    CasebookError,
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
from casebook.packs import Pack, PackedFile, read_pack
from casebook.protocol import FileOffset
from sync_server import filetypes
from sync_server.quotas import Quotas
from sync_server.store import archive, files, visits
from sync_server.store.blobs import Announcement, Blobs
from sync_server.store.engine import Connection, Store
from sync_server.store.files import CompleteFile
from sync_server.together import Steps, Together, at_once
from sync_server.writing import Passed, Progress, Writing

log = structlog.get_logger()

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: Locks shared by many parts: enough that strangers rarely wait for each other, and never more of them.
STRIPES = 64
#: So many files are in memory at the same time while they are looked at, whatever number of phones sends.
LOOKS_AT_ONCE = 2


@dataclass
class _Checked:
    """Files of one school all of whose bytes are here and were checked, and which of them count by now."""

    school: str
    files: list[PackedFile]
    alone: bool  # the pack was of one file, which may have been announced under its own name
    kept: frozenset[str] = frozenset()


class Uploads:
    """The files on their way into the school. Threads may call it at the same time."""

    def __init__(
        self, store: Store, blobs: Blobs, clock: Callable[[], dt.datetime], free_bytes: Callable[[], int],
        reserve_bytes: int, max_bytes: int, quotas: Quotas | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._free_bytes = free_bytes
        self._reserve_bytes = reserve_bytes
        self.max_bytes = max_bytes
        self._quotas = quotas or Quotas(store, clock)
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str], Writing] = {}
        self._numbers = itertools.count(1)
        self._locks = [threading.Lock() for _ in range(STRIPES)]
        self._looks = threading.BoundedSemaphore(LOOKS_AT_ONCE)
        self._together = Together(self._keep_all)

    def announce(self, school: str, sha256: str, announcement: Announcement, dev: str = "") -> Progress:
        """A file is about to come alone. Raises as `announce_pack` does."""
        alone = _alone(sha256, announcement)
        whole = self._admit(school, alone, dev)
        if not whole and self._blobs.announced(school, sha256) != announcement:
            self._writing_disk(lambda: self._blobs.announce(school, sha256, announcement))
        return self.progress_of(school, alone)

    def announce_pack(self, school: str, pack: Pack, dev: str = "") -> Progress:
        """Files are about to come as a pack. Raises FileTooLarge, FileTypeWrong, StorageFull, or what a quota says."""
        self._admit(school, pack, dev)
        self.note(school, pack)
        return self.progress_of(school, pack)

    def number(self) -> int:
        """The place of a request in the order of all: of two that want the same turn, the later one gets it."""
        return next(self._numbers)

    def begin(self, school: str, pack: Pack, dev: str = "", number: int | None = None) -> Writing:
        """Takes the turn at a pack whose bytes follow at once, from the first on; raises as `announce_pack` does.

        What comes is written down only when it does not all come.
        """
        whole = self._admit(school, pack, dev)
        return self._turn(Writing(self, school, pack, 0, whole, dev, number, noted=False))

    def note(self, school: str, pack: Pack) -> None:
        """Writes down which files come as this pack. Raises StorageFull."""
        if self._blobs.pack(school, pack.id) is None:
            self._writing_disk(lambda: self._blobs.announce_pack(school, pack.id, pack.manifest))

    def pack(self, school: str, id: str) -> Pack:
        """The pack that was announced under this id. Raises NoSuchFile."""
        manifest = self._blobs.pack(school, id)
        if manifest is None:
            raise NoSuchFile(pack=id)
        return read_pack(manifest)

    def progress(self, school: str, sha256: str) -> Progress:
        """How far a file is that comes alone. Raises as `progress_of` does, and NoSuchFile."""
        return self.progress_of(school, self._announced(school, sha256))

    def progress_of(self, school: str, pack: Pack) -> Progress:
        """How far a pack is. Parts that have all their bytes are settled now (also after a crash).

        Raises FileHashWrong, FileTypeWrong or PhotoUnreadable when a whole part proved wrong (it is dropped);
        StorageFull.
        """
        whole, offset, ready = self._whole(school, pack), 0, []
        for file in pack.files:
            received = file.size if file.sha256 in whole else self._blobs.received(school, file.sha256)
            offset += received
            if received < file.size:
                break
            if file.sha256 not in whole:
                ready.append(file)
        for file in ready:
            self.check(school, file)
        if ready:
            at_once(self.keep(pack, school, ready))
        return Progress(offset, pack.size)

    def open(
        self, school: str, sha256: str, offset: int, dev: str = "", number: int | None = None, *, again: bool = False
    ) -> Writing:  # fmt: skip
        """Takes the turn at a file that comes alone. Raises as `open_pack` does, and NoSuchFile."""
        return self.open_pack(school, self._announced(school, sha256), offset, dev, number, again=again)

    def open_pack(
        self, school: str, pack: Pack, offset: int, dev: str = "", number: int | None = None, *, again: bool = False
    ) -> Writing:  # fmt: skip
        """Takes the turn at a pack's files from whoever had them, unless that request came later than `number`.

        `again`: the bytes may begin before what is here, which is passed over. Raises OffsetWrong (with facts),
        StorageFull, or what a quota says.
        """
        now = self.progress_of(school, pack)
        if offset > now.offset or (offset < now.offset and not again):
            raise OffsetWrong(offset=now.offset, size=now.size)
        self.need_room(now.size - now.offset)
        self._quotas.ask(school, dev, now.size - now.offset)
        return self._turn(Writing(self, school, pack, offset, self._whole(school, pack), dev, number))

    def append(self, writing: Writing, file: PackedFile, at: int, piece: memoryview, here: int | None) -> int:
        """Adds bytes of a file for the connection whose turn it is; bytes that are here already are passed over.

        `here`: how many are, None before the first of a turn. How many were before this. Raises FileBusy, StorageFull.
        """
        with self._lock_of(file.sha256):
            have = self._blobs.received(writing.school, file.sha256) if here is None else here
            if self._turns.get((writing.school, file.sha256)) is not writing or have < at:
                raise FileBusy(sha256=file.sha256)
            fresh = piece[have - at :]
            if fresh:
                if here is None:
                    self.need_room(file.size - have)
                self._writing_disk(lambda: self._blobs.append(writing.school, file.sha256, fresh))
            return have

    def cut_back(self, writing: Writing, file: PackedFile, size: int) -> None:
        """Throws away what a file got after its first `size` bytes, if it is still this connection's turn."""
        with self._lock_of(file.sha256):
            if self._turns.get((writing.school, file.sha256)) is writing:
                self._blobs.cut_back(writing.school, file.sha256, size)

    def leave(self, writing: Writing, brought: int = 0) -> None:
        """Gives the turn back, as far as it is still this connection's."""
        if brought:
            self._quotas.note(writing.school, writing.dev, brought)
        with self._lock:
            for key in [key for key, turn in self._turns.items() if turn is writing]:
                del self._turns[key]

    def check(self, school: str, file: PackedFile, passed: Passed | None = None) -> None:
        """Whether a part that has all its bytes is what it claims to be; if not it is dropped.

        `passed` is what was seen of it on its way in; without it the part is read again from the disk.
        Raises FileHashWrong, FileTypeWrong, PhotoUnreadable; each says which file it was.
        """
        try:
            self._look(school, file, passed)
        except FileNotFoundError:
            return  # settled by another connection a moment ago; what is not there will not be kept
        except (FileHashWrong, InputError) as error:
            log.warning("file refused", sha256=file.sha256, code=error.code)
            self._blobs.drop(school, file.sha256)
            raise type(error)(**{**error.facts, "sha256": file.sha256}) from error

    def _look(self, school: str, file: PackedFile, passed: Passed | None) -> None:
        if passed and passed.sha256 != file.sha256:
            raise FileHashWrong(sha256=file.sha256)
        if passed and not passed.is_short and filetypes.is_plainly(passed.known, file.type):
            return
        with self._looks:
            content = passed.known if passed and passed.is_short else self._blobs.part(school, file.sha256)
            if not passed and hash_of(content).hexdigest() != file.sha256:
                raise FileHashWrong(sha256=file.sha256)
            filetypes.check(content, file.type)

    def keep(self, pack: Pack, school: str, files: list[PackedFile]) -> Steps[frozenset[str]]:
        """Makes whole, checked files of a pack durable and lets them count, together with those of others.

        Which do now. Raises StorageFull.
        """
        checked = _Checked(school, files, alone=len(pack.files) == 1)
        yield from self._together.doing(checked)
        return checked.kept

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
            with self._lock_of(part.sha256):
                self._blobs.drop(part.school, part.sha256)
        self._blobs.forget_packs(limit)
        return len(stale)

    def need_room(self, size: int = 0) -> None:
        """Raises StorageFull when the disk is so full that nothing, or not so many bytes, should be taken in."""
        if self._free_bytes() < size + self._reserve_bytes:
            raise StorageFull()

    def _turn(self, writing: Writing) -> Writing:
        with self._lock:
            for file in writing.lacking:
                turn = self._turns.setdefault((writing.school, file.sha256), writing)
                if turn.number < writing.number:
                    self._turns[writing.school, file.sha256] = writing
        return writing

    def _admit(self, school: str, pack: Pack, dev: str) -> frozenset[str]:
        """Whether these files may come at all; those that are here."""
        for file in pack.files:
            if not 1 <= file.size <= self.max_bytes:
                raise FileTooLarge(size=file.size, limit=self.max_bytes)
            if file.type not in filetypes.ACCEPTED:
                raise FileTypeWrong(claimed=file.type[:80], sha256=file.sha256)
        whole = self._whole(school, pack)
        lacking = [file for file in pack.files if file.sha256 not in whole]
        size = sum(file.size - self._blobs.received(school, file.sha256) for file in lacking)
        if size:
            self.need_room(size)
            self._quotas.ask(school, dev, size)
        return whole

    def _announced(self, school: str, sha256: str) -> Pack:
        """The pack of one that this file is."""
        with self._store.read() as conn:
            file = files.one(conn, school, sha256)
        if file is not None and self._blobs.holds(sha256, file.size):
            return Pack((PackedFile(sha256, file.size, file.type),))
        announcement = self._blobs.announced(school, sha256)
        if announcement is None:
            raise NoSuchFile(sha256=sha256)
        return _alone(sha256, announcement)

    def _whole(self, school: str, pack: Pack) -> frozenset[str]:
        """Files of the pack that the school has; one that vanished from the disk is asked for again."""
        with self._store.read() as conn:
            known = files.among(conn, school, [file.sha256 for file in pack.files])
        return frozenset(sha256 for sha256, file in known.items() if self._blobs.holds(sha256, file.size))

    def _keep_all(self, batches: list[_Checked]) -> None:
        arrived = list(dict.fromkeys((one.school, file) for one in batches for file in one.files))
        self._writing_disk(lambda: self._blobs.keep_all([(school, file.sha256) for school, file in arrived]))
        at = self._clock().isoformat(timespec="seconds")
        here = [(school, file) for school, file in arrived if self._blobs.holds(file.sha256, file.size)]
        by_school: dict[str, list[CompleteFile]] = {}
        for school, file in here:
            by_school.setdefault(school, []).append(CompleteFile(file.sha256, file.size, file.type, at))

        def note(conn: Connection) -> None:
            for school, complete in by_school.items():
                files.add_all(conn, school, complete)
                visits.note_files(conn, school, [file.sha256 for file in complete])

        self._store.run_tx(note)
        for school, file in [(one.school, file) for one in batches if one.alone for file in one.files]:
            self._blobs.forget(school, file.sha256)
        kept = frozenset(file.sha256 for _, file in here)
        for one in batches:
            one.kept = kept & {file.sha256 for file in one.files}

    def _writing_disk(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            log.error("disk refused", errno=error.errno)
            refused: CasebookError = StorageFull() if error.errno in DISK_FULL else StoreDamaged()
            raise refused from error

    def _lock_of(self, sha256: str) -> threading.Lock:
        return self._locks[int(sha256[:4], 16) % STRIPES]


def _alone(sha256: str, announcement: Announcement) -> Pack:
    return Pack((PackedFile(sha256, announcement.size, announcement.type),))
