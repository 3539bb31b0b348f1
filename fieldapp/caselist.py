"""The list `instance('cases')` that forms look a child up in: roster, case file and what follows from both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from casebook import feeds
from casebook.casefile import CaseFile, Entry, Shown, Visit
from casebook.rules.evidence import NOBODY_MET
from casebook.rules.standing import COLUMNS as STANDING_COLUMNS
from casebook.rules.standing import standing
from fieldapp.answers import answer
from fieldapp.bearer import Bearer
from fieldapp.standings import case_number, without_restricted
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms.lists import LookupSource

ROSTER_COLUMNS: tuple[str, ...] = (
    "name", "label", "class_name", "grade", "gender", "age", "village_name", "hukou_village",
    "guardian_name", "guardian_relation", "can_read", "guardians", "key_flags", "family_flags",
)  # fmt: skip
CONTACT_COLUMNS: tuple[str, ...] = (
    "guardian_phone", "home_address", "home_landmark", "caretaker_name", "caretaker_relation",
)  # fmt: skip
REASON_COLUMNS: tuple[str, ...] = ("reasons_guardian", "reasons_student", "reasons_judged")
CASE_COLUMNS: tuple[str, ...] = (
    "seen", "excuse", "back_on", "sign_level", "whereabouts", "whereabouts_confidence", "whereabouts_detail",
    *REASON_COLUMNS, "will", "attitude", "outcome", "promise_date", "next_action", "next_date", "needs", "situation",
    "term_goals",
)  # fmt: skip
COMPUTED_COLUMNS: tuple[str, ...] = (
    "case_no", "attempts_text", "promises_text", "last_visit_on", "calls_failed_today", "key_flags_text",
    "family_flags_text",
)  # fmt: skip
NOTICE_FORM = "notice_service"
COLUMNS = (*ROSTER_COLUMNS, *CONTACT_COLUMNS, *CASE_COLUMNS, *STANDING_COLUMNS, *COMPUTED_COLUMNS)

SEARCHED_COLUMNS = frozenset({"class_name", "village_name"})  # answered from the roster, without case files

PHONE_MODES = frozenset({"phone", "video"})
DOOR_MODES = frozenset({"door", "workplace"})


class CaseList:
    """Rows of the children on this phone, made when a form asks for them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bearer = Bearer.of(workspace)

    def source(self) -> LookupSource:
        """The list as forms take it."""
        from casebook.forms.lists import LookupSource

        return LookupSource(COLUMNS, self._find, self._all)

    def row(self, student: Mapping[str, Any]) -> dict[str, str]:
        """All columns of one child."""
        case = self._workspace.case_file(student["id"])
        row = _roster_columns(student, self._workspace.today())
        row["hukou_village"] = feeds.hukou_village(student, partial(self._workspace.books.roster.row, feeds.VILLAGES))
        row |= {prop: case.text(prop) or row.get(prop, "") for prop in CONTACT_COLUMNS}
        row |= {prop: case.text(prop) for prop in CASE_COLUMNS} | self._reasons(case)
        row |= self._standing(student)
        return row | self._computed(case, row["absent_since"]) | self._flags_in_words(student)

    def _find(self, column: str, value: str) -> list[dict[str, str]]:
        if column == "name":
            student = self._workspace.books.roster.student(value)
            return [self.row(student)] if student else []
        if column in SEARCHED_COLUMNS:
            pupils = self._workspace.books.roster.rows(feeds.STUDENTS)
            return [self.row(student) for student in pupils if str(student.get(column) or "") == value]
        return [row for row in self._all() if row[column] == value]

    def _all(self) -> Iterator[dict[str, str]]:
        for student in self._workspace.books.roster.rows(feeds.STUDENTS):
            yield self.row(student)

    def _standing(self, student: Mapping[str, Any]) -> dict[str, str]:
        """State, days and attempts by the rules; blank where this phone is not told all records of the child."""
        if not self._bearer.follows(student):
            return dict.fromkeys(STANDING_COLUMNS, "")
        return standing(self._workspace.kept(str(student["id"])).life)

    def _reasons(self, case: CaseFile) -> dict[str, str]:
        """The newest reasons of each side; those that name a teacher only for those who may read them (R62)."""
        shown = {prop: case.value(prop) for prop in REASON_COLUMNS}
        return {
            prop: self._codes(case, value) for prop, value in shown.items() if value is not None and value.value
        }

    def _codes(self, case: CaseFile, shown: Shown) -> str:
        codes = str(shown.value)
        allowed = shown.author == self._bearer.id or self._bearer.reads_restricted
        return codes if allowed else without_restricted(codes)

    def _computed(self, case: CaseFile, absent_since: str) -> dict[str, str]:
        visits = case.visits
        lately = [visit for visit in visits if visit.versions[0].record.at.started[:10] >= absent_since]
        last = max((visit.versions[0].record.at.started[:10] for visit in visits), default="")
        return {
            "case_no": self._case_no(case.case),
            "attempts_text": "\n".join(self._attempt(visit) for visit in reversed(lately)),
            "promises_text": "\n".join(self._promise(visit) for visit in reversed(lately) if promised(visit)),
            "last_visit_on": last,
            "calls_failed_today": str(sum(self._failed_today(visit) for visit in visits)),
        }

    def _case_no(self, student_id: str) -> str:
        """The number that the school's computer gave, or a mark that it is still to come."""
        life = self._workspace.kept(student_id).life
        given = case_number(self._workspace, life)
        return given if given or life.episode is None else self._workspace.words("desk.case_no.pending")

    def _flags_in_words(self, student: Mapping[str, Any]) -> dict[str, str]:
        """The categories of a child, those that have a name on this phone."""
        words, told = self._workspace.words, {}
        for column in ("key_flags", "family_flags"):
            keys = [f"app.flag.{flag}" for flag in student.get(column) or []]
            told[f"{column}_text"] = " / ".join(words(key) for key in keys if words.has(key))
        return told

    def _failed_today(self, visit: Visit) -> bool:
        """Whether this was a phone call of today that reached nobody."""
        today = visit.versions[0].record.at.started[:10] == self._workspace.today().isoformat()
        return today and answer(visit.head, "mode") in PHONE_MODES and _reached_nobody(visit.head)

    def _attempt(self, visit: Visit) -> str:
        """One line: the day, how, whom, with what result."""
        words, head = self._workspace.words, visit.head
        return words(
            "desk.attempt",
            day=day_in_words(words, head.record.at.started[:10]),
            mode=words(f"desk.mode.{answer(head, 'mode') or 'other'}"),
            contact=words(f"desk.contact.{contact_of(head)}"),
            outcome=words(f"desk.outcome.{outcome_of(head)}"),
        )

    def _promise(self, visit: Visit) -> str:
        words, made = self._workspace.words, visit.head.record.at.started[:10]
        date = day_in_words(words, promised(visit))
        return words("desk.promise", made=day_in_words(words, made), date=date)


