"""The form engine with 2,000 students in the phone's list: opening, answering, keeping a draft."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets import load_wording
from casebook.forms import FormDef, Question, Session, TableSource
from casebook.forms.environment import CHINA, Env
from sync_server.forms import bundled_forms
from tests.bench.limits import xml_parse
from tests.bench.measure import Figure, median_seconds, p95, seconds

STUDENTS = 2_000
NOW = dt.datetime(2025, 10, 9, 16, 20, tzinfo=CHINA)


def figures(folder: Path) -> list[Figure]:
    """Milliseconds for the largest bundled form."""
    xml = max((form.xml for form in bundled_forms()), key=len)
    definition, parse = FormDef.from_xml(xml), xml_parse(xml) * 1000
    desk = Desk(definition)
    session = desk.filled()
    asked = questions_of(session)
    answers = answer_times(session)
    draft = median_seconds(lambda: json.dumps(session.draft())) * 1000
    walk = median_seconds(lambda: [question.value for question in asked]) * 1000
    read = median_seconds(lambda: FormDef.from_xml(xml)) * 1000
    opened = median_seconds(lambda: first_page(desk.session())) * 1000
    reopened = median_seconds(lambda: first_page(desk.session(session.draft()))) * 1000
    parsing, walking = "parsing the form's XML", f"reading all {len(asked)} answers once"
    return [
        Figure("read the definition of a form", read, "ms", parse, parsing),
        Figure(f"open it with {STUDENTS:,} students", opened, "ms", parse, parsing, budget=10),
        Figure(f"reopen it with {len(asked)} questions answered", reopened, "ms", parse, parsing),
        Figure("answer, median", statistics.median(answers) * 1000, "ms", walk, walking),
        Figure("answer, p95", p95(answers) * 1000, "ms", walk, walking, budget=0.3),
        Figure("the draft as text", draft, "ms", parse, parsing, budget=1),
    ]  # fmt: skip


class Desk:
    """Opens one form over a list of students that was read before."""

    def __init__(self, definition: FormDef) -> None:
        self._definition = definition
        self._lists = {"cases": TableSource([_student(number) for number in range(STUDENTS)])}
        self._lists["cases"].find("name", "")  # the phone's store has its index already
        self._numbers = itertools.count()

    def session(self, draft: Mapping[str, Any] | None = None) -> Session:
        """A new visit to one student, or a draft of it."""
        environment = Env(now=lambda: NOW, uuid=lambda: f"{next(self._numbers):032x}", random=lambda: 0.5)
        return Session(self._definition, self._lists, environment, draft, language="zh",
                       prefill={"case": f"{7:032x}"}, wording=load_wording())  # fmt: skip

    def filled(self) -> Session:
        """The visit with everything answered that an answer opens up: each choice keeps the value that shows most."""
        session = self.session()
        for _ in range(3):
            for question in questions_of(session):
                if question.value or not (values := answers_to(question)):
                    continue
                session.set(question.ref, max(values, key=lambda value, ref=question.ref: shown_with(session, ref, value)))
        return session


def shown_with(session: Session, ref: str, value: str) -> int:
    """How much is asked once the question has this answer."""
    session.set(ref, value)
    return len(questions_of(session))


def _student(number: int) -> dict[str, str]:
    return {"name": f"{number:032x}", "label": f"学生{number}", "class_name": f"{number % 24}",
            "absent_days": str(number % 9), "guardian_name": f"家长{number}", "guardian_phone": f"12{number:09}"}  # fmt: skip


def first_page(session: Session) -> list[Question]:
    """What is on the screen after opening."""
    return session.questions(session.pages()[0].ref)


def questions_of(session: Session) -> list[Question]:
    """Everything asked now, on all pages."""
    return [question for page in session.pages() for question in session.questions(page.ref) if question.kind != "heading"]


def answer_times(session: Session) -> list[float]:
    """Every question answered anew with each of a few values, and as it was before again."""
    times = []
    for question in questions_of(session):
        answers, before = answers_to(question), session.question(question.ref).value
        for value in [*answers, before] if answers else []:
            times.append(seconds(lambda ref=question.ref, value=value: session.set(ref, value)))
    return times


def answers_to(question: Question) -> list[str]:
    """Up to three values that the question takes."""
    if question.readonly or question.kind in ("note", "image", "signature", "geopoint", "audio", "file"):
        return []
    if question.choices:
        return [choice.value for choice in question.choices[:3]]
    samples = {"integer": ["1", "2"], "decimal": ["1.5"], "date": ["2025-10-10", "2025-10-13"], "acknowledge": ["OK"]}
    return samples.get(question.kind, ["第一句", "第二句"])
