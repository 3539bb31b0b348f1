"""Walks through a visit form as a teacher does: page by page, answering what is asked."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from functools import cache

import assets
from assets import load_wording
from casebook.forms import Env, FormDef, Question, Session, TableSource, extract
from casebook.forms.environment import CHINA
from sync_server.forms import Compiled, bundled_forms, compile_form

CHILD = "7" * 32
PHOTO = "a" * 64 + ".jpg"
STROKES = "b" * 64 + ".json"
FRIDAY = dt.datetime(2025, 11, 21, 16, 20, tzinfo=CHINA)
ON_FILE = {
    "name": CHILD, "label": "王小明", "class_name": "八年级(2)班", "grade": "8", "gender": "1", "age": "14",
    "village_name": "石桥村", "hukou_village": "石桥村", "home_address": "石桥村3组12号", "home_landmark": "小卖部后面",
    "guardian_name": "王建国", "guardian_relation": "51", "guardian_phone": "12000001701", "can_read": "yes",
    "caretaker_name": "李桂花", "caretaker_relation": "62", "absent_since": "2025-11-20", "absent_days": "2",
    "attempts_phone": "1", "attempts_door": "0", "attempts_text": "11月20日 电话 没人接", "promises_text": "",
}  # fmt: skip
SPOKEN = ("note", "heading")


@cache
def compiled() -> dict[str, Compiled]:
    """The bundled forms by id."""
    return {form.form_id: form for form in bundled_forms()}


@cache
def definition(form_id: str) -> FormDef:
    """The form of that id; only this one is compiled."""
    return FormDef.from_xml(compile_form(assets.root().joinpath("forms", form_id)).xml)


class Walk:
    """One visit being written. Answers are given by plain question names; inside a repeat as `member[2]/age`."""

    def __init__(
        self,
        form_id: str,
        *,
        language: str = "zh",
        prefill: dict[str, str] | None = None,
        now: dt.datetime = FRIDAY,
        **on_file: str,
    ) -> None:
        env = Env(now=lambda: now, uuid=lambda: "0", random=lambda: 0.5, tz=CHINA)
        lists = {"cases": TableSource([ON_FILE | on_file])}
        first = {"case": CHILD, "visitor": "周老师"} | (prefill or {})
        self.session = Session(
            definition(form_id), lists, env, language=language, prefill=first, wording=load_wording("zh_CN")
        )
        self.taps = 0

    def pages(self) -> list[str]:
        """Names of the pages shown now."""
        return [_name(page.ref) for page in self.session.pages() if page.relevant]

    def page(self, name: str) -> list[Question]:
        """What a page shows."""
        return self.session.questions(f"/data/{name}")

    def asked(self) -> dict[str, Question]:
        """Everything shown now, on all pages."""
        return {_name(question.ref): question for name in self.pages() for question in self.page(name)}

    def answer(self, **answers: str) -> Walk:
        """Answers in the order in which the form asks; what it does not ask cannot be answered."""
        left = dict(answers)
        while left:
            waiting = len(left)
            for name, seen in self.asked().items():
                question = self.session.question(seen.ref) if name in left else seen
                if name in left and question.relevant:
                    self._tap(question, left.pop(name))
            assert len(left) < waiting, f"not asked: {sorted(left)}"
        return self

    def _tap(self, question: Question, value: str) -> None:
        offered = {choice.value for choice in question.choices}
        assert not question.choices or set(value.split()) <= offered, f"{question.ref} does not offer {value}"
        self.session.set(question.ref, value)
        self.taps += 1

    def open(self) -> list[str]:
        """Names of the questions that keep the visit from being finished."""
        return [_name(problem.ref) for problem in self.session.problems()]

    def message(self, name: str) -> str:
        """What the teacher is told about the answer to a question."""
        return next((p.message for p in self.session.problems() if _name(p.ref) == name), "")

    def saved(self) -> dict[str, str]:
        """What the visit says about the case."""
        (operation,) = extract(self.session)
        assert (operation.dataset, operation.id, operation.action) == ("cases", CHILD, "update")
        return operation.properties

    def read_back(self) -> list[str]:
        """The sentences the guardian is read."""
        return [question.label for question in self.page("readback") if question.kind == "note"]

    def texts(self) -> list[str]:
        """Every label and hint shown now."""
        return [
            text for question in self.asked().values() for text in (question.label, question.hint) if text
        ]

    def wander(self, chance: random.Random) -> Walk:
        """Answers at random what is open, now and then something else, until nothing is open."""
        for _ in range(400):
            asked = list(self.asked().values())
            waiting = [question for question in asked if question.problem]
            fancied = [question for question in asked if _fancied(question, chance)]
            if not waiting and not fancied:
                return self
            question = chance.choice(fancied or waiting)
            self.session.set(question.ref, _any_answer(question, chance))
        raise AssertionError(f"a dead end: {self.open()}")


def _fancied(question: Question, chance: random.Random) -> bool:
    answerable = question.kind not in SPOKEN and not question.readonly
    return answerable and chance.random() < (0.02 if question.value else 0.1)


def _any_answer(question: Question, chance: random.Random) -> str:
    if question.problem and question.value and not question.required:
        return ""
    if question.choices:
        several = chance.randint(1, 3) if question.kind == "select_multiple" else 1
        picked = chance.sample(question.choices, min(several, len(question.choices)))
        return " ".join(choice.value for choice in picked)
    if question.kind in _WRITTEN:
        return _WRITTEN[question.kind](chance)
    if "numbers" in question.appearance:
        return chance.choice(("", "12000001799", "0991-2345678", "123"))
    return chance.choice(("张大山", "家里老人病了，孩子在照看，下个星期一回来上课。"))


_WRITTEN: dict[str, Callable[[random.Random], str]] = {
    "image": lambda chance: chance.choice((PHOTO, STROKES)),
    "signature": lambda chance: chance.choice((PHOTO, STROKES)),
    "geopoint": lambda chance: "30.1234567 103.1234567 0 12",
    "integer": lambda chance: str(chance.randint(0, 5)),
    "range": lambda chance: str(chance.randint(1, 9)),
    "date": lambda chance: (FRIDAY.date() + dt.timedelta(chance.choice((chance.randint(1, 40), -chance.randint(1, 6000))))).isoformat(),
    "barcode": lambda chance: chance.choice(("劝学〔2025〕12号", "A000123", "?")),
    "acknowledge": lambda chance: "OK",
}


def _name(ref: str) -> str:
    """`age`, or `member[2]/age` inside a repeat."""
    *_, above, last = ref.split("/")
    return f"{above}/{last}" if above.endswith("]") else last
