"""Notices of entry: numbered, collected, overdue; who is too young, put off or exempt stands apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import AlreadyDecided, NoSuchPage, NotAllowed
from casebook.records import FormRef
from sync_server import founding, rulebook
from sync_server.access import Reach
from sync_server.registry import SchoolClass, Village
from sync_server.roster.entries import DUE, EXEMPT, HERE, LATE, TOLD, UNTOLD, YOUNG, Entries, EntryLine
from sync_server.roster.rollbook import Entry, RollBook
from sync_server.settings import Settings
from sync_server.store import accounts, typed
from sync_server.wiring import Wiring
from tests.sync_server.rollcall import push
from tests.sync_server.roster.sheets import PEOPLE, SCHOOL, ZONE, child, settle
from tests.sync_server.schoolhouse import Phone

OFFICE = PEOPLE["office"]
SUMMER = dt.datetime(2026, 8, 3, 9, 0, tzinfo=ZONE)
BIRTHS = {"six": dt.date(2020, 8, 31), "eight": dt.date(2018, 1, 1), "young": dt.date(2020, 9, 1), "grown": dt.date(2010, 1, 1)}


class Clock:
    now = SUMMER

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def school(tmp_path: Path, clock: Clock) -> Iterator[Wiring]:
    wiring = founding.found(Settings(data=tmp_path / "data"), SCHOOL, "石桥镇学校", clock=clock)

    def fill(conn) -> None:  # type: ignore[no-untyped-def]
        for person in PEOPLE.values():
            accounts.add(conn, person, "", wiring.now())
        rulebook.publish_defaults(conn, SCHOOL, wiring.now())

    wiring.store.run_tx(fill)
    waiting = [child(id, name=id, birth=birth, class_id="k11", roll_status="not_enrolled", id_no="", student_no="")
               for id, birth in BIRTHS.items()]  # fmt: skip
    settle(wiring, SchoolClass("k11", "一年级(1)班", 1, "primary", ""), Village("v1", "新寨村", "village", "ok", 20), *waiting)
    yield wiring
    wiring.close()


def desk(wiring: Wiring) -> Entries:
    return Entries(wiring.store, SCHOOL, wiring.office, wiring.lives, wiring.clock)


def lines(wiring: Wiring) -> dict[str, EntryLine]:
    return {line.child.id: line for line in desk(wiring).lines(OFFICE)}


def reminded(wiring: Wiring) -> set[str]:
    with wiring.store.read() as conn:
        return {duty.subject for duty in wiring.lives.child_duties(conn, Reach(True)) if duty.kind == "remind_entry"}


def test_who_is_six_by_the_end_of_august_is_due_and_who_is_grown_up_is_not_listed(school: Wiring, clock: Clock) -> None:
    assert {id: (line.group, line.state, line.age) for id, line in lines(school).items()} == {
        "six": (DUE, UNTOLD, 6), "eight": (DUE, UNTOLD, 8), "young": (YOUNG, "", 5),
    }  # fmt: skip
    clock.now = dt.datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)
    assert lines(school)["young"].group == DUE  # for the entry of the next year


def test_each_child_gets_one_notice_with_its_own_number(school: Wiring) -> None:
    assert desk(school).issue(OFFICE, ["six", "eight", "nobody", "six"]) == 2
    assert desk(school).issue(OFFICE, ["six"]) == 0
    found = lines(school)
    assert {id: line.notice.no for id, line in found.items() if line.notice} == {
        "six": "入学〔2026〕1号", "eight": "入学〔2026〕2号",
    }  # fmt: skip
    assert (found["six"].state, found["six"].until) == (TOLD, "2026-08-10")
    with school.store.read() as conn:
        sealed = typed.of_type(conn, SCHOOL, "entry")[0].record.body
    assert sealed["addressee"] == "six的家长"
    assert "六周岁" in sealed["text"] and "six" in sealed["text"]


def test_a_notice_that_waits_too_long_is_a_task_until_somebody_has_come_for_it(school: Wiring, clock: Clock) -> None:
    desk(school).issue(OFFICE, ["six", "eight"])
    assert reminded(school) == set()
    clock.now += dt.timedelta(days=8)
    assert reminded(school) == {"six", "eight"}
    assert lines(school)["six"].state == LATE
    assert desk(school).collect(OFFICE, "six", " 外婆 ", "2026-08-11") == ""
    assert (lines(school)["six"].state, reminded(school)) == (HERE, {"eight"})
    with pytest.raises(AlreadyDecided):
        desk(school).collect(OFFICE, "six", "外婆", "2026-08-11")


@pytest.mark.parametrize(("by", "on", "fault"), [
    ("外婆", "2026-08-02", "day"), ("外婆", "2026-08-04", "day"), ("外婆", "8月3日", "day"), (" ", "2026-08-03", "by"),
])  # fmt: skip
def test_a_collection_that_cannot_be_is_refused(school: Wiring, by: str, on: str, fault: str) -> None:
    desk(school).issue(OFFICE, ["six"])
    assert desk(school).collect(OFFICE, "six", by, on) == f"entry.fault.{fault}"
    assert lines(school)["six"].state == TOLD


def test_a_child_without_a_notice_has_nothing_to_collect(school: Wiring) -> None:
    with pytest.raises(NoSuchPage):
        desk(school).collect(OFFICE, "six", "外婆", "2026-08-03")


def test_a_deferral_stops_the_duty_stands_apart_and_asks_for_a_look_before_it_ends(school: Wiring, clock: Clock) -> None:
    desk(school).issue(OFFICE, ["six"])
    book = RollBook(school.store, SCHOOL, school.office, school.uploads, clock)
    texts = {"paper_no": "1", "approval_body": "县教体局", "approval_no": "2"}
    event, faults = book.enter(PEOPLE["registrar"], Entry("six", "defer", "2026-08-04", "2027-08-31", texts))
    assert faults == []
    book.decide(PEOPLE["principal"], event, True, "")
    clock.now += dt.timedelta(days=20)
    assert (lines(school)["six"].group, lines(school)["six"].until, reminded(school)) == (EXEMPT, "2027-08-31", set())
    clock.now = dt.datetime(2027, 8, 22, 9, 0, tzinfo=ZONE)
    with school.store.read() as conn:
        asked = [(duty.kind, duty.subject, duty.urgency) for duty in school.lives.child_duties(conn, Reach(True))]
    assert asked == [("recheck_exemption", "six", "overdue")]


@pytest.mark.parametrize("login", ["teacher", "deputy"])
def test_only_the_office_sees_and_issues(school: Wiring, login: str) -> None:
    for use in (lambda: desk(school).lines(PEOPLE[login]), lambda: desk(school).issue(PEOPLE[login], ["six"]),
                lambda: desk(school).collect(PEOPLE[login], "six", "x", "2026-08-03")):  # fmt: skip
        with pytest.raises(NotAllowed):
            use()


def census(wiring: Wiring, phone: Phone, *kids: dict[str, str], case: str = "eight") -> None:
    """A census of the home of a child on the register, as a teacher's form says it."""
    told = "".join("<kid>" + "".join(f"<{name}>{value}</{name}>" for name, value in kid.items()) + "</kid>" for kid in kids)
    body = {"visit": f"v{phone.seq}", "purposes": ["census"], "instance": f"<data><children>{told}</children></data>"}
    form = FormRef("census", "2", "a" * 64)
    assert push(wiring, phone, phone.seal(type="visit", case=case, body=body, form=form))[0].verdict == "stored"


