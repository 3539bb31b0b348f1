"""Every deadline says its day, why, by which rule, and whether it was kept (domain 3.3, stories B and F)."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE, NO_DAY, OPEN, OVERDUE, WARNED, Deadline
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reading import chronicle
from casebook.rules.school_deadlines import daily_reports, monthly_report, monthly_reports
from tests.casebook.rules.tale import CLASS, Tale, book, changed, moment
from tests.casebook.rules.test_story_b import told as story_b


def dues(life: Lifecycle, *keys: str) -> list[tuple[str, str, str]]:
    """Key, day and status of the deadlines with these keys, in order."""
    return [(one.key, str(one.due), one.status(life.world.now)) for one in deadlines(life) if one.key in keys]


def only(life: Lifecycle, key: str) -> Deadline:
    (found,) = (one for one in deadlines(life) if one.key == key)
    return found


def test_story_b_keeps_every_deadline_and_needs_no_report_of_failure() -> None:
    life = story_b().life("2025-10-31")
    assert dues(life, "same_day_visit", "formal_case", "suspect_mark", "national_mark", "notice_issue", "notice_service",
                "return_by", "failed_decision", "gov_report", "return_report", "return_second_person") == [
        ("same_day_visit", "2025-10-09", MET), ("formal_case", "2025-10-11", MET), ("suspect_mark", "2025-10-14", MET),
        ("notice_issue", "2025-10-16", MET), ("national_mark", "2025-10-17", MET), ("notice_service", "2025-10-20", MET),
        ("return_by", "2025-10-23", MET), ("return_report", "2025-10-23", MET), ("return_second_person", "2025-10-23", MET),
    ]  # fmt: skip


def test_story_b_is_looked_after_on_three_days_and_then_every_month() -> None:
    """Day 1 is the day of return; 2 January is a holiday, so the first monthly visit is on the make-up Sunday."""
    life = story_b().life("2025-11-10")
    assert dues(life, "followups", "followups_monthly") == [
        ("followups", "2025-10-24", MET), ("followups", "2025-11-04", OVERDUE), ("followups", "2025-12-02", OPEN),
        ("followups_monthly", "2026-01-04", OPEN),
    ]  # fmt: skip


def test_a_return_deadline_explains_itself() -> None:
    due = only(story_b().life("2025-10-31"), "return_by")
    assert [(step.code, dict(step.facts)) for step in due.because] == [
        ("since_served", {"day": "2025-10-16"}),
        ("days_after", {"start": "2025-10-16", "n": 7, "day": "2025-10-23"}),
    ]
    assert (due.clause, due.reference) == ("R32", "Q4: S1, O8")


def test_the_first_week_before_anything_is_done() -> None:
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-10")
    life = tale.life("2025-10-10 12:00")
    assert dues(life, "incident_report", "same_day_visit", "formal_case", "suspect_mark", "confirm_propose") == [
        ("incident_report", "2025-10-09", MET), ("same_day_visit", "2025-10-09", OVERDUE),
        ("formal_case", "2025-10-11", OPEN), ("suspect_mark", "2025-10-14", OPEN), ("confirm_propose", "2025-10-21", OPEN),
    ]  # fmt: skip
    assert dues(tale.life("2025-10-09 23:00"), "same_day_visit") == [("same_day_visit", "2025-10-09", OPEN)]


def boy_k(tale: Tale | None = None, *, decided: str = "2025-12-23 10:00", sent: str = "2025-12-26") -> Tale:
    """Story F: boy K, absent from 8 December to the end of the term."""
    tale = tale or Tale()
    tale.absent("2025-12-08", "2026-01-23")
    tale.call("2025-12-08 08:30")
    tale.visit("2025-12-08 17:00", "absence", excuse="none", sign_level="slight", reasons_guardian="WO1", whereabouts="D3")
    tale.visit("2025-12-11 17:00", "persuade", whereabouts="D3")
    tale.act("marked", "2025-12-12 09:00", "registrar", mark="suspected", on="2025-12-12")
    tale.act("confirmed", "2025-12-12 10:00", "principal", basis=[tale.entries[-2].record.body["visit"]])
    tale.act("notice_issued", "2025-12-12 11:00", "registrar", notice="N1", no="K-1", addressee="mother", on="2025-12-12")
    tale.serve("2025-12-13 10:00", "K-1", village_letter_on="2025-12-13")
    if decided:
        tale.act("ineffective", decided, "principal", because="not back by the day set")
    if sent:
        tale.act("reported", f"{sent} 15:00", "academic_office", report="RC", no="RC-1", addressees=["township", "county"],
                 on=sent, way="hand", proof="stamp")  # fmt: skip
    return tale


def test_story_f_saturday_rolls_to_monday_and_the_report_does_not_roll() -> None:
    life = boy_k().life("2025-12-31")
    assert dues(life, "formal_case", "suspect_mark", "return_by", "failed_decision", "gov_report") == [
        ("formal_case", "2025-12-10", MET), ("suspect_mark", "2025-12-12", MET), ("return_by", "2025-12-22", OVERDUE),
        ("failed_decision", "2025-12-23", MET), ("gov_report", "2025-12-28", MET),
    ]  # fmt: skip
    assert [step.code for step in only(life, "return_by").because] == ["since_served", "days_after", "rolled"]
    assert only(life, "gov_report").warn_on == dt.date(2025, 12, 26)
    assert life.state == "C5"


@pytest.mark.parametrize(("decided", "sent", "status", "unmet"), [
    ("2025-12-23 10:00", "2025-12-22", OVERDUE, ["reported"]), ("", "2025-12-22", OVERDUE, ["reported"]),
    ("", "2025-12-23", MET, []),
])  # fmt: skip
def test_a_report_of_failure_before_anything_failed_keeps_no_deadline(
    decided: str, sent: str, status: str, unmet: list[str]
) -> None:
    """R34: the day of return is Monday 22; RC tells that it has passed in vain, or that the school decided so."""
    life = boy_k(decided=decided, sent=sent).life("2025-12-31")
    assert only(life, "gov_report").status(life.world.now) == status
    assert [one.event for one in life.unmet] == unmet


def test_story_f_at_the_end_of_the_term() -> None:
    life = boy_k().life("2026-01-23")
    assert (life.state, life.ledger_class, len(life.absent_days), life.unmet) == ("C5", "dropout", 34, ())


def test_the_report_is_warned_on_friday_and_late_on_monday() -> None:
    tale = boy_k(sent="")
    by_day = {day: only(tale.life(f"2025-12-{day}"), "gov_report").status(moment(f"2025-12-{day}")) for day in (25, 26, 28, 29)}
    assert by_day == {25: OPEN, 26: WARNED, 28: WARNED, 29: OVERDUE}
    late = boy_k(sent="2025-12-29").life("2025-12-31")
    assert dues(late, "gov_report") == [("gov_report", "2025-12-28", MET_LATE)]


def test_a_decision_that_nobody_makes_does_not_stop_the_clock() -> None:
    life = boy_k(decided="", sent="").life("2025-12-30")
    assert dues(life, "failed_decision", "gov_report") == [
        ("failed_decision", "2025-12-23", OVERDUE), ("gov_report", "2025-12-28", OVERDUE)]  # fmt: skip
    assert only(life, "gov_report").because[0].code == "since_decision_due"


def test_another_county_counts_otherwise() -> None:
    """Q4, Q5: ten days from service without a roll; the report in three school days."""
    rules = book(changed("return_by", value=10, roll=False), changed("gov_report", value=3, unit="school_days"))
    life = boy_k(Tale(rules), decided="2025-12-24 10:00").life("2025-12-31")
    assert dues(life, "return_by", "gov_report") == [("return_by", "2025-12-23", OVERDUE), ("gov_report", "2025-12-29", MET)]


def test_an_old_case_keeps_the_rules_of_its_day() -> None:
    rules = book(changed("return_by", value=3, effective_from="2025-12-09"))
    assert str(only(boy_k(Tale(rules)).life("2025-12-31"), "return_by").due) == "2025-12-22"


def test_the_corrected_capture_time_decides_and_both_are_shown() -> None:
    """A phone 35 minutes slow: its 23:50 was 00:25 of the next day. A clock far off is flagged."""
    for at, offset, status, flagged in (("10-10 00:25", -35, MET_LATE, True), ("10-09 23:54", -4, MET, False)):
        tale = Tale()
        tale.headcount("2025-10-09", {"boy": "unexcused"})
        tale.visit(f"2025-{at}", "absence", offset=offset * 60, received="2025-10-12 07:40")
        life = tale.life("2025-10-12")
        due = only(life, "same_day_visit")
        assert due.kept
        facts = due.kept.facts(life.rules)
        assert (due.status(life.world.now), facts["flagged"], facts["offset_minutes"]) == (status, flagged, offset)
        assert (facts["captured"][:16], facts["corrected"][:16]) == ("2025-10-09T23:50", f"2025-{at.replace(' ', 'T')}")
        assert facts["received"].startswith("2025-10-12T07:40")


def test_a_missing_child_needs_the_police_within_a_day() -> None:
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-13")
    tale.visit("2025-10-09 16:00", "absence", whereabouts="D12")
    assert dues(tale.life("2025-10-10 15:00"), "police_report") == [("police_report", "2025-10-10", OPEN)]
    assert dues(tale.life("2025-10-10 17:00"), "police_report") == [("police_report", "2025-10-10", OVERDUE)]
    tale.act("police_report", "2025-10-11 09:00", "class_teacher", no="P-1", on="2025-10-11")
    assert dues(tale.life("2025-10-13"), "police_report") == [("police_report", "2025-10-10", MET_LATE)]


def test_an_approval_is_looked_at_again_before_it_ends() -> None:
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-13")
    rid = tale.act("closing", "2025-10-14 09:00", "registrar", code="Z3", until="2026-06-30",
                   papers=["application", "hospital_proof", "approval"])  # fmt: skip
    tale.act("closed", "2025-10-14 10:00", "principal", closing=rid)
    assert dues(tale.life("2025-10-20"), "exemption_recheck") == [("exemption_recheck", "2026-06-20", OPEN)]
    tale.visit("2025-11-03 10:00", "verify")  # a look long before says nothing of the end
    assert dues(tale.life("2026-06-22"), "exemption_recheck") == [("exemption_recheck", "2026-06-20", OVERDUE)]
    tale.visit("2026-06-16 10:00", "verify")
    tale.visit("2026-06-24 10:00", "verify")
    assert dues(tale.life("2026-06-25"), "exemption_recheck") == [("exemption_recheck", "2026-06-20", MET)]


def test_beyond_the_known_calendar_a_deadline_has_no_day() -> None:
    tale = Tale()
    tale.headcount("2027-07-09", {"boy": "unexcused"})
    assert dues(tale.life("2027-07-09"), "formal_case") == [("formal_case", "None", NO_DAY)]


def test_a_class_owes_its_report_by_the_hour() -> None:
    """R20; a correction at noon does not make the report late, and no report is owed on a Sunday."""
    tale, day = Tale(), dt.date(2025, 10, 9)
    world = tale.world("2025-10-09 08:31")
    assert [one.status(world.now) for one in daily_reports(CLASS, day, world)] == [OVERDUE]
    rid = tale.headcount("2025-10-09", {"boy": "unexcused"}, time="08:20")
    tale.headcount("2025-10-09", time="12:00", amends=(rid,), body={"reason": "came at nine"})
    world = tale.world("2025-10-09 13:00")
    assert [one.status(world.now) for one in daily_reports(CLASS, day, world)] == [MET]
    assert list(daily_reports(CLASS, dt.date(2025, 10, 12), world)) == []
    both = Tale(book(changed("report_sessions", value=["am", "noon"])))
    assert [one.key for one in daily_reports(CLASS, day, both.world("2025-10-09"))] == ["daily_report_am", "daily_report_noon"]


def test_the_month_is_reported_even_when_there_is_nothing_to_report() -> None:
    tale = Tale()
    world = tale.world("2025-10-31 12:00")
    (due,) = monthly_report(world, dt.date(2025, 10, 1), [])
    assert (str(due.due), due.status(world.now)) == ("2025-10-31", WARNED)
    assert list(monthly_report(world, dt.date(2025, 8, 1), [])) == []


def test_a_month_that_nobody_reported_stays_owed_in_the_next_one() -> None:
    """R47; a school that counted nobody then owes nothing of it."""
    def months(tale: Tale) -> list[tuple[str, str]]:
        world, acts = tale.world("2025-11-03 12:00"), [one for one in tale.entries if one.record.type == "act"]
        return [(one.subject, one.status(world.now)) for one in monthly_reports(world, chronicle("", acts).deeds)]

    tale = Tale()
    assert months(tale) == [("2025-11", OPEN)]
    tale.headcount("2025-10-31")
    assert months(tale) == [("2025-10", OVERDUE), ("2025-11", OPEN)]
    tale.headcount("2025-09-30")
    assert months(tale) == [("2025-09", OVERDUE), ("2025-10", OVERDUE), ("2025-11", OPEN)]
    tale.act("reported", "2025-11-03 09:00", "academic_office", report="RE", period="2025-09", no="2", on="2025-11-03",
             addressees=["county"], way="post", proof="stamp")  # fmt: skip
    tale.act("reported", "2025-11-03 10:00", "academic_office", report="RE", period="2025-10", no="1", on="2025-11-03",
             addressees=["county"], way="post", proof="stamp")  # fmt: skip
    assert months(tale) == [("2025-11", OPEN)]
