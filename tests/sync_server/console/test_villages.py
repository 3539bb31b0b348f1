"""Who leads a village reads its children, in the console and on the phone, and no others (R03)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from casebook.feeds import ME, STUDENTS, VILLAGES
from casebook.protocol import PullReply
from casebook.records import decode
from sync_server.store import accounts, devices, rows
from sync_server.store.rows import ScopedRow
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, WANG, ZONE, Browser, Campus
from tests.sync_server.console.test_matrix import counted

OURS, THEIRS = "990123101217", "990123101218"
LEADER = "duty"  # the person of the campus who becomes a member of the leading group
WHO = PEOPLE[LEADER][0]
AFTER = dt.datetime(2025, 11, 25, 9, 0, tzinfo=ZONE)  # the excuse that the visits found is over


@dataclass
class Leading:
    """A school in which one person leads the first child's village; of both children there is something to read."""

    campus: Campus
    visits: dict[str, str]

    @property
    def browser(self) -> Browser:
        return self.campus.browser(LEADER)

    def pull(self, after: int = 0) -> PullReply:
        with self.campus.wiring.store.read() as conn:
            device = devices.by_id(conn, SCHOOL, self.campus.phone(LEADER).dev)
        assert device is not None
        return self.campus.wiring.handout.pull(device, after, 1000)

    def name(self, village: str, leader: str) -> None:
        """Who leads this village from now on."""
        value = {"code": village, "name": "村", "signal": "none", "distance_km_x10": 12}
        value |= {"leader_id": leader} if leader else {}
        self.publish(ScopedRow(VILLAGES, village, "school", value))

    def settle(self, child: str, village: str) -> None:
        """The child lives there from now on."""
        with self.campus.wiring.store.read() as conn:
            row, scope = rows.one(conn, SCHOOL, STUDENTS, child), rows.scope_of(conn, SCHOOL, STUDENTS, child)
        assert row is not None
        self.publish(ScopedRow(STUDENTS, child, scope, row | {"village": village}))

    def publish(self, row: ScopedRow) -> None:
        wiring = self.campus.wiring
        wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [row], wiring.now()))


@pytest.fixture
def leading(campus: Campus) -> Leading:
    campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, WHO, ["leading_group"]))
    school = Leading(campus, {})
    school.settle(LIHUA, THEIRS)
    for child, login, class_id in ((WANG, "teacher82", "class82"), (LIHUA, "teacher71", "class71")):
        school.visits[child] = campus.receive(campus.visit(child, login))
        counted(campus, class_id, login)
    campus.now = AFTER
    for child in school.visits:
        campus.absence(child, AFTER.date().isoformat())
    school.name(OURS, WHO)
    return school


def children(reply: PullReply) -> set[str]:
    """Whose rows and records came down."""
    records = [decode(one.sealed.payload.encode()) for one in reply.records]
    missing = {one["student"] for record in records for one in record.body.get("absent", ())}
    named = {row.key for row in reply.rows if row.feed == STUDENTS and row.value is not None}
    return named | missing | {record.case for record in records if record.case}


def test_the_leaders_phone_shows_only_the_own_villages(leading: Leading) -> None:
    reply = leading.pull()
    assert children(reply) == {WANG}
    kinds = {decode(one.sealed.payload.encode()).type for one in reply.records}
    assert kinds == {"visit", "incident", "headcount"}
    row = next(row.value for row in reply.rows if row.key == WANG)
    assert row is not None
    assert row["home_landmark"] == "小卖部后面"
    me = next(row.value for row in reply.rows if row.feed == ME)
    assert me is not None
    assert me["follows"] == {"school": False, "classes": [], "cases": [], "villages": [OURS]}


def test_the_leaders_console_lists_and_opens_only_the_own_villages(leading: Leading) -> None:
    browser = leading.browser
    for page in ("/students", "/incidents", "/visits", "/duties"):
        text = browser.text(page)
        assert "王小明" in text, page
        assert "李花" not in text, page
    for child, status in ((WANG, 200), (LIHUA, 403)):
        for page in (f"/cases/{child}", f"/visits/{leading.visits[child]}"):
            assert browser.get(page).status_code == status, page


def test_a_village_that_is_led_by_somebody_else_is_gone_from_console_and_phone(leading: Leading) -> None:
    before = leading.pull().next
    leading.name(OURS, PEOPLE["moral"][0])
    told = leading.pull(before)
    assert [(row.key, row.value) for row in told.rows if row.feed == STUDENTS] == [(WANG, None)]
    assert children(leading.pull()) == set()
    assert leading.browser.get(f"/cases/{WANG}").status_code == 403


def test_a_child_that_moves_house_changes_hands_with_everything_that_is_known_of_it(leading: Leading) -> None:
    before = leading.pull().next
    leading.settle(LIHUA, OURS)
    leading.settle(WANG, THEIRS)
    told = leading.pull(before)
    assert children(told) >= {LIHUA}
    assert (STUDENTS, WANG, None) in {(row.feed, row.key, None) for row in told.rows if row.value is None}
    assert {decode(one.sealed.payload.encode()).type for one in told.records} == {"visit", "incident", "headcount"}
    assert children(leading.pull()) == {LIHUA}


def test_whoever_leads_a_village_reads_it_whatever_the_role_and_sends_its_letter(leading: Leading) -> None:
    leading.campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, WHO, ["subject_teacher"]))
    assert leading.browser.get(f"/cases/{WANG}").status_code == 200
    for child, refused in ((WANG, False), (LIHUA, True)):
        answer = leading.browser.send_form(f"/cases/{child}/steps/letter")
        assert (answer.status_code == 403) is refused
