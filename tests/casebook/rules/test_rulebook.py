"""Rules are rows: the special scope wins, an old case keeps the rules of its day, a broken row is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casebook.rules.reckoning import monthly, reckon, warn_day
from casebook.rules.rulebook import Rule, Rulebook, RuleBroken
from tests.casebook.rules.tale import book, calendar, changed, default_rows

DAY = dt.date(2025, 10, 9)
COUNTY, SCHOOL = "county:990123", "school:3199000001"


def length(value: Any, unit: str = "days", **more: Any) -> Rule:
    return Rule.from_row({"key": "x", "value": value, "unit": unit, **more})


def test_every_default_row_has_a_source_and_a_clause_and_a_key_of_its_own() -> None:
    rows = default_rows()
    assert len({row["key"] for row in rows}) == len(rows)
    assert all(row["source"] and row["clause"].startswith("R") for row in rows)
    assert Rulebook.from_rows(rows).on(DAY).number("formal_case") == 3


def test_the_special_scope_wins_and_strangers_do_not_count() -> None:
    rows = (changed("formal_case", value=4, scope=COUNTY), changed("formal_case", value=2, scope=SCHOOL),
            changed("suspect_mark", value=9, scope="county:other"))  # fmt: skip
    found = {scopes: book(*rows, scopes=scopes).on(DAY).number("formal_case")
             for scopes in (("*",), ("*", COUNTY), ("*", COUNTY, SCHOOL))}  # fmt: skip
    assert list(found.values()) == [3, 4, 2]
    assert book(*rows, scopes=("*", COUNTY)).on(DAY).number("suspect_mark") == 5


def test_a_rule_holds_from_its_day_on() -> None:
    rules = book(changed("return_by", value=10, effective_from="2025-10-16"))
    assert [rules.on(dt.date(2025, 10, day)).number("return_by") for day in (15, 16, 17)] == [7, 10, 10]


@pytest.mark.parametrize("row", [
    {}, {"key": "x", "value": 3}, {"key": "x", "value": 3, "unit": "weeks"}, {"key": "x", "value": -1, "unit": "days"},
    {"key": "x", "value": True, "unit": "days"}, {"key": "x", "value": "2", "unit": "switch"},
    {"key": "x", "value": "25:00", "unit": "clock"}, {"key": "x", "value": "two", "unit": "percent", "comparator": "at_most"},
    {"key": "x", "value": "2", "unit": "percent"}, {"key": "x", "value": 3, "unit": "days", "counted": "onward"},
    {"key": "x", "value": 3, "unit": "days", "effective_from": "soon"}, {"key": "x", "value": 3, "unit": "days", "colour": 1},
])  # fmt: skip
def test_a_row_that_cannot_be_right_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken):
        Rule.from_row(row)


def test_a_rule_that_no_row_sets_is_named() -> None:
    with pytest.raises(RuleBroken, match="formal_case"):
        Rulebook([]).on(DAY).rule("formal_case")


@pytest.mark.parametrize(("rule", "start", "due"), [
    (length(3, "school_days", counted="from"), "2025-10-09", "2025-10-11"),  # a make-up Saturday counts
    (length(5, "school_days", counted="from"), "2025-10-09", "2025-10-14"),
    (length(1, "school_days"), "2025-10-10", "2025-10-11"),
    (length(1, "school_days", counted="before"), "2025-10-13", "2025-10-11"),
    (length(1, "school_days"), "2025-10-12", "2025-10-13"),  # from a Sunday, the next school day
    (length(0, "school_days"), "2025-10-12", "2025-10-12"),
    (length(7), "2025-10-16", "2025-10-23"),
    (length(7, roll=True), "2025-12-13", "2025-12-22"),  # Saturday 20 December rolls to Monday
    (length(5), "2025-12-23", "2025-12-28"),  # no roll
    (length(10, counted="before"), "2026-01-20", "2026-01-10"),
    (length(24, "hours"), "2025-10-09", "2025-10-10"),
])  # fmt: skip
def test_days_are_counted_as_the_row_says(rule: Rule, start: str, due: str) -> None:
    assert reckon(rule, dt.date.fromisoformat(start), calendar()).day == dt.date.fromisoformat(due)


def test_a_count_explains_itself() -> None:
    steps = reckon(length(7, roll=True), dt.date(2025, 12, 13), calendar()).steps
    assert [(step.code, dict(step.facts)) for step in steps] == [
        ("days_after", {"start": "2025-12-13", "n": 7, "day": "2025-12-20"}),
        ("rolled", {"from": "2025-12-20", "day": "2025-12-22"}),
    ]


def test_beyond_the_calendar_there_is_no_day_and_the_reason_is_told() -> None:
    found = reckon(length(30, "school_days"), dt.date(2027, 7, 1), calendar())
    assert (found.day, found.steps[-1].code) == (None, "calendar_ends")


def test_the_warning_is_on_a_school_day_before() -> None:
    """RC is due on Sunday 28 December: the warning comes on Friday."""
    assert warn_day(length(5, warn=1), dt.date(2025, 12, 28), calendar()) == dt.date(2025, 12, 26)
    assert warn_day(length(5), dt.date(2025, 12, 28), calendar()) is None


def test_the_month_is_reported_on_its_last_school_day_or_on_the_county_s_day() -> None:
    """Q5: the county may set a day; without class in a month nothing is due."""
    last, set_day = length("last_school_day", "day_of_month"), length(28, "day_of_month")
    months = [dt.date(2025, 9, 3), dt.date(2025, 10, 3), dt.date(2026, 8, 1)]
    assert [str(monthly(last, month, calendar()).day) for month in months] == ["2025-09-30", "2025-10-31", "None"]
    assert str(monthly(set_day, months[1], calendar()).day) == "2025-10-28"


def test_all_rows_of_one_school_hold_there_its_own_before_its_countys() -> None:
    rows = [changed("formal_case", value=2, scope=SCHOOL), changed("formal_case", value=4, scope=COUNTY),
            changed("suspect_mark", value=9, scope=COUNTY), *default_rows()]  # fmt: skip
    found = Rulebook.of_school(rows).on(DAY)
    assert [found.number(key) for key in ("formal_case", "suspect_mark", "confirm_propose")] == [2, 9, 10]


def test_a_row_for_nobody_in_particular_is_refused() -> None:
    with pytest.raises(RuleBroken) as broken:
        Rulebook.of_school([changed("formal_case", scope="village:1")])
    assert broken.value.field == "scope"
