"""Fills in a form as a teacher would: what the story answers, what is usual, and what the form calculates itself."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from assets import load_wording
from casebook.errors import AnswerInvalid
from casebook.forms import Env, FormDef, Question, Session, TableSource, extract
from casebook.records import Attachment
from sync_server.sample.photos import photo
from sync_server.sample.strokes import STROKES_TYPE, signature

PHOTO_TYPE = "image/jpeg"
LANGUAGE = "zh"
SCENE, SAME_AS = "house", "same:"
PER_ANSWER = dt.timedelta(seconds=20)
PLACE, PHOTO_WHY = "place", "photo_why"
REQUIRED, OR = "required", " | "
LEFT_OUT, PICTURES = "none", ("image", "signature")  # a photo or signature that the story wants to lack


class FormUnfinished(Exception):
    """A form that the story does not finish: `open` are questions without a fitting answer, `unasked` are answers
    to questions that were never asked.
    """

    def __init__(self, open: Sequence[str], unasked: Sequence[str]) -> None:
        super().__init__(f"open: {list(open)}, never asked: {list(unasked)}")
        self.open, self.unasked = tuple(open), tuple(unasked)


@dataclass(frozen=True)
class Sheet:
    """What is to be filled in: the form, the child's row of the list `cases`, answers, and first values."""

    form: FormDef
    row: Mapping[str, str]
    answers: Mapping[str, str]
    prefill: Mapping[str, str]
    started: dt.datetime
    photos: bool = True
    place: str = ""
    shared: Mapping[str, Attachment] = field(default_factory=dict)  # label of a visit -> its first photo
    offered: frozenset[str] = frozenset()  # answers that are given only where they are asked for


@dataclass
class Filled:
    """A finished form: its answers, what they say of the child, and the files made on the way by their hash."""

    session: Session
    now: dt.datetime
    says: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    signatures: list[dict[str, object]] = field(default_factory=list)


@cache
def usual_answers() -> Mapping[str, str]:
    """Answers to demanded questions of which a story says nothing, by the question's name."""
    found: dict[str, str] = json.loads(files("sync_server.play").joinpath("usual.json").read_text("utf-8"))
    return found


def fill(sheet: Sheet) -> Filled:
    """Fills the form in. Raises FormUnfinished."""
    held: list[Filled] = []
    env = Env(now=lambda: held[0].now if held else sheet.started, uuid=lambda: str(uuid.uuid4()), random=lambda: 0.5)
    session = Session(
        sheet.form, {"cases": TableSource([sheet.row])}, env, language=LANGUAGE, prefill=sheet.prefill,
        wording=load_wording(),
    )  # fmt: skip
    filled = Filled(session, sheet.started)
    held.append(filled)
    unasked = _answer(filled, sheet)
    still_open = [_complaint(session, problem.ref, problem.kind) for problem in session.problems()]
    if still_open or unasked:
        raise FormUnfinished(still_open, unasked)
    session.finalize()
    child = sheet.row["name"]
    filled.says = {prop: value for op in extract(session) if op.id == child for prop, value in op.properties.items()}
    return filled


def _answer(filled: Filled, sheet: Sheet) -> list[str]:
    """Answers what is open until nothing is; signatures come last, for what is signed is the text as it stands then.

    Returns the names of answers that were never asked for.
    """
    said = dict(sheet.answers)
    if sheet.place:
        said.setdefault(PLACE, sheet.place)
    optional = sheet.offered | ({PLACE} - sheet.answers.keys())
    pages = [page.ref for page in filled.session.pages()]
    done: set[str] = set()
    for signing in (False, True):
        while any([_answer_page(filled, sheet, page, said, done, signing) for page in pages]):
            pass
    given = {ref.rsplit("/", 1)[-1] for ref in done}
    return sorted(said.keys() - given - optional)


def _answer_page(
    filled: Filled, sheet: Sheet, page: str, said: Mapping[str, str], done: set[str], signing: bool
) -> bool:
    """Goes once through the open questions of a page; whether any was answered."""
    answered, session = False, filled.session
    photos = sheet.photos and PHOTO_WHY not in said
    for question in session.questions(page):
        if question.readonly or question.ref in done or (question.kind == "signature") > signing:
            continue
        now = session.question(question.ref) if answered else question
        answer = (said.get(_name(now)) or _usual(now, photos)) if now.relevant else ""
        if answer:
            done.add(now.ref)
            _set(filled, sheet, now, answer)
            answered = True
    return answered


