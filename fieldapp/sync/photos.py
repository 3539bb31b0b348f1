"""Sends files from the byte where the school lacks them; one by one to a server that does not take packs."""

from __future__ import annotations

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
from casebook.protocol import MissingRequest
from fieldapp.cards import Step
from fieldapp.store import uploads
from fieldapp.store.uploads import PendingFile
from fieldapp.sync.exchange import TRIES, Exchange
from fieldapp.sync.packing import send_packs

ASK_AT_ONCE = 200
MIN_CHUNK, MAX_CHUNK = 64 * 1024, 256 * 1024


def push_files(exchange: Exchange) -> None:
    """Sends what the school lacks; a file that cannot be sent is noted and never holds up the others."""
    pending = uploads.pending(exchange.books.store.db)
    offsets = _ask(exchange, [file.sha256 for file in pending])
    _show_known(exchange, pending, offsets)
    lacking = [file for file in pending if file.sha256 in offsets]
    if exchange.packs:
        send_packs(exchange, lacking, offsets)
        return
    for file in lacking:
        try:
            _Upload(exchange, file, offsets[file.sha256]).run()
        except (FileDamaged, NoSuchFile) as error:
            _set_aside(exchange, file, error)
        except (AgreementError, LookupFailed, InputError) as error:
            exchange.note(error)


def _ask(exchange: Exchange, files: list[str]) -> dict[str, int]:
    """From which byte the school lacks which of `files`; the others have arrived."""
    lacking: dict[str, int] = {}
    for start in range(0, len(files), ASK_AT_ONCE):
        asked = MissingRequest(files=files[start : start + ASK_AT_ONCE])
        reply = exchange.patiently(exchange.conversation.missing, asked)
        lacking |= {file.sha256: file.offset for file in reply.files if file.sha256 in asked.files}
        with exchange.books.store.write() as db:
            uploads.keep_arrived(db, [sha256 for sha256 in asked.files if sha256 not in lacking])
    return lacking


def _show_known(exchange: Exchange, pending: list[PendingFile], offsets: dict[str, int]) -> None:
    there = sum(file.sha256 not in offsets for file in pending)
    known = sum(offsets.get(file.sha256, file.size) for file in pending)
    shown = exchange.shown
    exchange.show(Step.PHOTOS, files_done=shown.files_done + there, bytes_done=shown.bytes_done + known)


def _set_aside(exchange: Exchange, file: PendingFile, error: CasebookError) -> None:
    """The file on this phone is gone or no longer what was sealed: say so, and go on with the others."""
    exchange.note(FileDamaged(sha256=file.sha256, reason=error.code))
    with exchange.books.store.write() as db:
        uploads.keep_damaged(db, file.sha256)


class _Upload:
    """One file on its way. `run` raises TransportError, AgreementError, FileDamaged, NoSuchFile or Cancelled."""

    def __init__(self, exchange: Exchange, file: PendingFile, offset: int) -> None:
        self._exchange = exchange
        self._file = file
        self._offset = offset
        self._highest = offset
        self._tries = 0
        self._chunk = min(max(exchange.chunk_bytes, MIN_CHUNK), MAX_CHUNK)
        self._content = exchange.books.store.files.get(file.sha256)

    def run(self) -> None:
        """Sends until the school has the last byte; where it stopped is kept."""
        try:
            announced = self._offset > 0  # a file the school knows in part needs no announcement
            while not announced or self._offset < self._file.size:
                self._exchange.check()
                announced = self._step(announced)
        finally:
            with self._exchange.books.store.write() as db:
                uploads.keep_offset(db, self._file.sha256, self._offset, self._offset == self._file.size)
        self._exchange.tally.files_sent += 1
        self._exchange.show(Step.PHOTOS, files_done=self._exchange.shown.files_done + 1)

    def _step(self, announced: bool) -> bool:
        """Announces the file or sends one chunk; whether the school's offset is known afterwards."""
        try:
            before = self._offset
            self._offset = self._send() if announced else self._announce()
            if announced and self._offset <= before:
                raise SyncStuck(what="file", offset=self._offset)
        except (TransportError, AgreementError, LookupFailed) as error:
            self._bear(error)
            return False
        self._progressed()
        return True

    def _announce(self) -> int:
        file = self._file
        return self._exchange.conversation.file_offset(file.sha256, file.size, file.type)

    def _send(self) -> int:
        file, start = self._file, self._offset
        chunk = self._content[start : start + self._chunk]
        return self._exchange.conversation.send_chunk(file.sha256, start, file.size, chunk)

    def _bear(self, error: CasebookError) -> None:
        """Waits a moment before asking again where the school stands; raises `error` when that was tried enough."""
        lasting = isinstance(error, TransportError) and not error.retry
        self._tries += 1
        if lasting or self._tries >= TRIES:
            raise error
        if isinstance(error, FileHashWrong):
            self._forget_progress()
        if not isinstance(error, OffsetWrong):
            self._exchange.wait(self._tries - 1)

    def _forget_progress(self) -> None:
        """The school threw all bytes of this file away."""
        self._exchange.show(Step.PHOTOS, bytes_done=self._exchange.shown.bytes_done - self._highest)
        self._offset = self._highest = 0

    def _progressed(self) -> None:
        if self._offset > self._highest:
            gained, self._highest, self._tries = self._offset - self._highest, self._offset, 0
            self._exchange.tally.bytes_sent += gained
            self._exchange.show(Step.PHOTOS, bytes_done=self._exchange.shown.bytes_done + gained)
