"""Sends what the school lacks of visits as a stream; it goes on at the byte where the last try was cut."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from casebook.errors import (
    AgreementError,
    CasebookError,
    FileDamaged,
    FileHashWrong,
    InputError,
    LookupFailed,
    NoSuchFile,
    OffsetWrong,
    SyncStuck,
    TransportError,
)
from casebook.packs import Pack, PackedFile, in_order
from fieldapp.cards import Step
from fieldapp.store import uploads
from fieldapp.store.uploads import PendingFile
from fieldapp.sync.exchange import TRIES, Exchange

PIECE = 8 * 1024  # what a cut may take away from what was counted as sent
SHOWN_EVERY = 4  # pieces
MAX_FILES = 50
#: So many seconds one stream may take, as far as it holds several visits: what arrives counts at its end. Between two
#: streams the link stands idle while the school answers.
STREAM_S = 15


def send_packs(exchange: Exchange, files: list[PendingFile], offsets: dict[str, int]) -> None:
    """The oldest visit first. What cannot be sent is noted and never holds up the others."""
    waiting = _visits(files)
    while waiting:
        try:
            _Stream(exchange, next_stream(waiting, exchange.carried), offsets).run()
        except (AgreementError, LookupFailed, InputError) as error:
            exchange.note(error)


def next_stream(waiting: deque[tuple[PackedFile, ...]], rate: float) -> tuple[PackedFile, ...]:
    """Takes the next visit out of `waiting`, and what else a link of `rate` bytes a second carries in STREAM_S."""
    files = waiting.popleft()
    while waiting and _fits((*files, *waiting[0]), rate):
        files += waiting.popleft()
    return files


def _visits(files: list[PendingFile]) -> deque[tuple[PackedFile, ...]]:
    """The files of each visit in the order in which they are best sent, never too many for one stream."""
    by_record: dict[int, list[tuple[str, PackedFile]]] = {}
    for file in files:
        by_record.setdefault(file.record, []).append((file.role, PackedFile(file.sha256, file.size, file.type)))
    ordered = (in_order(by_record[record]) for record in sorted(by_record))
    return deque(visit[start : start + MAX_FILES] for visit in ordered for start in range(0, len(visit), MAX_FILES))


def _fits(files: tuple[PackedFile, ...], rate: float) -> bool:
    return len(files) <= MAX_FILES and sum(file.size for file in files) <= rate * STREAM_S


class _Stream:
    """Files on their way. `run` raises TransportError, AgreementError or Cancelled."""

    def __init__(self, exchange: Exchange, files: tuple[PackedFile, ...], offsets: dict[str, int]) -> None:
        self._exchange = exchange
        self._pack = Pack(files)
        self._untouched = not any(offsets[file.sha256] for file in files)
        self._known = {file.sha256: offsets[file.sha256] for file in files}  # bytes that the school has told of
        self._arrived: set[str] = set()
        self._offset: int | None = 0 if self._untouched else None  # None: to be asked for
        self._counted, self._unshown = sum(self._known.values()), 0
        self._tries = 0
        self._broken: dict[str, int] = {}

    def run(self) -> None:
        """Sends until the school has the last byte; how far each file came is kept."""
        try:
            while self._pack.files and self._offset != self._pack.size:
                self._exchange.check()
                self._step()
        finally:
            with self._exchange.books.store.write() as db:
                for sha256, offset in self._known.items():
                    uploads.keep_offset(db, sha256, offset, sha256 in self._arrived)

    def _step(self) -> None:
        """Asks how far the school is, or sends all the rest."""
        try:
            talk, before = self._exchange.conversation, self._offset
            if before is None:
                self._reached(talk.pack_offset(self._pack))
                return
            self._offset = None  # whatever happens now, only the school knows
            begun = self._exchange.tick()
            reached = talk.send_pack(self._pack, before, self._pieces(before), self._untouched)
            self._exchange.note_pace(reached - before, self._exchange.tick() - begun)
            self._untouched = False
            if reached <= before:
                raise SyncStuck(what="file", offset=reached)
            self._reached(reached)
        except (FileDamaged, NoSuchFile, FileHashWrong, InputError) as error:
            self._without(error)
        except (TransportError, AgreementError) as error:
            self._bear(error)

    def _pieces(self, offset: int) -> Iterator[bytes]:
        """The bytes from an offset on; a file is read in its turn. Raises FileDamaged, NoSuchFile, Cancelled."""
        number = 0
        for file, at, size in self._pack.spread(offset, self._pack.size - offset):
            content = self._exchange.books.store.files.get(file.sha256)
            for start in range(at, at + size, PIECE):
                self._exchange.check()
                piece = content[start : start + PIECE]
                yield piece
                number += 1
                self._count(self._counted + len(piece), number % SHOWN_EVERY == 0)

    def _reached(self, offset: int) -> None:
        """The school says how far it is."""
        if self._offset is None or offset > self._offset:
            self._tries = 0 if offset > self._told() else self._tries
        self._offset, self._untouched = offset, False
        for start, file in zip(self._pack.starts, self._pack.files, strict=True):
            if start < offset:
                self._known[file.sha256] = min(file.size, offset - start)
            if start + file.size <= offset and file.sha256 not in self._arrived:
                self._arrived.add(file.sha256)
                self._exchange.tally.files_sent += 1
                self._exchange.show(Step.PHOTOS, files_done=self._exchange.shown.files_done + 1)
        self._count(sum(self._known.values()), True)

    def _told(self) -> int:
        """How far the school was when it told that last."""
        return sum(self._known[file.sha256] for file in self._pack.files)

    def _count(self, bytes_done: int, show: bool) -> None:
        gained, self._counted = bytes_done - self._counted, bytes_done
        self._exchange.tally.bytes_sent += gained
        self._unshown += gained
        if show:
            self._exchange.show(Step.PHOTOS, bytes_done=self._exchange.shown.bytes_done + self._unshown)
            self._unshown = 0

    def _without(self, error: CasebookError) -> None:
        """Goes on without the file that cannot be sent; raises `error` when none of them is meant."""
        sha256 = str(error.facts.get("sha256", ""))
        if all(file.sha256 != sha256 for file in self._pack.files):
            self._bear(error)
            return
        self._offset, self._known[sha256] = None, 0
        if isinstance(error, FileHashWrong) and self._broken.setdefault(sha256, 1) < 2:
            self._broken[sha256] += 1  # the line broke it: once more from its start
            return
        if isinstance(error, FileDamaged | NoSuchFile):  # gone from this phone, or no longer what was sealed
            self._exchange.note(FileDamaged(sha256=sha256, reason=error.code))
            with self._exchange.books.store.write() as db:
                uploads.keep_damaged(db, sha256)
        else:
            self._exchange.note(error)
        self._pack = Pack(tuple(file for file in self._pack.files if file.sha256 != sha256))

    def _bear(self, error: CasebookError) -> None:
        """Waits a moment before asking again; raises `error` when that was tried enough, or nothing will come of it."""
        self._tries += 1
        again = error.retry or isinstance(error, OffsetWrong | NoSuchFile)
        if not again or self._tries >= TRIES:
            raise error
        if not isinstance(error, OffsetWrong | NoSuchFile):
            self._exchange.wait(self._tries - 1)
