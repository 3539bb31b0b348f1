"""Term-end figures (domain 9.3), the roll's arithmetic (9.4 d), and percentages with the heads behind them."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.rules.figures import Rate, Roll, class_view, coverage, judge
from tests.casebook.rules.tale import book, changed

RULES = book().on(dt.date(2026, 1, 23))
PRIMARY = Roll(base=552, joined=1, left=2)
JUNIOR = Roll(base=648, joined=2, left=4, suspended=1, dropped_ever=3, dropped_still=1)


def test_the_roll_reconciles() -> None:
    assert Roll(base=74, left=5, joined=2).enrolled == 71
    assert (PRIMARY.present, JUNIOR.present, (PRIMARY + JUNIOR).present) == (551, 644, 1195)
    assert (PRIMARY + JUNIOR).base == 1200


def test_the_rates_of_the_junior_stage() -> None:
    found = {rate.formula: (rate.heads, rate.base, rate.rounded(3)) for rate in
             (JUNIOR.net_dropout, JUNIOR.gross_dropout, JUNIOR.loss, JUNIOR.retention)}  # fmt: skip
    assert found == {
        "dropout_net": (1, 648, "0.154"), "dropout_gross": (3, 648, "0.463"), "dropout_b": (4, 648, "0.617"),
        "retention": (645, 646, "99.845"),
    }  # fmt: skip
    assert JUNIOR.retention.rounded() == "99.85"
    assert (PRIMARY + JUNIOR).net_dropout.rounded(3) == "0.083"


def test_the_limits_are_heads() -> None:
    found = [judge(roll.net_dropout, RULES.rule(f"target.dropout.{stage}")) for stage, roll in (("primary", PRIMARY), ("junior", JUNIOR))]
    assert [(one.allowed, one.kept) for one in found] == [(2, True), (9, True)]


@pytest.mark.parametrize(("students", "dropped", "percent", "kept", "meets", "veto"), [
    (54, 0, "0.00", "100.00", True, False), (54, 1, "1.85", "98.15", True, False), (54, 2, "3.70", "96.30", False, False),
    (54, 3, "5.56", "94.44", False, True), (46, 1, "2.17", "97.83", False, False),
])  # fmt: skip
def test_in_a_class_one_child_can_miss_the_target(
    students: int, dropped: int, percent: str, kept: str, meets: bool, veto: bool
) -> None:
    view = class_view(students, dropped, RULES)
    assert (view.dropout.rounded(), view.retention.rounded(), view.meets, view.veto) == (percent, kept, meets, veto)
    assert (view.dropout.heads, view.dropout.base) == (dropped, students)


def test_a_county_may_set_other_targets() -> None:
    """Q6: no single child."""
    none = book(changed("target.class_dropout", value="0")).on(dt.date(2026, 1, 23))
    assert not class_view(54, 1, none).meets


def test_coverage_counts_families() -> None:
    """Story F: 95 of 96 by 31 August, all on 1 September."""
    assert [coverage(done, 96).rounded() for done in (95, 96)] == ["98.96", "100.00"]


def test_without_a_base_there_is_no_percentage() -> None:
    assert (Rate("x", 0, 0).rounded(), Rate("x", 0, 0).percent) == ("-", None)


def test_a_rate_on_the_limit_keeps_it() -> None:
    assert judge(Rate("x", 1, 50), RULES.rule("target.class_dropout")).kept
    assert judge(Rate("x", 49, 50), RULES.rule("target.class_retention")).kept
