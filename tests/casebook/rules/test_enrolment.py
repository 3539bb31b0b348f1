"""The enrolment rate: who counts, who is shown beside, and what the target says, always with the children's names."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.rules.enrolment import COUNTED, EXEMPT, IN_SCHOOL, PARTS, Enrolment, Resident, enrolment, is_of_age
from tests.casebook.rules.tale import book, changed

EVE = dt.date(2025, 8, 31)
RULES = book().on(EVE)
SEVEN = dt.date(2018, 5, 1)
STANDINGS = (
    "enrolled", "on_leave", "suspected", "leaving", "home_teaching", "suspended", "dropped_out", "not_enrolled", "exempt",
    "left", "abroad", "deceased", "graduated",
)  # fmt: skip


def counted(*residents: Resident, lost: tuple[str, ...] = (), stage: str = "primary") -> Enrolment:
    return enrolment(stage, residents, EVE, RULES, lost)


def child(case: str, standing: str = "enrolled", birth: dt.date = SEVEN) -> Resident:
    return Resident(case, birth, standing, "primary")


def test_every_standing_has_its_part_and_who_is_gone_has_none() -> None:
    found = counted(*(child(standing, standing) for standing in STANDINGS))
    assert found.parts == {
        "in_school": ("enrolled", "home_teaching", "leaving", "on_leave", "suspected"), "suspended": ("suspended",),
        "dropped": ("dropped_out",), "not_enrolled": ("not_enrolled",), "exempt": ("exempt",),
    }  # fmt: skip
    assert (found.rate.heads, found.rate.base, found.rate.rounded()) == (5, 8, "62.50")


def test_suspended_children_are_not_in_school_and_exempt_ones_are_not_counted_at_all() -> None:
    before = counted(child("a"), child("b"))
    assert counted(child("a"), child("b", "suspended")).rate.rounded() == "50.00"
    assert counted(child("a"), child("b"), child("c", EXEMPT)).rate == before.rate
    assert EXEMPT not in COUNTED and set(COUNTED) | {EXEMPT} == set(PARTS)


def test_a_case_that_is_lost_is_no_child_in_school_whatever_the_roll_still_says() -> None:
    found = counted(child("a"), child("b"), child("c", "suspended"), lost=("b", "c"))
    assert (found.parts["dropped"], found.parts["suspended"], found.parts[IN_SCHOOL]) == (("b",), ("c",), ("a",))


@pytest.mark.parametrize(("birth", "counts"), [
    ((2019, 8, 31), True), ((2019, 9, 1), False), ((2010, 9, 1), True), ((2010, 8, 31), False),
])  # fmt: skip
def test_school_age_is_from_six_full_years_to_below_fifteen_on_the_eve_of_the_year(birth: tuple[int, ...], counts: bool) -> None:
    assert is_of_age(dt.date(*birth), EVE, RULES) is counts
    assert counted(child("a", birth=dt.date(*birth))).rate.base == counts


def test_another_county_has_other_ages_and_targets() -> None:
    rules = book(changed("school_age", value=[7, 16]), changed("target.enrolment.primary", value="60")).on(EVE)
    six, fifteen = dt.date(2019, 1, 1), dt.date(2010, 1, 1)
    found = enrolment("primary", [child("a", birth=six), child("b", birth=fifteen), child("c", "not_enrolled")], EVE, rules)
    assert (found.rate.heads, found.rate.base) == (1, 2)
    assert found.verdict is not None and not found.verdict.kept
    assert (found.verdict.limit, found.verdict.allowed) == ("60", 2)


def test_the_target_speaks_in_heads() -> None:
    many = [child(f"c{n}") for n in range(549)]
    kept = counted(*many, child("x"), child("y", "suspended"), child("z", "suspended"))
    missed = counted(*many, child("x", "suspended"), child("y", "suspended"), child("z", "suspended"))
    assert kept.verdict is not None and missed.verdict is not None
    assert (kept.rate.base, kept.verdict.allowed, kept.verdict.kept, missed.verdict.kept) == (552, 550, True, False)
    assert counted(*many, stage="school").verdict is None
    assert counted().rate.rounded() == "-"
