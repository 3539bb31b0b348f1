"""What is to be done: duties of children, classes and the school as cards, and draft cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from casebook import feeds
from casebook.rules.due import URGENCIES
from casebook.rules.duties import Duty, class_duties, school_duties
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reckoning import Because
from casebook.rules.states import BACK
from casebook.rules.told import from_row
from fieldapp.bearer import Bearer
from fieldapp.cards import DraftCard, FormChoice, TaskCard
from fieldapp.platform.clock import instant
from fieldapp.store import forms
from fieldapp.store.drafts import DraftRow
from fieldapp.store.forms import PublishedForm
from fieldapp.workspace import Workspace

COMPLETE_VISIT = "complete_visit"
DEFAULT_SESSION = "am"
# The purposes of the form that answers a duty, the best first; what is missing here is answered without a form.
_PURPOSES: Mapping[str, tuple[str, ...]] = {
    "contact_today": ("call", "persuade"), "serve_notice": ("serve",), "serve_again": ("serve",),
    "follow_up": ("followup",), "key_visits": ("term_key",),
}  # fmt: skip
_AT_SCHOOL = frozenset({"survey"})  # noted in the console alone
_BY_STATE = frozenset({"visit_today", "visit_after_calls", "promise_due", "next_step"})  # the child's state says which


@dataclass(frozen=True)
class Agenda:
    """What is to be done, seen by whoever carries this phone; made anew for every use, after a refresh."""

    work: Workspace

    @cached_property
    def bearer(self) -> Bearer:
        """The person."""
        return Bearer.of(self.work)

    @cached_property
    def offered(self) -> list[PublishedForm]:
        """The forms that can be started."""
        return forms.offered(self.work.db)

    @cached_property
    def drafts(self) -> list[DraftRow]:
        """All drafts."""
        return self.work.books.drafts.all(self.work.db)

    @cached_property
    def told(self) -> dict[str, list[Duty]]:
        """This person's duties as the school told them, by child: for children whose visits this phone has not."""
        row = self.work.books.roster.row(feeds.TOLD, self.bearer.id) or {}
        found: dict[str, list[Duty]] = {}
        for duty in from_row(row, self.work.clock.now()):
            if not self.bearer.roles.isdisjoint(duty.roles):  # else a role that was taken away since
                found.setdefault(duty.subject, []).append(duty)
        return found

    def duties(self, student_id: str) -> list[Duty]:
        """What this person is to do for one child, the most urgent first; nothing for a child of no roster here."""
        student = self.work.books.roster.student(student_id) or {}
        if not self.bearer.follows(student):
            return self.told.get(student_id, [])
        found = [duty for duty in self.everybodys(student_id) if self.bearer.owes(duty, student)]
        return sorted(found, key=lambda duty: URGENCIES.index(duty.urgency))

    def everybodys(self, student_id: str) -> tuple[Duty, ...]:
        """What anybody is to do for a child whose records this phone has."""
        student = self.work.books.roster.student(student_id)
        return self.work.kept(student_id).duties if student and self.bearer.follows(student) else ()

    def cards(self, student_id: str, *, everybodys: bool = False) -> list[TaskCard]:
        """The same as cards; `everybodys` shows the duties of others too (a visitor at the door of a brother)."""
        found = (self.everybodys(student_id) if everybodys else ()) or self.duties(student_id)
        student = self.work.books.roster.student(student_id)
        if student is None or not found:
            return []
        life = self.work.kept(student_id).life
        return [with_draft(_child_card(duty, student, self.form_for(life, duty)), self.drafts) for duty in found]

    def class_cards(self) -> Iterator[TaskCard]:
        """Headcounts to be made, and heads that do not agree."""
        world, classes = self.work.world(), self.bearer.own_classes()
        for class_id in classes:
            row = self.work.books.roster.row(feeds.CLASSES, class_id) or {}
            for duty in class_duties(class_id, world.today, world):
                if self.bearer.owes(duty, class_id=class_id):
                    yield _card(duty, class_id=class_id, class_name=str(row.get("name") or class_id),
                                session=str(duty.facts.get("session", DEFAULT_SESSION)))  # fmt: skip

    def school_cards(self) -> Iterator[TaskCard]:
        """What the school owes: the month's report."""
        for duty in school_duties(self.work.world(), self.work.lives.deeds):
            if self.bearer.owes(duty):
                yield _card(duty)

    @cached_property
    def subjects(self) -> list[str]:
        """The children who may have duties for this person."""
        return sorted({*self.work.lives.told(), *self.told})

    def tasks(self) -> list[TaskCard]:
        """Everything due for this person, most urgent first."""
        cards = [card for case in self.subjects for card in self.cards(case)]
        return sorted([*cards, *self.class_cards(), *self.school_cards()], key=_order)

    def turn(self) -> dt.datetime:
        """Until when all of this holds if nobody writes anything: the day's end is the latest."""
        world = self.work.world()
        moments = [dt.datetime.combine(world.today + dt.timedelta(days=1), dt.time(), world.now.tzinfo)]
        moments += [self.work.kept(case).turn for case in self.subjects]
        of_classes = (class_duties(one, world.today, world) for one in self.bearer.own_classes())
        moments += [duty.at for duties in (*self.told.values(), *of_classes) for duty in duties if duty.at]
        moments += filter(None, [self.work.lives.next_headcount])
        return min(moment for moment in moments if moment >= world.now)

    def form_for(self, life: Lifecycle, duty: Duty) -> str | None:
        """The form that answers a duty, if one does and is offered."""
        purposes = _PURPOSES.get(duty.kind, _by_state(life) if duty.kind in _BY_STATE else ())
        fitting = (form.form_id for purpose in purposes for form in self.offered if purpose in form.purposes)
        return next(fitting, None)


