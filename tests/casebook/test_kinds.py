"""What a headcount, a leave and an act must say; what cannot be right is refused at the door."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from casebook.errors import RecordMalformed
from casebook.kinds import check_kind
from casebook.kinds.act import ACTS
from casebook.merging import Known, Standing, classify
from casebook.records import Record
from casebook.rules.rulebook import UNITS
from tests.casebook.builders import SCHOOL, TEACHER, make_record

COUNT = {"class": "g7c2", "day": "2025-09-15", "session": "am", "expected": 54, "present": 53, "source": "roll",
         "absent": [{"student": "s1", "kind": "unexcused"}]}  # fmt: skip
LEAVE = {"leave": "l1", "first": "2025-09-15", "last": "2025-09-16", "kind": "sick", "asked_by": "grandmother",
         "reason": "fever", "proof": "slip"}  # fmt: skip


def headcount(amends: tuple[str, ...] = (), **changes: Any) -> Record:
    return make_record(type="headcount", case=None, body=COUNT | changes, amends=amends)


def leave(**changes: Any) -> Record:
    return make_record(type="leave", body=LEAVE | changes)


def act(name: str, **body: Any) -> Record:
    return make_record(type="act", body={"act": name, "role": "registrar"} | body)


def test_expected_is_present_and_absent() -> None:
    """Domain 9.4 (e). Who is late sits in class and is present."""
    check_kind(headcount())
    check_kind(headcount(present=54, absent=[{"student": "s1", "kind": "late"}]))
    check_kind(headcount(present=54, absent=[]))


@pytest.mark.parametrize("wrong", [
    {"present": 54}, {"present": 52}, {"present": 55, "absent": []}, {"session": "night"}, {"source": "guess"},
    {"day": "2025-09-31"}, {"absent": [{"student": "s1", "kind": "away"}]}, {"absent": "s1"}, {"expected": True},
    {"absent": [{"student": "s1", "kind": "sick"}] * 2, "present": 52}, {"absent": [{"student": "", "kind": "sick"}]},
])  # fmt: skip
def test_a_headcount_that_does_not_add_up_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordMalformed):
        check_kind(headcount(**wrong))


def test_a_lesson_may_count_heads_without_names() -> None:
    """R19: a subject teacher sees an empty seat before he knows whose it is; but not more names than empty seats."""
    check_kind(headcount(session="lesson", present=52))
    with pytest.raises(RecordMalformed):
        check_kind(headcount(session="lesson", present=54))


def test_a_correction_says_why() -> None:
    """R23."""
    check_kind(headcount(("a" * 64,), reason="came at nine"))
    with pytest.raises(RecordMalformed):
        check_kind(headcount(("a" * 64,)))
    with pytest.raises(RecordMalformed):
        check_kind(headcount(("a" * 64,), reason="  "))


def test_a_leave_says_who_asked_for_which_days_and_why() -> None:
    """R17."""
    check_kind(leave())
    check_kind(leave(verified_at="2025-09-15T09:00:00+08:00", returned_on="2025-09-17"))
    for wrong in ({"last": "2025-09-14"}, {"kind": "holiday"}, {"reason": " "}, {"verified_at": "2025-09-15T09:00:00"},
                  {"verified_at": "soon"}, {"returned_on": "x"}, {"withdrawn": ""}):  # fmt: skip
        with pytest.raises(RecordMalformed):
            check_kind(leave(**wrong))


def test_an_act_says_all_that_it_must() -> None:
    """Each part left out is a refusal of its own."""
    whole = {"report": "RC", "no": "7", "addressees": ["county"], "on": "2025-12-26", "way": "hand", "proof": "stamp"}
    check_kind(act("reported", **whole))
    for part in whole:
        with pytest.raises(RecordMalformed):
            check_kind(act("reported", **{name: value for name, value in whole.items() if name != part}))
    for wrong in (act("promoted"), act("closing", code="Z12", papers=["x"]), act("returned", on="today"), act("refuted", because=" ")):
        with pytest.raises(RecordMalformed):
            check_kind(wrong)


def test_only_a_school_report_belongs_to_no_child() -> None:
    """R47: the month's report is about all; every other act is about one."""
    body = {"report": "RE", "no": "7", "addressees": ["county"], "on": "2025-12-26", "way": "hand", "proof": "stamp"}
    check_kind(make_record(type="act", case=None, body=body | {"act": "reported", "role": "principal"}))
    with pytest.raises(RecordMalformed):
        check_kind(make_record(type="act", case=None, body={"act": "refuted", "role": "principal", "because": "x"}))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_phone_may_write_what_teachers_do_and_nothing_of_the_office(name: str) -> None:
    """Roll call and hand-opened cases come from the class; numbers, confirmations and closings from the office."""
    known = Known(stored=False, device=Standing(TEACHER, SCHOOL))
    by_teachers = classify(act(name), known).code is None
    assert by_teachers == (name in {"opened", "declared_leaving", "returned"})


