"""The state machine: every exit demands its evidence, every refusal says all that is missing (domain 3.2, 9.4 f)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from assets import load_wording
from casebook.kinds.act import ACTS
from casebook.rules.duties import child_duties
from casebook.rules.guards import GUARDS, Person
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.states import CLOCK, MOVES, PERSON, STATES, Allowed, Refused, find, may
from casebook.rules.words import refused_key
from tests.casebook.rules.tale import Tale, book, changed
from tests.casebook.rules.test_deadlines import boy_k

PRINCIPAL, REGISTRAR, TEACHER = Person("p", "principal"), Person("r", "registrar"), Person("li", "class_teacher")
DIRECTOR = Person("d", "grade_director")


def asked(life: Lifecycle, event: str, person: Person, **body: Any) -> tuple[str, ...]:
    """What is missing; nothing when the step may be done."""
    answer = may(event, life.situation(person, body))
    return answer.missing if isinstance(answer, Refused) else ()


def absent(days: int, **rules: Any) -> Tale:
    """A boy away from 9 October, so many school days, with nothing done about it."""
    tale = Tale(**rules)
    last = ("2025-10-09", "2025-10-10", "2025-10-11", "2025-10-13", "2025-10-14", "2025-10-15")[days - 1]
    tale.absent("2025-10-09", last)
    return tale


def test_every_move_has_a_clause_known_states_and_known_evidence() -> None:
    for move in MOVES:
        assert move.clause.startswith("R")
        assert {*move.sources, move.target or move.sources[0]} <= set(STATES)
        assert set(move.needs) <= GUARDS.keys()
        assert bool(move.roles) == (move.by != CLOCK)
        if move.by == PERSON:
            assert move.event in ACTS
    assert {need for move in MOVES for need in move.needs} == GUARDS.keys()
    assert {move.event for move in MOVES if move.by == PERSON} == ACTS.keys()


def test_an_event_has_one_way_out_of_a_state() -> None:
    ways = [(source, move.event) for move in MOVES for source in move.sources]
    assert len(ways) == len(set(ways))


@pytest.mark.parametrize(("person", "missing"), [
    (PRINCIPAL, ("door_visit", "reason", "whereabouts", "mark", "basis", "other_person")),
    (TEACHER, ("role", "door_visit", "reason", "whereabouts", "mark", "basis", "other_person")),
])  # fmt: skip
def test_a_confirmation_without_evidence_is_refused_with_everything_that_is_missing(person: Person, missing: tuple[str, ...]) -> None:
    life = absent(5).life("2025-10-14 12:00")
    assert life.state == "C2"
    assert asked(life, "confirmed", person, basis=["none"]) == missing
    assert asked(life, "confirmed", PRINCIPAL) == ("field_basis",)


def suspected(author: str = "li", **said: Any) -> Tale:
    tale = absent(5)
    tale.visit("2025-10-10 17:00", "persuade", author=author, **{"reasons_guardian": "LE2", "whereabouts": "D1"} | said)
    tale.act("marked", "2025-10-14 09:00", "registrar", mark="suspected", on="2025-10-14")
    return tale


def test_nobody_confirms_what_rests_on_his_own_visit() -> None:
    """Domain 1: neither as author nor as the one who went along."""
    basis = suspected().entries[-2].record.body["visit"]
    assert asked(suspected().life("2025-10-14 12:00"), "confirmed", PRINCIPAL, basis=[basis]) == ()
    assert asked(suspected("p").life("2025-10-14 12:00"), "confirmed", PRINCIPAL, basis=[basis]) == ("other_person",)
    along = suspected(covisitors="Zhang, Zhao").life("2025-10-14 12:00")
    assert asked(along, "confirmed", Person("p", "principal", "Zhao"), basis=[basis]) == ("other_person",)


def test_nobody_confirms_his_own_proposal() -> None:
    tale = suspected()
    basis = tale.entries[-2].record.body["visit"]
    tale.act("proposed", "2025-10-14 10:00", "academic_office", author="p", what="confirmed", because="ten days")
    assert asked(tale.life("2025-10-14 12:00"), "confirmed", PRINCIPAL, basis=[basis]) == ("other_person",)


def test_an_unknown_whereabouts_needs_a_next_step_with_its_day() -> None:
    """R39."""
    unclear = suspected(whereabouts="D99")
    basis = unclear.entries[-2].record.body["visit"]
    assert asked(unclear.life("2025-10-14 12:00"), "confirmed", PRINCIPAL, basis=[basis]) == ("whereabouts",)
    report = {"report": "RA", "no": "1", "addressees": ["x"], "on": "2025-10-14", "way": "hand", "proof": "y"}
    assert asked(unclear.life("2025-10-14 12:00"), "reported", PRINCIPAL, **report) == ("next_step",)
    planned = suspected(whereabouts="D99", next_action="visit", next_date="2025-10-20").life("2025-10-14 12:00")
    assert asked(planned, "confirmed", PRINCIPAL, basis=[basis]) == asked(planned, "reported", PRINCIPAL, **report) == ()


def test_a_county_that_marks_later_switches_the_mark_off() -> None:
    tale = Tale(book(changed("confirm_needs_mark", value=False)))
    tale.entries = [entry for entry in suspected().entries if entry.record.body.get("act") != "marked"]
    basis = tale.entries[-1].record.body["visit"]
    assert asked(tale.life("2025-10-14 12:00"), "confirmed", PRINCIPAL, basis=[basis]) == ()


def test_no_number_before_the_confirmation() -> None:
    """R30: the number is kept, and does not count; so neither does the service of it."""
    tale = suspected()
    tale.act("notice_issued", "2025-10-14 10:00", "registrar", notice="N1", no="1", addressee="father", on="2025-10-14")
    tale.serve("2025-10-14 16:00", "1")
    life = tale.life("2025-10-14")
    assert (life.state, [(one.event, one.missing) for one in life.unmet]) == ("C2", [("notice_issued", ("not_in_state",))])


def test_a_defective_service_does_not_start_the_clock_and_says_what_it_lacks() -> None:
    tale = suspected()
    basis = tale.entries[-2].record.body["visit"]
    tale.act("confirmed", "2025-10-14 10:00", "principal", basis=[basis])
    tale.act("notice_issued", "2025-10-14 11:00", "registrar", notice="N1", no="1", addressee="father", on="2025-10-14")
    tale.serve("2025-10-14 16:00", "1", server_2_signature="")
    life = tale.life("2025-10-14")
    assert (life.state, [(one.event, one.missing) for one in life.unmet]) == ("C3", [("notice_served", ("valid_service",))])
    assert life.seen.services[0].defects == ("server",)
    tale.serve("2025-10-15 16:00", "1")
    assert tale.life("2025-10-15").state == "C4"


def test_by_post_the_clock_starts_on_the_day_of_the_slip() -> None:
    tale = suspected()
    basis = tale.entries[-2].record.body["visit"]
    tale.act("confirmed", "2025-10-14 10:00", "principal", basis=[basis])
    tale.act("notice_issued", "2025-10-14 11:00", "registrar", notice="N1", no="1", addressee="father", on="2025-10-14")
    tale.act("served", "2025-10-20 09:00", "registrar", no="1", way="post", on="2025-10-15", slip_on="2025-10-17")
    entered = tale.life("2025-10-20").entered("C4")
    assert entered and entered.day == dt.date(2025, 10, 17)


def test_a_leave_that_comes_late_excuses_the_sign_and_the_case() -> None:
    """The case never was; an act that rested on it is listed as not counting."""
    tale = suspected()
    tale.visit("2025-10-09 16:00", "absence", excuse="none", sign_level="slight")
    assert tale.life("2025-10-14").state == "C2"
    tale.leave("2025-10-14 15:00", "2025-10-09", "2025-10-14")
    life = tale.life("2025-10-14")
    assert (life.state, life.episode, [one.event for one in life.unmet]) == ("I1", None, ["marked"])


def test_a_number_is_issued_once() -> None:
    tale = boy_k()
    again = {"notice": "N1", "no": "K-1", "addressee": "mother", "on": "2025-12-15"}
    assert asked(tale.life("2025-12-15"), "notice_issued", REGISTRAR, **again) == ("number_free",)
    assert asked(tale.life("2025-12-15"), "notice_issued", REGISTRAR, **again | {"no": "K-2"}) == ()


def test_persuasion_has_failed_when_the_day_has_passed_or_enough_was_tried() -> None:
    """Default: one call and two visits at the door; the village letter must have gone out."""
    early = boy_k(decided="", sent="")
    assert asked(early.life("2025-12-15"), "ineffective", PRINCIPAL, because="refuses") == ()
    without_call = Tale()
    without_call.entries = [entry for entry in early.entries if entry.record.body.get("purposes") != ["call"]]
    assert asked(without_call.life("2025-12-15"), "ineffective", PRINCIPAL, because="refuses") == ("deadline_or_attempts",)
    assert asked(without_call.life("2025-12-23"), "ineffective", PRINCIPAL, because="refuses") == ()


def test_the_village_hears_before_the_government() -> None:
    """R33."""
    tale = boy_k(decided="", sent="")
    service = tale.entries.pop()
    tale.visit("2025-12-13 10:00", "serve", **{name: value for name, value in _answers(service).items() if name != "village_letter_on"})
    assert asked(tale.life("2025-12-23"), "ineffective", PRINCIPAL, because="x") == ("village_letter",)
    tale.act("letter", "2025-12-16 09:00", "registrar", village="hukou", receiver="cadre", on="2025-12-16")
    assert asked(tale.life("2025-12-23"), "ineffective", PRINCIPAL, because="x") == ()


def _answers(entry: Any) -> dict[str, str]:
    from casebook.rules.reading import answers

    return {name: value for name, value in answers(entry.record.body["instance"]).items() if name not in ("mode", "contact_result")}


def test_a_return_needs_the_roll_call_of_the_day_and_a_second_person() -> None:
    tale = absent(3)
    tale.visit("2025-10-09 16:00", "absence")
    life = tale.life("2025-10-13 12:00")
    assert life.state == "C1"
    assert asked(life, "returned", TEACHER, on="2025-10-13") == ("roll_call",)
    tale.headcount("2025-10-13")
    assert asked(tale.life("2025-10-13 12:00"), "returned", TEACHER, on="2025-10-13") == ()
    noted = tale.act("returned", "2025-10-13 08:00", "class_teacher", author="li", on="2025-10-13")
    life = tale.life("2025-10-13 12:00")
    assert asked(life, "return_confirmed", DIRECTOR, returned="other") == ("return_noted",)
    assert asked(life, "return_confirmed", Person("li", "subject_teacher"), returned=noted) == ("second_person",)
    assert asked(life, "return_confirmed", TEACHER, returned=noted) == ("role", "second_person")
    assert (asked(life, "return_confirmed", DIRECTOR, returned=noted), life.state) == ((), "C1")


def test_a_return_counts_when_somebody_was_at_the_door_unless_the_county_wants_none() -> None:
    for wanted, missing in ((True, ("visit_before_return",)), (False, ())):
        tale = absent(3, rules=book(changed("return_needs_visit", value=wanted)))
        tale.headcount("2025-10-13")
        noted = tale.act("returned", "2025-10-13 08:00", "class_teacher", on="2025-10-13")
        assert asked(tale.life("2025-10-13 12:00"), "return_confirmed", DIRECTOR, returned=noted) == missing


def returned(*more: str) -> Tale:
    tale = absent(3)
    tale.visit("2025-10-09 16:00", "absence")
    tale.present("2025-10-13", "2025-10-17")
    noted = tale.act("returned", "2025-10-13 08:00", "class_teacher", on="2025-10-13")
    tale.act("return_confirmed", "2025-10-13 09:00", "grade_director", returned=noted)
    if "report" in more:
        tale.act("reported", "2025-10-13 16:00", "academic_office", report="RD", no="1", addressees=["county"], on="2025-10-13",
                 way="hand", proof="stamp")  # fmt: skip
    if "followup" in more:
        tale.visit("2025-10-15 11:00", "followup", mode="school", in_class="yes")
    return tale


def test_only_who_is_back_reported_and_looked_after_is_struck_off() -> None:
    """R36, X9."""
    strike = {"no": "X", "on": "2025-10-17"}
    assert asked(returned().life("2025-10-17"), "struck_off", REGISTRAR, **strike) == ("followup", "return_report")
    assert asked(returned("report").life("2025-10-17"), "struck_off", REGISTRAR, **strike) == ("followup",)
    assert asked(returned("report", "followup").life("2025-10-17"), "struck_off", REGISTRAR, **strike) == ()
    assert asked(absent(3).life("2025-10-11"), "struck_off", REGISTRAR, **strike) == ("not_in_state",)
    ten = Tale(book(changed("strike_off_days", value=10)))
    ten.entries = returned("report", "followup").entries
    assert asked(ten.life("2025-10-17"), "struck_off", REGISTRAR, **strike) == ("attendance",)


@pytest.mark.parametrize("code", [f"Z{n}" for n in range(1, 12)])
def test_every_other_closing_needs_its_papers_and_two_persons(code: str) -> None:
    tale = absent(3)
    papers = list(tale.rules.on(dt.date(2025, 10, 9)).codes(f"papers.{code}"))
    assert papers
    life = tale.life("2025-10-11 12:00")
    refused = may("closing", life.situation(REGISTRAR, {"code": code, "papers": ["note"]}))
    assert isinstance(refused, Refused)
    assert (refused.missing, refused.facts) == (("papers",), {"papers": papers})
    proposed = tale.act("closing", "2025-10-11 13:00", "registrar", code=code, papers=papers)
    life = tale.life("2025-10-11 14:00")
    assert asked(life, "closed", Person("registrar", "principal"), closing=proposed) == ("second_person",)
    assert asked(life, "closed", PRINCIPAL, closing="other") == ("closing_noted",)
    tale.act("closed", "2025-10-11 15:00", "principal", closing=proposed)
    life = tale.life("2025-10-11")
    assert (life.state, life.episode and life.episode.code, life.on_watch) == ("C8", code, code == "Z2")


def test_a_missing_child_is_never_closed() -> None:
    tale = absent(3)
    tale.visit("2025-10-10 16:00", "absence", whereabouts="D12")
    life = tale.life("2025-10-11")
    papers = list(life.rules.codes("papers.Z2"))
    assert life.missing
    assert asked(life, "closing", REGISTRAR, code="Z2", papers=papers) == ("not_missing",)
    tale.visit("2025-10-11 18:00", "persuade", whereabouts="D5")
    found = tale.life("2025-10-11")
    assert (found.missing, asked(found, "closing", REGISTRAR, code="Z2", papers=papers)) == (False, ())


def test_refuted_evidence_opens_the_same_episode_again() -> None:
    """A case that is opened again in the middle of a long absence has passed the later marks already."""
    tale = absent(6)
    proposed = tale.act("closing", "2025-10-11 13:00", "registrar", code="Z2", papers=["certificate", "school_called"])
    tale.act("closed", "2025-10-11 15:00", "principal", closing=proposed)
    assert tale.life("2025-10-14").absent_days[-1] == dt.date(2025, 10, 11)
    tale.act("refuted", "2025-10-15 10:00", "registrar", because="not on their roll")
    life = tale.life("2025-10-15")
    assert (life.state, len(life.story.episodes), len(life.absent_days)) == ("C2", 1, 6)


def test_who_declares_leaving_is_suspected_at_once() -> None:
    """Q2; a county may wait for the days all the same."""
    for counts, state in ((True, "C2"), (False, "C1")):
        tale = absent(1, rules=book(changed("suspect_on_declaration", value=counts)))
        tale.act("declared_leaving", "2025-10-09 17:00", "class_teacher", by="guardian")
        assert tale.life("2025-10-09").state == state


def test_a_strong_sign_opens_the_case_and_a_slight_one_passes_in_three_days() -> None:
    """R29."""
    strong = absent(1)
    strong.visit("2025-10-09 17:00", "absence", excuse="none", sign_level="strong")
    assert strong.life("2025-10-09").state == "C1"
    slight = absent(1)
    slight.visit("2025-10-09 17:00", "absence", excuse="none", sign_level="slight")
    slight.present("2025-10-10", "2025-10-13")
    assert [slight.life(f"2025-10-{day}").state for day in ("09", "11", "13")] == ["I2", "I2", "ended"]
    again = absent(1)
    again.visit("2025-10-09 17:00", "absence", excuse="none", sign_level="slight")
    again.headcount("2025-10-10")
    again.headcount("2025-10-11", {"boy": "unexcused"})
    life = again.life("2025-10-11")
    assert (life.state, life.since, len(life.absent_days)) == ("C1", dt.date(2025, 10, 9), 2)


def test_a_class_that_reports_nothing_brings_nobody_back() -> None:
    """R23: after one day nobody counted the class any more; the days run on, marked as assumed."""
    life = absent(1).life("2025-10-14 08:00")
    (incident,) = life.incidents
    assert (life.state, [day.day for day in life.absent_days], incident.assumed) == ("C1", [9, 10, 11, 13], 3)


def test_present_at_noon_is_no_day_missed() -> None:
    tale = absent(1)
    assert tale.life("2025-10-09 12:00").state == "I0"
    tale.headcount("2025-10-09", session="noon", time="12:30")
    assert tale.life("2025-10-09 13:00").incidents == ()


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    codes = {*GUARDS, "role", "not_in_state", *(f"field_{part}" for act in ACTS.values() for part in act.fields)}
    for locale in ("zh_CN", "en"):
        wording = load_wording(locale)
        assert [key for key in map(refused_key, sorted(codes)) if not wording.has(key)] == []
    assert all("\u4e00" <= load_wording("zh_CN")(key)[0] <= "\u9fff" for key in map(refused_key, codes))


def test_the_table_answers_for_states_that_have_no_such_step() -> None:
    assert find("struck_off", "C1") is None
    assert isinstance(may("external", boy_k().life("2025-12-31").situation(REGISTRAR, {
        "document": "N4", "no": "1", "issuer": "township", "on": "2025-12-31"})), Allowed)  # fmt: skip


def test_nothing_is_excused_seen_as_a_sign_or_served_without_its_record() -> None:
    life = absent(1).life("2025-10-09 12:00")
    assert asked(life, "excused", TEACHER) == ("proof",)
    assert asked(life, "sign", TEACHER) == asked(life, "strong_sign", TEACHER) == ("contact",)
    tale = suspected()
    tale.act("confirmed", "2025-10-14 10:00", "principal", basis=[tale.entries[-2].record.body["visit"]])
    served = {"no": "1", "way": "post", "on": "2025-10-14"}
    assert asked(tale.life("2025-10-14 12:00"), "served", REGISTRAR, **served) == ("notice",)
    assert asked(tale.life("2025-10-14 12:00"), "notice_served", TEACHER) == ("notice", "valid_service")


def test_a_step_rests_on_the_act_that_it_names_and_on_no_other() -> None:
    """R14, R36: another act of the case, or one of an episode that is over, is neither a closing nor a return."""
    tale = suspected()
    letter = tale.act("letter", "2025-10-14 09:00", "registrar", village="v", receiver="r", on="2025-10-14")
    life = tale.life("2025-10-14 12:00")
    assert "closing_noted" in asked(life, "closed", PRINCIPAL, closing=letter)
    assert "return_noted" in asked(life, "return_confirmed", DIRECTOR, returned=letter)
    again = returned("report", "followup")
    noted = next(entry.rid for entry in again.entries if entry.record.body.get("act") == "returned")
    again.absent("2025-10-20", "2025-10-22")
    again.present("2025-10-23", "2025-10-23")
    relapsed = again.life("2025-10-23 12:00")
    assert relapsed.episode and relapsed.episode.number == 2
    assert "return_noted" in asked(relapsed, "return_confirmed", DIRECTOR, returned=noted)


def test_nobody_passes_the_second_look_by_naming_somebody_elses_act_as_well() -> None:
    tale = absent(3)
    papers = list(tale.rules.on(dt.date(2025, 10, 9)).codes("papers.Z9"))
    tale.headcount("2025-10-13")
    back = tale.act("returned", "2025-10-13 12:30", "class_teacher", on="2025-10-13")
    closing = tale.act("closing", "2025-10-13 13:00", "registrar", author="p", code="Z9", papers=papers)
    assert "second_person" in asked(tale.life("2025-10-13 14:00"), "closed", PRINCIPAL, closing=closing, returned=back)


def test_a_closing_that_was_refuted_closes_nothing_again() -> None:
    """R14: whoever closes once more brings new papers."""
    tale, papers = absent(6), ["certificate", "school_called"]
    closing = tale.act("closing", "2025-10-11 13:00", "registrar", code="Z2", papers=papers)
    tale.act("closed", "2025-10-11 15:00", "principal", closing=closing)
    tale.act("roll_moved", "2025-10-12 09:00", "registrar", on="2025-10-12")
    tale.act("refuted", "2025-10-13 10:00", "registrar", because="not on their roll")
    life = tale.life("2025-10-13 12:00")
    assert asked(life, "closed", PRINCIPAL, closing=closing) == ("closing_noted",)
    assert "close_case" not in {duty.kind for duty in child_duties(life)}
    other = tale.act("closing", "2025-10-14 13:00", "registrar", code="Z2", papers=papers)
    assert asked(tale.life("2025-10-14 14:00"), "closed", PRINCIPAL, closing=other) == ()
    tale.act("closed", "2025-10-14 15:00", "principal", closing=other)
    assert tale.life("2025-10-15").on_watch  # the roll moved to the school that never had the child


def test_a_child_that_was_missing_before_the_case_was_opened_is_missing_still() -> None:
    """R39: nor does it help that somebody asked afterwards knew nothing (D99)."""
    tale = Tale()
    tale.visit("2025-10-03 16:00", "verify", whereabouts="D12")
    tale.act("opened", "2025-10-09 09:00", "class_teacher", because="nobody has seen him")
    tale.visit("2025-10-10 16:00", "persuade", whereabouts="D99", next_action="ask", next_date="2025-10-13")
    life = tale.life("2025-10-10 17:00")
    papers = list(life.rules.codes("papers.Z9"))
    assert (life.state, life.missing) == ("C1", True)
    assert asked(life, "closing", REGISTRAR, code="Z9", papers=papers) == ("not_missing",)
    tale.headcount("2025-10-11", {"girl": "sick"})
    tale.act("returned", "2025-10-11 08:30", "class_teacher", on="2025-10-11")
    assert not tale.life("2025-10-11 09:00").missing


def test_what_the_office_typed_badly_breaks_no_page() -> None:
    """A day that is none, sealed by another version of the program, is no day; everything else is still worked out."""
    tale = boy_k()
    tale.act("served", "2025-12-15 09:00", "registrar", no="N1-1", way="post", on="2025-12-15", slip_on="2025-12-15\u5e74")
    closing = tale.act("closing", "2025-12-16 09:00", "registrar", code="Z3", until="2026-06-31",
                       papers=["application", "hospital_proof", "approval"])  # fmt: skip
    tale.act("closed", "2025-12-16 10:00", "principal", closing=closing)
    assert child_duties(tale.life("2025-12-17")) == []
