"""The server's lives: what arrived is what counts, nothing is worked out twice, nothing uncommitted is remembered."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casebook.errors import NoSuchCase
from casebook.rules.lifecycle import Lifecycle
from sync_server import lives as lives_module
from sync_server.access import Reach
from sync_server.settings import Settings
from sync_server.store import accounts
from sync_server.wiring import Wiring, build
from tests.sync_server.rollcall import Clock, act, call, give_calendar, headcount, moment, push
from tests.sync_server.schoolhouse import CHILD, NEIGHBOUR, OTHER_CHILD, SCHOOL, Phone, make_school

EVERYBODY = Reach(whole_school=True)


@pytest.fixture
def clock() -> Clock:
    return Clock("2025-10-09 12:00")


@pytest.fixture
def school(tmp_path: Path, clock: Clock) -> Iterator[Wiring]:
    make_school(tmp_path).close()
    wiring = build(Settings(data=tmp_path / "data"), clock=clock)
    give_calendar(wiring)
    yield wiring
    wiring.close()


@pytest.fixture
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


def life(school: Wiring, case: str = CHILD) -> Lifecycle:
    with school.store.read() as conn:
        return school.lives.of(conn, case)


def kinds(school: Wiring, within: Reach = EVERYBODY) -> list[str]:
    with school.store.read() as conn:
        return [duty.kind for duty in school.lives.child_duties(conn, within)]


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The children that were worked out, in order."""
    found: list[str] = []
    true = lives_module.lifecycle

    def counted(child, told, world):
        found.append(child.case)
        return true(child, told, world)

    monkeypatch.setattr(lives_module, "lifecycle", counted)
    return found


def test_a_headcount_makes_an_incident_and_a_visit_answers_it(school: Wiring, phone: Phone) -> None:
    assert life(school).state == "none"
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    assert (life(school).state, kinds(school)) == ("I0", ["visit_today"])
    push(school, phone, call(phone, "2025-10-09 11:30", "absence"))
    assert kinds(school) == []


def test_three_school_days_make_a_case_and_time_alone_does_it(school: Wiring, phone: Phone, clock: Clock) -> None:
    """Story B: Saturday 11 October is a make-up day, and the third day."""
    push(school, phone, *(headcount(phone, f"2025-10-{day}", {CHILD: "unexcused"}) for day in ("09", "10")))
    clock.set("2025-10-10 23:59")
    assert life(school).state == "I0"
    clock.set("2025-10-11 08:00")
    assert life(school).state == "I0"  # nobody has counted the class yet
    clock.set("2025-10-13 00:01")
    assert [(step.state, step.day) for step in life(school).story.steps][-1] == ("C1", dt.date(2025, 10, 11))
    assert life(school).absent_days[-1] == dt.date(2025, 10, 11)


def test_what_did_not_change_is_not_worked_out_again(school: Wiring, phone: Phone, worked: list[str]) -> None:
    other = Phone(NEIGHBOUR, seed=8).enrol(school)
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    push(school, other, headcount(other, "2025-10-09", {OTHER_CHILD: "unexcused"}, class_id="k2"))
    assert kinds(school) == ["visit_today", "visit_today"]
    assert kinds(school) == ["visit_today", "visit_today"]
    assert sorted(worked) == [CHILD, OTHER_CHILD]
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}, session="noon", time="11:59"))
    kinds(school)
    assert worked[2:] == [CHILD]


def test_the_passing_of_an_hour_changes_what_it_changes(school: Wiring, phone: Phone, clock: Clock, worked: list[str]) -> None:
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    with school.store.read() as conn:
        assert [d.urgency for d in school.lives.child_duties(conn, EVERYBODY)] == ["today"]
        clock.set("2025-10-09 23:00")
        assert school.lives.of(conn, CHILD).world.now == moment("2025-10-09 23:00")
        assert len(worked) == 1
        clock.set("2025-10-10 00:00")
        assert [d.urgency for d in school.lives.child_duties(conn, EVERYBODY)] == ["overdue"]
        assert len(worked) == 2