def draft_card(work: Workspace, row: DraftRow) -> DraftCard:
    """A draft as the lists show it."""
    student = work.books.roster.student(row.case) or {}
    form = forms.find(work.db, row.form.id, row.form.version, row.form.sha256)
    return DraftCard(
        draft_id=row.id,
        case=row.case,
        student_name=str(student.get("name", "")),
        class_name=str(student.get("class_name", "")),
        form_id=row.form.id,
        form_title=form.title(work.words.locale) if form else row.form.id,
        started_at=row.started_at,
        changed_at=row.changed_at,
        page_title=row.page_title,
        amends=row.amends,
    )


def forms_for(work: Workspace, student_id: str) -> list[FormChoice]:
    """The forms that can be started for a child, those that a duty asks for first. Raises NoSuchCase."""
    work.student(student_id)
    agenda, life = Agenda(work), work.kept(student_id).life
    found = [*agenda.duties(student_id), *agenda.everybodys(student_id)]
    asked = list(dict.fromkeys(form for duty in found if (form := agenda.form_for(life, duty))))
    choices = [
        FormChoice(
            form_id=form.form_id,
            version=form.version,
            title=form.title(work.words.locale),
            purpose=next(iter(form.purposes), ""),
            suggested=form.form_id in asked,
        )
        for form in agenda.offered
    ]
    return sorted(choices, key=lambda one: asked.index(one.form_id) if one.suggested else len(asked))


def with_draft(card: TaskCard, drafts: Iterable[DraftRow]) -> TaskCard:
    """The card with the draft that is being written for it, if there is one."""
    own = (row for row in drafts if row.case == card.case)
    if card.visit:
        draft = next((row for row in own if row.visit == card.visit and row.amends), None)
    else:
        draft = next((row for row in own if row.form.id == card.form_id and row.amends is None), None)
    return replace(card, draft_id=draft.id) if draft else card


def _child_card(duty: Duty, student: Mapping[str, Any], form_id: str | None) -> TaskCard:
    names = {name: str(student.get(name) or "") for name in ("class_id", "class_name", "village_name")}
    visit, name = duty.facts.get("visit"), str(student.get("name") or "")
    return _card(duty, case=duty.subject, student_name=name, **names, visit=visit, form_id=form_id)


def _card(duty: Duty, **names: Any) -> TaskCard:
    due = duty.due.isoformat() if duty.due else None
    return TaskCard(
        kind=duty.kind, due_text_facts=fixed({**duty.facts, "due": due}), urgency=duty.urgency, clause=duty.clause,
        at=instant(duty.at) if duty.at else None,
        because=tuple(Because(one.code, fixed(one.facts)) for one in duty.because), **names,
    )  # fmt: skip


def fixed(value: Any) -> Any:
    """A JSON value whose lists are tuples, as cards hold it whether it was worked out or read."""
    if isinstance(value, Mapping):
        return {name: fixed(part) for name, part in value.items()}
    return tuple(map(fixed, value)) if isinstance(value, list | tuple) else value


def _by_state(life: Lifecycle) -> tuple[str, ...]:
    """Persuasion in an open case, looking after a child that is back, else the visit of an absence."""
    if life.is_open:
        return ("persuade", "absence")
    return ("followup", "routine") if life.state in BACK else ("absence",)


def _order(card: TaskCard) -> tuple[int, bool, str, str, str]:
    """Within one urgency what the phone cannot do comes last, however long it is due."""
    due = str(card.due_text_facts["due"] or "~")
    return URGENCIES.index(card.urgency), card.kind in _AT_SCHOOL, due, card.at or "~", card.case or card.class_id
