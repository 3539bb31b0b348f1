"""All ways in which a pen writes a number, a text, a day or a truth: tame ones that every author may use, and wild ones
in which engines are known to part."""

from __future__ import annotations

from collections.abc import Mapping

from tests.differential.writing.pen import DAYS, NUMBERS, TEXTS, Pen, Way

PATTERNS = ("%Y-%m-%d", "%Y年%n月%e日", "%d/%m/%y")


def neighbour(pen: Pen) -> str | None:
    """An answer of another instance of a repeat."""
    found = [one for one in pen.inside("text", "one", "integer") if len(one.scope) == 1]
    if not found:
        return None
    one = pen.rng.choice(found)
    return f"indexed-repeat({one}, ${{{one.scope[0]}}}, {pen.any(1, 2)})"


def later(pen: Pen) -> str | None:
    """Some days after a day."""
    moment = pen.moment()
    return moment and f"date({moment} + {pen.any(1, 3, 7, 30)})"


def earlier(pen: Pen) -> str | None:
    """A comparison of two days."""
    moment = pen.moment()
    return moment and f"{moment} {pen.any('<', '>=', '=')} {pen.date()}"


_NUMBER: tuple[Way, ...] = (
    (6, lambda pen, depth: pen.numeral()),
    (5, lambda pen, depth: f"({pen.number(depth)} {pen.any('+', '-', '*', 'div', 'mod')} {pen.number(depth)})"),
    (2, lambda pen, depth: f"if({pen.truth(depth)}, {pen.number(depth)}, {pen.number(depth)})"),
    (2, lambda pen, depth: pen.on(NUMBERS, f"coalesce(?, {pen.numeral()})")),
    (1, lambda pen, depth: f"int({pen.number(depth)})"),
    (1, lambda pen, depth: f"round({pen.number(depth)}, {pen.any(0, 1, 2)})"),
    (1, lambda pen, depth: f"number({pen.number(depth)})"),
    (1, lambda pen, depth: f"{pen.any('min', 'max')}({pen.solid()}, {pen.solid()})"),
    (1, lambda pen, depth: f"pow({pen.number(depth)}, 2)"),
    (1, lambda pen, depth: f"abs({pen.number(depth)})"),
    (2, lambda pen, depth: pen.on(["many"], "count-selected(?)")),
    (1, lambda pen, depth: pen.on(["text", "one"], "string-length(?)")),
    (2, lambda pen, depth: "position(..)" if pen.scope else None),
    (1, lambda pen, depth: f"({pen.date()} - {pen.date()})"),
    (1, lambda pen, depth: f"count(instance('people')/root/item[town = {pen.word()}])"),
    (1, lambda pen, depth: pen.on(["person"], "number(instance('people')/root/item[name = ?]/age)")),
)
_WORDS: tuple[Way, ...] = (
    (4, lambda pen, depth: pen.word()),
    (3, lambda pen, depth: f"concat({pen.words(depth)}, '-', {pen.words(depth)})"),
    (3, lambda pen, depth: f"if({pen.truth(depth)}, {pen.words(depth)}, {pen.words(depth)})"),
    (2, lambda pen, depth: f"coalesce({pen.words(depth)}, {pen.word()})"),
    (2, lambda pen, depth: pen.on(["many"], f"selected-at(?, {pen.any(0, 1, 2)})")),
    (2, lambda pen, depth: f"substr({pen.words(depth)}, {pen.any(0, 1)}, {pen.any(1, 2, 3)})"),
    (1, lambda pen, depth: f"translate({pen.words(depth)}, 'abc', 'xy')"),
    (1, lambda pen, depth: f"normalize-space({pen.words(depth)})"),
    (1, lambda pen, depth: f"string({pen.numeral()})"),
    (1, lambda pen, depth: f"join('/', {pen.words(depth)}, {pen.words(depth)})"),
    (2, lambda pen, depth: pen.on(["one", "person"], "jr:choice-name(?, '?')")),
    (2, lambda pen, depth: pen.on(DAYS, f"format-date(?, '{pen.any(*PATTERNS)}')")),
    (1, lambda pen, depth: f"substring-before({pen.words(depth)}, 'b')"),
    (1, lambda pen, depth: f"substring-after({pen.words(depth)}, 'a')"),
    (2, lambda pen, depth: pen.on(["person"], "instance('people')/root/item[name = ?]/label")),
    (1, lambda pen, depth: f"digest({pen.words(depth)}, 'SHA-256')"),
    (2, lambda pen, depth: neighbour(pen)),
)
_DAY: tuple[Way, ...] = (
    (1, lambda pen, depth: pen.date()),
    (4, lambda pen, depth: later(pen)),
    (1, lambda pen, depth: "format-date(today(), '%Y-%m-%d')"),
    (2, lambda pen, depth: f"if({pen.truth(0)}, {pen.date()}, {pen.date()})"),
)
_TRUTH: tuple[Way, ...] = (
    (5, lambda pen, depth: pen.chosen()),
    (5, lambda pen, depth: pen.compared(depth)),
    (3, lambda pen, depth: pen.on(["many"], f"selected(?, '{pen.any(*'abcd')}')")),
    (2, lambda pen, depth: pen.on([*TEXTS, "integer", "many", "date"], f"? {pen.any('=', '!=')} ''")),
    (2, lambda pen, depth: f"not({pen.truth(depth)})"),
    (4, lambda pen, depth: f"({pen.truth(depth)} {pen.any('and', 'or')} {pen.truth(depth)})"),
    (2, lambda pen, depth: earlier(pen)),
    (1, lambda pen, depth: pen.on(["text"], "contains(?, 'a')")),
    (1, lambda pen, depth: pen.on(["text"], "starts-with(?, 'a')")),
    (1, lambda pen, depth: pen.on(["text"], "regex(?, '^[a-z0-9]+$')")),
    (1, lambda pen, depth: f"boolean-from-string(if({pen.truth(depth)}, 'true', 'no'))"),
    (2, lambda pen, depth: pen.on(["stored"], "? = 'yes'")),
)
TAME: Mapping[str, tuple[Way, ...]] = {"number": _NUMBER, "words": _WORDS, "day": _DAY, "truth": _TRUTH}

