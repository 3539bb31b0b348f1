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
from fieldapp.platform.collector import collector_at_rest
from fieldapp.workspace import read_form
from sync_server.forms import Compiled, bundled_forms
from tests.bench.limits import xml_parse
from tests.bench.measure import Figure, median_seconds, p95, seconds

STUDENTS = 2_000
#: the budget for opening is one for forms of about this length
QUESTIONS = 48
NOW = dt.datetime(2025, 10, 9, 16, 20, tzinfo=CHINA)


def figures(folder: Path) -> list[Figure]:
    """Milliseconds for every bundled form: of most measures the form that needs longest, of answers each form."""
    every = [of_form(form) for form in bundled_forms()]
    slowest = [max((found[place] for found in every), key=lambda figure: figure.value) for place in range(len(every[0]))]
    return [*(figure for place, figure in enumerate(slowest) if place != ANSWER), *(found[ANSWER] for found in every)]


#: place of the answers among the figures of a form
ANSWER = 4


def of_form(form: Compiled) -> tuple[Figure, ...]:
    """The figures of one form, filled in as far as answers go."""
    xml, name = form.xml, form.form_id
    definition, parse = FormDef.from_xml(xml), xml_parse(xml) * 1000
    desk = Desk(definition)
    session = desk.filled()
    asked = questions_of(session)
    answers = answer_times(session)
    draft = session.draft()
    walk = median_seconds(lambda: [question.value for question in asked]) * 1000
    read = median_seconds(lambda: read_form(xml)) * 1000
    opened = median_seconds(lambda: first_page(Desk(read_form(xml), desk.lists).session())) * 1000
    reopened = median_seconds(lambda: first_page(desk.session(draft))) * 1000
    checked = median_seconds(session.problems) * 1000
    kept = median_seconds(lambda: json.dumps(session.draft())) * 1000
    parsing, walking, size = "parsing the form's XML", f"reading all {len(asked)} answers once", len(definition.controls_by_path)
    within = 10 if size <= QUESTIONS else None
    return (
        Figure(f"read the definition ({name}, {size} questions)", read, "ms", parse, parsing),
        Figure(f"read it and open it with {STUDENTS:,} students ({name})", opened, "ms", parse, parsing, budget=within),
        Figure(f"reopen it with {len(asked)} questions shown ({name})", reopened, "ms", parse, parsing),
        Figure(f"answer, median ({name})", statistics.median(answers) * 1000, "ms", walk, walking),
        Figure(f"answer, p95 of {len(answers)} ({name})", p95(answers) * 1000, "ms", walk, walking, budget=0.3),
        Figure(f"check all answers ({name})", checked, "ms", walk, walking, budget=2),
        Figure(f"the draft as text ({name})", kept, "ms", parse, parsing, budget=1),
    )  # fmt: skip


class Desk:
    """Opens one form over a list of students that was read before."""

    def __init__(self, definition: FormDef, lists: Mapping[str, TableSource] | None = None) -> None:
        self._definition = definition
        self.lists = lists or {"cases": TableSource([_student(number) for number in range(STUDENTS)])}
        self.lists["cases"].find("name", "")  # the phone's store has its index already
        self._numbers = itertools.count()

    def session(self, draft: Mapping[str, Any] | None = None) -> Session:
        """A new visit to one student, or a draft of it."""
        environment = Env(now=lambda: NOW, uuid=lambda: f"{next(self._numbers):032x}", random=lambda: 0.5)
        with collector_at_rest():  # as on the phone
            return Session(self._definition, self.lists, environment, draft, language="zh",
                           prefill={"case": f"{7:032x}"}, wording=load_wording())  # fmt: skip

    def filled(self) -> Session:
        """The visit with everything answered that an answer opens up: each choice keeps the value that shows most."""
        session = self.session()
        for _ in range(3):
            for question in questions_of(session):
                if question.value or not (values := answers_to(question)):
                    continue
                best = max(values, key=lambda value, ref=question.ref: shown_with(session, ref, value))
                if not session.question(question.ref).readonly:  # some answers lock themselves
                    session.set(question.ref, best)
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


def answer_times(session: Session, rounds: int = 3) -> list[float]:
    """Seconds of every question answered anew with each of a few values, and as it was before again.

    The median of some rounds, so that what else the machine does at that moment does not count.
    """
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for question in questions_of(session):
            answers, before = answers_to(question), session.question(question.ref).value
            for value in [*answers, before] if answers else []:
                if not session.question(question.ref).readonly:
                    spent = seconds(lambda ref=question.ref, value=value: session.set(ref, value))
                    times.setdefault((question.ref, value), []).append(spent)
    return [statistics.median(found) for found in times.values()]


def answers_to(question: Question) -> list[str]:
    """Up to three values that the question takes."""
    if question.readonly or question.kind in ("note", "image", "signature", "geopoint", "audio", "file"):
        return []
    if question.choices:
        return [choice.value for choice in question.choices[:3]]
    samples = {"integer": ["1", "2"], "decimal": ["1.5"], "date": ["2025-10-10", "2025-10-13"], "acknowledge": ["OK"]}
    return samples.get(question.kind, ["第一句", "第二句"])
