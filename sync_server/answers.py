"""What a visit's form says, in words: read with the very form version that asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from casebook.errors import FormBroken, FormUnknown
from casebook.feeds import STUDENTS
from casebook.fellows import names_in
from casebook.forms import marks
from casebook.forms.definition import FormDef
from casebook.forms.environment import Env
from casebook.forms.in_words import AnswerRow, answers_in_words
from casebook.forms.lists import Row
from casebook.policies import Policy, policy_of
from casebook.records import Record
from casebook.wording import Wording
from sync_server.store import forms, rows
from sync_server.store.engine import Connection

FORMS_KEPT = 32  # parsed forms; a school uses a handful of versions at a time
_CASES = "cases"  # what forms call the list of children
_ID = re.compile(r"\b[0-9a-f]{32}\b")


@dataclass(frozen=True)
class Section:
    """A page of the form; `restricted` when it holds what only few may read (domain 4.14)."""

    title: str
    answers: tuple[AnswerRow, ...]
    restricted: bool


@dataclass(frozen=True)
class Reading:
    """All answers of one version of a visit, by section; `kept_back` are questions that only few may read."""

    sections: tuple[Section, ...] = ()
    kept_back: frozenset[str] = frozenset()

    def caption(self, photo: str) -> str:
        """What a photo shows: the answer to the question after it, `<photo>_kind`, or what the photo was asked for."""
        rows = {_name(row.ref): row for section in self.sections for row in section.answers}
        kind, asked = rows.get(f"{_name(photo)}_kind"), rows.get(_name(photo))
        return (kind.words if kind else "") or (asked.label if asked else "")

    def place(self, question: str) -> str:
        """The page and the words of a question, for what is shown apart from the answers."""
        found = [(section, row) for section in self.sections for row in section.answers]
        return next((f"{page.title} · {row.label}" for page, row in found if _name(row.ref) == _name(question)), "")


class Answers:
    """Reads the visits of one school."""

    def __init__(self, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._school = school
        self._env = Env(clock, lambda: "", lambda: 0.0)

    def read(self, conn: Connection, record: Record, wording: Wording) -> Reading:
        """The answers of a visit record in the language of `wording`.

        Raises FormUnknown when the school never published that form, FormBroken when the answers are no XML.
        """
        form = self.form(conn, record)
        lists = {_CASES: _Named(conn, self._school, record.body["instance"])}
        found = answers_in_words(
            form, record.body["instance"], lists, form.language_like(wording.locale), self._env, wording=wording
        )
        hidden, restricted = marks.restricted_pages(form), marks.restricted_paths(form)
        sections = (
            Section(section.title, tuple(section.rows), any(marks.page_of(row.ref) in hidden for row in section.rows))
            for section in found
        )
        kept_back = (row.ref for section in found for row in section.rows if marks.path_of(row.ref) in restricted)
        return Reading(tuple(sections), frozenset(kept_back))

    def kept_back_files(self, conn: Connection, record: Record, proofs: bool = False) -> frozenset[str]:
        """The files of a record that belong to restricted questions; all of them when its form cannot be read.

        With `proofs` those are left open that are marked one by one; whole pages for few stay closed.
        """
        if record.form is None:
            return frozenset()
        try:
            form = self.form(conn, record)
            pages, restricted = marks.restricted_pages(form), marks.restricted_paths(form)
        except (FormUnknown, FormBroken):
            return frozenset(file.sha256 for file in record.att)
        kept = {path for path in restricted if not proofs or marks.page_of(path) in pages}
        return frozenset(file.sha256 for file in record.att if marks.path_of(file.question or "") in kept)

    def form(self, conn: Connection, record: Record) -> FormDef:
        """The very form version that asked. Raises FormUnknown, FormBroken."""
        asked = record.form
        published = forms.one(conn, self._school, asked.id, asked.version) if asked else None
        if asked is None or published is None or published.sha256 != asked.sha256:
            raise FormUnknown()
        return parsed(published.xml)


class _Named:
    """The children whom a visit names by their ids, as the list that its form chose them from.

    Whatever the form filtered by, they were offered then; today they may be in another class.
    """

    def __init__(self, conn: Connection, school: str, instance: str) -> None:
        found = rows.of_feed(conn, school, STUDENTS, set(_ID.findall(instance)))
        self._rows = [{"name": id, "label": str(child.get("name", ""))} for id, child in found.items()]

    def rows(self) -> Iterable[Row]:
        """All of them."""
        return self._rows

    def find(self, column: str, value: str) -> Iterable[Row]:
        """The child with that id; for any other column all of them."""
        return [row for row in self._rows if column != "name" or row["name"] == value]


@lru_cache(FORMS_KEPT)
def parsed(xml: bytes) -> FormDef:
    """A published form, read once: it never changes."""
    return FormDef.from_xml(xml)


def is_restricted(prop: str) -> bool:
    """Whether only few may read this property."""
    return policy_of(prop) is Policy.RESTRICTED


def fellow_names(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the colleagues that the author says went along."""
    return names_in(answers.get("covisitors", ""))


def _name(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]
