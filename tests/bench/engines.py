"""The form engine beside the two of ODK, all doing the same in this run: a form of some 45 questions, 2,000 cases."""

from __future__ import annotations

import csv
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casebook.forms import FormDef, Question, Session
from fieldapp.platform.collector import collector_at_rest
from fieldapp.workspace import read_form
from tests.bench.forms import answers_to, questions_of, shown_with
from tests.bench.measure import Figure, median_seconds, p95, seconds
from tests.differential.engines import Job
from tests.differential.oracles import OracleMissing, commands
from tests.differential.ours import Hand, Ours, lists
from tests.differential.own import begun, case_list, own_forms

QUESTIONS, STUDENTS = 45, 2_000
NAMES = {"node": "Web Forms", "java": "JavaRosa"}
#: what is measured, what it is called, its budget in milliseconds (megabytes for memory)
MEASURES: Sequence[tuple[str, str, float | None]] = (
    ("start", "import the engine, CPU (theirs: wall, with their process)", 60), ("open", "read and open a form with 2,000 cases", 10), ("answer p50", "answer, median", None),
    ("answer p95", "answer, p95", 0.3), ("check", "check all answers", 2),
    ("save", "the answers as XML", None), ("draft", "the draft as text (theirs: all answers as XML)", 1), ("memory", "memory of an open form", 4),
)  # fmt: skip


def figures(folder: Path) -> list[Figure]:
    """Each measure beside each foreign engine; none where those cannot be run."""
    job = _job()
    try:
        foreign = {name: _foreign(name, job) for name in NAMES}
    except OracleMissing as missing:
        print(missing, file=sys.stderr)
        return []
    ours = _ours(job)
    return [Figure(f"{said} (beside {NAMES[name]})", ours[measure], "MB" if measure == "memory" else "ms", foreign[name][measure],
                   f"the same in {NAMES[name]}", budget=budget)
            for measure, said, budget in MEASURES for name in NAMES]  # fmt: skip


def _job() -> Job:
    """The form whose length is nearest to the budget's: opened up, then each question answered anew and back again."""
    xml = begun(min(own_forms().values(), key=lambda source: abs(_asked(source) - QUESTIONS)))
    attachments = {"cases.csv": _students(xml)}
    hand = Hand(FormDef.from_xml(xml.encode()), lists(attachments), Ours("UTC").environment())
    opening = [["set", ref, value] for ref, value in _opening(hand.session)]
    steps = [["set", question.ref, value] for question in questions_of(hand.session)
             for value in _again(question)]  # fmt: skip
    return Job("bench", xml, [*opening, *steps], attachments)


def _opening(session: Session) -> Iterator[tuple[str, str]]:
    """Answers one after the other, each the one that shows most."""
    for _ in range(3):
        for question in questions_of(session):
            if not question.value and (values := answers_to(question)):
                value = max(values, key=lambda value, ref=question.ref: shown_with(session, ref, value))
                session.set(question.ref, value)
                yield question.ref, value


def _again(question: Question) -> list[str]:
    values = answers_to(question)
    return [*values, question.value] if values else []


def _asked(xml: str) -> int:
    return len(FormDef.from_xml(xml.encode()).controls_by_path)


def _students(xml: str) -> str:
    first, *_ = csv.DictReader(io.StringIO(case_list(xml)["cases.csv"]))
    written = io.StringIO()
    table = csv.DictWriter(written, list(first))
    table.writeheader()
    table.writerow(first)
    table.writerows({**first, "name": f"s{number}", "label": f"学生{number}"} for number in range(1, STUDENTS))
    return written.getvalue()


def _foreign(name: str, job: Job) -> Mapping[str, float]:
    command = commands()[name]
    told = subprocess.run(
        _measuring(name, command.arguments), cwd=command.folder, input=json.dumps(asdict(job)) + "\n", capture_output=True, text=True,
        check=True, timeout=600,
    )  # fmt: skip
    found: Mapping[str, Any] = json.loads(told.stdout)
    return {
        "start": found["start"],
        "open": statistics.median(found["open"][1:]),
        "answer p50": statistics.median(found["answer"]),
        "answer p95": p95(found["answer"]),
        "check": statistics.median(found["check"][1:]),
        "save": statistics.median(found["save"][1:]),
        "draft": statistics.median(found["save"][1:]),
        "memory": found["bytes"] / 1e6,
    }


def _measuring(name: str, arguments: Sequence[str]) -> list[str]:
    """The command that measures instead of filling in."""
    if name == "java":
        return [*arguments, "measure"]
    return [*("measure.mjs" if part == "drive.mjs" else part for part in arguments[:1]), "--expose-gc", "measure.mjs"]


def _ours(job: Job) -> Mapping[str, float]:
    sources = lists(job.attachments)
    sources["cases"].find("name", "")  # the phone's store has its index already
    env = Ours("Asia/Shanghai").environment()
    hand = Hand(FormDef.from_xml(job.xml.encode()), sources, env)

    def opened() -> Hand:
        with collector_at_rest():  # as on the phone
            return Hand(read_form(job.xml.encode()), sources, env)

    def first_page() -> object:
        session = opened().session
        return session.questions(session.pages()[0].ref)

    session = hand.session
    answers = _answers(hand, job)
    return {
        "start": _import_ms(),
        "open": median_seconds(first_page, 20) * 1000,
        "answer p50": statistics.median(answers),
        "answer p95": p95(answers),
        "check": median_seconds(session.problems, 20) * 1000,
        "save": median_seconds(session.to_xml, 20) * 1000,
        "draft": median_seconds(lambda: json.dumps(session.draft()), 20) * 1000,
        "memory": _megabytes(opened),
    }


def _answers(hand: Hand, job: Job) -> list[float]:
    """Milliseconds of each answer that could be given."""
    times = []
    for _, ref, value in job.script:
        question = hand.session.question(ref)
        if question.relevant and not question.readonly:
            times.append(seconds(lambda ref=ref, value=value: hand.session.set(ref, value)) * 1000)
    return times


def _import_ms() -> float:
    """Milliseconds of CPU for importing the compiled engine in a fresh interpreter, the median of five."""
    source = "import time; start = time.process_time(); import casebook.forms; print(time.process_time() - start)"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        runs = [subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment)
                for _ in range(6)]  # fmt: skip
    return statistics.median(float(run.stdout) for run in runs[1:]) * 1000


def _megabytes(opened: Any, kept: int = 5) -> float:
    """What one more open form needs, the case list aside, which all share."""
    opened()
    tracemalloc.start()
    hands = [opened() for _ in range(kept)]
    for hand in hands:
        for page in hand.session.pages():
            hand.session.questions(page.ref)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / len(hands) / 1e6