WILD: Mapping[str, tuple[Way, ...]] = {
    "number": (
        (1, lambda pen, depth: f"number({pen.words(depth)})"),
        (1, lambda pen, depth: f"number({pen.truth(depth)})"),
        (1, lambda pen, depth: f"{pen.any('min', 'max')}({pen.number(depth)}, {pen.number(depth)})"),
        (1, lambda pen, depth: f"decimal-date-time({pen.date()})"),
        (2, lambda pen, depth: pen.aggregate()),
    ),
    "words": (
        (2, lambda pen, depth: pen.on(["many", "rank"], "?")),
        (1, lambda pen, depth: f"concat({pen.word()}, {pen.number(depth)}, {pen.truth(depth)})"),
        (1, lambda pen, depth: pen.on(NUMBERS, "coalesce(?, '')")),
        (1, lambda pen, depth: f"string({pen.truth(depth)})"),
        (1, lambda pen, depth: pen.on(["date", "time", "datetime", "place"], "string(?)")),
        (1, lambda pen, depth: f"substr({pen.word()}, -2)"),
    ),
    "day": (
        (1, lambda pen, depth: "today()"),
        (1, lambda pen, depth: pen.on(DAYS, "?")),
        (1, lambda pen, depth: pen.on(["datetime"], "?")),
        (1, lambda pen, depth: pen.on(DAYS, f"date(decimal-date-time(?) + {pen.any(1, 3)})")),
    ),
    "truth": (
        (1, lambda pen, depth: f"boolean({pen.number(depth)})"),
        (1, lambda pen, depth: f"boolean({pen.words(depth)})"),
        (1, lambda pen, depth: pen.on(["many"], "selected(?, '')")),
        (1, lambda pen, depth: f"{pen.word()} {pen.any('=', '!=', '<')} {pen.numeral()}"),
        (1, lambda pen, depth: f"checklist(1, 2, {pen.truth(0)}, {pen.truth(0)})"),
        (1, lambda pen, depth: f"ends-with({pen.word()}, 'c')"),
        (1, lambda pen, depth: pen.on(["truth"], "?")),
        (1, lambda pen, depth: pen.on(DAYS, f"? {pen.any('<', '>=')} {pen.word()}")),
        (1, lambda pen, depth: pen.on(DAYS, f"? {pen.any('<', '>=', '=')} {pen.date()}")),
    ),
}
