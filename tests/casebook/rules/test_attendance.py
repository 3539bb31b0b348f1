"""Headcounts: corrections keep the old value, two counts stand side by side, the week is the sum of its days (R18-R24)."""

from __future__ import annotations

import datetime as dt

from casebook.rules.attendance import attendance
from casebook.rules.weekly import week
from tests.casebook.rules.tale import BOY, CLASS, Tale, calendar

DAY = dt.date(2025, 10, 9)


def test_a_correction_keeps_what_was_said_before_with_author_and_reason() -> None:
    """R23: in the order of the chain, however often it is corrected and however it arrives."""
    tale = Tale()
    first = tale.headcount("2025-10-09", {BOY: "unexcused"})
    second = tale.headcount("2025-10-09", {BOY: "sick"}, time="09:00", amends=(first,), body={"reason": "mother called"})
    tale.headcount("2025-10-09", time="10:00", author="director", amends=(second,), body={"reason": "was in the sick room"})
    count = attendance(reversed(tale.entries)).of(CLASS, DAY)["am"]
    assert [(one.kinds, one.reason) for one in (*count.former, count)] == [
        ({BOY: "unexcused"}, ""), ({BOY: "sick"}, "mother called"), ({}, "was in the sick room")]  # fmt: skip
    assert (count.author, count.present, count.rivals, tale.life("2025-10-09").incidents) == ("director", 54, (), ())
    (day,) = (one for one in week(CLASS, dt.date(2025, 10, 6), attendance(tale.entries), calendar(), {}).days if one.day == DAY)
    assert [(change.was, change.now, change.author) for change in day.changes] == [
        ("unexcused", "sick", "t" * 32), ("sick", "", "director")]  # fmt: skip


def test_of_two_counts_side_by_side_the_one_that_misses_the_child_counts_until_it_is_decided() -> None:
    tale = Tale()
    one = tale.headcount("2025-10-09", {BOY: "unexcused"})
    other = tale.headcount("2025-10-09", time="07:55", author="other")
    assert tale.life("2025-10-09").state == "I0"
    assert [gap.code for gap in attendance(tale.entries).discrepancies(CLASS, DAY)] == ["two_counts"]
    tale.headcount("2025-10-09", time="08:30", amends=(one, other), body={"reason": "he came late"})
    assert tale.life("2025-10-09").state == "none"
    assert list(attendance(tale.entries).discrepancies(CLASS, DAY)) == []


def test_the_week_is_the_sum_of_its_days_and_another_basis_reopens_it() -> None:
    """R21. A week with a make-up Saturday; a Monday without a report shows as not reported."""
    tale, monday = Tale(), dt.date(2025, 10, 6)
    tale.headcount("2025-10-09", {BOY: "unexcused", "girl": "sick"})
    first = tale.headcount("2025-10-10", {BOY: "unexcused"})
    before = week(CLASS, monday, attendance(tale.entries), calendar(), {})
    assert [(day.day.day, day.reported) for day in before.days] == [(9, True), (10, True), (11, False)]
    assert (before.totals, before.unchanged) == ({"unexcused": 2, "sick": 1}, True)
    assert [day.unexcused for day in before.days] == [(BOY,), (BOY,), ()]
    tale.headcount("2025-10-10", {BOY: "personal"}, time="12:00", amends=(first,), body={"reason": "leave found"})
    after = week(CLASS, monday, attendance(tale.entries), calendar(), {})
    assert (after.totals, after.unchanged, after.basis != before.basis) == ({"unexcused": 1, "sick": 1, "personal": 1}, False, True)


def test_every_report_adds_up() -> None:
    """Domain 9.4 (e)."""
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-15")
    for sessions in attendance(tale.entries).counts.values():
        for count in sessions.values():
            assert count.expected == count.present + count.away and count.away == len(count.kinds)


def test_of_its_children_a_class_knows_better_than_the_class_they_came_from() -> None:
    """R13: the telephone of the former class teacher has not heard yet that the boy has moved."""
    tale = Tale()
    tale.headcount("2025-10-09", {BOY: "unexcused"}, class_id="g8c1")
    assert tale.life("2025-10-09 07:55").state == "I0"  # whoever misses a child is believed until it is counted
    tale.headcount("2025-10-09", time="08:00")
    assert tale.life("2025-10-09 09:00").incidents == ()
    tale.headcount("2025-10-10", {BOY: "unexcused"})
    tale.headcount("2025-10-10", class_id="g8c1")
    assert [one.first.day for one in tale.life("2025-10-10 09:00").incidents] == [10]
