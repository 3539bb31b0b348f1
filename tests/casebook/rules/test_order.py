"""The same records in any order, and twice, give the same life; more of the truth never depends on when it arrived."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.rules.deadlines import deadlines
from casebook.rules.duties import child_duties
from casebook.rules.lifecycle import Lifecycle
from tests.casebook.rules.tale import Tale, calendar, changed
from tests.casebook.rules.tale import book as rulebook
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_story_a import told as story_a
from tests.casebook.rules.test_story_b import told as story_b

CASES = {"A": (story_a, "2025-09-18"), "B": (story_b, "2025-11-10"), "K": (boy_k, "2026-01-05")}
SCHOOL_DAYS = [day.isoformat() for day in calendar().days[:40]]
KINDS = ("unexcused", "sick", "personal", "late", "not_registered", "suspended")


def all_of(life: Lifecycle) -> tuple[Any, ...]:
    """Everything that follows from the facts."""
    return (life.state, life.incidents, life.story, life.absent_days, life.attempts, life.voices, life.missing,
            life.ledger_class, deadlines(life), child_duties(life), life.days)  # fmt: skip


def shuffled(tale: Tale, seed: int) -> Tale:
    """The same records in another order, some of them twice."""
    other, dice = Tale(tale.rules), random.Random(seed)
    other.entries, other.offsets = [*tale.entries, *dice.sample(tale.entries, len(tale.entries) // 3)], tale.offsets
    dice.shuffle(other.entries)
    return other


@pytest.mark.parametrize("story", CASES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_the_order_of_arrival_changes_nothing(story: str, seed: int) -> None:
    tell, now = CASES[story]
    tale = tell()
    class_id = "g7c2" if story == "A" else "g8c2"
    assert all_of(shuffled(tale, seed).life(now, class_id=class_id)) == all_of(tale.life(now, class_id=class_id))


events = st.one_of(
    st.tuples(st.just("count"), st.sampled_from(SCHOOL_DAYS), st.sampled_from(KINDS)),
    st.tuples(st.just("here"), st.sampled_from(SCHOOL_DAYS), st.just("")),
    st.tuples(st.just("visit"), st.sampled_from(SCHOOL_DAYS), st.sampled_from(["slight", "strong", "illness", "D12", "D1", ""])),
    st.tuples(st.just("call"), st.sampled_from(SCHOOL_DAYS), st.just("")),
    st.tuples(st.just("leave"), st.sampled_from(SCHOOL_DAYS), st.sampled_from(["sick", "personal"])),
    st.tuples(st.just("serve"), st.sampled_from(SCHOOL_DAYS), st.sampled_from(["guardian", "absent", "refuses"])),
    st.tuples(st.just("act"), st.sampled_from(SCHOOL_DAYS), st.sampled_from(
        ["marked", "confirmed", "notice_issued", "ineffective", "returned", "reported", "struck_off", "closing", "refuted",
         "declared_leaving", "opened", "external", "letter"])),
)  # fmt: skip
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "marked": ("registrar", {"mark": "suspected"}), "confirmed": ("principal", {"basis": ["visit-0", "visit-1", "visit-2"]}),
    "notice_issued": ("registrar", {"notice": "N1", "no": "1", "addressee": "father"}), "ineffective": ("principal", {"because": "x"}),
    "returned": ("class_teacher", {}), "struck_off": ("registrar", {"no": "1"}), "refuted": ("registrar", {"because": "x"}),
    "reported": ("academic_office", {"report": "RD", "no": "1", "addressees": ["county"], "way": "hand", "proof": "stamp"}),
    "closing": ("registrar", {"code": "Z1", "papers": ["transfer_receipt"]}), "opened": ("class_teacher", {"because": "x"}),
    "declared_leaving": ("class_teacher", {"by": "student"}), "letter": ("registrar", {"village": "v", "receiver": "c"}),
    "external": ("registrar", {"document": "N4", "no": "1", "issuer": "township"}),
}  # fmt: skip


def tell(told: list[tuple[str, str, str]]) -> Tale:
    tale = Tale(rulebook(changed("strike_off_needs_followup", value=False)))
    for what, day, how in told:
        if what == "count":
            tale.headcount(day, {"boy": how})
        elif what == "here":
            tale.headcount(day, session="noon", time="12:30")
        elif what == "visit":
            said = {"sign_level": how} if how in ("slight", "strong") else {"excuse": how, "proof": "photo"} if how == "illness" else {"whereabouts": how}
            tale.visit(f"{day} 16:00", "absence", reasons_guardian="LE2", **said)
        elif what == "call":
            tale.call(f"{day} 09:00")
        elif what == "leave":
            tale.leave(f"{day} 08:00", day, day, how, leave=f"l{len(tale.entries)}")
        elif what == "serve":
            tale.serve(f"{day} 17:00", "1", how)
        else:
            act(tale, how, day)
    return tale


def act(tale: Tale, name: str, day: str) -> None:
    role, body = BODIES[name]
    rid = tale.act(name, f"{day} 14:00", role, on=day, **body)
    if name == "returned":
        tale.act("return_confirmed", f"{day} 15:00", "grade_director", returned=rid)
    elif name == "closing":
        tale.act("closed", f"{day} 15:00", "principal", closing=rid)


@given(st.lists(events, max_size=25), st.integers(0, 10**6), st.sampled_from(SCHOOL_DAYS))
@settings(max_examples=60, deadline=None)
def test_any_life_is_the_same_in_any_order_and_makes_sense(told: list[tuple[str, str, str]], seed: int, now: str) -> None:
    tale = tell(told)
    life = tale.life(now)
    assert all_of(shuffled(tale, seed).life(now)) == all_of(life)
    makes_sense(life)


def makes_sense(life: Lifecycle) -> None:
    """What must hold whatever people wrote."""
    steps = life.story.steps
    assert [step.moment for step in steps] == sorted(step.moment for step in steps)
    assert life.state == (steps[-1].state if steps else "none") or life.state in ("none", "I0")
    days = [day for incident in life.incidents for day in incident.days]
    assert len(days) == len(set(days)) and all(life.world.calendar.is_school_day(day) for day in days)
    assert {deed.rid for deed in life.seen.accepted}.isdisjoint(unmet.rid for unmet in life.unmet)
    assert not (life.missing and life.state == "C8")
    for due in deadlines(life):
        assert due.because and due.clause.startswith("R") and due.reference


@pytest.mark.parametrize("first", ["marked", "confirmed"])
def test_two_acts_of_one_second_count_in_the_order_in_which_they_were_written(first: str) -> None:
    """By name `confirmed` comes before `marked`, and it counts only after it."""
    tale = Tale()
    tale.absent("2025-10-09", "2025-10-15")
    tale.visit("2025-10-10 16:00", "absence", reasons_guardian="LE2", whereabouts="D1")
    visit = tale.entries[-1].record.body["visit"]
    bodies = {"marked": ("registrar", {"mark": "suspected", "on": "2025-10-14"}), "confirmed": ("principal", {"basis": [visit]})}
    for name in sorted(bodies, key=lambda name: name != first):
        role, body = bodies[name]
        tale.act(name, "2025-10-15 14:00", role, **body)
    life = tale.life("2025-10-15")
    assert life.state == ("C3" if first == "marked" else "C2")
    assert [unmet.missing for unmet in life.unmet] == ([] if first == "marked" else [("mark",)])
    assert all_of(shuffled(tale, 1).life("2025-10-15")) == all_of(life)
