"""Who answers for a child or a village is named in the console; phones, duties and the audit follow."""

from __future__ import annotations

import pytest

from casebook.feeds import ME, STUDENTS, VILLAGES
from casebook.rules.duties import LEADER, Duty
from sync_server.dutylist import DutyList
from sync_server.lives import Lives
from sync_server.registry import Village
from sync_server.roster import register
from sync_server.store import accounts, devices
from sync_server.store.register import Authorship
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, WANG, Campus

PAGE = f"/cases/{WANG}"
FELLOW = PEOPLE["fellow"][0]
VILLAGE = "990123101217"


def pulled(campus: Campus, login: str) -> dict[tuple[str, str], object]:
    """The rows that a colleague's phone has after pulling everything."""
    phone = campus.phone(login)
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    kept: dict[tuple[str, str], object] = {}
    for row in campus.wiring.handout.pull(device, 0, 1000).rows:
        kept[row.feed, row.key] = row.value
    return {name: value for name, value in kept.items() if value is not None}


def assign(campus: Campus, login: str, step: str = "assign", who: str = FELLOW, child: str = WANG) -> int:
    return campus.browser(login).send_form(f"/cases/{child}/assigned", step=step, account=who).status_code


@pytest.mark.parametrize("login", ["office", "principal", "director8"])
def test_the_child_comes_to_the_assigned_phone_and_leaves_it_again(campus: Campus, login: str) -> None:
    assert (STUDENTS, WANG) not in pulled(campus, "fellow")
    assert assign(campus, login) == 303
    told = pulled(campus, "fellow")
    assert told[STUDENTS, WANG]["home_landmark"] == "小卖部后面"
    assert told[ME, FELLOW]["cases"] == told[ME, FELLOW]["follows"]["cases"] == [WANG]
    assert "包人老师 郭谷 科任教师" in campus.browser("teacher82").text(PAGE)
    assert assign(campus, login, "release") == 303
    told = pulled(campus, "fellow")
    assert (STUDENTS, WANG) not in told
    assert told[ME, FELLOW]["cases"] == []
    noted = [line for line in campus.audit() if line[0] in ("assign", "release")]
    assert noted == [("assign", f"case:{WANG}"), ("release", f"case:{WANG}")]


def test_who_reaches_the_child_by_the_class_keeps_it_when_released(campus: Campus) -> None:
    director = PEOPLE["director8"][0]
    assert assign(campus, "office", who=director) == 303
    assert assign(campus, "office", "release", who=director) == 303
    assert (STUDENTS, WANG) in pulled(campus, "director8")


def test_a_director_assigns_in_the_own_grade_only_and_a_teacher_nowhere(campus: Campus) -> None:
    assert assign(campus, "director8", child=LIHUA) == 403
    for login in ("teacher82", "registrar", "moral", "deputy"):
        assert assign(campus, login) == 403
        page = campus.browser(login).get(PAGE).text
        assert f'action="{PAGE}/assigned"' not in page
    assert f'action="{PAGE}/assigned"' in campus.browser("director8").get(PAGE).text


def test_only_an_open_account_that_is_not_there_yet_is_assigned(campus: Campus) -> None:
    for who in ("unknown", "", PEOPLE["teacher82"][0]):
        assert assign(campus, "office", who=who) == 404
    assert assign(campus, "office", "release") == 404
    assign(campus, "office")
    assert assign(campus, "office") == 404
    assert [act for act, _ in campus.audit()].count("assign") == 1


def registered_village(campus: Campus) -> None:
    by = Authorship(PEOPLE["registrar"][0], campus.wiring.now(), "test")
    village = Village(VILLAGE, "新寨村", "village", "none", 120)
    campus.wiring.store.run_tx(lambda conn: register.write(conn, SCHOOL, [village], by))


def test_the_leader_of_a_village_flows_to_the_phones_and_is_kept_by_the_register(campus: Campus) -> None:
    registered_village(campus)
    office = campus.browser("office")
    sent = {"village": VILLAGE, "leader": FELLOW}
    assert office.send_form("/roster/villages", **sent).headers["location"] == "/roster/villages?done=led"
    assert pulled(campus, "teacher82")[VILLAGES, VILLAGE]["leader_id"] == FELLOW
    assert f'value="{FELLOW}" selected' in office.get("/roster/villages").text
    assert campus.audit()[-1] == ("assign", f"village:{VILLAGE}")
    for wrong in ({"village": "x", "leader": FELLOW}, {"village": VILLAGE, "leader": "nobody"}):
        assert office.send_form("/roster/villages", **wrong).status_code == 404
    office.send_form("/roster/villages", village=VILLAGE, leader="")
    assert "leader_id" not in pulled(campus, "teacher82")[VILLAGES, VILLAGE]
    assert campus.browser("director8").send_form("/roster/villages", **sent).status_code == 403


def test_duties_of_an_area_name_its_leader_beside_the_registrar(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    registered_village(campus)
    letter = Duty("village_letter", WANG, None, "soon", ("registrar", LEADER), "R33")
    monkeypatch.setattr(Lives, "child_duties", lambda *_: [letter])
    use = DutyList(SCHOOL, campus.wiring.lives, campus.wiring.clock)

    def line(login: str):  # type: ignore[no-untyped-def]
        with campus.wiring.store.read() as conn:
            account = accounts.by_login(conn, SCHOOL, login)
            assert account is not None
            (found,) = use.drawn(conn, [one for one in use.lines(conn, account) if one.duty is letter])
            return found.people, found.mine

    assert line("moral") == (("陈学籍",), False)
    campus.browser("office").send_form("/roster/villages", village=VILLAGE, leader=PEOPLE["moral"][0])
    assert line("moral") == (("陈学籍", "苏德育"), True)