def _set(filled: Filled, sheet: Sheet, question: Question, answer: str) -> None:
    if answer == LEFT_OUT and question.kind in PICTURES:
        return
    filled.now += PER_ANSWER
    try:
        filled.session.set(question.ref, _made(filled, sheet, question, answer))
    except AnswerInvalid as error:
        raise FormUnfinished([f"{_name(question)}={answer} ({error.code})"], ()) from error


def _usual(question: Question, photos: bool) -> str:
    """What is answered to a demanded question that has no answer yet; whoever is asked for a signature signs."""
    if question.value or not (question.required or question.kind == "signature"):
        return ""
    if question.kind == "image":
        return SCENE if photos else ""
    if question.kind == "signature":
        return "strokes"
    offered = {choice.value for choice in question.choices}
    alternatives = usual_answers().get(_name(question), "").split(OR)
    return next((one for one in alternatives if not offered or offered.issuperset(one.split())), "")


def _made(filled: Filled, sheet: Sheet, question: Question, answer: str) -> str:
    """The answer as the form takes it; pictures and strokes are made and attached."""
    if question.kind == "image":
        return _photo(filled, sheet, question, answer)
    if question.kind == "signature":
        return _strokes(filled, question)
    return answer


def _photo(filled: Filled, sheet: Sheet, question: Question, scene: str) -> str:
    """A photo just taken, or (`same:<label>`) the very file of another visit, as it comes by another phone."""
    taken_at = filled.now.isoformat(timespec="seconds")
    if scene.startswith(SAME_AS):
        other = sheet.shared[scene.removeprefix(SAME_AS)]
        attachment = Attachment("photo", other.sha256, other.size, other.type, question.ref, taken_at, "gallery",
                                other.sha256, other.dhash)  # fmt: skip
    else:
        taken = photo(scene, f"{sheet.row['name']}{taken_at}")
        sha256 = hashlib.sha256(taken.jpeg).hexdigest()
        filled.files[sha256] = (PHOTO_TYPE, taken.jpeg)
        attachment = Attachment("photo", sha256, len(taken.jpeg), PHOTO_TYPE, question.ref, taken_at, "camera",
                                sha256, taken.dhash)  # fmt: skip
    filled.attachments.append(attachment)
    return f"{attachment.sha256}.jpg"


def _strokes(filled: Filled, question: Question) -> str:
    session = filled.session
    told = {name: _value(session, name) for name in ("signer", "signer_relation", "sign_mode", "read_aloud")}
    content = signature(told["signer"] or _name(question), filled.now.isoformat())
    sha256 = hashlib.sha256(content).hexdigest()
    filled.files[sha256] = (STROKES_TYPE, content)
    drawn_at = filled.now.isoformat(timespec="seconds")
    made = Attachment("signature", sha256, len(content), STROKES_TYPE, question.ref, drawn_at, "drawn")
    filled.attachments.append(made)
    read = next((session.text_of(page.ref) for page in session.pages() if page.ref.endswith("/readback")), "")
    filled.signatures.append({
        "question": question.ref, "sha256": sha256, "signer": told["signer"], "relation": told["signer_relation"],
        "mode": told["sign_mode"], "read_aloud": bool(told["read_aloud"]), "text": read,
        "text_sha256": hashlib.sha256(read.encode()).hexdigest(),
    })  # fmt: skip
    return f"{sha256}.json"


def _value(session: Session, name: str) -> str:
    ref = session.ref_of(name)
    return session.value(ref) if ref else ""


def _complaint(session: Session, ref: str, kind: str) -> str:
    """An open question by its name, with what may be answered."""
    question = session.question(ref)
    offered = " ".join(choice.value for choice in question.choices)
    name = f"{_name(question)}={question.value}" if kind != REQUIRED else _name(question)
    return f"{name} [{offered}]" if offered else f"{name} ({question.kind})"


def _name(question: Question) -> str:
    return question.ref.rsplit("/", 1)[-1]
