"""What the roll asks of people: a notice of entry that nobody collects, an approval that comes to its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from casebook.errors import RecordMalformed
from casebook.rules.absence import Stay
from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE, OPEN, OVERDUE
from casebook.rules.duties import child_duties
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.reading import chronicle
from tests.casebook.rules.tale import BOY, Tale, book, changed

ISSUED = {"entry": "e1", "step": "issued", "notice": "N3", "no": "入学〔2026〕1号", "addressee": "韦大", "text": "请来入学。"}


def told(on: str = "2026-08-03", rules=None) -> Tale:  # type: ignore[no-untyped-def]
    """A notice of entry issued on a Monday."""
    tale = Tale(rules)
    tale.write("entry", f"{on} 09:00", {**ISSUED, "on": on}, author="office")
    return tale


def life(tale: Tale, now: str, standing: str = "not_enrolled") -> Lifecycle:
    found = tale.life(now)
    child = replace(found.child, standing=standing, stays=(Stay("k1", dt.date.min),))
    return lifecycle(child, chronicle(BOY, tale.entries, tale.offsets), found.world)


def due(tale: Tale, now: str, key: str, standing: str = "not_enrolled") -> list[tuple[str, str]]:
    found = life(tale, now, standing)
    return [(str(one.due), one.status(found.world.now)) for one in deadlines(found) if one.key == key]


def asked(tale: Tale, now: str, standing: str = "not_enrolled") -> list[tuple[str, str, str]]:
    return [(one.kind, one.clause, one.roles[0]) for one in child_duties(life(tale, now, standing))]


def test_a_notice_that_nobody_collects_becomes_a_task_of_who_leads_the_village() -> None:
    tale = told("2026-09-01")
    assert due(tale, "2026-09-08", "entry_collect") == [("2026-09-08", OPEN)]
    assert asked(tale, "2026-09-08") == []
    assert due(tale, "2026-09-09", "entry_collect") == [("2026-09-08", OVERDUE)]
    assert asked(tale, "2026-09-09") == [("remind_entry", "R06", "area_leader")]


def test_who_was_told_again_has_the_same_time_again_and_a_shut_door_tells_nobody() -> None:
    tale = told("2026-09-01")
    tale.visit("2026-09-09 16:00", "routine", contact_result="no_one_home")
    assert due(tale, "2026-09-10", "entry_collect") == [("2026-09-08", OVERDUE)]
    tale.visit("2026-09-10 16:00", "routine")
    assert due(tale, "2026-09-11", "entry_collect") == [("2026-09-17", OPEN)]
    assert asked(tale, "2026-09-17") == []
    assert asked(tale, "2026-09-18") == [("remind_entry", "R06", "area_leader")]


@pytest.mark.parametrize(("on", "status"), [("2026-09-07", MET), ("2026-09-10", MET_LATE)])
def test_a_collected_notice_asks_nothing_more(on: str, status: str) -> None:
    tale = told("2026-09-01")
    tale.write("entry", f"{on} 09:00", {"entry": "e1", "step": "collected", "on": on, "by": "外婆"}, author="office")
    assert due(tale, "2026-09-20", "entry_collect") == [("2026-09-08", status)]
    assert asked(tale, "2026-09-20") == []
    assert due(tale, "2026-09-05", "entry_collect") == [("2026-09-08", OPEN)]  # as it was known then


@pytest.mark.parametrize("standing", ["", "exempt"])
def test_enrolment_and_exemption_stop_the_duty(standing: str) -> None:
    assert due(told("2026-09-01"), "2026-09-20", "entry_collect", standing) == []
    assert asked(told("2026-09-01"), "2026-09-20", standing) == []


def test_another_county_gives_other_days() -> None:
    tale = told("2026-09-01", book(changed("entry_collect", value=14)))
    assert due(tale, "2026-09-10", "entry_collect") == [("2026-09-15", OPEN)]


@pytest.mark.parametrize("standing", ["suspended", "exempt"])
def test_an_approval_on_the_roll_is_looked_at_again_before_it_ends(standing: str) -> None:
    tale = Tale()
    body = {"event": "v1", "kind": "defer", "step": "entered", "on": "2025-09-01", "until": "2026-06-30"}
    entered = tale.write("roll", "2025-09-01 09:00", body, author="registrar")
    assert due(tale, "2026-06-25", "exemption_recheck", standing) == []  # nobody has approved it
    tale.write("roll", "2025-09-02 09:00", {"event": "v1", "kind": "defer", "step": "approved"}, author="principal", amends=(entered,))
    assert due(tale, "2026-06-01", "exemption_recheck", standing) == [("2026-06-20", OPEN)]
    assert ("recheck_exemption", "R10", "registrar") in asked(tale, "2026-06-22", standing)
    assert due(tale, "2026-06-22", "exemption_recheck", "") == []
    tale.visit("2026-06-19 10:00", "verify")
    assert due(tale, "2026-06-22", "exemption_recheck", standing) == [("2026-06-20", MET)]


@pytest.mark.parametrize("body", [
    {**ISSUED, "on": "2026-09-01", "no": " "}, {**ISSUED, "on": "tomorrow"}, {**ISSUED, "on": "2026-09-01", "step": "lost"},
    {"entry": "e1", "step": "collected", "on": "2026-09-01"},
])  # fmt: skip
def test_a_notice_that_says_too_little_is_no_record(body: dict[str, str]) -> None:
    with pytest.raises(RecordMalformed):
        Tale().write("entry", "2026-09-01 09:00", body, author="office")
