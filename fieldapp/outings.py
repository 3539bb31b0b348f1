"""One going to one family's door: its visits on this phone, and what could be filled in there next. See ADR 10."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.casefile import Entry, Visit
from casebook.errors import FormBroken, FormUnknown
from casebook.kinds.visit import arrived_of, outing_of
from casebook.records import Attachment, FormRef, Place
from fieldapp.answers import drafted, leaves
from fieldapp.carrying import HEADER, MEETING, Told, told_in
from fieldapp.caselist import DOOR_MODES
from fieldapp.filling import open_session
from fieldapp.store.drafts import DraftRow
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Session

LASTS = dt.timedelta(hours=4)  # after the last answer or seal, something new is another going to that door
FRESH_FIX = dt.timedelta(minutes=15)  # a position older than that is taken anew


@dataclass(frozen=True)
class Stop:
    """A visit of an outing: a draft, or the newest version (`head`) of one that is sealed."""

    visit: str
    case: str
    outing: str
    arrived: str
    touched: dt.datetime
    form: FormRef
    draft_id: str | None = None
    head: Entry | None = None


def household(work: Workspace, student_id: str) -> list[str]:
    """The child and those who live with it, as far as they are on this phone."""
    student = work.books.roster.student(student_id) or {}
    family = [student_id, *(str(sibling) for sibling in student.get("siblings") or [])]
    return [case for case in family if work.books.roster.student(case)]


def stops(work: Workspace, student_id: str) -> list[Stop]:
    """The visits at this family's door that the teacher has under way or has sealed just now, the last one first."""
    home = household(work, student_id)
    found = [*_drafts(work, home), *_sealed(work, home)]
    since = work.clock.now() - LASTS
    return sorted((stop for stop in found if stop.touched >= since), key=lambda stop: stop.touched, reverse=True)


def current(work: Workspace, student_id: str) -> list[Stop]:
    """The visits of the outing the teacher was last on at this door; none when that was too long ago."""
    found = stops(work, student_id)
    return [stop for stop in found if stop.outing == found[0].outing]


def of_outing(work: Workspace, student_id: str, outing: str | None) -> list[Stop]:
    """The visits of this very outing at this door."""
    return [stop for stop in stops(work, student_id) if stop.outing == outing] if outing else []


def told(work: Workspace, student_id: str, found: Iterable[Stop]) -> dict[str, Told]:
    """What these visits tell the next one of the child, by question name; the newest answer counts."""
    answers: dict[str, Told] = {}
    for stop in found:
        session = session_of(work, stop)
        if session is not None:
            groups = (*HEADER, *(MEETING if _same_adults(work, student_id, stop.case) else ()))
            said = told_in(session, stop.visit, groups, same_child=stop.case == student_id)
            answers = said | answers
    return answers


def fix_of_outing(work: Workspace, found: Iterable[Stop]) -> tuple[Place, str] | None:
    """The newest position fix of these visits, if it is fresh, and the visit it was taken in."""
    since = work.clock.now() - FRESH_FIX
    fixes = [(place, stop.visit) for stop in found if (place := _place(work, stop))]
    newest = max(fixes, key=lambda fix: _instant(fix[0].fixed_at), default=None)
    return newest if newest and _instant(newest[0].fixed_at) >= since else None


def photos(work: Workspace, stop: Stop) -> list[Attachment]:
    """The photos that the visit names and that are still on this phone."""
    named = work.books.drafts.files(work.db, stop.draft_id) if stop.draft_id else _record_files(stop)
    return [file for file in named if file.role == "photo" and work.books.store.files.has(file.sha256)]


def session_of(work: Workspace, stop: Stop) -> Session | None:
    """The visit's answers, read with the form version that asked; None when this phone has it no more."""
    try:
        session = open_session(work, stop.form.sha256, _answers(work, stop))
    except (FormUnknown, FormBroken):
        return None
    session.set_language(work.words.locale)
    return session


def as_draft(head: Entry, form: FormRef) -> dict[str, object]:
    """The sealed answers in the shape of a draft, so that nothing is asked or stamped anew."""
    body = head.record.body
    return {
        "form_id": form.id,
        "version": form.version,
        "language": body.get("language") or None,
        "xml": body["instance"],
        "kept": [],
        "answered": dict(body.get("answered", {})),
    }


def _answers(work: Workspace, stop: Stop) -> Mapping[str, Any]:
    if stop.draft_id:
        return work.books.drafts.session(work.db, stop.draft_id)
    assert stop.head is not None
    return as_draft(stop.head, stop.form)


def _drafts(work: Workspace, home: list[str]) -> Iterator[Stop]:
    for row in work.books.drafts.all(work.db):
        if row.case in home and row.amends is None and _drafted_at_door(work, row):
            yield _stop_of(row)


def _stop_of(row: DraftRow) -> Stop:
    touched = _instant(row.changed_at)
    return Stop(row.visit, row.case, row.outing, row.arrived, touched, row.form, draft_id=row.id)


def _sealed(work: Workspace, home: list[str]) -> Iterator[Stop]:
    for case in home:
        for visit in work.case_file(case).visits:
            if _is_mine(work, visit) and _at_door(str(visit.head.record.body.get("instance", ""))):
                first, form = visit.versions[0].record, visit.head.record.form
                assert form is not None
                at = _instant(first.at.ended)
                yield Stop(visit.visit, case, outing_of(first), arrived_of(first), at, form, head=visit.head)


def _is_mine(work: Workspace, visit: Visit) -> bool:
    return visit.versions[0].record.author == work.account().get("id") and visit.head.record.form is not None


def _at_door(instance: str) -> bool:
    modes = {text for ref, text in leaves(instance) if ref.rsplit("/", 1)[-1] == "mode"}
    return not DOOR_MODES.isdisjoint(modes)


def _drafted_at_door(work: Workspace, row: DraftRow) -> bool:
    return not DOOR_MODES.isdisjoint(drafted(work.books.drafts.session(work.db, row.id), "mode"))


def _same_adults(work: Workspace, one: str, two: str) -> bool:
    """Whether the register has the same adults at the same address for both children: then who was met holds too."""
    return _home(work.books.roster.student(one) or {}) == _home(work.books.roster.student(two) or {})


def _home(student: Mapping[str, Any]) -> tuple[object, ...]:
    facts = ("name", "relation", "phone", "legal", "caretaker")
    adults = tuple(tuple(adult.get(fact) for fact in facts) for adult in student.get("guardians") or [])
    return adults, student.get("home_address"), student.get("home_landmark")


def _place(work: Workspace, stop: Stop) -> Place | None:
    if stop.head is not None:
        return stop.head.record.place
    kept, _ = work.books.drafts.place(work.db, stop.draft_id or "")
    return Place(**kept) if kept else None


def _record_files(stop: Stop) -> tuple[Attachment, ...]:
    return stop.head.record.att if stop.head else ()


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
