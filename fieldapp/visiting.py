"""A visit being written: every answer, stroke and photo is durable before the call that brought it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldapp.capture.ink import Stroke, Strokes
    from fieldapp.capture.place import Fix


class VisitDraft:
    """One draft, opened. `student` is the roster row of the child; `session` is for reading only.

    `remark` is the principal's when this draft supplements a returned visit (`amends` is then the rid it amends).
    All methods may be called from any thread. Each that writes raises StorageFull and then has changed nothing.
    """

    draft_id: str
    student: dict[str, Any]
    session: Any
    form_title: str
    page_ref: str
    focus_ref: str | None
    remark: str | None
    amends: str | None

    def pages(self) -> list[Any]:
        """The pages of the form, in order (casebook.forms Page)."""
        raise NotImplementedError

    def questions(self, page_ref: str) -> list[Any]:
        """The relevant questions of a page, in order (casebook.forms Question)."""
        raise NotImplementedError

    def answer(self, ref: str, value: str) -> Any:
        """Sets an answer and saves the draft in one transaction; what changed (casebook.forms Changes).

        An answer that breaks a rule is kept and named by `problems`. Raises TextTooLong (the former answer stays).
        """
        raise NotImplementedError

    def go_to(self, page_ref: str, focus_ref: str | None = None) -> None:
        """Remembers durably where the teacher is."""
        raise NotImplementedError

    def attach_photo(self, ref: str, data: bytes, source: str, taken_name: str = "") -> str:
        """Shrinks, strips and keeps a photo; its sha256. Slow: run it in a worker thread.

        `source` is "camera" or "gallery". Raises PhotoUnreadable, PhotoTooLarge, StorageFull.
        """
        raise NotImplementedError

    def remove_photo(self, ref: str) -> None:
        """Takes the photo out of the draft."""
        raise NotImplementedError

    def photo(self, ref: str) -> bytes | None:
        """The JPEG bytes attached to a question."""
        raise NotImplementedError

    def save_strokes(self, ref: str, strokes: Sequence[Stroke], width: int, height: int) -> str:
        """Keeps all strokes drawn so far; call it after every finished stroke. The sha256 of the strokes file.

        A stroke is a sequence of (x, y, t): logical pixels and milliseconds since the first point.
        The text the guardian was shown is bound to the signature here.
        """
        raise NotImplementedError

    def strokes(self, ref: str) -> Strokes | None:
        """The strokes of a signature question."""
        raise NotImplementedError

    def clear_strokes(self, ref: str) -> None:
        """Wipes the signature."""
        raise NotImplementedError

    def set_place(self, fix: Fix | None, reason: str | None = None) -> None:
        """Keeps the position, or the reason code why there is none (see fieldapp.capture.place)."""
        raise NotImplementedError

    def place(self) -> tuple[Fix | None, str | None]:
        """The position kept, or the reason why there is none."""
        raise NotImplementedError

    def readback(self) -> list[Any]:
        """What the guardian is shown (casebook.forms Section); the hash of its text is bound to the signature."""
        raise NotImplementedError

    def problems(self) -> list[Any]:
        """What stands in the way of sealing, in page order (casebook.forms Problem)."""
        raise NotImplementedError

    def finish(self) -> str:
        """Seals the visit; its rid. The draft is gone and the record there in one transaction.

        Raises VisitUnfinished (with count) while `problems` remain, RecordTooLarge, StorageFull.
        """
        raise NotImplementedError
