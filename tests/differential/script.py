"""Writes random scripts: what a person might do with a form, mostly sensible, sometimes not."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from casebook.errors import CasebookError
from casebook.forms import Env, FormDef, Question
from casebook.forms.nodes import Node
from tests.differential.engines import Step
from tests.differential.ours import Hand, lists

STEPS = 18
#: a clock that stands still and chance without surprises: a script is the same on every day
STILL = Env(lambda: dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC), lambda: "00000000-0000-4000-8000-000000000000", lambda: 0.5)
#: how a person answers a question of each kind
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "integer": ("0", "1", "2", "3", "5", "7", "10", "12", "25", "-1"),
    "decimal": ("0.5", "2.25", "10", "33.3", "-1.5"),
    "text": ("abc", "5", "12", "yes", "no", "张三", "a b", "0", "x1", "2026-11-20"),
    "barcode": ("6901234567892", "abc"),
    "date": ("2026-11-20", "2024-02-29", "2012-05-01", "2026-12-31"),
    "time": ("08:30:00.000+08:00", "17:05:10.000Z"),
    "datetime": ("2026-11-20T08:30:00.000+08:00", "2026-11-20T23:30:00.000Z"),
    "geopoint": ("39.9 116.4 0.0 0.0", "38.5 115.25 10.0 4.0"),
    "acknowledge": ("OK",),
    "image": ("a.jpg", "b.jpg"),
    "signature": ("a.json",),
    "audio": ("a.m4a",),
    "file": ("a.pdf",),
}
#: typed where a number or a day is wanted
UNREADABLE: Mapping[str, tuple[str, ...]] = {
    "integer": ("abc", "1.5", "１２"), "decimal": ("1,5", "x"), "date": ("2026-02-30", "20 Nov"),
}  # fmt: skip


class Scriptwriter:
    """Tries each step in a session of its own, so that most steps meet questions that are there."""

    def __init__(self, form: FormDef, attachments: Mapping[str, str], rng: random.Random) -> None:
        self._form = form
        self._rng = rng
        self._hand = Hand(form, lists(attachments), STILL)
        self._unreadable = rng.random() < 0.15

    def written(self, length: int = STEPS) -> list[Step]:
        """The whole script."""
        script: list[Step] = []
        while len(script) < length:
            step = self._step()
            if step is None:
                break
            self._hand.tried(step)
            script.append(step)
        return script

    def _step(self) -> list[Any] | None:
        draw = self._rng.random()
        if draw < 0.12 and (families := self._families()):
            return ["add", self._rng.choice(families)]
        if draw < 0.17 and (family := self._long_family()):
            return ["remove", *family]
        if draw < 0.21 and self._form.languages:
            return ["language", self._rng.choice(self._form.languages)]
        if draw < 0.24:
            return ["reopen"]
        return self._answer()

    def _families(self) -> list[str]:
        """References of repeats that a person may add to."""
        return [f"{node.ref}/{name}" for node in self._nodes() for name in node.ranges if self._open(node, name)]

    def _open(self, above: Node, name: str) -> bool:
        control, family = self._form.repeats[f"{above.definition.path}/{name}"], above.families[name]
        rule = self._form.binds.get(control.path or "")
        relevant = family[0].is_relevant() if family else above.is_relevant() and (rule is None or not rule.relevant)
        return control.count is None and relevant and len(family) < 4

    def _long_family(self) -> tuple[str, int] | None:
        """A repeat with several instances, and one of them."""
        found = [(f"{node.ref}/{name}", len(node.families[name])) for node in self._nodes() for name in node.ranges
                 if self._open(node, name) and len(node.families[name]) > 1]  # fmt: skip
        if not found:
            return None
        ref, count = self._rng.choice(found)
        return ref, self._rng.randint(1, count)

    def _nodes(self) -> list[Node]:
        return list(self._hand.session._instance.root.everything())

    def _answer(self) -> list[Any] | None:
        asked = [node for node in self._nodes() if node.control is not None and node.value is not None]
        shown = [node for node in asked if node.is_relevant() and not node.is_readonly()]
        if not asked:
            return None
        node = self._rng.choice(shown if shown and self._rng.random() < 0.95 else asked)
        question = self._hand.session.question(node.ref)
        return ["set", node.ref, "" if self._rng.random() < 0.06 else self._value(question)]

    def _value(self, question: Question) -> str:
        rng, kind = self._rng, question.kind
        if kind in ("select_one", "select_multiple", "rank"):
            return self._chosen(question)
        if kind == "range":
            return rng.choice((question.parameters["start"], question.parameters["end"]))
        if self._unreadable and kind in UNREADABLE and rng.random() < 0.2:
            return rng.choice(UNREADABLE[kind])
        return rng.choice(ANSWERS.get(kind, ("",)))

    def _chosen(self, question: Question) -> str:
        """Offered choices; in the order of the list, for engines part over other orders."""
        values = [choice.value for choice in question.choices]
        if not values:
            return ""
        if question.kind == "select_one":
            return self._rng.choice(values)
        if question.kind == "rank":
            return " ".join(self._rng.sample(values, len(values)))
        wanted = {self._rng.choice(values) for _ in range(self._rng.randint(1, 3))}
        return " ".join(value for value in values if value in wanted)


def random_script(xml: str, attachments: Mapping[str, str], seed: str, length: int = STEPS) -> list[Step]:
    """The script of a seed for a form; empty if our engine refuses the form."""
    rng = random.Random(f"script {seed}")
    try:
        return Scriptwriter(FormDef.from_xml(xml.encode()), attachments, rng).written(length)
    except CasebookError:
        return []
