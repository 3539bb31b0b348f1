"""Nothing is typed twice at one door: answers about the way there and the meeting go over into the next visit.

Which answers these are, the forms say: the groups they stand in, their words, their choices and what they save.
Answers about the child are never carried, nor are photos, signatures and what was read aloud. See docs/forms.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.policies import Policy, policy_of
from fieldapp.filling import ANSWERED

if TYPE_CHECKING:
    from casebook.forms import Question, Session

HEADER = ("visit", "not_met")  # when, where, who came along; what neighbours said
MEETING = ("meeting", "card", "new_contact")  # who was met, and whether phone and address are right
CHOSEN = ("select_one", "select_multiple", "rank")
# Said of one child only, whoever else lives in the house: what neighbours told, and the day of the next step.
CHILD_QUESTIONS = frozenset({"informant_said", "next_when", "next_pick"})
CHILD_ANSWERS = frozenset({"met_student_only", "not_in_class", "student"})


@dataclass(frozen=True)
class Told:
    """An answer given in another visit of the outing: to which words, and when."""

    visit: str
    kind: str
    label: str
    value: str
    answered: str


@dataclass(frozen=True)
class Carried:
    """An answer carried into a draft: `visit` it was given in, `answered` when, `at` when it was carried."""

    visit: str
    answered: str
    at: str
    value: str


def told_in(session: Session, visit: str, groups: Collection[str], *, same_child: bool) -> dict[str, Told]:
    """What a visit can tell the next one, by question name."""
    found = {}
    for question in _questions(session):
        if _group(question.ref) in groups and question.value and _of_the_house(session, question, same_child):
            answered = session.answered.get(question.ref, "")
            found[_name(question.ref)] = Told(visit, question.kind, question.label, question.value, answered)
    return found


def carry(session: Session, told: Mapping[str, Told]) -> dict[str, Carried]:
    """Answers the questions that are asked in the same words; what was carried, by reference.

    A question that becomes relevant by what was carried is answered too. What the form objects to is left open.
    """
    carried: dict[str, Carried] = {}
    tried: set[str] = set()
    while True:
        fresh = [question for question in _questions(session) if question.ref not in tried and _fits(question, told)]
        if not fresh:
            return carried
        for question in fresh:
            tried.add(question.ref)
            origin = told[_name(question.ref)]
            if session.question(question.ref).relevant and _answer(session, question, origin.value):
                at = session.answered[question.ref]
                carried[question.ref] = Carried(origin.visit, origin.answered, at, origin.value)


def _answer(session: Session, question: Question, value: str) -> bool:
    """Whether the form takes the answer; one that is there already counts as its own."""
    if question.value == value:
        return False
    session.set(question.ref, value)
    taken = session.question(question.ref)
    if taken.problem is None and taken.value == value:
        return True
    session.set(question.ref, question.value)
    return False


def _fits(question: Question, told: Mapping[str, Told]) -> bool:
    origin = told.get(_name(question.ref))
    if origin is None or question.readonly or (question.kind, question.label) != (origin.kind, origin.label):
        return False
    offered = {choice.value for choice in question.choices}
    return question.kind not in CHOSEN or offered.issuperset(origin.value.split())


def _questions(session: Session) -> Iterator[Question]:
    for page in session.pages():
        for question in session.questions(page.ref):
            if question.kind in ANSWERED and "[" not in question.ref:
                yield question


def _of_the_house(session: Session, question: Question, same_child: bool) -> bool:
    """Not about the child: what is saved to the child's case file is, contact data apart."""
    bind = session.form.binds.get(question.ref)
    saved = bind.save_to if bind else None
    if saved and policy_of(saved) is not Policy.CONTACT:
        return False
    about_child = _name(question.ref) in CHILD_QUESTIONS or not CHILD_ANSWERS.isdisjoint(question.value.split())
    return same_child or not about_child


def _group(ref: str) -> str:
    """The outermost group of a question: /data/visit/mode -> visit."""
    parts = ref.split("/")
    return parts[2] if len(parts) > 3 else ""


def _name(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]
