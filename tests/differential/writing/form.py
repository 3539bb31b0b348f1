"""Writes a random form: the same seed gives the same sheets, on every machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from tests.differential.sheets import Row, Sheets
from tests.differential.writing.lists import CHINESE, PEOPLE, choices, label
from tests.differential.writing.pen import Known, Pen

QUESTIONS = 24
DEEPEST = 2
#: one form in so many also uses what engines are known to part in
WILD_IN = 3


def random_form(seed: int) -> Sheets:
    """The form of a seed."""
    return Writer(seed).written()


class Writer:
    """A form coming to be."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"form {seed}")
        self.languages = self.rng.random() < 0.5
        self.pen = Pen(self.rng, wild=seed % WILD_IN == 0)
        self.rows: list[Row] = []
        self.entities: list[Row] = []
        self.count = 0
        self.seed = seed

    def written(self) -> Sheets:
        """The whole form."""
        from tests.differential.writing.entities import declare

        self.rows.append({"type": "csv-external", "name": "people"})
        self.body(QUESTIONS, 0)
        declare(self)
        settings = {"form_id": f"random{self.seed}", "version": "1", "form_title": "Random"}
        if self.languages:
            settings["default_language"] = CHINESE
        return Sheets(tuple(self.rows), tuple(choices(self.languages)), tuple(self.entities), settings,
                      {"people.csv": PEOPLE})  # fmt: skip

    def body(self, length: int, depth: int) -> None:
        """That many questions and frames, one below the other."""
        for _ in range(length):
            if depth < DEEPEST and self.pen.chance(0.14):
                self.frame(depth)
            else:
                self.question()

    def name(self) -> str:
        """A fresh name."""
        self.count += 1
        return f"q{self.count}"

    def text(self, name: str, column: str = "label") -> dict[str, str]:
        """The cells of a text, sometimes with an answer in it."""
        live = self.pen.one_of("text", "one", "integer", "words", "date") if self.pen.chance(0.25) else None
        if live is None:
            return label(f"问{name}", f"Ask {name}", self.languages, column)
        return label(f"问{name}：{live}。", f"Ask {name}: {live}.", self.languages, column)

    # -- groups and repeats

    def frame(self, depth: int) -> None:
        """A group or a repeat with questions in it, and after a repeat what sums it up."""
        name, repeat = self.name(), self.pen.chance(0.5)
        kind = "repeat" if repeat else "group"
        row = {"type": f"begin_{kind}", "name": name, **self.text(name)}
        if self.pen.chance(0.4):
            row["relevant"] = self.pen.truth()
        if repeat and self.pen.chance(0.35):
            row["repeat_count"] = self.counted()
        self.rows.append(row)
        outer = self.pen.scope
        if repeat:
            self.pen.scope = (*outer, name)
        self.body(self.pen.any(2, 3, 4), depth + 1)
        if repeat:
            self.solid()
        self.pen.scope = outer
        self.rows.append({"type": f"end_{kind}"})
        if repeat:
            self.pen.known.append(Known(name, "repeat", (*outer, name), computed=True))
            self.sums()

    def counted(self) -> str:
        """How many instances a repeat has: at most a few dozen in all, inner repeats have a fixed number."""
        asked = [one for one in self.pen.seen("integer") if not one.computed and not self.pen.scope]
        return str(self.rng.choice(asked)) if asked else self.pen.any("2", "1 + 1", "0")

    def solid(self) -> None:
        """A calculation inside a repeat that is never blank, for what sums it up."""
        formula = self.pen.on(["integer", "decimal"], "coalesce(?, 0)") or "position(..)"
        self.calculate("solid", formula)

    def sums(self) -> None:
        """Calculations over the instances of repeats."""
        for _ in range(self.pen.any(1, 2)):
            formula = self.pen.aggregate()
            if formula is not None:
                self.calculate("number", formula)
        if self.pen.chance(0.3):
            found = self.pen.inside("text", "one", "integer") if self.pen.wild else self.pen.inside("solid")
            if found:
                self.calculate("words", f"join(', ', {self.rng.choice(found)})")

    def calculate(self, kind: str, formula: str) -> None:
        """A hidden calculation."""
        name = self.name()
        self.rows.append({"type": "calculate", "name": name, "calculation": formula})
        self.pen.known.append(Known(name, kind, self.pen.scope, computed=True))

    # -- questions

    def question(self) -> None:
        """A question or calculation of any type."""
        from tests.differential.writing.questions import QUESTIONS, calculations

        pen = self.pen
        if pen.chance(0.25):
            formulas = calculations(pen)
            kind = self.rng.choice(list(formulas))
            self.calculate(kind, formulas[kind](pen))
            return
        ((_, ask),) = self.rng.choices(QUESTIONS, [weight for weight, _ in QUESTIONS])
        name = self.name()
        own, known = ask(pen)
        row: dict[str, str] = {"name": name, **self.text(name), **own}
        self.rules(row)
        self.rows.append(row)
        if known is not None:
            pen.known.append(Known(name, known[0], pen.scope, known[1], "calculation" in row))

    def rules(self, row: dict[str, str]) -> None:
        """Conditions, hints and messages on a question."""
        pen, name = self.pen, row["name"]
        if pen.chance(0.3):
            row["relevant"] = pen.truth()
        if row["type"] == "note":
            return
        if pen.chance(0.25):
            row["required"] = pen.any("yes", "yes", pen.truth(1))
            if pen.chance(0.5):
                row |= label(f"请填{name}", f"Fill in {name}", self.languages, "required_message")
        if "constraint" in row and pen.chance(0.6):
            row |= self.text(name, "constraint_message")
        if pen.chance(0.15):
            row |= label(f"提示{name}", f"Hint {name}", self.languages, "hint")
        if pen.chance(0.08):
            row |= label(f"说明{name}", f"Guide {name}", self.languages, "guidance_hint")


#: what a question adds to its row, and how expressions know it: kind and choice list
Asked = tuple[dict[str, str], tuple[str, str] | None]
Ask = Callable[[Pen], Asked]
Formulas = Mapping[str, Callable[[Pen], str]]