def outcome_of(visit: Entry) -> str:
    """The code of what came of a visit; one that left a standing promise untouched says nothing about it itself."""
    said = visit.record.set.get("outcome")
    return str(said or ("not_found" if _reached_nobody(visit) else "info_only"))


def contact_of(visit: Entry) -> str:
    """The code of whom a visit met; whoever refuses a notice was met, and refused only that."""
    code = answer(visit, "contact_result") or "unknown"
    form = visit.record.form
    return "notice_refused" if code == "refused" and form is not None and form.id == NOTICE_FORM else code


def _reached_nobody(visit: Entry) -> bool:
    return contact_of(visit) in NOBODY_MET


def promised(visit: Visit) -> str:
    """The day of return promised in a visit, empty when none was."""
    return str(visit.head.record.set.get("promise_date") or "")[:10]


def day_in_words(words: Any, day: str) -> str:
    """A day without its year, as people say it; the text itself when it is no day."""
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        return day
    return str(words("desk.day", month=date.month, day=date.day))


def age_on(birth: str, today: dt.date) -> int | None:
    """Full years, None when the day of birth is not known."""
    try:
        born = dt.date.fromisoformat(birth)
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def main_guardian(student: Mapping[str, Any]) -> Mapping[str, Any]:
    """The legal guardian named first, else the first of all; empty when none is known."""
    guardians = student.get("guardians") or []
    return next((g for g in guardians if g.get("legal")), guardians[0] if guardians else {})


def _roster_columns(student: Mapping[str, Any], today: dt.date) -> dict[str, str]:
    guardian = main_guardian(student)
    guardians = student.get("guardians") or []
    caretaker: Mapping[str, Any] = next((g for g in guardians if g.get("caretaker") and g is not guardian), {})
    age = age_on(str(student.get("birth") or ""), today)
    texts = ("class_name", "gender", "village_name", "home_address", "home_landmark")
    row = {column: str(student.get(column) or "") for column in texts}
    return row | {
        "name": str(student["id"]),
        "label": str(student.get("name") or ""),
        "grade": str(student.get("grade") or ""),
        "age": "" if age is None else str(age),
        "guardian_name": str(guardian.get("name") or ""),
        "guardian_relation": str(guardian.get("relation") or ""),
        "guardian_phone": str(guardian.get("phone") or ""),
        "can_read": str(guardian.get("can_read") or ""),
        "guardians": "\n".join(f"{g.get('name', '')} {g.get('phone', '')}".strip() for g in guardians),
        "key_flags": " ".join(student.get("key_flags") or ()),
        "family_flags": " ".join(student.get("family_flags") or ()),
        "caretaker_name": str(caretaker.get("name") or ""),
        "caretaker_relation": str(caretaker.get("relation") or ""),
    }