JUNK: tuple[Any, ...] = (None, True, -1, 2**53 - 1, "", " ", "20251112", "2025-W46-3", "x" * 25_000, [], [[]], [{}], [None], {}, {"a": []},
                         [{"kind": []}], [{"kind": "sick", "student": []}], [{"sha256": []}], [{"sha256": {}}])  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "headcount": COUNT | {"reason": "late", "lesson": "1"},
    "leave": LEAVE | {"verified_at": "2025-09-15T10:00:00+08:00", "returned_on": "2025-09-16", "withdrawn": "no"},
    "act": {"act": "reported", "role": "registrar", "report": "RC", "no": "1", "addressees": ["a"], "on": "2025-09-15", "way": "w",
            "proof": "p"},
    "visit": {"visit": "v", "purposes": ["absence"], "instance": "<data/>", "signatures": []},
    "review": {"visit": "v", "version": "r", "decision": "returned", "remark": "photo"},
    "incident": {"incident": "i", "absent_on": "2025-09-15"}, "case": {"act": "open"},
    "roll": {"event": "e", "kind": "return", "step": "entered", "on": "2025-09-15"},
    "rule": {"step": "proposed", "because": "b", "row": {
        "key": "formal_case", "value": 3, "unit": "school_days", "scope": "school:1", "effective_from": "2025-09-01"}},
    "weekly": {"class": "c", "first": "2025-09-15", "role": "grade_director", "figures": {}, "sha256": "a" * 64},
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_whatever_a_phone_may_send_is_read_or_refused_and_stops_nothing(kind: str) -> None:
    """One bad record must not keep the others from school: anything but RecordMalformed would."""
    for name in BODIES[kind]:
        for junk in JUNK:
            with contextlib.suppress(RecordMalformed):
                check_kind(make_record(type=kind, body=BODIES[kind] | {name: junk}))


def test_a_row_of_the_rulebook_may_be_any_junk_too() -> None:
    row = BODIES["rule"]["row"] | {"counted": "from", "roll": True, "warn": 1, "comparator": "", "effect": "", "clause": "R1", "source": "s"}
    for unit in (*UNITS, "furlongs"):
        for name in row:
            for junk in JUNK:
                body = BODIES["rule"] | {"row": row | {"unit": unit, name: junk}}
                with contextlib.suppress(RecordMalformed):
                    check_kind(make_record(type="rule", body=body))


@pytest.mark.parametrize(("unit", "value"), [
    ("percent", "1e999999999"), ("percent", "1/3"), ("percent", "nan"), ("percent", "-1"), ("clock", "0830"), ("clock", "8:30"),
    ("clock", "24:00"), ("clock", "08:30:00"),
])  # fmt: skip
def test_a_rule_has_a_value_that_people_write(unit: str, value: str) -> None:
    row = {"key": "k", "value": value, "unit": unit, "comparator": "at_most", "scope": "school:1", "effective_from": "2025-09-01"}
    with pytest.raises(RecordMalformed):
        check_kind(make_record(type="rule", body={"step": "proposed", "because": "b", "row": row}))
