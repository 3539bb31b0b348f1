"""One connection's turn at a stream of files: what came, what is whole, and how to go on after a cut."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256 as hash_of
from typing import TYPE_CHECKING

from casebook.errors import FileTooLarge
from casebook.packs import Pack, PackedFile
from sync_server.together import Steps, at_once

if TYPE_CHECKING:
    from sync_server.uploads import Uploads


@dataclass(frozen=True)
class Progress:
    """How much of a pack the school has without a gap; `offset == size` only when all of it is checked and synced."""

    offset: int
    size: int


#: So much of a file tells what it is: all that comes before a photo's pixels, their first rows, and how it ends.
BEGINNING, END = 16 * 1024, 2


class Passed:
    """What is seen of a file while its bytes pass: their hash, how they begin and how they end."""

    def __init__(self) -> None:
        self._digest = hash_of()
        self._size = 0
        self._begins, self._ends = b"", b""

    def see(self, piece: memoryview) -> None:
        """More of it comes."""
        self._digest.update(piece)
        self._size += len(piece)
        if len(self._begins) < BEGINNING:
            self._begins += piece[: BEGINNING - len(self._begins)]
        self._ends = (self._ends + piece[-END:])[-END:]

    @property
    def sha256(self) -> str:
        """Of all that passed, in hex."""
        return self._digest.hexdigest()

    @property
    def is_short(self) -> bool:
        """Whether `known` is all of it."""
        return self._size <= BEGINNING

    @property
    def known(self) -> bytes:
        """How it begins and its very last bytes, in one."""
        behind = min(END, self._size - len(self._begins))
        return self._begins + self._ends[END - behind :] if behind else self._begins


class Writing:
    """One connection's turn at a pack. The newest turn at a file is the only one that may write it."""

    def __init__(
        self, uploads: Uploads, school: str, pack: Pack, offset: int, whole: frozenset[str], dev: str,
        number: int | None = None, *, noted: bool = True,
    ) -> None:  # fmt: skip
        self._uploads = uploads
        self.number = uploads.number() if number is None else number
        self.school, self.pack, self.offset, self.dev = school, pack, offset, dev
        self._begun, self._whole, self._noted = offset, whole, noted
        self._ready: list[PackedFile] = []
        self._file: PackedFile | None = None
        self._here: int | None = None
        self._passed: Passed | None = None

    @property
    def lacking(self) -> list[PackedFile]:
        """The files that it brings."""
        return [file for file in self.pack.files if file.sha256 not in self._whole]

    def write(self, chunk: bytes) -> None:
        """Adds bytes; a file whose last byte this was is checked.

        Raises FileBusy (a newer connection took over), FileTooLarge, StorageFull, and what a wrong file raises.
        """
        if self.offset + len(chunk) > self.pack.size:
            raise FileTooLarge(size=self.offset + len(chunk), limit=self.pack.size)
        view = memoryview(chunk)
        for file, at, size in self.pack.spread(self.offset, len(chunk)):
            if file.sha256 not in self._whole:
                self._add(file, at, view[:size])
            view = view[size:]
            self.offset += size

    def _add(self, file: PackedFile, at: int, piece: memoryview) -> None:
        """Bytes are looked at as they pass; not those of a file of which some came otherwise."""
        if file is not self._file:
            self._file, self._here, self._passed = file, None, Passed() if at == 0 else None
        here = self._uploads.append(self, file, at, piece, self._here)
        self._here = max(here, at + len(piece))
        if here != at:
            self._passed = None
        if self._passed:
            self._passed.see(piece)
        if at + len(piece) == file.size:
            self._uploads.check(self.school, file, self._passed)
            self._ready.append(file)

    def take_back(self) -> None:
        """Throws away what this turn has brought."""
        for file, at, _size in self.pack.spread(self._begun, self.offset - self._begun):
            if file.sha256 not in self._whole:
                self._uploads.cut_back(self, file, at)
        self._ready, self.offset = [], self._begun
        self._note()

    def stop(self) -> None:
        """Ends the turn, perhaps before the last byte; files that are whole by now count."""
        at_once(self.stopping())

    def stopping(self) -> Steps[None]:
        """The same in steps."""
        self.leave()
        ready, self._ready = self._ready, []
        if ready:
            self._whole |= yield from self._uploads.keep(self.pack, self.school, ready)
        if self.offset < self.pack.size:
            self._note()

    def leave(self) -> None:
        """Gives the turn back; what it has brought is counted."""
        self._uploads.leave(self, self.offset - self._begun)
        self._begun = self.offset

    def close(self) -> Progress:
        """Ends the turn and says how far the pack is. Raises what `progress_of` does."""
        return at_once(self.closing())

    def closing(self) -> Steps[Progress]:
        """The same in steps."""
        yield from self.stopping()
        if not self.lacking:
            return Progress(self.pack.size, self.pack.size)
        return self._uploads.progress_of(self.school, self.pack)

    def _note(self) -> None:
        """Somebody will have to go on: what comes is written down, if it was not before."""
        if not self._noted:
            self._uploads.note(self.school, self.pack)
            self._noted = True
