"""A visit being written: every answer, stroke and photo is durable before the call that brought it returns."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from casebook.errors import AnswerInvalid, FileDamaged, NoSuchFile, StorageError, TextTooLong
from casebook.records import Attachment
from fieldapp.capture import paper, photo, sound
from fieldapp.capture.ink import Stroke, Strokes
from fieldapp.capture.kept import Kept
from fieldapp.capture.place import Fix
from fieldapp.carrying import Carried
from fieldapp.company import colleagues
from fieldapp.filling import ATTACHED, open_session, readback_of, text_of
from fieldapp.finishing import kept_place, open_problems, outdated, seal_visit, still_carried
from fieldapp.platform.clock import instant
from fieldapp.remembering import Remembered, last_saved, remembered
from fieldapp.sharing import SharedPhoto, photo_to_share
from fieldapp.store import forms
from fieldapp.store.drafts import InkRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Changes, Page, Problem, Question, Repeat, Section, Session
    from fieldapp.store.store import Database

MAX_ANSWER_CHARS = 5_000
FILED = ("image", "audio", "file")  # kinds of questions whose answer is a file that somebody brings
CAMERA, MICROPHONE, CHOSEN = "camera", "microphone", "chosen"


@dataclass(frozen=True)
class Attached:
    """A file in a draft, and what its original said about itself (see `Kept.said`)."""

    file: Attachment
    said: Mapping[str, Any]


class VisitDraft:
    """One draft, opened. `student` is the roster row of the child; `session` is for reading only.

    `remark` is the principal's when this draft supplements a returned visit (`amends` is then the rid it amends).
    All methods may be called from any thread. Each that writes raises StorageFull, and then has changed nothing;
    NoSuchDraft when the draft was sealed or discarded meanwhile.
    """

    def __init__(self, work: Workspace, draft_id: str) -> None:
        """Opens a draft with the very form version that asked. Raises NoSuchDraft, FormUnknown."""
        self._work = work
        self._lock = threading.RLock()
        self._row = work.books.drafts.get(work.db, draft_id)
        self._sealed: str | None = None
        self._carried: Mapping[str, Mapping[str, Any]] = {}
        form = self._row.form
        self._form = forms.find(work.db, form.id, form.version, form.sha256)
        self.session = self._reopened()
        self.student = dict(work.books.roster.student(self._row.case) or {"id": self._row.case})

    @property
    def draft_id(self) -> str:
        """The draft's id."""
        return self._row.id

    @property
    def form_title(self) -> str:
        """The form's title in the teacher's language."""
        return self._form.title(self._work.words.locale) if self._form else self._row.form.id

    @property
    def page_ref(self) -> str:
        """The page where the teacher stopped; the first one in a new draft."""
        return self._row.page_ref or next((page.ref for page in self.pages() if page.relevant), "")

    @property
    def focus_ref(self) -> str | None:
        """The question where the teacher stopped."""
        return self._row.focus_ref

    @property
    def amends(self) -> str | None:
        """The version this supplement amends."""
        return self._row.amends

    @property
    def remark(self) -> str | None:
        """Why the principal returned the visit this draft supplements."""
        if self._row.amends is None:
            return None
        visit = self._work.case_file(self._row.case).visit(self._row.visit)
        return visit.review.record.body.get("remark") if visit and visit.review else None

    def pages(self) -> list[Page]:
        """The pages of the form, in order."""
        with self._lock:
            return self.session.pages()

    def questions(self, page_ref: str) -> list[Question]:
        """The relevant questions of a page, in order."""
        with self._lock:
            return self.session.questions(page_ref)

    def answer(self, ref: str, value: str) -> Changes:
        """Sets an answer and saves the draft in one transaction; what changed.

        An answer that breaks a rule is kept and named by `problems`. Raises TextTooLong (the former answer stays),
        AnswerInvalid for a question that is not answered in words.
        """
        if len(value) > MAX_ANSWER_CHARS:
            raise TextTooLong(limit=MAX_ANSWER_CHARS, count=len(value))
        with self._lock:
            if self.session.question(ref).kind in ATTACHED:
                raise AnswerInvalid(ref=ref, reason="attached")
            return self._change(ref, value)

    def tapped(self, ref: str, value: str) -> str:
        """What the answer to a question with several choices becomes by a tap on one of them; nothing is saved yet."""
        with self._lock:
            return self.session.tapped(ref, value)

    def repeats(self, page_ref: str) -> list[Repeat]:
        """The repeats on a page that may be lengthened here."""
        with self._lock:
            return self.session.repeats(page_ref)

    def add_instance(self, repeat: str) -> None:
        """Adds an instance behind the others of a repeat, durably. Raises TooManyInstances, AnswerInvalid."""
        with self._lock:
            self.session.add_repeat(repeat)
            self._save()

    def remove_instance(self, repeat: str, place: int) -> None:
        """Takes out the instance at a place (from 1) with its answers, files and signatures, in one transaction.

        The instances behind it move up, and all that is theirs with them. Raises AnswerInvalid.
        """
        from casebook.forms import ref_without

        with self._lock:
            self.session.remove_repeat(repeat, place)
            self._save(lambda db: self._follow(db, lambda ref: ref_without(ref, repeat, place)))
            self._row = self._work.books.drafts.get(self._work.db, self.draft_id)
        self._work.books.drop_unnamed_files()

    def go_to(self, page_ref: str, focus_ref: str | None = None) -> None:
        """Remembers durably where the teacher is."""
        with self._lock:
            title = next((page.title for page in self.session.pages() if page.ref == page_ref), "")
            with self._work.books.store.write() as db:
                self._work.books.drafts.go_to(db, self.draft_id, page_ref, title, focus_ref)
            self._row = self._work.books.drafts.get(self._work.db, self.draft_id)

    def attach_photo(self, ref: str, data: bytes, source: str) -> str:
        """Shrinks, strips and keeps a photo; its sha256. Slow: run it in a worker thread.

        `source` is "camera" or "gallery".
        Raises PhotoUnreadable, PhotoTooLarge, StorageFull.
        """
        self._expect(ref, "image")
        return self._attach(ref, photo.examine(data, self._work.clock.tz), source)

    def attach_sound(self, ref: str, data: bytes, source: str, length_ms: int | None = None) -> str:
        """Keeps a voice note as it is; its sha256. `source` is "microphone" or "chosen".

        Raises SoundUnreadable, SoundTooLarge, StorageFull.
        """
        self._expect(ref, "audio")
        return self._attach(ref, sound.examine(data, length_ms), source)

    def attach_paper(self, ref: str, data: bytes, name: str) -> str:
        """Keeps a document under the name it had; its sha256. Slow: run it in a worker thread.

        Raises PaperUnreadable, PaperTooLarge, PhotoUnreadable, PhotoTooLarge, StorageFull.
        """
        self._expect(ref, "file")
        return self._attach(ref, paper.examine(data, name, self._work.clock.tz), CHOSEN)

    def remove_file(self, ref: str) -> None:
        """Takes the photo, voice note or document out of the draft."""
        self._expect(ref, *FILED)
        self._change(ref, "", lambda db: self._work.books.drafts.drop_file(db, self.draft_id, ref))
        self._work.books.drop_unnamed_files()

    def attached(self, ref: str) -> Attached | None:
        """The file attached to a question; None when there is none."""
        drafts, db = self._work.books.drafts, self._work.db
        file = drafts.file(db, self.draft_id, ref)
        return Attached(file, drafts.claims(db, self.draft_id).get(file.sha256, {})) if file else None

    def file(self, ref: str) -> bytes | None:
        """The bytes attached to a question; None when there are none on this phone."""
        return self._file(ref)

    def save_strokes(self, ref: str, strokes: Sequence[Stroke], width: float, height: float) -> str:
        """Keeps all strokes drawn so far; call it after every finished stroke. The sha256 of the strokes file.

        A stroke is a sequence of (x, y, t): logical pixels and milliseconds since the first point.
        The text the guardian was shown is bound to the signature here.
        """
        self._expect(ref, "signature")
        drawing = Strokes.drawn(strokes, width, height)
        if drawing.empty:
            self.clear_strokes(ref)
            return ""
        raw = drawing.to_bytes()
        sha256 = hashlib.sha256(raw).hexdigest()
        with self._lock:
            drawn = InkRow(raw, text_of(readback_of(self.session)))
            self._change(ref, f"{sha256}.json", lambda db: self._keep_ink(db, ref, drawn))
        return sha256

    def strokes(self, ref: str) -> Strokes | None:
        """The strokes of a signature question; None when nothing is signed, or not on this phone."""
        drawn = self._work.books.drafts.ink(self._work.db, self.draft_id).get(ref)
        raw = drawn.strokes if drawn else self._file(ref)
        return Strokes.from_bytes(raw) if raw else None

    def strokes_to_go_on(self, ref: str) -> Strokes | None:
        """The strokes that may be drawn on: never those of an earlier version, or under words that changed since."""
        drawn = self._work.books.drafts.ink(self._work.db, self.draft_id).get(ref)
        if drawn is None or outdated(ref, drawn, text_of(readback_of(self.session))):
            return None
        return Strokes.from_bytes(drawn.strokes)

    def clear_strokes(self, ref: str) -> None:
        """Wipes the signature."""
        self._expect(ref, "signature")
        self._change(ref, "", lambda db: self._drop_signature(db, ref))

    def set_place(self, fix: Fix | None, reason: str | None = None) -> None:
        """Keeps the position, or the reason code why there is none (`NoFix`). Raises AnswerInvalid for no place."""
        place = fix.as_place().__dict__ if fix else None
        drafts, why = self._work.books.drafts, None if fix else str(reason or "") or None
        with self._lock:
            ref = self.session.ref_of("place")
            if ref:
                answer = fix.as_answer() if fix else ""
                self._change(ref, answer, lambda db: drafts.put_place(db, self.draft_id, place, why))
            else:
                self._save(lambda db: drafts.put_place(db, self.draft_id, place, why))

    def place(self) -> tuple[Fix | None, str | None]:
        """The position kept, or the reason why there is none."""
        return kept_place(self._work, self.draft_id)

    def last_answer(self, question: Question) -> Remembered | None:
        """What the child's last visit says to a question about a fact, where it differs from the answer now."""
        form = self.session.form
        found = remembered(self._work, self._row.case, self._row.visit, form, question)
        return found if found and found.value != question.value else None

    def colleagues(self) -> tuple[str, ...]:
        """Names that a question about colleagues offers."""
        return colleagues(self._work, self.student)

    def readback(self) -> list[Section]:
        """What the guardian is shown; the hash of its text is bound to the signature."""
        with self._lock:
            return readback_of(self.session)

    def problems(self) -> list[Problem]:
        """What stands in the way of sealing, in page order. A signature older than the text it stands under is one."""
        with self._lock:
            return open_problems(self._work, self._row, self.session)

    @property
    def carried(self) -> frozenset[str]:
        """The answers taken over from another visit of the same outing that nobody has touched since."""
        with self._lock:
            return frozenset(still_carried(self.session, self._carried))

    def photo_to_share(self, ref: str) -> SharedPhoto | None:
        """The photo another visit of this outing has for the same question, taken since the arrival."""
        with self._lock:
            return photo_to_share(self._work, self._row, self.session, ref)

    def share_photo(self, ref: str) -> str:
        """Answers with that very photo, its file and its true time; its sha256. Raises NoSuchFile, StorageFull."""
        self._expect(ref, "image")
        with self._work.books.store.filing, self._lock:
            shared = self.photo_to_share(ref)
            if shared is None:
                raise NoSuchFile()
            sha256 = shared.file.sha256
            self._change(ref, f"{sha256}.jpg", lambda db: self._keep_shared(db, ref, shared))
        return sha256

    def finish(self) -> str:
        """Seals the visit; its rid. The draft is gone and the record there in one transaction.

        Raises VisitUnfinished (with count) while `problems` remain, NotEnrolled, RecordTooLarge, StorageFull.
        """
        with self._lock:
            if self._sealed is None:
                self._sealed = seal_visit(self._work, self._row, self.session)
            return self._sealed

    def _expect(self, ref: str, *kinds: str) -> None:
        with self._lock:
            if self.session.question(ref).kind not in kinds:
                raise AnswerInvalid(ref=ref, reason=" ".join(kinds))

    def _attach(self, ref: str, kept: Kept, source: str) -> str:
        """The file first, durably; then the answer and the row that name it, in one transaction."""
        made_here = instant(self._work.clock.now()) if source in (CAMERA, MICROPHONE) else None
        with self._work.books.store.filing, self._lock:
            sha256 = self._work.books.store.files.put(kept.content)
            attachment = Attachment(
                kept.role, sha256, len(kept.content), kept.type, ref, kept.taken_at or made_here, source,
                kept.src_sha256, kept.dhash,
            )  # fmt: skip
            drafts, answer = self._work.books.drafts, f"{sha256}.{kept.suffix}"
            self._change(ref, answer, lambda db: drafts.put_file(db, self.draft_id, attachment, kept.said))
        self._work.books.drop_unnamed_files()
        return sha256

    def _change(self, ref: str, value: str, also: Callable[[Database], object] | None = None) -> Changes:
        """Sets an answer and saves it, together with what `also` writes."""
        with self._lock:
            changes = self.session.set(ref, value)
            self._save(also, regrown=bool(changes.repeats))
            return changes

    def _save(self, also: Callable[[Database], object] | None = None, *, regrown: bool = False) -> None:
        """Saves all answers. When they cannot be kept, the draft in memory goes back to what is kept.

        `regrown` when a computed number has added or taken instances: what belonged to those that are gone goes too.
        """
        books = self._work.books
        try:
            with books.store.write() as db:
                if also:
                    also(db)
                if regrown:
                    self._follow(db, lambda ref: ref)
                books.drafts.save(db, self.draft_id, self.session.draft(), instant(self._work.clock.now()))
        except StorageError:
            self.session = self._reopened()
            raise

    def _follow(self, db: Database, moved: Callable[[str], str | None]) -> None:
        """What the draft keeps by question goes where the questions went when instances of a repeat were taken out."""
        books, session = self._work.books, self.session

        def standing(ref: str) -> str | None:
            now = moved(ref)
            return now if now is not None and session.has(now) else None

        books.drafts.follow(db, self.draft_id, standing)
        carried = {now: origin for ref, origin in self._carried.items() if (now := standing(ref)) is not None}
        if carried != self._carried:
            self._carried = carried
            books.drafts.put_carried(db, self.draft_id, carried)
        row = self._row
        if row.focus_ref and standing(row.focus_ref) != row.focus_ref:
            books.drafts.go_to(db, self.draft_id, row.page_ref, row.page_title, standing(row.focus_ref))

    def _reopened(self) -> Session:
        kept = self._work.books.drafts.session(self._work.db, self._row.id)
        self._carried = self._work.books.drafts.carried(self._work.db, self._row.id)
        before = last_saved(self._work, self._row.case, self._row.visit, self._row.form.id)
        return open_session(self._work, self._row.form.sha256, kept, last_saved=before)

    def _keep_shared(self, db: Database, ref: str, shared: SharedPhoto) -> None:
        drafts, given = self._work.books.drafts, self.session.answered[ref]
        drafts.put_file(db, self.draft_id, replace(shared.file, question=ref), shared.said)
        origin = Carried(shared.visit, shared.answered, given, self.session.value(ref))
        self._carried = {**self._carried, ref: asdict(origin)}
        drafts.put_carried(db, self.draft_id, self._carried)

    def _keep_ink(self, db: Database, ref: str, drawn: InkRow) -> None:
        self._work.books.drafts.drop_file(db, self.draft_id, ref)  # a signature carried over is signed anew
        self._work.books.drafts.put_ink(db, self.draft_id, ref, drawn)

    def _drop_signature(self, db: Database, ref: str) -> None:
        self._work.books.drafts.drop_file(db, self.draft_id, ref)
        self._work.books.drafts.drop_ink(db, self.draft_id, ref)

    def _file(self, ref: str) -> bytes | None:
        attached = self._work.books.drafts.file(self._work.db, self.draft_id, ref)
        try:
            return self._work.books.store.files.get(attached.sha256) if attached else None
        except (NoSuchFile, FileDamaged):
            return None
