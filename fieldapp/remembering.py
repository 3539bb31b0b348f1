"""What was said of a child last time: offered for facts, and read by forms that ask for it; never for evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.casefile import Visit
from fieldapp.answers import answer
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Question
    from casebook.forms.definition import FormDef

SEVERAL = frozenset({"select_multiple"})


@dataclass(frozen=True)
class Remembered:
    """The answer of the last visit that has one: as it is written, in words, and the day it was given (ISO 8601)."""

    value: str
    words: str
    day: str


def remembered(work: Workspace, case: str, visit: str, form: FormDef, question: Question) -> Remembered | None:
    """What the child's last visit says to a question of that name, where the form calls the answer a fact.

    `visit` is the one being written. A choice that the question does not offer any more is not offered again.
    """
    from casebook.forms.marks import FACT_KINDS, SAME_AS_LAST, restricted_paths

    is_fact = SAME_AS_LAST in question.appearance and question.kind in FACT_KINDS
    if not is_fact or question.readonly or "[" in question.ref or question.ref in restricted_paths(form):
        return None
    name = question.ref.rsplit("/", 1)[-1]
    for former in _former(work, case, visit):
        value = answer(former.head, name)
        if value:
            words = _in_words(question, value, work.words("forms.listing"))
            return Remembered(value, words, former.head.record.at.started[:10]) if words else None
    return None


def last_saved(work: Workspace, case: str, visit: str, form_id: str) -> str:
    """The answers of the child's last visit with this form, as XML text; blank when there is none.

    Other children's answers are never read: what a form asks from last time must not pass from one family to another.
    """
    for former in _former(work, case, visit):
        form = former.head.record.form
        if form is not None and form.id == form_id:
            return str(former.head.record.body.get("instance", ""))
    return ""


def _former(work: Workspace, case: str, visit: str) -> Iterator[Visit]:
    """The child's other visits, the one begun last in front."""
    found = sorted(work.case_file(case).visits, key=lambda one: one.head.record.at.started, reverse=True)
    return (one for one in found if one.visit != visit)


def _in_words(question: Question, value: str, joint: str) -> str:
    """The answer as people read it; blank when the question would not take it."""
    if not question.kind.startswith("select"):
        return value
    labels = {choice.value: choice.label for choice in question.choices}
    chosen = value.split() if question.kind in SEVERAL else [value]
    return joint.join(labels[one] for one in chosen) if all(one in labels for one in chosen) else ""
