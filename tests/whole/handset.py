"""A teacher's phone without a screen: the real desk, over a real connection to the school."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.whole.story import SchoolServer
from tests.whole.visits import Answer, Typed, absence_visit, photo

STROKES = [[(20.0, 30.0, 0.0), (120.0, 32.0, 90.0), (200.0, 30.0, 160.0)], [(80.0, 10.0, 400.0), (78.0, 90.0, 560.0)]]
PAD = (320.0, 200.0)
CHILD = "欧阳艳㛃"


def enrolled(folder: Path, school: SchoolServer, server_url: str | None = None) -> Desk:
    """A phone of the class teacher, enrolled and in step with the school. The server must be up."""
    desk = Desk.open(folder, pause=lambda seconds: None)
    desk.enrol(server_url or school.url, school.enrol_code())
    report = desk.sync()
    assert report.complete, report
    return desk


def child_of(desk: Desk, name: str = CHILD) -> str:
    """The id of the child with this name."""
    return next(row.id for row in desk.students(name).students if row.name == name)


def record_visit(desk: Desk, folder: Path, seed: int = 1, photos: int = 2, child: str | None = None) -> str:
    """A whole absence visit, answered, photographed, signed and sealed; its rid."""
    taken = [photo(folder / f"photo-{seed}-{number}.jpg", seed * 100 + number) for number in range(2)]
    draft = desk.open_draft(desk.start(child or child_of(desk), "absence_visit"))
    answers = absence_visit(taken)
    if photos < 2:
        answers.pop("photos_2")
    answer_all(draft, answers)
    return draft.finish()


def answer_all(draft: VisitDraft, answers: Mapping[str, Answer]) -> None:
    """Give every answer that is asked for, until nothing new is asked; sign where a signature is wanted."""
    done: set[str] = set()
    while asked := _asked(draft, answers, done):
        ref, name, kind = asked
        done.add(ref)
        if kind == "signature":
            draft.save_strokes(ref, STROKES, *PAD)
        else:
            _give(draft, ref, answers[name])


def _asked(draft: VisitDraft, answers: Mapping[str, Answer], done: set[str]) -> tuple[str, str, str] | None:
    for page in draft.pages():
        for question in draft.questions(page.ref):
            name = question.ref.rsplit("/", 1)[-1]
            wanted = name in answers or question.kind == "signature"
            if wanted and question.ref not in done and not question.readonly:
                return question.ref, name, question.kind
    return None


def _give(draft: VisitDraft, ref: str, value: Answer) -> None:
    if isinstance(value, Path):
        draft.attach_photo(ref, value.read_bytes(), "gallery")
    elif isinstance(value, Typed):
        draft.answer(ref, value.text)
    elif isinstance(value, list):
        draft.answer(ref, " ".join(value))
    else:
        draft.answer(ref, "OK" if value is True else str(value))
