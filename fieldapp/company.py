"""Colleagues who may have gone along on a visit: their names, for one tap instead of typing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from casebook import feeds
from casebook.casefile import Entry
from casebook.fellows import names_in
from casebook.records import reread
from fieldapp.answers import answer, drafted
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Question

FELLOWS = "covisitors"
LATELY = 12  # own visits that are looked through, the last ones


def asks_for_colleagues(question: Question) -> bool:
    """Whether the form wants names of colleagues there."""
    from casebook.forms.marks import COLLEAGUES

    return question.kind == "text" and COLLEAGUES in question.appearance


def colleagues(work: Workspace, student: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of everybody at school but the teacher: who went along lately, the child's class teacher, then by name.

    A name that would be read as two, with a blank in it, is not offered.
    """
    roster = work.books.roster
    listed = {str(person.get("name") or "") for person in roster.rows(feeds.STAFF)}
    known = {name for name in listed if names_in(name) == (name,)} - {str(work.account().get("name") or "")}
    room = roster.row(feeds.CLASSES, str(student.get("class_id") or "")) or {}
    first = (name for name in (*_lately(work), str(room.get("teacher_name") or "")) if name in known)
    return tuple(dict.fromkeys((*first, *sorted(known))))


def _lately(work: Workspace) -> Iterator[str]:
    """Who is named in drafts and in the last visits of this phone, the newest first."""
    books, db = work.books, work.db
    for draft in books.drafts.all(db):
        for said in drafted(books.drafts.session(db, draft.id), FELLOWS):
            yield from names_in(said)
    for own in islice((own for own in books.records.own(db) if own.type == "visit"), LATELY):
        sealed = books.records.sealed(db, own.rid)
        if sealed:
            yield from names_in(answer(Entry(own.rid, reread(sealed.payload)), FELLOWS))
