"""What a visit costs the teacher in taps and keystrokes, measured on scripted walks; writes the table of docs/forms.md.

Every `tests/sync_server/test_<form_id>.py` names its shortest paths in `PATHS`, a tuple of `Walked`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import assets
from casebook.fellows import names_in
from casebook.forms import Question
from casebook.forms.marks import COLLEAGUES
from tests.sync_server.form_walk import Walk

PAGE = Path(__file__).parents[2] / "docs/forms.md"
START, END = "<!-- effort: written by python -m tests.sync_server.form_effort -->", "<!-- end of effort -->"
SECONDS_A_TAP, SECONDS_A_KEY = 4, 1
#: what one answer takes besides typing; choices take a tap each
TAPS = {"image": 2, "signature": 2, "date": 3}
TYPED = ("text", "integer", "decimal", "barcode")
#: the longest a form may keep a teacher, on any of its paths (domain §5, form rules)
MOST_SECONDS = {"absence_visit": 180, "student_talk": 60, "nobody_home": 40}


@dataclass(frozen=True)
class Walked:
    """A path through a form with the fewest answers that finish it, and what the child's file holds beforehand."""

    name: str
    answers: Mapping[str, str]
    on_file: Mapping[str, str] = field(default_factory=dict)
    prefill: Mapping[str, str] = field(default_factory=dict)

    def walk(self, form_id: str) -> Walk:
        """The form with these answers given."""
        return Walk(form_id, prefill=dict(self.prefill), **self.on_file).answer(**self.answers)


@dataclass(frozen=True)
class Effort:
    """Of one walk: pages turned, answers given, taps for them and for turning pages, characters typed, photos taken."""

    pages: int
    answers: int
    taps: int
    keystrokes: int
    photos: int

    @property
    def seconds(self) -> int:
        """At an unhurried pace with one hand; talking, reading aloud and waiting for the camera are not in it."""
        return self.taps * SECONDS_A_TAP + self.keystrokes * SECONDS_A_KEY


def effort(walk: Walk) -> Effort:
    """What the answers of a finished walk took."""
    given = [walk.session.question(ref) for ref in walk.session.answered]
    pages = len(walk.pages())
    return Effort(
        pages=pages,
        answers=len(given),
        taps=pages + sum(_taps(question) for question in given),
        keystrokes=sum(len(question.value) for question in given if _is_typed(question)),
        photos=sum(question.kind == "image" for question in given),
    )


def needless(walk: Walk) -> list[str]:
    """The answers of a finished walk without which it would be finished too."""
    spare = []
    for ref in list(walk.session.answered):
        value = walk.session.question(ref).value
        if walk.session.question(ref).readonly:
            continue  # fixed by a later answer
        walk.session.set(ref, "")
        if not walk.session.problems():
            spare.append(ref)
        walk.session.set(ref, value)
    return spare


def paths() -> Iterator[tuple[str, Walked]]:
    """The measured paths of all bundled forms, by form id."""
    for folder in sorted(assets.root().joinpath("forms").iterdir(), key=lambda entry: entry.name):
        if folder.joinpath("survey.csv").is_file():
            module = import_module(f"tests.sync_server.test_{folder.name}")
            for path in module.PATHS:
                yield folder.name, path


def table() -> str:
    """All paths as a Markdown table."""
    head = ("form", "path", "pages", "answers", "taps", "keystrokes", "photos", "seconds")
    rows = [head, ("---", "---", *("---:",) * 6)]
    for form_id, path in paths():
        cost = effort(path.walk(form_id))
        figures = (cost.pages, cost.answers, cost.taps, cost.keystrokes, cost.photos, cost.seconds)
        rows.append((f"`{form_id}`", path.name, *map(str, figures)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def page(text: str) -> str:
    """The page with the table as it is measured now."""
    between = re.compile(f"(?<={re.escape(START)}\n).*?(?={re.escape(END)})", re.S)
    return between.sub(lambda _: f"\n{table()}\n\n", text)


def _taps(question: Question) -> int:
    if question.kind == "select_multiple":
        return len(question.value.split())
    if COLLEAGUES in question.appearance:
        return len(names_in(question.value))
    return TAPS.get(question.kind, 1)


def _is_typed(question: Question) -> bool:
    """Names of colleagues are tapped, not written."""
    return question.kind in TYPED and COLLEAGUES not in question.appearance


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
