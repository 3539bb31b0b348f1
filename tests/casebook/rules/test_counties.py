"""Q1-Q8 (domain 0.1): the same records under two counties' rules give the two right answers, without code."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casebook.rules.absence import Child, Stay
from casebook.rules.deadlines import deadlines
from casebook.rules.figures import class_view
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.school_deadlines import monthly_report
from casebook.rules.states import Allowed, may
from tests.casebook.rules.tale import BOY, FIRST_DAY, Tale, book, changed
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_states import PRINCIPAL, absent, suspected

OURS, THEIRS = "county:990123", "county:990200"


def two(key: str, **changes: Any) -> tuple[Any, Any]:
    """The rulebooks of two counties, from one set of rows."""
    rows = (changed(key, scope=THEIRS, **changes),)
    return book(*rows, scopes=("*", OURS)), book(*rows, scopes=("*", THEIRS))


def under(tale: Tale, rules: Any, now: str) -> Lifecycle:
    other = Tale(rules)
    other.entries = tale.entries
    return other.life(now)


def due(life: Lifecycle, key: str) -> str:
    return str(next(one.due for one in deadlines(life) if one.key == key))


@pytest.mark.parametrize(("question", "key", "changes", "ours", "theirs"), [
    ("Q1", "formal_case", {"value": 4}, "2025-10-11", "2025-10-13"),
    ("Q2", "suspect_mark", {"value": 8, "unit": "days"}, "2025-10-14", "2025-10-16"),
    ("Q3", "confirm_propose", {"value": 28, "unit": "days"}, "2025-10-21", "2025-11-05"),
    ("Q3", "confirm_propose", {"value": 3}, "2025-10-21", "2025-10-11"),
])  # fmt: skip
def test_the_marks_of_an_absence(question: str, key: str, changes: dict[str, Any], ours: str, theirs: str) -> None:
    tale = absent(6)
    assert [due(under(tale, rules, "2025-10-15"), key) for rules in two(key, **changes)] == [ours, theirs]


def test_q1_decides_whether_there_is_a_case_at_all() -> None:
    assert [under(absent(3), rules, "2025-10-11").state for rules in two("formal_case", value=4)] == ["C1", "I0"]


def test_q2_a_declaration_may_or_may_not_be_a_suspicion() -> None:
    tale = absent(1)
    tale.act("declared_leaving", "2025-10-09 17:00", "class_teacher", by="guardian")
    assert [under(tale, rules, "2025-10-09").state for rules in two("suspect_on_declaration", value=False)] == ["C2", "C1"]


@pytest.mark.parametrize(("changes", "theirs"), [
    ({"value": 10}, "2025-12-23"), ({"roll": False}, "2025-12-20"), ({"unit": "school_days"}, "2025-12-23"),
])  # fmt: skip
def test_q4_the_day_of_return(changes: dict[str, Any], theirs: str) -> None:
    assert [due(under(boy_k(), rules, "2025-12-31"), "return_by") for rules in two("return_by", **changes)] == ["2025-12-22", theirs]


def test_q5_the_report_of_failure_and_the_report_of_the_month() -> None:
    rules = two("gov_report", value=5, roll=True)
    assert [due(under(boy_k(), one, "2025-12-31"), "gov_report") for one in rules] == ["2025-12-28", "2025-12-29"]
    for one, day in zip(two("monthly_report", value=28), ("2025-12-31", "2025-12-28"), strict=True):
        (report,) = monthly_report(Tale(one).world("2025-12-31"), dt.date(2025, 12, 1), [])
        assert str(report.due) == day


def test_q5_a_county_without_sign_lists_refuses_them() -> None:
    body = {"report": "RA", "no": "1", "addressees": ["county"], "on": "2025-10-11", "way": "hand", "proof": "stamp"}
    answers = [may("reported", under(absent(3), rules, "2025-10-11").situation(PRINCIPAL, body))
               for rules in two("case_reports", value=["RB", "RC", "RD"])]  # fmt: skip
    assert [getattr(answer, "missing", ()) for answer in answers] == [(), ("report_kind",)]


def test_q6_one_child_keeps_or_misses_the_target() -> None:
    day = dt.date(2026, 1, 23)
    assert [class_view(54, 1, rules.on(day)).meets for rules in two("target.class_dropout", value="0")] == [True, False]


def test_q7_the_name_of_the_document_is_the_county_s() -> None:
    day = dt.date(2025, 10, 9)
    assert [rules.on(day).code("document.N1") for rules in two("document.N1", value="persuade_study")] == [
        "supervise_return", "persuade_study"]  # fmt: skip


def test_q8_quotas_are_rows() -> None:
    day = dt.date(2025, 10, 9)
    assert [rules.on(day).number("quota.key") for rules in two("quota.key", value=3)] == [2, 3]


def test_how_much_must_be_tried_is_the_county_s() -> None:
    tale = boy_k(decided="", sent="")
    answers = [may("ineffective", under(tale, rules, "2025-12-15").situation(PRINCIPAL, {"because": "x"}))
               for rules in two("attempts_door", value=3)]  # fmt: skip
    assert [isinstance(answer, Allowed) for answer in answers] == [True, False]


def test_the_scope_of_a_school_goes_before_its_county() -> None:
    rows = (changed("formal_case", value=4, scope=OURS), changed("formal_case", value=2, scope="school:3199000001"))
    rules = book(*rows, scopes=("*", OURS, "school:3199000001"))
    assert due(under(suspected(), rules, "2025-10-14"), "formal_case") == "2025-10-10"


def test_a_child_that_left_the_roll_is_not_absent() -> None:
    """R13: transferred on the 11th, it is neither present nor missing afterwards."""
    from casebook.rules.lifecycle import lifecycle
    from casebook.rules.reading import chronicle

    tale = absent(2)
    tale.present("2025-10-11", "2025-10-15")
    child = Child(BOY, (Stay("g8c2", FIRST_DAY, dt.date(2025, 10, 10)),))
    life = lifecycle(child, chronicle(BOY, [one for one in tale.entries if one.record.case]), tale.world("2025-10-15"))
    assert [(day.day.day, day.status) for day in life.days] == [
        (9, "unexcused"), (10, "unexcused"), (11, "elsewhere"), (13, "elsewhere"), (14, "elsewhere"), (15, "elsewhere")]  # fmt: skip
