"""The teacher's desk: every use case of the phone without a screen; the user interface talks to nothing else.

All calls are synchronous and fast, except `sync`, `enrol` and `VisitDraft.attach_photo`, which a screen runs in a
worker thread. Whatever a call has acknowledged by returning survives a kill of the app at any instant.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets import SOURCE_LOCALE
from casebook import protocol
from casebook.errors import DeviceRevoked, NotEnrolled, StorageError
from fieldapp import agenda, childpage, enrolment, firstscreen, household, outbox, starting
from fieldapp.cards import (
    FormChoice,
    Found,
    OutboxItem,
    OutingCard,
    Progress,
    Standing,
    StudentPage,
    SyncReport,
    Today,
)
from fieldapp.headcounts import Headcounts
from fieldapp.leaves import Leaves
from fieldapp.platform.clock import Clock, SystemClock
from fieldapp.platform.signer import FileSignerStore, SignerStore
from fieldapp.steps import Steps
from fieldapp.store.books import Books
from fieldapp.sync.conversation import Conversation
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from fieldapp.sync.exchange import Exchange
    from fieldapp.visiting import VisitDraft

__all__ = ["Desk"]

HOME = "/"


def over_http(server_url: str, token: str | None) -> Conversation:
    """Talks with the server at that address."""
    from fieldapp.sync.http import HttpConversation

    return HttpConversation(server_url, token)


class Desk:
    """One teacher's work on one phone. Make it with `Desk.open`; `close` when the app ends."""

    def __init__(
        self, work: Workspace, connect: Callable[[str, str | None], Conversation], pause: Callable[[float], None]
    ) -> None:
        self._work = work
        self._connect = connect
        self._pause = pause
        self._syncing = threading.Lock()
        self._opening = threading.Lock()
        self._open: dict[str, VisitDraft] = {}

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        signer_store: SignerStore | None = None,
        locale: str = SOURCE_LOCALE,
        connect: Callable[[str, str | None], Conversation] = over_http,
        pause: Callable[[float], None] = time.sleep,
    ) -> Desk:
        """Opens (or makes) the store in `folder`.

        `locale` is the language until the preference "locale" says otherwise: of form titles and of texts that the
        phone composes (former attempts). `connect(server_url, token)` opens the conversation with the school;
        `pause(seconds)` waits between the tries of a sync on a bad link.
        Raises StorageFull, StoreDamaged.
        """
        books = Books.open(folder)
        work = Workspace(books, clock or SystemClock(), signer_store or FileSignerStore(folder), locale)
        return cls(work, connect, pause)

    def close(self) -> None:
        """Closes the store; drafts need no saving, they are saved."""
        self._work.books.store.close()

    def standing(self) -> Standing:
        """Whose phone this is and when it last spoke with the school."""
        return enrolment.standing(self._work)

    def enrol(self, server_url: str, code: str) -> Standing:
        """Binds this phone to a teacher with a one-use code. Blocking: run it in a worker thread.

        Raises Unreachable, TimedOut, NotOurServer, CodeInvalid, CodeUsed, CodeExpired, TooManyTries.
        """
        enrolment.enrol(self._work, self._connect(server_url, None), server_url, code)
        return self.standing()

    def day(self) -> dt.date:
        """The day that it is."""
        return self._work.today()

    def today(self) -> Today:
        """What is due, most urgent first; what is half written; what the school still lacks."""
        return firstscreen.today(self._work)

    def look_ahead(self) -> None:
        """Works out what will be due until the end of the next school day, so that the next start shows it at once.

        Slow where much is known: run it in a worker thread. What cannot be kept is worked out at the next start.
        """
        with suppress(StorageError):
            firstscreen.look_ahead(self._work)
            self._work.books.store.get_ready_to_write()

    def students(self, query: str = "", limit: int = 50) -> Found:
        """Students whose name, pinyin, initials, class or village match every word of `query`."""
        return childpage.students(self._fresh(), query, limit)

    def student(self, student_id: str) -> StudentPage:
        """All the phone knows about one child. Raises NoSuchCase."""
        return childpage.student_page(self._fresh(), student_id)

    def forms_for(self, student_id: str) -> list[FormChoice]:
        """The forms that can be started, the suggested ones first. Raises NoSuchCase."""
        return agenda.forms_for(self._fresh(), student_id)

    def outing(self, student_id: str) -> OutingCard | None:
        """The going to this family's door that is not long ago, and what could be filled in there next."""
        return household.outing_card(self._fresh(), student_id)

    def start(self, student_id: str, form_id: str, outing: str | None = None) -> str:
        """Starts a visit, or finds the one already being written with this form; its draft id.

        With `outing` (`OutingCard.id`) it belongs to that one, and what was said about the way and the meeting is
        there already. Raises NoSuchCase, FormUnknown, StorageFull.
        """
        return starting.start(self._fresh(), student_id, form_id, outing)

    def supplement(self, student_id: str, visit: str) -> str:
        """Starts (or finds) a supplement to a sealed visit, prefilled with its answers and files; its draft id.

        Raises NoSuchVisit, FormUnknown, StorageFull.
        """
        return starting.supplement(self._fresh(), student_id, visit)

    def discard(self, draft_id: str) -> None:
        """Throws a draft away, with files nothing else names. A sealed record cannot be discarded.

        Raises NoSuchDraft.
        """
        starting.discard(self._fresh(), draft_id)

    def open_draft(self, draft_id: str) -> VisitDraft:
        """The draft with its very form version, page, answers, strokes and photos; the same object while it is open.

        Raises NoSuchDraft, FormUnknown.
        """
        from fieldapp.visiting import VisitDraft

        with self._opening:
            kept = {row.id for row in self._fresh().books.drafts.all(self._work.db)}
            self._open = {open_id: draft for open_id, draft in self._open.items() if open_id in kept}
            if draft_id not in self._open:
                self._open[draft_id] = VisitDraft(self._work, draft_id)
            return self._open[draft_id]

    @property
    def headcounts(self) -> Headcounts:
        """Counting classes."""
        return Headcounts(self._fresh())

    @property
    def leaves(self) -> Leaves:
        """Leaves of children."""
        return Leaves(self._fresh())

    @property
    def steps(self) -> Steps:
        """The teacher's own steps in a child's case."""
        return Steps(self._fresh())

    def outbox(self) -> list[OutboxItem]:
        """Everything this phone has written and where it is on its way: drafts first, then newest first."""
        return outbox.outbox(self._fresh())

    def sync(
        self,
        progress: Callable[[Progress], None] = lambda step: None,
        cancelled: Callable[[], bool] | None = None,
    ) -> SyncReport:
        """Talks to the school once. Blocking: run it in a worker thread; `progress` is called from there.

        It ends a moment after `cancelled()` says so, whatever it waits for.

        Never raises a CasebookError of the conversation: why it stopped is `report.problem`. Cut anywhere, simply
        call it again. Raises NotEnrolled before enrolment.
        """
        from fieldapp.sync.engine import synchronise

        if not self._syncing.acquire(blocking=False):
            return SyncReport(busy=True)
        try:
            report = synchronise(self._exchange(progress, cancelled))
        finally:
            self._syncing.release()
        if isinstance(report.problem, DeviceRevoked):
            self._put(revoked=True)
        return report

    def file_bytes(self, sha256: str) -> bytes:
        """A photo or strokes file kept on this phone. Raises NoSuchFile, FileDamaged."""
        return self._work.books.store.files.get(sha256)

    def last_place(self) -> str:
        """The screen route to reopen after a kill; "/" when there is none."""
        return str(self._work.books.settings.get(self._work.db, "last_place", HOME))

    def remember_place(self, route: str) -> None:
        """Keeps the route durably."""
        if route != self.last_place():
            self._put(last_place=route)

    def preference(self, name: str, default: Any = None) -> Any:
        """A setting of the user interface (language, text size, theme): any JSON value."""
        return self._work.books.settings.get(self._work.db, "preferences", {}).get(name, default)

    def prefer(self, **preferences: Any) -> Mapping[str, Any]:
        """Keeps settings of the user interface durably; all preferences as they are now."""
        kept: dict[str, Any] = self._work.books.settings.get(self._work.db, "preferences", {}) | preferences
        self._put(preferences=kept)
        return kept

    def _fresh(self) -> Workspace:
        self._work.refresh()
        return self._work

    def _put(self, **values: Any) -> None:
        with self._work.books.store.write() as db:
            self._work.books.settings.put(db, **values)

    def _exchange(self, progress: Callable[[Progress], None], cancelled: Callable[[], bool] | None) -> Exchange:
        from casebook.ed25519 import Ed25519Verifier
        from fieldapp.sync.exchange import Exchange
        from fieldapp.sync.stopping import stoppable, stoppable_conversation

        settings, db = self._work.books.settings, self._work.db
        if settings.get(db, "token") is None:
            raise NotEnrolled()
        conversation, pause = self._connect(settings.get(db, "server_url"), settings.get(db, "token")), self._pause
        if cancelled is not None:
            conversation, pause = stoppable_conversation(conversation, cancelled), stoppable(pause, cancelled)
        return Exchange(
            conversation=conversation,
            books=self._work.books,
            verifier=Ed25519Verifier(),
            school=settings.get(db, "school")["id"],
            server_key=protocol.unb64(settings.get(db, "server_key")),
            device=settings.get(db, "account")["device"],
            now_ms=lambda: round(self._work.clock.now().timestamp() * 1000),
            progress=progress,
            cancelled=cancelled or (lambda: False),
            wanted=lambda: outbox.returned_to_me(self._fresh()),
            pause=pause,
        )
