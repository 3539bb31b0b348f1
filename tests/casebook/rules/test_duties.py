"""Tasks are derived: who has to do what until when, and they go away when it is done."""

from __future__ import annotations

import datetime as dt

import pytest

from assets import load_wording
from casebook.casefile import fold
from casebook.rules.duties import KINDS, Duty, child_duties, class_duties, file_duties, school_duties, without_effect
from casebook.rules.words import duty_key
from tests.casebook.builders import entry, make_record, make_review, make_visit
from tests.casebook.rules.tale import CLASS, Tale
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_states import suspected
from tests.casebook.rules.test_story_b import told as story_b


def brief(duties: list[Duty]) -> list[tuple[str, str, str]]:
    """Kind, urgency and the first role."""
    return [(duty.kind, duty.urgency, duty.roles[0]) for duty in duties]


def on(tale: Tale, now: str) -> list[tuple[str, str, str]]:
    return brief(child_duties(tale.life(now)))


def test_an_absence_asks_the_class_teacher_for_a_visit_today() -> None:
    tale = Tale()
    tale.headcount("2025-10-09", {"boy": "unexcused"})
    assert on(tale, "2025-10-09 12:00") == [("visit_today", "today", "class_teacher")]
    tale.visit("2025-10-09 16:00", "absence")
    assert on(tale, "2025-10-09 17:00") == []


@pytest.mark.parametrize(("now", "expected"), [
    ("10-11 12:00", [("contact_today", "today", "class_teacher")]),
    ("10-12 12:00", []),  # Sunday, and the joint visit is made
    ("10-14 08:00", [("enter_mark", "later", "registrar"), ("propose_confirmation", "later", "academic_office")]),
    ("10-15 10:00", [("issue_notice", "soon", "registrar")]),
    ("10-15 16:00", [("serve_notice", "later", "servers")]),
    ("10-16 18:00", []),
    ("10-22 08:05", [("note_return", "today", "class_teacher")]),
    ("10-22 08:30", [("confirm_return", "soon", "grade_director"), ("report_return", "soon", "academic_office")]),
    ("10-22 17:00", [("follow_up", "soon", "class_teacher"), ("strike_off", "later", "registrar")]),
    ("10-31 12:00", [("follow_up", "later", "class_teacher")]),
])  # fmt: skip
def test_story_b_asks_each_person_in_turn(now: str, expected: list[tuple[str, str, str]]) -> None:
    assert on(story_b(), f"2025-{now}") == expected


def test_what_was_proposed_waits_for_the_principal_and_for_nobody_else() -> None:
    """R30, R34: the second person is told, with the day and its reasons; the first has done the own part."""
    tale, on_the_10th = suspected(), dt.date(2025, 10, 21)
    assert ("propose_confirmation", "later", "academic_office") in on(tale, "2025-10-14 10:00")
    tale.act("proposed", "2025-10-14 10:30", "academic_office", what="confirmed", because="stays away")
    told = {duty.kind: duty for duty in child_duties(tale.life("2025-10-14 11:00"))}
    assert "propose_confirmation" not in told
    asked = told["confirm_dropout"]
    assert (asked.roles, asked.due, bool(asked.because)) == (("principal",), on_the_10th, True)
    basis = next(one.record.body["visit"] for one in tale.entries if one.record.type == "visit")
    tale.act("confirmed", "2025-10-14 11:30", "principal", basis=[basis])
    assert "confirm_dropout" not in {duty.kind for duty in child_duties(tale.life("2025-10-14 12:00"))}
    served = boy_k(decided="", sent="")
    assert "decide_failed" not in {duty.kind for duty in child_duties(served.life("2025-12-16 12:00"))}
    served.act("proposed", "2025-12-16 10:00", "academic_office", what="ineffective", because="refuses")
    assert on(served, "2025-12-16 12:00") == [("decide_failed", "later", "principal")]
    assert on(served, "2025-12-23 12:00") == [("decide_failed", "today", "principal")]


def test_who_noted_a_return_is_not_asked_to_confirm_it() -> None:
    tale = story_b()
    told = next(duty for duty in child_duties(tale.life("2025-10-22 08:30")) if duty.kind == "confirm_return")
    assert told.roles == ("grade_director", "academic_office")
    other = suspected()
    other.headcount("2025-10-15")
    other.act("returned", "2025-10-15 08:20", "grade_director", on="2025-10-15")
    told = next(duty for duty in child_duties(other.life("2025-10-15 09:00")) if duty.kind == "confirm_return")
    assert told.roles == ("academic_office",)


