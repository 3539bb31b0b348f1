"""Headcounts and acts come in: counted by those who may, in a role one holds, at a time the clock is corrected for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from casebook.errors import NotAllowed
from casebook.protocol import PulledRecord, Row
from sync_server.settings import Settings
from sync_server.store import accounts, archive, devices, reach, rows, schools
from sync_server.store.accounts import Account
from sync_server.wiring import Wiring, build
from tests.sync_server.rollcall import Clock, act, call, decide, give_calendar, headcount, moment, push
from tests.sync_server.schoolhouse import (
    CHILD,
    NEIGHBOUR,
    OTHER_CHILD,
    PRINCIPAL,
    SCHOOL,
    TEACHER,
    Phone,
    make_school,
    push_body,
    served,
    student_row,
)

CHECKER = "d" * 32


@pytest.fixture
def clock() -> Clock:
    return Clock("2025-10-09 12:00")


@pytest.fixture
def school(tmp_path: Path, clock: Clock) -> Iterator[Wiring]:
    make_school(tmp_path).close()
    wiring = build(Settings(data=tmp_path / "data"), clock=clock)
    give_calendar(wiring)
    checker = Account(CHECKER, SCHOOL, "checker", "D", ("duty_checker",))
    wiring.store.run_tx(lambda conn: accounts.add(conn, checker, "", wiring.now()))
    yield wiring
    wiring.close()


@pytest.fixture
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


def pulled(school: Wiring, phone: Phone, after: int = 0) -> list[PulledRecord]:
    with school.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    return school.handout.pull(device, after, 1000).records


def numbers_told(school: Wiring, phone: Phone) -> list[Row]:
    with school.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    return [row for row in school.handout.pull(device, 0, 1000).rows if row.feed == "cases"]


def texts(records: list[PulledRecord]) -> list[str]:
    return [record.sealed.payload for record in records]


def state(school: Wiring, case: str = CHILD) -> str:
    with school.store.read() as conn:
        return school.lives.of(conn, case).state


def test_a_class_is_counted_by_its_teacher_or_by_who_may_count_any(school: Wiring, phone: Phone) -> None:
    stranger, checker = Phone(NEIGHBOUR, seed=8).enrol(school), Phone(CHECKER, seed=9).enrol(school)
    assert push(school, phone, headcount(phone, "2025-10-09"))[0].verdict == "stored"
    assert push(school, checker, headcount(checker, "2025-10-09", time="09:00"))[0].verdict == "stored"
    (strange,) = push(school, stranger, headcount(stranger, "2025-10-09", {CHILD: "unexcused"}))
    (nowhere,) = push(school, checker, headcount(checker, "2025-10-09", class_id="k9"))
    assert (strange.verdict, strange.code, nowhere.code) == ("quarantined", "not_your_class", "not_your_class")
    assert state(school) == "none"


def test_a_headcount_names_children_of_its_class_or_who_once_were(school: Wiring, phone: Phone) -> None:
    (strange,) = push(school, phone, headcount(phone, "2025-10-09", {CHILD: "sick", OTHER_CHILD: "unexcused"}))
    assert (strange.verdict, strange.code, state(school, OTHER_CHILD)) == ("quarantined", "not_of_class", "none")
    moved = student_row(OTHER_CHILD, "k2")
    stays = [["k1", "0001-01-01", "2025-10-08"], ["k2", "2025-10-09", None]]
    heard = replace(moved, value={**moved.value, "stays": stays})
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [heard], school.now()))
    (stale,) = push(school, phone, headcount(phone, "2025-10-09", {OTHER_CHILD: "unexcused"}, time="08:00"))
    assert stale.verdict == "stored"


def test_a_leave_is_written_by_who_keeps_leaves_of_the_class(school: Wiring, phone: Phone) -> None:
    stranger, office = Phone(NEIGHBOUR, seed=8).enrol(school), Phone(PRINCIPAL, seed=9).enrol(school)
    said = {"leave": "l1", "first": "2025-10-09", "last": "2025-10-10", "kind": "sick", "asked_by": "M",
            "reason": "fever", "proof": "slip"}  # fmt: skip
    asked = [one.seal(type="leave", body={**said, "leave": f"l{at}"}) for at, one in enumerate((phone, stranger, office))]
    outcomes = [push(school, one, leave)[0] for one, leave in zip((phone, stranger, office), asked, strict=True)]
    assert [(one.verdict, one.code) for one in outcomes] == [
        ("stored", None), ("quarantined", "not_your_child"), ("stored", None),
    ]  # fmt: skip


def test_headcounts_reach_those_who_reach_the_class_and_nobody_else(school: Wiring, phone: Phone) -> None:
    stranger, office = Phone(NEIGHBOUR, seed=8).enrol(school), Phone(PRINCIPAL, seed=9).enrol(school)
    record = headcount(phone, "2025-10-09", {CHILD: "sick"})
    push(school, phone, record)
    text = record.payload.decode()
    assert [text in texts(pulled(school, one)) for one in (phone, office, stranger)] == [True, True, False]


def test_who_gets_a_class_later_is_told_its_headcounts(school: Wiring, phone: Phone) -> None:
    stranger = Phone(NEIGHBOUR, seed=8).enrol(school)
    record = headcount(phone, "2025-10-09", {CHILD: "sick"})
    push(school, phone, record)
    with school.store.read() as conn:
        before = schools.size(conn, SCHOOL)
    assert pulled(school, stranger) == []
    school.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, NEIGHBOUR, "class:k1", school.now()))
    assert texts(pulled(school, stranger, before)) == [record.payload.decode()]


def test_nobody_acts_in_a_role_he_does_not_hold(school: Wiring, phone: Phone) -> None:
    (outcome,) = push(school, phone, act(phone, "2025-10-09 11:00", "opened", role="principal", because="gone"))
    assert (outcome.verdict, outcome.code, state(school)) == ("quarantined", "role_not_held", "none")
    (held,) = push(school, phone, act(phone, "2025-10-09 11:00", "opened", because="gone"))
    assert (held.verdict, state(school)) == ("stored", "C1")


def closed(school: Wiring, phone: Phone, clock: Clock) -> None:
    """The child learns elsewhere: closed by the book."""
    keep_registrar(school)
    push(school, phone, act(phone, "2025-10-09 08:00", "opened", because="gone"))
    closing = decide(school, "registrar", "closing", "registrar", code="Z2", papers=["certificate", "school_called"])
    clock.set("2025-10-09 12:30")
    decide(school, "principal", "closed", "principal", closing=closing.rid)


def keep_registrar(school: Wiring) -> None:
    one = Account("e" * 32, SCHOOL, "registrar", "R", ("registrar",))
    school.store.run_tx(lambda conn: accounts.add(conn, one, "", school.now()))


def test_what_phones_send_about_a_closed_case_waits_and_the_office_goes_on(
    school: Wiring, phone: Phone, clock: Clock
) -> None:
    closed(school, phone, clock)
    assert state(school) == "C8"
    (late,) = push(school, phone, call(phone, "2025-10-09 11:00", "persuade"))
    assert (late.verdict, late.code) == ("quarantined", "closed_case")
    assert decide(school, "registrar", "roll_moved", "registrar", on="2025-10-09").verdict == "stored"
    assert decide(school, "principal", "refuted", "principal", because="not there").verdict == "stored"
    assert state(school) == "C1"
    assert push(school, phone, call(phone, "2025-10-09 11:30", "persuade"))[0].verdict == "stored"


def test_an_office_act_in_a_role_not_held_is_an_error_and_nothing_is_kept(school: Wiring, phone: Phone) -> None:
    with pytest.raises(NotAllowed):
        decide(school, "principal", "opened", "grade_director", because="x")
    with school.store.read() as conn:
        assert archive.in_quarantine(conn, SCHOOL) == []


@pytest.mark.parametrize(("sent_at", "expected"), [
    ("2025-10-09T12:10:00+08:00", 600), ("2025-10-09T04:00:10Z", 0), ("2025-10-09T11:55:00+08:00", -300),
    (None, 0), ("soon", 0), ("2025-10-09T12:10:00", 0),
])  # fmt: skip
def test_a_clock_is_measured_where_it_says_its_time(
    school: Wiring, phone: Phone, clock: Clock, sent_at: str | None, expected: int
) -> None:
    """Every phone is served; what is within half a minute is right."""
    push(school, phone, call(phone, "2025-10-09 11:00", "absence"), sent_at=sent_at)
    assert [record.clock_offset for record in pulled(school, phone)] == [expected]


def test_the_corrected_time_decides_and_the_first_measure_stands(school: Wiring, phone: Phone, clock: Clock) -> None:
    """Story F: written at 00:20 by a clock that is half an hour ahead: still the day before."""
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    clock.set("2025-10-10 00:05")
    late = call(phone, "2025-10-10 00:20", "absence")
    push(school, phone, late, sent_at="2025-10-10T00:35:00+08:00")
    push(school, phone, late, sent_at="2025-10-10T00:05:00+08:00")
    with school.store.read() as conn:
        (visit,) = school.lives.of(conn, CHILD).facts.contacts
    assert (visit.stamp.at, visit.stamp.offset) == (moment("2025-10-09 23:50"), 1800)


def test_over_http_the_clock_is_compared_with_the_moment_at_which_the_request_began(school: Wiring, phone: Phone) -> None:
    body = push_body(call(phone, "2025-10-09 11:00", "absence")) | {"sent_at": "2025-10-09T13:00:00+08:00"}
    with served(school) as url:
        assert httpx.post(f"{url}/v1/push", json=body, headers=phone.headers).status_code == 200
        told = httpx.get(f"{url}/v1/pull", headers=phone.headers).json()["records"]
    assert [record["clock_offset"] for record in told] == [3600]


def test_an_episode_gets_its_number_once_and_the_phones_are_told(school: Wiring, phone: Phone, clock: Clock) -> None:
    push(school, phone, act(phone, "2025-10-09 11:00", "opened", because="gone"))
    assert (school.numbers.look(), school.numbers.look()) == (1, 0)
    other = Phone(NEIGHBOUR, seed=8).enrol(school)
    push(school, other, act(other, "2025-10-09 11:30", "opened", case=OTHER_CHILD, because="gone"))
    school.numbers.look()
    with school.store.read() as conn:
        assert [school.lives.case_no(conn, case) for case in (CHILD, OTHER_CHILD)] == [
            f"{SCHOOL}-2025-0001", f"{SCHOOL}-2025-0002"]  # fmt: skip
    told = [row.value for row in numbers_told(school, phone)]
    assert told == [{"id": CHILD, "case_no": f"{SCHOOL}-2025-0001", "episode": 1}]


def test_a_case_that_time_alone_opened_is_numbered_too(school: Wiring, phone: Phone, clock: Clock) -> None:
    push(school, phone, *(headcount(phone, f"2025-10-{day}", {CHILD: "unexcused"}) for day in ("09", "10")))
    assert school.numbers.look() == 0
    clock.set("2025-10-13 08:00")
    assert school.numbers.look() == 1


def test_the_number_goes_where_the_child_goes(school: Wiring, phone: Phone) -> None:
    push(school, phone, act(phone, "2025-10-09 11:00", "opened", because="gone"))
    school.numbers.look()
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [student_row(CHILD, "k2")], school.now()))
    told = {one.account: numbers_told(school, one)[-1].value for one in (phone, Phone(NEIGHBOUR, seed=8).enrol(school))}
    assert told[TEACHER] is None
    assert told[NEIGHBOUR] == {"id": CHILD, "case_no": f"{SCHOOL}-2025-0001", "episode": 1}
