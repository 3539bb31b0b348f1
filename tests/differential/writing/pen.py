"""Writes random expressions of a wanted type over the questions that are already there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.differential.writing.lists import VALUES

_Any = TypeVar("_Any")
#: weight, and what it writes with a pen and the depth left; None if that cannot be written here
Way = tuple[int, Callable[["Pen", int], str | None]]

NUMBERS = ("integer", "decimal", "range", "number", "solid")
TEXTS = ("text", "one", "words", "barcode")
DAYS = ("date", "day")
_NUMERALS = ("0", "1", "2", "3", "5", "10", "0.5")
_WORDS = ("a", "b", "yes", "t1", "中文", "", "x y")
_DAYS = ("2026-11-20", "2024-02-28", "2026-12-31")


@dataclass(frozen=True)
class Known:
    """A question or calculation that expressions may name. `scope` are the repeats around it, outermost first."""

    name: str
    kind: str
    scope: tuple[str, ...]
    choices: str = ""
    computed: bool = False

    def __str__(self) -> str:
        return f"${{{self.name}}}"


class Pen:
    """Knows what is there, and where in the form it is writing. A wild pen also writes what no author should."""

    def __init__(self, rng: random.Random, wild: bool) -> None:
        self.rng = rng
        self.wild = wild
        self.known: list[Known] = []
        self.scope: tuple[str, ...] = ()
        #: whether what is computed must not be named just now
        self._before_calculations = False

    def any(self, *things: _Any) -> _Any:
        """One of the things."""
        return self.rng.choice(things)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share

    # -- what is there

    def seen(self, *kinds: str) -> list[Known]:
        """What can be named from here: outside of repeats, or in one of those around."""
        return [one for one in self._nameable(kinds) if one.scope == self.scope[: len(one.scope)]]

    def inside(self, *kinds: str) -> list[Known]:
        """What only an aggregate can name from here: it is in a repeat below or beside."""
        return [one for one in self._nameable(kinds) if one.scope != self.scope[: len(one.scope)]]

    def _nameable(self, kinds: Sequence[str]) -> list[Known]:
        return [one for one in self.known if one.kind in kinds and not (one.computed and self._before_calculations)]

    def one_of(self, *kinds: str) -> Known | None:
        """Some visible question of those kinds."""
        found = self.seen(*kinds)
        return self.rng.choice(found) if found else None

    def on(self, kinds: Sequence[str], shape: str) -> str | None:
        """`shape` with a visible question of those kinds in place of each `?`."""
        found = self.one_of(*kinds)
        return None if found is None else shape.replace("?", str(found))

    def at_start(self, write: Callable[[], str]) -> str:
        """What is written for a default; a tame one does not ask what is only computed afterwards."""
        self._before_calculations = not self.wild
        try:
            return write()
        finally:
            self._before_calculations = False

    # -- the simplest of each type

    def numeral(self) -> str:
        """A number without any calculation."""
        literal = self.any(*_NUMERALS)
        return literal if self.chance(0.4) else self.on(NUMBERS, "?") or literal

    def solid(self) -> str:
        """A number that is never blank."""
        return f"coalesce({self.numeral()}, {self.any(0, 4, 7)})"

    def word(self) -> str:
        """A text without any calculation."""
        literal = f"'{self.any(*_WORDS)}'"
        return literal if self.chance(0.35) else self.on(TEXTS, "?") or literal

    def date(self) -> str:
        """A day without any calculation. What was computed may be a text: date() makes a day of it."""
        return self.on(DAYS, "date(?)") or f"date('{self.any(*_DAYS)}')"

    def moment(self) -> str | None:
        """A day that is there, as it may be counted and compared with."""
        return self.on(["day"], "date(?)") if self.chance(0.4) else self.on(["date"], "?")

    def chosen(self) -> str | None:
        """A comparison of a choice with one of its values."""
        one = self.one_of("one", "person")
        return None if one is None else f"{one} {self.any('=', '!=')} '{self.any(*VALUES[one.choices])}'"

    def compared(self, depth: int) -> str:
        """A comparison of two numbers."""
        return f"{self.number(depth)} {self.any('<', '>', '<=', '>=', '=', '!=')} {self.number(depth)}"

    # -- any of each type

    def number(self, depth: int = 2) -> str:
        """An expression that gives a number."""
        return self._some("number", depth) or self.numeral()

    def words(self, depth: int = 2) -> str:
        """An expression that gives a text."""
        return self._some("words", depth) or self.word()

    def day(self, depth: int = 1) -> str:
        """An expression that gives a day."""
        return self._some("day", depth) or self.date()

    def truth(self, depth: int = 2) -> str:
        """An expression that holds or not."""
        return self._some("truth", depth) or self.chosen() or self.compared(0)

    def aggregate(self) -> str | None:
        """A number over all instances of a repeat; a tame one meets no blanks."""
        kinds = ("integer", "decimal", "number", "solid") if self.wild else ("solid",)
        found, whole = self.inside(*kinds), self.inside("repeat")
        if found and self.chance(0.8):
            return f"{self.any('sum', 'min', 'max', 'count', 'count-non-empty')}({self.rng.choice(found)})"
        return f"count({self.rng.choice(whole)})" if whole else None

    def _some(self, kind: str, depth: int) -> str | None:
        """One way of writing that type, by weight; None where the simplest must do."""
        from tests.differential.writing.ways import TAME, WILD

        if depth <= 0:
            return None
        ways = TAME[kind] + (WILD[kind] if self.wild else ())
        ((_, write),) = self.rng.choices(ways, [weight for weight, _ in ways])
        return write(self, depth - 1)
