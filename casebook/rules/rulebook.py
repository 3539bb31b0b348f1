"""Thresholds, targets, names and quotas as versioned rows of a county or a school, never as code (domain 0.1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from casebook.days import day_written

EVERYWHERE = "*"

SCHOOL_DAYS, DAYS, HOURS, CLOCK = "school_days", "days", "hours", "clock"
DAY_OF_MONTH, COUNT, PERCENT, SWITCH, CODE, CODES, MINUTES = (
    "day_of_month", "count", "percent", "switch", "code", "codes", "minutes",
)  # fmt: skip
LENGTHS = frozenset({SCHOOL_DAYS, DAYS, HOURS})
UNITS = LENGTHS | {CLOCK, DAY_OF_MONTH, COUNT, PERCENT, SWITCH, CODE, CODES, MINUTES}
COUNTS = ("from", "after", "before")  # the start is day 1, the start is not counted, backwards from the start
COMPARATORS = ("at_most", "at_least")
_SCOPE = re.compile(r"(\*|county:[^\s|]+|school:[^\s|]+)\Z")
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,6})?\Z", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)


class RuleBroken(ValueError):
    """A row that cannot be right: `key` names it, `field` what is wrong with it."""

    def __init__(self, key: str, field: str) -> None:
        super().__init__(f"{key}: {field}")
        self.key, self.field = key, field


@dataclass(frozen=True)
class Rule:
    """One row: what it sets, for whom, from which day on, and where it comes from.

    `value` is a number, a switch, a code, a list of codes or numbers, a decimal text (percent) or a time of day.
    `counted` says how a length is counted, `roll` whether it moves to the next school day, `warn` how many school
    days before the due day people are warned. Targets also have a comparator and an effect.
    """

    key: str
    value: Any
    unit: str
    counted: str = "after"
    roll: bool = False
    warn: int = 0
    comparator: str = ""
    effect: str = ""
    scope: str = EVERYWHERE
    effective_from: dt.date = dt.date.min
    clause: str = ""
    source: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Rule:
        """A row as it comes from the file of defaults or from the school's feed. Raises RuleBroken."""
        key = str(row.get("key", ""))
        unknown = row.keys() - cls.__dataclass_fields__.keys()
        if not key or unknown:
            raise RuleBroken(key, ", ".join(sorted(unknown)) or "key")
        try:
            day = day_written(row["effective_from"]) if "effective_from" in row else dt.date.min
            if day is None:
                raise RuleBroken(key, "effective_from")
            rule = cls(**{**row, "effective_from": day})
            _check(rule)
        except TypeError as error:
            raise RuleBroken(key, "value") from error
        return rule

    @property
    def limit(self) -> Fraction:
        """The value of a target in percent."""
        return Fraction(str(self.value))


@dataclass(frozen=True)
class Rules:
    """The rows that hold on one day at one school, by key."""

    by_key: Mapping[str, Rule]

    def rule(self, key: str) -> Rule:
        """The row. Raises RuleBroken when no row holds, which the defaults prevent."""
        found = self.by_key.get(key)
        if found is None:
            raise RuleBroken(key, "missing")
        return found

    def number(self, key: str) -> int:
        """The value of a row that holds a number."""
        return int(self.rule(key).value)

    def on(self, key: str) -> bool:
        """Whether a switch is on."""
        return bool(self.rule(key).value)

    def code(self, key: str) -> str:
        """The value of a row that holds a code."""
        return str(self.rule(key).value)

    def codes(self, key: str) -> tuple[str, ...]:
        """The values of a row that holds a list; none when there is no such row."""
        return tuple(self.by_key[key].value) if key in self.by_key else ()

    def starting(self, prefix: str) -> list[Rule]:
        """All rows whose key begins so, by key."""
        return [self.by_key[key] for key in sorted(self.by_key) if key.startswith(prefix)]


class Rulebook:
    """All rows that concern one school. `scopes` go from the general to the special, and the special one wins.

    Of two rows of one scope the one from the later day wins, of two from one day the one that comes later.
    """

    def __init__(self, rules: Iterable[Rule], scopes: Sequence[str] = (EVERYWHERE,)) -> None:
        rank = {scope: place for place, scope in enumerate(scopes)}
        mine = [rule for rule in rules if rule.scope in rank]
        self._ordered = sorted(mine, key=lambda rule: (rank[rule.scope], rule.effective_from))
        self._changes = sorted({rule.effective_from for rule in mine})
        self._known: dict[int, Rules] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], scopes: Sequence[str] = (EVERYWHERE,)) -> Rulebook:
        """The book of these rows. Raises RuleBroken."""
        return cls([Rule.from_row(row) for row in rows], scopes)

    @classmethod
    def of_school(cls, rows: Iterable[Mapping[str, Any]]) -> Rulebook:
        """The book of rows that all may hold at one school: its own win over its county's, those over the general.

        Raises RuleBroken.
        """
        rules = [Rule.from_row(row) for row in rows]
        return cls(rules, sorted({rule.scope for rule in rules}, key=_rank))

    def on(self, day: dt.date) -> Rules:
        """The rules of a day: an old case keeps the rules of its day, whatever came later."""
        era = sum(change <= day for change in self._changes)
        if era not in self._known:
            holding = {rule.key: rule for rule in self._ordered if rule.effective_from <= day}
            self._known[era] = Rules(holding)
        return self._known[era]


def _rank(scope: str) -> tuple[int, str]:
    """Everywhere, then a county, then the school."""
    return [EVERYWHERE, "county", "school"].index(scope.partition(":")[0]), scope


def _check(rule: Rule) -> None:
    """Raises RuleBroken for a row whose value does not fit its unit."""
    fits: dict[str, Callable[[], bool]] = {
        SWITCH: lambda: isinstance(rule.value, bool),
        CODE: lambda: isinstance(rule.value, str) and rule.value != "",
        CODES: lambda: _all(rule.value, str),
        PERCENT: lambda: bool(_PERCENT.match(str(rule.value))) and rule.comparator in COMPARATORS,
        CLOCK: lambda: bool(_CLOCK.match(str(rule.value))),
        DAY_OF_MONTH: lambda: rule.value == "last_school_day" or rule.value in range(1, 32),
    }
    if not fits.get(rule.unit, lambda: _all(rule.value, int) or _counts(rule.value))():
        raise RuleBroken(rule.key, "value")
    if not _counts(rule.warn):
        raise RuleBroken(rule.key, "warn")
    for field, allowed in (("unit", UNITS), ("counted", COUNTS)):
        if getattr(rule, field) not in allowed:
            raise RuleBroken(rule.key, field)
    if not _SCOPE.match(rule.scope):
        raise RuleBroken(rule.key, "scope")


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _all(value: object, kind: type) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(part, kind) for part in value)
