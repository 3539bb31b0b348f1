"""Aid that is due and not paid is somebody's duty until a survey finds it paid; poor and weak at school is both."""

from __future__ import annotations

import pytest

from casebook.rules.aid import asked, flags_with_both, proposed_flags
from casebook.rules.duties import Duty, child_duties
from tests.casebook.rules.tale import Tale

FOUND = {"aid_count": "0", "aid_gap": "living orphan", "family_flags_proposed": "FM01 FM05"}


def settle(tale: Tale, now: str) -> list[Duty]:
    return [duty for duty in child_duties(tale.life(now)) if duty.kind == "settle_aid"]


def test_a_gap_asks_the_aid_officer_until_another_survey_finds_it_paid() -> None:
    tale = Tale()
    rid = tale.visit("2025-09-10 16:00", "aid", **FOUND)
    (duty,) = settle(tale, "2025-09-12")
    assert (duty.roles, duty.clause, duty.source, duty.due) == (("general_affairs",), "R53", rid, None)
    assert duty.facts["gap"] == ("living", "orphan")
    assert settle(tale, "2025-09-10 12:00") == []  # not surveyed yet
    tale.visit("2025-10-10 16:00", "aid", aid_count="2")
    assert settle(tale, "2025-10-11") == []
    tale.visit("2026-03-10 16:00", "aid", aid_count="0", aid_gap="living")
    assert [duty.facts["gap"] for duty in settle(tale, "2026-03-11")] == [("living",)]


def test_neither_another_visit_nor_a_survey_that_left_the_aid_out_settles_it() -> None:
    tale = Tale()
    tale.visit("2025-09-10 16:00", "aid", **FOUND)
    tale.visit("2025-09-20 16:00", "routine", aid_count="2")
    tale.visit("2025-09-21 16:00", "aid", consent="no")
    found = asked(tale.life("2025-09-22").facts)
    assert found is not None
    assert found.survey.stamp.day.isoformat() == "2025-09-10"
    assert proposed_flags(tale.life("2025-09-22").facts) == ("FM01", "FM05")


def test_what_the_officer_grants_or_refuses_ends_the_duty_kind_by_kind_and_for_this_survey_alone() -> None:
    tale = Tale()
    tale.visit("2025-09-10 16:00", "aid", **FOUND)
    survey = settle(tale, "2025-09-11")[0].facts["survey"]
    settled = {"role": "general_affairs", "survey": survey, "because": "x"}
    tale.act("aid_granted", "2025-09-15 09:00", **settled, kinds=["living"], given="625", from_on="2025-09-01")
    assert [duty.facts["gap"] for duty in settle(tale, "2025-09-16")] == [("orphan",)]
    tale.act("aid_refused", "2025-09-17 09:00", **settled, kinds=["orphan"])
    assert settle(tale, "2025-09-18") == []
    assert [duty.facts["gap"] for duty in settle(tale, "2025-09-16")] == [("orphan",)]  # looked back at
    tale.visit("2026-03-10 16:00", "aid", aid_count="0", aid_gap="living")
    assert [duty.facts["gap"] for duty in settle(tale, "2026-03-11")] == [("living",)]


def test_a_survey_that_finds_nothing_missing_asks_nothing() -> None:
    tale = Tale()
    tale.visit("2025-09-10 16:00", "aid", aid_count="1")
    assert settle(tale, "2025-09-12") == []


@pytest.mark.parametrize(("key", "family", "both"), [
    (["KS03"], ["FM01"], True), (["KS03", "KS02"], [], True), (["KS03"], ["FM11"], False), (["KS02"], ["FM01"], False),
    (["KS03", "KS04"], ["FM03"], True), (["KS06"], [], False),
])  # fmt: skip
def test_poor_and_weak_at_school_is_both(key: list[str], family: list[str], both: bool) -> None:
    flags = flags_with_both(key, family)
    assert (flags.count("KS04") == 1) is both
    assert set(key) <= set(flags)
