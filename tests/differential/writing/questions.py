"""How a random form asks: each type of question with its defaults, triggers, constraints and choice filters."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.writing.form import Ask, Asked, Formulas
from tests.differential.writing.lists import VALUES
from tests.differential.writing.pen import Pen

CALCULATIONS: Formulas = {
    "number": lambda pen: pen.number(3),
    "words": lambda pen: f"once({pen.words(1)})" if pen.chance(0.08) else pen.words(3),
    "day": lambda pen: f"format-date({pen.day()}, '%Y-%m-%d')",
    "stored": lambda pen: f"if({pen.truth()}, 'yes', 'no')",
}
_WILD_CALCULATIONS: Formulas = {"truth": lambda pen: pen.truth(), "day": lambda pen: pen.day()}


def _filled(pen: Pen, write: Callable[[], str], literal: str) -> dict[str, str]:
    """Sometimes a value from the start: fixed, computed at the start, computed always, or set by another answer."""
    way = pen.rng.random()
    if way < 0.12:
        return {"default": literal}
    if way < 0.2:
        # an expression that the form compiler cannot take for a fixed text
        return {"default": f"if(true(), {pen.at_start(write)}, '')"}
    if way < 0.28:
        return {"calculation": write()}
    triggers = [one for one in pen.seen("integer", "text", "one", "date", "many") if one.scope == pen.scope]
    if way < 0.36 and triggers:
        return {"trigger": str(pen.rng.choice(triggers)), "calculation": write()}
    return {}


def _kept_within(pen: Pen, constraint: str) -> dict[str, str]:
    return {"constraint": constraint} if pen.chance(0.35) else {}


def _locked(pen: Pen, cells: dict[str, str]) -> dict[str, str]:
    """Sometimes not to be changed by hand."""
    if "calculation" in cells and pen.chance(0.5):
        return {**cells, "read_only": "yes"}
    return {**cells, "read_only": pen.truth(1)} if pen.chance(0.05) else cells


def _number(kind: str) -> Ask:
    def ask(pen: Pen) -> Asked:
        own = {"type": kind, **_kept_within(pen, f". {pen.any('<', '>=', '!=')} {pen.number(1)}")}
        return _locked(pen, own | _filled(pen, lambda: pen.number(1), pen.any("3", "7"))), (kind, "")

    return ask


def _text(pen: Pen) -> Asked:
    rule = pen.any("string-length(.) < 4", "regex(., '^[a-z]+$')", f". != {pen.word()}", "not(contains(., ' '))")
    own = {"type": "text", **_kept_within(pen, rule)}
    return _locked(pen, own | _filled(pen, lambda: pen.words(1), "abc")), ("text", "")


def _date(pen: Pen) -> Asked:
    own = {"type": "date", **_kept_within(pen, f". {pen.any('<=', '>=', '>')} {pen.date()}")}
    return own | _filled(pen, lambda: pen.day(1), "2026-11-18"), ("date", "")


def _one(pen: Pen) -> Asked:
    name = pen.any("yn", "abc", "num", "town")
    own = {"type": f"select_one {name}"}
    if pen.chance(0.25):
        own["choice_filter"] = f"{pen.truth(1)} or name != '{pen.any(*VALUES[name])}'"
    if pen.chance(0.1):
        own["default"] = pen.any(*VALUES[name])
    if pen.chance(0.15):
        own["appearance"] = pen.any("minimal", "quick", "likert")
    return own, ("one", name)


def _village(pen: Pen) -> Asked:
    """Choices that follow from an earlier choice."""
    town = [one for one in pen.seen("one") if one.choices == "town"]
    rule = f"town = {pen.rng.choice(town)}" if town else f"town = '{pen.any('t1', 't2')}'"
    return {"type": "select_one village", "choice_filter": rule}, ("one", "village")


def _person(pen: Pen) -> Asked:
    """Choices from a case list."""
    own = {"type": "select_one_from_file people.csv"}
    if pen.chance(0.5):
        own["choice_filter"] = pen.any(f"age > {pen.numeral()}", f"town = {pen.word()}", "since != ''")
    return own, ("person", "people")


def _many(pen: Pen) -> Asked:
    own = {"type": "select_multiple abc", **_kept_within(pen, "count-selected(.) <= 2")}
    if pen.chance(0.2):
        own["choice_filter"] = f"{pen.truth(1)} or name = 'b'"
    if pen.chance(0.1):
        own["default"] = "a b"
    return own, ("many", "abc")


def _range(pen: Pen) -> Asked:
    return {"type": "range", "parameters": pen.any("start=0 end=10 step=1", "start=0 end=5 step=0.5")}, ("range", "")


def _plain(kind: str, known: str = "") -> Ask:
    return lambda pen: ({"type": kind}, (known, "") if known else None)


QUESTIONS: tuple[tuple[int, Ask], ...] = (
    (16, _number("integer")),
    (6, _number("decimal")),
    (12, _text),
    (8, _date),
    (14, _one),
    (5, _village),
    (5, _person),
    (9, _many),
    (3, _range),
    (2, _plain("time", "time")),
    (2, _plain("dateTime", "datetime")),
    (2, _plain("rank num", "rank")),
    (2, _plain("acknowledge", "ack")),
    (2, _plain("note")),
    (2, _plain("geopoint", "place")),
    (1, _plain("barcode", "barcode")),
    (1, _plain("image")),
    (1, _plain("audio")),
    (1, _plain("file")),
    (1, _plain("username", "text")),
    (1, _plain("today", "date")),
    (1, _plain("start")),
)


def calculations(pen: Pen) -> Formulas:
    """What such a pen may calculate."""
    return {**CALCULATIONS, **_WILD_CALCULATIONS} if pen.wild else CALCULATIONS
