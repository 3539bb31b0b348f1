"""Brothers and sisters share one home: one conflict of contact data, one task, one decision, on every page."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from casebook.feeds import STUDENTS
from casebook.policies import is_of_home
from casebook.protocol import to_json
from sync_server.store import devices, homes, rows
from sync_server.store.rows import ScopedRow
from tests.sync_server.console.campus import CHILDREN, LIHUA, SCHOOL, VISITED, WANG, Campus

ONE, TWO, LATER = "12000001711", "12000001722", "12000001733"


@pytest.fixture
def family(campus: Campus) -> Campus:
    """Both children of the campus live in one house."""
    with campus.wiring.store.read() as conn:
        known = rows.of_feed(conn, SCHOOL, STUDENTS)
    told = [ScopedRow(STUDENTS, id, f"class:{CHILDREN[id][3]}", {**row, "siblings": [{WANG: LIHUA, LIHUA: WANG}[id]]})
            for id, row in known.items()]  # fmt: skip
    campus.wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, told, campus.wiring.now()))
    return campus


def visited(campus: Campus, child: str, login: str, phone: str) -> str:
    return campus.receive(campus.visit(child, login, contact_changed="phone", guardian_phone=phone))


def disagree(campus: Campus) -> None:
    """Two teachers in one house, each about the child of the own class, without having heard of the other."""
    first = campus.visit(WANG, "teacher82", contact_changed="phone", guardian_phone=ONE)
    later = VISITED + dt.timedelta(minutes=5)
    second = campus.visit(LIHUA, "teacher71", started=later, contact_changed="phone", guardian_phone=TWO)
    campus.receive(first)
    campus.receive(second)


def pulled(campus: Campus, login: str) -> dict[str, Any]:
    """Everything that the phone of a colleague is given."""
    phone = campus.phone(login)
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    told: dict[str, Any] = to_json(campus.wiring.handout.pull(device, 0, 1000))
    return told


def row_of(campus: Campus, child: str) -> dict[str, Any]:
    with campus.wiring.store.read() as conn:
        return rows.one(conn, SCHOOL, STUDENTS, child) or {}


def test_a_new_number_found_at_one_child_shows_at_the_other_with_its_source(family: Campus) -> None:
    visited(family, WANG, "teacher82", ONE)
    page = family.browser("teacher71").text(f"/cases/{LIHUA}")
    assert ONE in page and "信息不一致" not in page
    assert [one["set"] for one in row_of(family, LIHUA)["home"]] == [{"guardian_phone": ONE}]
    assert "home" not in row_of(family, WANG)


def test_one_conflict_stands_in_the_list_and_in_the_duties_and_on_both_pages(family: Campus) -> None:
    disagree(family)
    office = family.browser("office")
    listed = office.text("/conflicts")
    assert listed.count("监护人电话") == 1 and "李花" in listed and "王小明" in listed
    assert office.text("/duties").count("资料有两种说法，请确定") == 1
    for login, child, other in (("teacher82", WANG, "李花"), ("teacher71", LIHUA, "王小明")):
        page = family.browser(login).text(f"/cases/{child}")
        for words in (ONE, TWO, "萧洁荷", "李秋芳", f"{other}的一生一案", f"{other}那里也一样", "定下来以前，还用联系卡上的：12000001701"):
            assert words in page, (login, words)
        assert "用这个" not in page


def test_one_decision_on_any_page_settles_it_for_all(family: Campus) -> None:
    disagree(family)
    with family.wiring.store.read() as conn:
        (side,) = homes.contested(conn, SCHOOL, homes.PROPS)
    assert side.cases == (LIHUA, WANG) and side.values == 2
    newest = row_of(family, WANG)["home"][0]["rid"]
    office = family.browser("office")
    assert family.browser("teacher82").send_form(f"/cases/{WANG}/resolve", prop="guardian_phone", rid=newest).status_code == 403
    assert office.send_form(f"/cases/{WANG}/resolve", prop="guardian_phone", rid=newest).status_code == 303
    assert office.text("/conflicts").count("监护人电话") == 0
    for child in (WANG, LIHUA):
        page = office.text(f"/cases/{child}")
        assert TWO in page and "信息不一致" not in page
    assert office.send_form(f"/cases/{LIHUA}/resolve", prop="guardian_phone", rid=newest).status_code == 409


def test_a_home_that_is_parted_has_no_conflict_any_more_and_joined_again_has(family: Campus) -> None:
    disagree(family)
    apart = {id: {**row_of(family, id), "siblings": []} for id in (WANG, LIHUA)}
    together = {id: {**row_of(family, id)} for id in (WANG, LIHUA)}
    for said, count in ((apart, 0), (together, 1)):
        told = [ScopedRow(STUDENTS, id, f"class:{CHILDREN[id][3]}", row) for id, row in said.items()]
        family.wiring.store.run_tx(lambda conn, told=told: rows.put(conn, SCHOOL, told, family.wiring.now()))
        with family.wiring.store.read() as conn:
            assert len(homes.contested(conn, SCHOOL, homes.PROPS)) == count


def test_the_phone_of_a_class_teacher_is_told_of_the_home_and_of_nothing_else_of_the_sister(family: Campus) -> None:
    visited(family, WANG, "teacher82", ONE)
    reply = pulled(family, "teacher71")
    row = [one for one in reply["rows"] if one["key"] == LIHUA and one["feed"] == STUDENTS][-1]
    (said,) = row["value"]["home"]
    assert said["set"] == {"guardian_phone": ONE} and all(map(is_of_home, said["base"]))
    assert "奶奶说孩子夜里发烧" not in json.dumps(reply, ensure_ascii=False)
