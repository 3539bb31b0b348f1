"""The teacher's desk: every use case of the phone without a screen; the user interface talks to nothing else.

All calls are synchronous and fast, except `sync`, `enrol` and `VisitDraft.attach_photo`, which a screen runs in a
worker thread. Whatever a call has acknowledged by returning survives a kill of the app at any instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldapp.cards import (
    FormChoice,
    Found,
    OutboxItem,
    Progress,
    Standing,
    StudentPage,
    SyncReport,
    Today,
)

if TYPE_CHECKING:
    from casebook.wording import Wording
    from fieldapp.platform.clock import Clock
    from fieldapp.platform.signer import SignerStore
    from fieldapp.visiting import VisitDraft

__all__ = ["Desk"]


class Desk:
    """One teacher's work on one phone. Make it with `Desk.open`; `close` when the app ends."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        signer_store: SignerStore | None = None,
        wording: Wording | None = None,
        connect: Callable[[str, str | None], Any] | None = None,
    ) -> Desk:
        """Opens (or makes) the store in `folder`. All but `folder` have production defaults.

        `wording` gives texts that are composed on the phone (attempts so far) and picks form titles by its locale.
        Raises StorageFull, StoreDamaged.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Closes the store; drafts need no saving, they are saved."""
        raise NotImplementedError

    def standing(self) -> Standing:
        """Whose phone this is and when it last spoke with the school."""
        raise NotImplementedError

    def enrol(self, server_url: str, code: str) -> Standing:
        """Binds this phone to a teacher with a one-use code. Blocking: run it in a worker thread.

        Raises Unreachable, TimedOut, NotOurServer, CodeInvalid, CodeUsed, CodeExpired, TooManyTries.
        """
        raise NotImplementedError

    def today(self) -> Today:
        """What is due, most urgent first; what is half written; what the school still lacks."""
        raise NotImplementedError

    def students(self, query: str = "", limit: int = 50) -> Found:
        """Students whose name, pinyin, initials, class or village match every word of `query`."""
        raise NotImplementedError

    def student(self, student_id: str) -> StudentPage:
        """All the phone knows about one child. Raises NoSuchCase."""
        raise NotImplementedError

    def forms_for(self, student_id: str) -> list[FormChoice]:
        """The forms that can be started, the suggested ones first. Raises NoSuchCase."""
        raise NotImplementedError

    def start(self, student_id: str, form_id: str) -> str:
        """Starts a visit, or finds the one already being written with this form; its draft id.

        Raises NoSuchCase, FormUnknown, StorageFull.
        """
        raise NotImplementedError

    def supplement(self, student_id: str, visit: str) -> str:
        """Starts (or finds) a supplement to a sealed visit, prefilled with its answers and files; its draft id.

        Raises NoSuchVisit, FormUnknown, StorageFull.
        """
        raise NotImplementedError

    def discard(self, draft_id: str) -> None:
        """Throws a draft away, with files nothing else names. A sealed record cannot be discarded."""
        raise NotImplementedError

    def open_draft(self, draft_id: str) -> VisitDraft:
        """The draft with its very form version, page, answers, strokes and photos. Raises NoSuchDraft."""
        raise NotImplementedError

    def outbox(self) -> list[OutboxItem]:
        """Every visit of this phone and where it is on its way, newest first."""
        raise NotImplementedError

    def sync(
        self,
        progress: Callable[[Progress], None] = lambda step: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> SyncReport:
        """Talks to the school once. Blocking: run it in a worker thread; `progress` is called from there.

        Never raises a CasebookError: why it stopped is `report.problem`. Cut anywhere, simply call it again.
        """
        raise NotImplementedError

    def file_bytes(self, sha256: str) -> bytes:
        """A photo or strokes file kept on this phone. Raises NoSuchFile, FileDamaged."""
        raise NotImplementedError

    def last_place(self) -> str:
        """The screen route to reopen after a kill; "/" when there is none."""
        raise NotImplementedError

    def remember_place(self, route: str) -> None:
        """Keeps the route durably."""
        raise NotImplementedError

    def preference(self, name: str, default: Any = None) -> Any:
        """A setting of the user interface (text size, theme, language): any JSON value."""
        raise NotImplementedError

    def prefer(self, **preferences: Any) -> Mapping[str, Any]:
        """Keeps settings of the user interface durably; all preferences as they are now."""
        raise NotImplementedError