def test_after_the_day_of_return_the_principal_decides_and_the_office_reports() -> None:
    assert on(boy_k(decided="", sent=""), "2025-12-23 12:00") == [("decide_failed", "today", "principal")]
    assert on(boy_k(sent=""), "2025-12-26 12:00") == [("report_failure", "soon", "academic_office")]
    assert on(boy_k(), "2025-12-29") == []


def test_a_sign_on_a_child_in_class_is_the_directors_until_the_family_is_met_again() -> None:
    """R29: a strong one is for that very day; a shut door settles nothing."""
    tale = Tale()
    tale.visit("2025-10-09 16:00", "routine", sign_level="none")
    assert on(tale, "2025-10-09 17:00") == []
    tale.visit("2025-10-10 16:00", "routine", sign_level="slight")
    assert on(tale, "2025-10-10 17:00") == [("look_into_sign", "later", "grade_director")]
    tale.visit("2025-10-13 16:00", "routine", sign_level="strong")
    assert on(tale, "2025-10-13 17:00") == [("look_into_sign", "today", "grade_director")]
    tale.visit("2025-10-14 16:00", "attempt")
    assert on(tale, "2025-10-14 17:00") == [("look_into_sign", "overdue", "grade_director")]
    tale.visit("2025-10-14 18:00", "talk")
    assert on(tale, "2025-10-14 19:00") == []


def test_a_defective_service_is_repeated_and_a_step_that_did_not_count_completed() -> None:
    tale = suspected()
    tale.act("notice_issued", "2025-10-14 09:30", "registrar", notice="N1", no="0", addressee="father", on="2025-10-14")
    (unmet,) = (duty for duty in child_duties(tale.life("2025-10-14 10:00")) if duty.kind == "unmet_act")
    assert unmet.facts == {"event": "notice_issued", "missing": ("not_in_state",)}
    basis = next(one.record.body["visit"] for one in tale.entries if one.record.type == "visit")
    tale.act("confirmed", "2025-10-14 11:00", "principal", basis=[basis])
    tale.act("notice_issued", "2025-10-14 12:00", "registrar", notice="N1", no="1", addressee="father", on="2025-10-14")
    tale.serve("2025-10-14 16:00", "1", guardian_signature="")
    again = next(duty for duty in child_duties(tale.life("2025-10-14 18:00")) if duty.kind == "serve_again")
    assert again.facts == {"defects": ("signature",)}
    assert "serve_notice" not in [kind for kind, *_ in on(tale, "2025-10-14 18:00")]  # one thing is asked for once
    served = [one.facts for one in child_duties(tale.life("2025-10-14 18:00")) if one.kind == "unmet_act"]
    assert [one["event"] for one in served] == []  # the office's first notice counted later, the service is asked again
    tale.serve("2025-10-15 16:00", "1")
    assert {"serve_again", "unmet_act"}.isdisjoint(duty.kind for duty in child_duties(tale.life("2025-10-15 18:00")))
    waiting = [[one.event for one in without_effect(tale.life(f"2025-10-{at} 18:00"))] for at in ("14", "15")]
    assert waiting == [["notice_served"], []]  # the case's page says so until it was made up for


def test_three_calls_in_vain_ask_for_a_visit() -> None:
    tale = Tale()
    tale.headcount("2025-10-09", {"boy": "unexcused"})
    for hour in ("08", "10", "12"):
        tale.call(f"2025-10-09 {hour}:00")
    assert "visit_after_calls" in {kind for kind, _, _ in on(tale, "2025-10-09 13:00")}


def test_elsewhere_in_school_stays_on_watch_until_the_roll_has_moved() -> None:
    """Story F: H did not register, is found in another school: a certificate and a call, no dropout."""
    tale = Tale()
    tale.headcount("2025-09-01", {"boy": "not_registered"})
    tale.act("opened", "2025-09-01 10:00", "class_teacher", because="learns elsewhere")
    closing = tale.act("closing", "2025-09-01 15:00", "registrar", code="Z2", papers=["certificate", "school_called"])
    assert ("close_case", "later", "principal") in on(tale, "2025-09-01 15:30")
    tale.act("closed", "2025-09-01 16:00", "principal", closing=closing)
    life = tale.life("2025-09-05")
    assert (life.state, life.ledger_class, len(life.absent_days)) == ("C8", "watch", 1)
    assert ("watch_roll", "later", "registrar") in brief(child_duties(life))
    tale.act("roll_moved", "2025-09-20 09:00", "registrar", on="2025-09-20")
    assert tale.life("2025-09-21").ledger_class == "none"
    assert "watch_roll" not in {duty.kind for duty in child_duties(tale.life("2025-09-21"))}