def kid(name: str, birth: str, status: str = "none", **more: str) -> dict[str, str]:
    return {"kid_name": name, "kid_birth": birth, "kid_status": status} | more


def test_children_whom_a_census_found_are_added_with_one_click_and_nothing_typed_twice(school: Wiring) -> None:
    known = kid("six", "2020-08-31")
    phone = Phone(OFFICE.id).enrol(school)
    census(school, phone, kid("小花", "2019-05-01"), kid("在外", "2019-05-02", "elsewhere"), kid("太小", "2023-05-01", "young"), known)
    found = desk(school).finds(OFFICE)
    assert [(find.name, find.home.id) for find in found] == [("小花", "eight")]
    assert (desk(school).accept(OFFICE, [found[0].id, "x"]), desk(school).accept(OFFICE, [found[0].id])) == (1, 0)
    assert desk(school).finds(OFFICE) == []
    line = lines(school)[found[0].id]
    home = lines(school)["eight"].child
    assert (line.group, line.state, line.child.household, line.child.home_address) == (DUE, UNTOLD, home.household, home.home_address)
    assert (home.siblings, line.child.siblings) == ((line.child.id,), ("eight",))
    assert desk(school).issue(OFFICE, [line.child.id]) == 1


def test_a_newer_census_of_the_home_takes_the_place_of_the_older(school: Wiring) -> None:
    phone = Phone(OFFICE.id).enrol(school)
    census(school, phone, kid("小花", "2019-05-01"))
    census(school, phone, kid("小花", "2019-05-01", "elsewhere"), kid("小草", "2019-06-01"))
    assert [find.name for find in desk(school).finds(OFFICE)] == ["小草"]
    with pytest.raises(NotAllowed):
        desk(school).accept(PEOPLE["teacher"], ["x"])


def test_a_find_is_set_aside_with_a_reason_and_can_still_be_accepted(school: Wiring) -> None:
    phone = Phone(OFFICE.id).enrol(school)
    census(school, phone, kid("小花", "2019-05-01"), kid("小草", "2019-06-01"))
    grass, flower = sorted(desk(school).finds(OFFICE), key=lambda find: find.birth, reverse=True)
    assert desk(school).set_aside(OFFICE, flower.id, "  ") == "entry.fault.why"
    assert desk(school).set_aside(OFFICE, flower.id, " 已在县一小就读，电话核实 ") == ""
    census(school, phone, kid("小花", "2019-05-01"), kid("小草", "2019-06-01"))
    assert {find.id: find.set_aside for find in desk(school).finds(OFFICE)} == {flower.id: "已在县一小就读，电话核实", grass.id: ""}
    assert desk(school).accept(OFFICE, [flower.id]) == 1
    assert [find.id for find in desk(school).finds(OFFICE)] == [grass.id]
    with pytest.raises(NoSuchPage):
        desk(school).set_aside(OFFICE, flower.id, "在册")
    with pytest.raises(NotAllowed):
        desk(school).set_aside(PEOPLE["teacher"], grass.id, "x")