def test_nothing_uncommitted_is_remembered(school: Wiring, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the transaction the record counts; after its failure it never was, though its place is taken again."""
    body = {"act": "opened", "role": "principal", "because": "stays away"}

    def half(conn) -> None:
        account = accounts.by_login(conn, SCHOOL, "principal")
        assert account is not None
        school.office.write(conn, account, "act", CHILD, body=body)
        assert school.lives.of(conn, CHILD).state == "C1"
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError):
        school.store.run_tx(half)
    assert life(school).state == "none"
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    assert life(school).state == "I0"


def test_an_older_snapshot_does_not_spoil_what_is_kept(school: Wiring, phone: Phone) -> None:
    with school.store.read() as old:
        assert school.lives.of(old, CHILD).state == "none"
        push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
        push(school, phone, act(phone, "2025-10-09 11:00", "opened", because="moved away"))
        with school.store.read() as new:
            assert school.lives.world(new).attendance.missing.keys() == {CHILD}
        school.lives.of(old, CHILD)
    assert life(school).state == "C1"


def test_a_reader_gets_the_children_of_its_reach(school: Wiring, phone: Phone) -> None:
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}))
    push(school, phone, call(phone, "2025-10-09 11:00", "routine", case=OTHER_CHILD))

    def cases(within: Reach) -> list[str]:
        with school.store.read() as conn:
            return [one.child.case for one in school.lives.within(conn, within)]

    assert cases(EVERYBODY) == [CHILD, OTHER_CHILD]
    assert cases(Reach(False, classes=("k1",))) == [CHILD]
    assert cases(Reach(False, cases=(OTHER_CHILD,))) == [OTHER_CHILD]
    assert cases(Reach(False, author=phone.account)) == [OTHER_CHILD]
    assert cases(Reach(False)) == []


def test_a_look_back_knows_only_what_was_captured_by_then(school: Wiring, phone: Phone, clock: Clock) -> None:
    push(school, phone, *(headcount(phone, f"2025-10-{day}", {CHILD: "unexcused"}) for day in ("09", "10")))
    clock.set("2025-10-20 12:00")
    assert life(school).state == "C2"
    with school.store.read() as conn:
        assert school.lives.of(conn, CHILD, moment("2025-10-09 07:00")).days == ()
        assert school.lives.of(conn, CHILD, moment("2025-10-09 12:00")).state == "I0"
        assert [one.state for one in school.lives.all(conn, moment("2025-10-13 12:00"))] == ["C1"]
    assert life(school).state == "C2"


def test_a_headcount_of_a_clock_that_is_ahead_counts_when_its_time_has_come(school: Wiring, phone: Phone, clock: Clock) -> None:
    push(school, phone, headcount(phone, "2025-10-09", {CHILD: "unexcused"}, time="12:05"))
    assert life(school).state == "none"
    clock.set("2025-10-09 12:05")
    assert life(school).state == "I0"


def test_a_correction_takes_the_absence_back(school: Wiring, phone: Phone) -> None:
    first = headcount(phone, "2025-10-09", {CHILD: "unexcused"})
    push(school, phone, first)
    assert life(school).state == "I0"
    late = headcount(phone, "2025-10-09", {}, time="08:10", amends=(first.rid,), body={"reason": "came late"})
    push(school, phone, late)
    assert (life(school).state, life(school).incidents) == ("none", ())


def test_a_class_owes_its_headcount_and_the_school_its_month(school: Wiring, phone: Phone, clock: Clock) -> None:
    clock.set("2025-10-31 09:00")
    with school.store.read() as conn:
        assert [(d.kind, d.subject, d.urgency) for d in school.lives.class_duties(conn, Reach(False, classes=("k1",)))] == [
            ("headcount", "k1", "overdue")]  # fmt: skip
        assert len(school.lives.class_duties(conn, EVERYBODY)) == 2
        assert [d.kind for d in school.lives.school_duties(conn)] == ["report_month"]


def test_a_child_nobody_knows_has_no_life(school: Wiring) -> None:
    with school.store.read() as conn, pytest.raises(NoSuchCase):
        school.lives.of(conn, "9" * 32)


def test_requests_that_wait_for_each_other_begin_nothing_anew(school: Wiring, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another request comes while the first one asks what time it is: the clock never seems to be set back."""
    begun: list[int] = []

    class Counted(lives_module.Memory):
        def __init__(self, *given: Any) -> None:
            begun.append(1)
            super().__init__(*given)

    monkeypatch.setattr(lives_module, "Memory", Counted)
    others: list[threading.Thread] = []

    def look() -> None:
        with school.store.read() as conn:
            lives.world(conn)

    def ticking() -> dt.datetime:
        clock.now += dt.timedelta(milliseconds=1)
        now = clock.now
        if not others:
            others.append(threading.Thread(target=look))
            others[0].start()
            others[0].join(0.3)
        return now

    lives = lives_module.Lives(SCHOOL, ticking)
    look()
    others[0].join()
    look()
    assert len(begun) == 1
