"""入学率: how many of the school-age children of the catchment are in school, every part by name (domain 6.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from casebook.rules.figures import Rate, Verdict, judge
from casebook.rules.rulebook import Rules

IN_SCHOOL, SUSPENDED, DROPPED, NOT_ENROLLED, EXEMPT = PARTS = (
    "in_school", "suspended", "dropped", "not_enrolled", "exempt",
)  # fmt: skip
COUNTED = (IN_SCHOOL, SUSPENDED, DROPPED, NOT_ENROLLED)  # who is put off or exempt by approval is shown beside
_PART_OF: Mapping[str, str] = {
    **dict.fromkeys(("enrolled", "on_leave", "suspected", "leaving", "home_teaching"), IN_SCHOOL),
    "suspended": SUSPENDED, "dropped_out": DROPPED, "not_enrolled": NOT_ENROLLED, "exempt": EXEMPT,
}  # fmt: skip
AGES = "school_age"


@dataclass(frozen=True)
class Resident:
    """A child of the catchment: its birthday, its standing on the roll (domain 4.12), and its stage."""

    case: str
    birth: dt.date
    standing: str
    stage: str


@dataclass(frozen=True)
class Enrolment:
    """The school-age children of a stage (or of the whole school) by part, and what the target says of the rate."""

    stage: str
    parts: Mapping[str, tuple[str, ...]]
    verdict: Verdict | None = None

    @property
    def rate(self) -> Rate:
        """In school, of all who should be; suspended children are not in school until they return."""
        return Rate("enrolment", len(self.parts[IN_SCHOOL]), sum(len(self.parts[part]) for part in COUNTED))


def enrolment(
    stage: str, residents: Iterable[Resident], eve: dt.date, rules: Rules, lost: Collection[str] = ()
) -> Enrolment:
    """The children of these residents who are of school age on `eve`, the day before the school year.

    Who has left, died or graduated belongs to no part. `lost` are children who have dropped out by the state of their
    case, whatever the roll says yet. The target is the row `target.enrolment.<stage>`, where there is one.
    """
    found: dict[str, list[str]] = {part: [] for part in PARTS}
    for child in residents:
        part = _PART_OF.get(child.standing)
        if part is not None and is_of_age(child.birth, eve, rules):
            found[DROPPED if part == IN_SCHOOL and child.case in lost else part].append(child.case)
    counted = Enrolment(stage, {part: tuple(sorted(cases)) for part, cases in found.items()})
    target = rules.by_key.get(f"target.enrolment.{stage}")
    return Enrolment(stage, counted.parts, judge(counted.rate, target)) if target else counted


def is_of_age(birth: dt.date, day: dt.date, rules: Rules) -> bool:
    """Whether a child is of school age on a day: row `school_age`, from so many full years to below so many."""
    first, below = rules.rule(AGES).value
    return bool(first <= years(birth, day) < below)


def years(birth: dt.date, day: dt.date) -> int:
    """Full years of age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
