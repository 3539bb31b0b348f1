"""Rates from plain counts, always with the heads behind them, and what the targets say of them (domain 6.1, 9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from casebook.rules.rulebook import Rule, Rules

_HUNDRED = 100


@dataclass(frozen=True)
class Rate:
    """So many heads of so many; `formula` is the key of the sentence that says what is counted."""

    formula: str
    heads: int
    base: int

    @property
    def percent(self) -> Fraction | None:
        """The exact percentage, None when there is no base."""
        return Fraction(self.heads * _HUNDRED, self.base) if self.base else None

    def rounded(self, places: int = 2) -> str:
        """The percentage as people read it, a dash when there is no base."""
        exact = self.percent
        if exact is None:
            return "-"
        unit = Decimal(1).scaleb(-places)
        return str((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(unit, ROUND_HALF_UP))


@dataclass(frozen=True)
class Roll:
    """How a stage, a class or a school changed since its frozen base figure; all numbers are heads.

    `dropped_ever` were confirmed at some time in the year, `dropped_still` of them are not back at the cut-off. Who
    graduated is on the roll no more, and neither lost nor dropped out.
    """

    base: int
    joined: int = 0
    left: int = 0
    died: int = 0
    suspended: int = 0
    withdrew: int = 0
    other_loss: int = 0
    other_gain: int = 0
    graduated: int = 0
    dropped_ever: int = 0
    dropped_still: int = 0

    def __add__(self, other: Roll) -> Roll:
        """Two stages together."""
        parts = self.__dataclass_fields__
        return Roll(**{part: getattr(self, part) + getattr(other, part) for part in parts})

    @property
    def enrolled(self) -> int:
        """Heads on the roll (R13): 74 - 5 out + 2 in = 71."""
        gone = self.left + self.died + self.withdrew + self.graduated
        return self.base + self.joined + self.other_gain - gone

    @property
    def present(self) -> int:
        """Heads that should sit in class: without those suspended, lost, or dropped out and not back."""
        return self.enrolled - self.suspended - max(self.other_loss, self.dropped_still)

    @property
    def net_dropout(self) -> Rate:
        """辍学率 A: not back at the cut-off, of the year's base."""
        return Rate("dropout_net", self.dropped_still, self.base)

    @property
    def gross_dropout(self) -> Rate:
        """Ever confirmed in the year, of the same base."""
        return Rate("dropout_gross", self.dropped_ever, self.base)

    @property
    def loss(self) -> Rate:
        """Formula B (两基): everyone who left the roll in any way, less those who came."""
        gone = self.suspended + self.withdrew + self.died + self.left + max(self.other_loss, self.dropped_still)
        return Rate("dropout_b", gone - self.joined - self.other_gain, self.base)

    @property
    def retention(self) -> Rate:
        """巩固率: of all who belong here now, those who have not dropped out."""
        belong = self.base + self.joined - self.left - self.died
        return Rate("retention", belong - self.dropped_still, belong)


@dataclass(frozen=True)
class Verdict:
    """What one target says of a rate: kept or not, the limit, and how many heads it allows."""

    key: str
    kept: bool
    limit: str
    allowed: int
    effect: str


@dataclass(frozen=True)
class ClassView:
    """A class under the targets for classes: with few heads one child can already miss them."""

    dropout: Rate
    retention: Rate
    verdicts: tuple[Verdict, ...]

    @property
    def veto(self) -> bool:
        """一票否决."""
        return any(one.effect == "veto" and not one.kept for one in self.verdicts)

    @property
    def meets(self) -> bool:
        """Whether every target is kept."""
        return all(one.kept for one in self.verdicts)


def judge(rate: Rate, target: Rule) -> Verdict:
    """Whether `rate` keeps `target`; `allowed` is the number of heads at which it just does."""
    limit = target.limit * rate.base / _HUNDRED
    at_most = target.comparator == "at_most"
    kept = rate.heads <= limit if at_most else rate.heads >= limit
    allowed = limit.__floor__() if at_most else limit.__ceil__()
    return Verdict(target.key, kept, str(target.value), allowed, target.effect)


def class_view(students: int, dropped: int, rules: Rules) -> ClassView:
    """A class of so many students of whom so many dropped out (R50)."""
    dropout = Rate("dropout_net", dropped, students)
    kept = Rate("retention", students - dropped, students)
    verdicts = [judge(dropout, rules.rule(key)) for key in ("target.class_dropout", "target.class_dropout_veto")]
    return ClassView(dropout, kept, (*verdicts, judge(kept, rules.rule("target.class_retention"))))


def coverage(done: int, required: int) -> Rate:
    """普访率: families visited of those who should be (R41)."""
    return Rate("coverage", done, required)