def test_who_registers_a_day_late_after_a_visit_is_no_case() -> None:
    """Story F: J."""
    tale = Tale()
    tale.headcount("2025-09-01", {"boy": "not_registered"})
    tale.visit("2025-09-01 15:00", "absence")
    tale.headcount("2025-09-02")
    life = tale.life("2025-09-02 12:00")
    assert ([one.kind for one in life.incidents], life.episode, child_duties(life)) == (["not_registered"], None, [])


def test_a_class_owes_its_headcount_and_an_answer_where_heads_differ() -> None:
    tale, day = Tale(), dt.date(2025, 10, 9)
    assert brief(class_duties(CLASS, day, tale.world("2025-10-09 08:00"))) == [("headcount", "today", "class_teacher")]
    assert brief(class_duties(CLASS, day, tale.world("2025-10-09 09:00"))) == [("headcount", "overdue", "class_teacher")]
    tale.headcount("2025-10-09")
    tale.headcount("2025-10-09", session="lesson", present=52, time="10:00", author="su")
    tale.headcount("2025-10-09", {"girl": "unexcused"}, session="noon", time="12:00")
    found = class_duties(CLASS, day, tale.world("2025-10-09 13:00"))
    assert {duty.kind for duty in found} == {"check_heads"}
    assert sorted((duty.facts["code"], duty.facts["class_heads"], duty.facts["other_heads"]) for duty in found) == [
        ("left_school", 54, 53), ("lesson", 54, 52)]  # fmt: skip


def test_the_school_owes_its_month() -> None:
    tale = Tale()
    assert brief(school_duties(tale.world("2025-08-26"), [])) == []
    assert brief(school_duties(tale.world("2025-10-31 12:00"), [])) == [("report_month", "today", "academic_office")]


def test_a_case_file_asks_for_the_returned_visit_and_the_open_question() -> None:
    visit = entry(make_visit(set={"guardian_phone": "12000001701"}))
    other = entry(make_record(set={"guardian_phone": "12000001710"}, hlc=(2, 0)))
    review = entry(make_review(visit, "returned", "photo of the door", hlc=(3, 0)))
    found = file_duties(fold("c" * 32, [visit, other, review]), dt.date(2025, 11, 10))
    assert brief(found) == [("complete_visit", "today", "visitor"), ("answer_conflict", "soon", "academic_office")]
    assert found[0].facts == {"visit": "v1", "remark": "photo of the door"}


def test_a_promise_is_checked_on_its_day_and_a_shut_door_settles_nothing() -> None:
    """R31: soon, today, overdue; a later visit or the child in class settles it."""
    tale = Tale()
    tale.visit("2025-10-09 16:00", "routine", outcome="promised", promise_date="2025-10-13")
    assert [on(tale, f"2025-10-{day:02} 18:00")[0][:2] for day in (9, 12, 13, 14)] == [
        ("promise_due", "later"), ("promise_due", "soon"), ("promise_due", "today"), ("promise_due", "overdue"),
    ]  # fmt: skip
    tale.visit("2025-10-13 16:00", "attempt", outcome="not_found", contact_result="no_one_home")
    assert on(tale, "2025-10-14 12:00") == [("promise_due", "overdue", "class_teacher")]
    tale.visit("2025-10-14 16:00", "routine", outcome="promised")
    assert on(tale, "2025-10-15 12:00") == []


def test_a_child_that_came_as_promised_asks_nothing() -> None:
    tale = Tale()
    tale.headcount("2025-10-09", {"boy": "unexcused"})
    tale.visit("2025-10-09 16:00", "absence", outcome="promised", promise_date="2025-10-10")
    tale.headcount("2025-10-10")
    assert on(tale, "2025-10-11 12:00") == []


def test_the_next_step_has_its_day() -> None:
    """R39: every open case has a next action."""
    tale = Tale()
    tale.visit("2025-10-09 16:00", "routine", next_action="call", next_date="2025-10-10")
    found = [(duty.kind, duty.facts["action"], duty.clause) for duty in child_duties(tale.life("2025-10-09 18:00"))]
    assert found == [("next_step", "call", "R39")]


def test_a_next_step_for_the_same_day_is_not_settled_by_the_call_that_named_it() -> None:
    tale = Tale()
    tale.call("2025-10-09 08:20", next_action="visit", next_date="2025-10-09")
    assert on(tale, "2025-10-09 12:00") == [("next_step", "today", "class_teacher")]
    tale.visit("2025-10-09 16:00", "absence")
    assert on(tale, "2025-10-09 17:00") == []


def test_every_duty_has_its_words() -> None:
    assert [kind for kind in KINDS for locale in ("zh_CN", "en") if not load_wording(locale).has(duty_key(kind))] == []
