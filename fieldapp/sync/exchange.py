"""One running sync: whom it talks with, what it has achieved, and when to give up waiting."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from casebook.casefile import Entry
from casebook.errors import CasebookError, TransportError
from casebook.protocol import DEFAULT_CHUNK_BYTES, DEFAULT_PUSH_BATCH
from casebook.sealing import Verifier
from fieldapp.cards import Anew, Difference, Progress, Step
from fieldapp.store.books import Books
from fieldapp.sync.conversation import Conversation

TRIES = 5
ASK_AT_ONCE = 500  # records in one question what the school lacks
FIRST_PAUSE_S = 0.25
MEASURED_S = 1.0  # a pace that was measured for less says nothing

T = TypeVar("T")


class Cancelled(Exception):
    """The teacher stopped the sync."""


@dataclass
class Tally:
    """What this sync has achieved so far."""

    texts_sent: int = 0
    files_sent: int = 0
    bytes_sent: int = 0
    rows_received: int = 0
    records_received: int = 0
    refused: int = 0
    quarantined: int = 0
    notes: list[CasebookError] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    anew: Anew | None = None


@dataclass
class Exchange:
    """Everything the steps of one sync share.

    `wanted` names the visits whose files this phone should have; `pause` waits some seconds; `carried` is how many
    bytes a second the link has shown to carry, 0 before the first stream.
    """

    conversation: Conversation
    books: Books
    verifier: Verifier
    school: str
    server_key: bytes
    device: str
    now_ms: Callable[[], int]
    progress: Callable[[Progress], None] = lambda progress: None
    cancelled: Callable[[], bool] = lambda: False
    wanted: Callable[[], list[Entry]] = list
    pause: Callable[[float], None] = time.sleep
    push_batch: int = DEFAULT_PUSH_BATCH
    chunk_bytes: int = DEFAULT_CHUNK_BYTES
    gen: str = ""
    packs: bool = False
    with_files: bool = False
    carried: float = 0.0
    tally: Tally = field(default_factory=Tally)
    tick: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    _begun: tuple[float, int] | None = None
    shown: Progress = field(default_factory=lambda: Progress(Step.HELLO))

    def show(self, step: Step, **figures: int) -> None:
        """Tells the teacher how far it is; figures add to what was shown before."""
        shown = replace(self.shown, step=step, rate=0, seconds_left=None, **figures)
        self.shown = self._with_pace(shown) if step is Step.PHOTOS else shown
        self.progress(self.shown)

    def _with_pace(self, shown: Progress) -> Progress:
        """How fast the bytes of the files go, and when the last one will be there, as measured since the first."""
        now = self.tick()
        begun, known = self._begun = self._begun or (now, shown.bytes_done)
        rate = (shown.bytes_done - known) / (now - begun) if now - begun >= MEASURED_S else 0
        if rate <= 0:
            return shown
        left = max(0, shown.bytes_total - shown.bytes_done)
        return replace(shown, rate=round(rate), seconds_left=math.ceil(left / rate))

    def note_pace(self, size: int, seconds: float) -> None:
        """The school has confirmed so many bytes of one stream after so long: that is what the link carries."""
        if size > 0 and seconds > 0:
            self.carried = size / seconds

    def check(self) -> None:
        """Raises Cancelled when the teacher has stopped the sync."""
        if self.cancelled():
            raise Cancelled

    def note(self, error: CasebookError) -> None:
        """Keeps what went wrong with one record or file while the rest goes on."""
        self.tally.notes.append(error)

    def differs(self, difference: Difference) -> None:
        """Keeps in what this phone's copy differed from the school's."""
        self.tally.differences.append(difference)

    def begins_anew(self, why: Anew) -> None:
        """Keeps why everything is offered again; that the log contradicts itself outweighs the rest."""
        if self.tally.anew is not Anew.FORKED:
            self.tally.anew = why

    def patiently(self, call: Callable[..., T], *args: Any) -> T:
        """What `call(*args)` returns; a broken connection is tried again, each time after a longer pause."""
        for attempt in range(TRIES):
            self.check()
            try:
                return call(*args)
            except TransportError as error:
                if not error.retry or attempt == TRIES - 1:
                    raise
                self.wait(attempt)
        raise AssertionError("unreachable")

    def wait(self, attempt: int) -> None:
        """Waits 0.25 s, 0.5 s, 1 s… and up to half as long again before the next try.

        By chance, so that the phones that a broken link has cut together do not all come back at once.
        """
        self.pause(FIRST_PAUSE_S * 2**attempt * (1 + self.chance() / 2))
