"""A visit while it is on the screen: one observable per question, typed text on its way into the draft.

The draft itself is durable at the desk. Typing is written at most every TYPING_PAUSE seconds and at every turn of a
page; anything chosen, drawn or photographed is written before it is shown as saved.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from casebook.errors import AnswerInvalid

if TYPE_CHECKING:
    from casebook.forms import Changes, Page, Question, Repeat
    from fieldapp.visiting import VisitDraft

TYPING_PAUSE = 0.25
HEADING = "heading"
INSTANCE = re.compile(r"\[(\d+)\]")


def name_of(ref: str) -> str:
    """The last step of a question's path; in a repeat followed by the number of its instance (`age-2` after `age`).

    In a repeat within a repeat all numbers follow, unless each is 1 (`age-1-2`).
    """
    numbers = INSTANCE.findall(ref)
    if all(number == "1" for number in numbers):
        numbers = []
    return "-".join([INSTANCE.sub("", ref.rsplit("/", 1)[-1]), *numbers])


@ft.observable
@dataclass
class Field:
    """One question on the screen.

    `typed` is text not yet in the draft, `checked` lets a missing answer show, `objection` is what the desk (not the
    form) has against the answer, such as a signature older than the words above it.
    """

    question: Question
    typed: str | None = None
    checked: bool = False
    objection: str | None = None

    @property
    def name(self) -> str:
        """What the question is called on the screen."""
        return name_of(self.question.ref)

    @property
    def shown_problem(self) -> str | None:
        """The message to show beside the question. A missing answer is no fault until the page is left."""
        problem = self.question.problem
        if problem is None or self.typed is not None:
            return self.objection
        return problem.message if self.checked or problem.kind != "required" else None


@ft.observable
@dataclass
class Leaf:
    """The page that is open.

    `version` counts up when its list of questions may have changed, `turned` at every turn; `here` is the question
    to scroll to, `warned` whether its problems have been shown once, `checking` whether the finish sent us here.
    """

    ref: str
    here: str | None = None
    version: int = 0
    turned: int = 0
    warned: bool = False
    checking: bool = False


@ft.observable
@dataclass
class Saved:
    """Whether all that is on the screen is in the draft; `failed` when the last write was refused."""

    done: bool = True
    failed: bool = False


class OpenVisit:
    """A draft with what the screens need around it."""

    def __init__(self, draft: VisitDraft, locale: str) -> None:
        self.draft = draft
        self.fields: dict[str, Field] = {}
        self.saved = Saved()
        self._typing: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.speak(locale)
        pages = self.pages()
        here = draft.page_ref if any(page.ref == draft.page_ref for page in pages) else pages[0].ref
        self.leaf = Leaf(here, draft.focus_ref if here == draft.page_ref else None)

    def pages(self) -> list[Page]:
        """The pages with something to show now, in order."""
        return [page for page in self.draft.pages() if page.relevant]

    def position(self) -> int:
        """Where the open page stands among `pages`; 0 when it has just become irrelevant."""
        return next((at for at, page in enumerate(self.pages()) if page.ref == self.leaf.ref), 0)

    def shown(self, page_ref: str) -> list[Field]:
        """The fields of a page's relevant questions, in order; a field keeps its identity as long as the visit."""
        return [self._field(question) for question in self.draft.questions(page_ref)]

    def repeats(self) -> list[Repeat]:
        """The repeats on the open page that may be lengthened here."""
        return self.draft.repeats(self.leaf.ref)

    def named(self, name: str) -> Field | None:
        """The field of a question by its name, wherever it stands; None when the form has no such question."""
        for page in self.draft.pages():
            for question in self.draft.questions(page.ref):
                if name_of(question.ref) == name:
                    return self._field(question)
        return None

    def value_of(self, name: str) -> str:
        """The answer to a question by name, "" when there is none."""
        found = self.named(name)
        return found.question.value if found else ""

    def answer(self, ref: str, value: str) -> None:
        """Writes an answer into the draft, then shows what it changed. Raises what the draft raises."""
        self._typing.pop(ref, None)
        try:
            changes = self.draft.answer(ref, value)
        except Exception:
            self.saved.failed = True
            self.refresh(*self.fields)
            raise
        self.saved.failed = False
        self.saved.done = not self._typing
        self._take(changes, ref)
        self.remember(ref)

    def type(self, ref: str, text: str) -> None:
        """Notes what is being typed; it reaches the draft in a moment, or at `flush`."""
        self.fields[ref].typed = text
        self._typing[ref] = text
        self.saved.done = False
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TYPING_PAUSE, self._write_typed)

    def flush(self) -> None:
        """Writes everything typed so far. Raises what the draft raises; the text stays on the screen then."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        for ref, text in list(self._typing.items()):
            self.answer(ref, text)

    def settle(self, ref: str) -> None:
        """Typing in a question has ended: write it and let its problem show."""
        self.flush()
        if ref in self.fields:
            self.fields[ref].typed = None

    def lengthen(self, repeat: Repeat) -> None:
        """Adds an instance and goes there. Raises what the draft raises."""
        self.flush()
        self.draft.add_instance(repeat.ref)
        self._show_anew(f"{repeat.ref}[{repeat.count + 1}]")

    def shorten(self, repeat: Repeat, place: int) -> None:
        """Takes an instance out; a field goes where its question goes. Raises what the draft raises."""
        from casebook.forms import ref_without

        self.flush()
        self.draft.remove_instance(repeat.ref, place)
        moved = ((ref_without(ref, repeat.ref, place), field) for ref, field in self.fields.items())
        self.fields = {ref: field for ref, field in moved if ref is not None}
        left = repeat.count - 1
        self._show_anew(f"{repeat.ref}[{min(place, left)}]" if left else repeat.ref)

    def stands(self, field: Field) -> bool:
        """Whether a field's question is still asked; slow work for one that was taken out must not hit another."""
        return self.fields.get(field.question.ref) is field

    def turn_to(self, page_ref: str, focus_ref: str | None = None, *, checking: bool = False) -> None:
        """Opens a page, durably remembered; `checking` when the way back is to the finish."""
        self.flush()
        for shown in self.fields.values():
            shown.typed = None
        self.draft.go_to(page_ref, focus_ref)
        self.leaf.ref, self.leaf.here, self.leaf.warned, self.leaf.checking = page_ref, focus_ref, False, checking
        self.leaf.turned += 1

    def remember(self, ref: str) -> None:
        """Keeps which question the teacher is at, without turning the page."""
        if self.draft.focus_ref != ref:
            self.draft.go_to(self.leaf.ref, ref)

    def check(self, page_ref: str) -> list[Field]:
        """Lets every problem of a page show; the fields that have one."""
        self.flush()
        open_refs = {problem.ref: problem.message for problem in self.draft.problems() if problem.page_ref == page_ref}
        fields = self.shown(page_ref)
        for shown in fields:
            shown.typed, shown.checked = None, True
            shown.objection = open_refs.get(shown.question.ref)
        return [shown for shown in fields if shown.question.ref in open_refs]

    def refresh(self, *refs: str) -> None:
        """Shows questions as the draft has them now."""
        for ref in refs:
            shown = self.fields.get(ref)
            if shown is None or shown.question.kind == HEADING:  # headings are asked for anew with their page
                continue
            try:
                shown.question = self.draft.session.question(ref)
                shown.objection = None
            except AnswerInvalid:  # it stood in an instance of a repeat that is gone
                del self.fields[ref]

    def redraw(self) -> None:
        """Shows everything anew after the draft changed beside `answer`: a photo, strokes, a place."""
        self.refresh(*self.fields)
        self.leaf.version += 1

    def speak(self, locale: str) -> None:
        """Asks the questions in another language."""
        self.draft.session.set_language(locale)
        self.refresh(*self.fields)

    def abandon(self) -> None:
        """Drops what was typed but not written: the draft is gone."""
        self._typing.clear()
        self.flush()

    def _show_anew(self, focus_ref: str) -> None:
        """Builds the open page again after its instances changed, and scrolls to one of them."""
        for shown in self.fields.values():
            shown.typed = None
        self.refresh(*self.fields)
        self.draft.go_to(self.leaf.ref, focus_ref)
        self.leaf.here = focus_ref
        self.leaf.turned += 1

    def _write_typed(self) -> None:
        """Runs from a timer: a refusal must not vanish, the sign on the screen says it, and the next turn retries."""
        self._timer = None
        try:
            self.flush()
        except Exception:
            self.saved.failed = True

    def _field(self, question: Question) -> Field:
        known = self.fields.get(question.ref)
        if known is None:
            known = self.fields[question.ref] = Field(question)
        elif known.question != question:
            known.question = question
        return known

    def _take(self, changes: Changes, ref: str) -> None:
        self.refresh(ref, *changes.all)
        if changes.relevance or changes.repeats or self.leaf.warned:
            self.leaf.version += 1
