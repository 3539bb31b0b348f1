"""Story B (domain 9.2): a boy stays away, the three-day rule, persuasion, notice, return, struck off."""

from __future__ import annotations

import datetime as dt

from casebook.rules.lifecycle import Attempts, Lifecycle
from tests.casebook.rules.tale import Tale, book, changed


def day(text: str) -> dt.date:
    """`10-09` of the year of the story."""
    return dt.date.fromisoformat(f"2025-{text}")


def told(tale: Tale | None = None) -> Tale:
    """The whole story, day by day."""
    tale = tale or Tale()
    tale.absent("2025-10-09", "2025-10-21")
    tale.call("2025-10-09 08:30")
    tale.visit("2025-10-09 16:30", "absence", excuse="none", sign_level="slight", reasons_guardian="LE2", whereabouts="D1",
               covisitors="Wang")  # fmt: skip
    tale.call("2025-10-10 08:30", contact_result="met_guardian")
    tale.visit("2025-10-10 17:00", "persuade", reasons_student="LE1", whereabouts="D1")
    tale.visit("2025-10-12 10:00", "persuade", with_whom="teacher cadre", reasons_judged="LE2 FA5")
    tale.act("reported", "2025-10-11 17:00", "academic_office", report="RA", no="RA-1", addressees=["township", "county"],
             on="2025-10-11", way="hand", proof="stamp")  # fmt: skip
    tale.act("marked", "2025-10-14 11:00", "registrar", mark="suspected", on="2025-10-14")
    tale.act("confirmed", "2025-10-15 09:00", "principal", basis=["visit-11"])
    tale.act("notice_issued", "2025-10-15 15:00", "registrar", notice="N1", no="N1-7", addressee="father", on="2025-10-15")
    tale.serve("2025-10-16 16:00", "N1-7", village_letter_on="2025-10-16", letter_to="hukou village")
    returned(tale, "2025-10-22")
    tale.act("reported", "2025-10-22 16:00", "academic_office", report="RD", no="RD-1", addressees=["township", "county"],
             on="2025-10-22", way="hand", proof="stamp")  # fmt: skip
    tale.visit("2025-10-24 11:00", "followup", mode="school", in_class="yes")
    tale.act("struck_off", "2025-10-27 10:00", "registrar", no="X-27", on="2025-10-27")
    return tale


def returned(tale: Tale, on: str) -> None:
    """Back in class: counted, noted by the class teacher, confirmed by another person."""
    tale.present(on, "2025-12-05")
    noted = tale.act("returned", f"{on} 08:10", "class_teacher", on=on)
    tale.act("return_confirmed", f"{on} 09:00", "grade_director", returned=noted)


def states(life: Lifecycle) -> list[tuple[str, dt.date]]:
    """States with the day on which each was entered."""
    return [(step.state, step.day) for step in life.story.steps]


def test_every_state_has_its_day() -> None:
    assert states(told().life("2025-10-31")) == [
        ("I0", day("10-09")), ("I2", day("10-09")), ("C1", day("10-11")), ("C2", day("10-14")), ("C3", day("10-15")),
        ("C4", day("10-16")), ("C6", day("10-22")), ("C7", day("10-27")),
    ]  # fmt: skip
    assert told().life("2025-10-31").unmet == ()


def test_ten_school_days_are_missed() -> None:
    life = told().life("2025-10-31")
    assert (life.absent_days[0], life.absent_days[-1], len(life.absent_days)) == (day("10-09"), day("10-21"), 10)


def test_attempts_are_two_calls_and_three_doors_and_the_service_is_counted_apart() -> None:
    assert told().life("2025-10-31").attempts == Attempts(phone=2, door=3, joint=1, service=1)


def test_each_side_has_its_own_reasons() -> None:
    voices = told().life("2025-10-31").voices
    assert {side: voice.codes for side, voice in voices.items()} == {
        "guardian": ("LE2",), "student": ("LE1",), "judged": ("LE2", "FA5")}  # fmt: skip


def test_the_ledger_follows_the_state() -> None:
    tale = told()
    ledger = [(on, tale.life(f"2025-{on}").ledger_class) for on in ("10-08", "10-11", "10-14", "10-15", "10-22", "10-27")]
    assert ledger == [("10-08", "none"), ("10-11", "watch"), ("10-14", "suspected"), ("10-15", "dropout"),
                      ("10-22", "watch"), ("10-27", "none")]  # fmt: skip


def test_absent_again_after_the_strike_off_is_the_second_episode_on_its_first_day() -> None:
    tale = told()
    tale.headcount("2025-12-08", {"boy": "unexcused"})
    life = tale.life("2025-12-08")
    assert (life.state, life.episode and life.episode.number, len(life.absent_days)) == ("C1", 2, 1)


def test_under_other_rules_the_same_records_give_other_days() -> None:
    """Q1, Q2: one county counts four days, and a week without class days; an old case keeps the rules of its day."""
    county = (changed("formal_case", value=4, scope="county:990200"),
              changed("suspect_mark", value=7, unit="days", scope="county:990200"))  # fmt: skip
    other = told(Tale(book(*county, scopes=("*", "county:990200")))).life("2025-10-31")
    assert states(other)[2:4] == [("C1", day("10-13")), ("C2", day("10-15"))]
    later = changed("formal_case", value=1, effective_from="2025-10-10")
    assert states(told(Tale(book(later))).life("2025-10-31"))[2] == ("C1", day("10-11"))
