"""Classes, base figures and events of the roll in the console: by those who may, refused to the others."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from tests.sync_server.console.campus import PEOPLE, Campus
from tests.sync_server.console.test_registry_pages import BOTH, OFFICE, ORIGIN, READERS, bring, children
from tests.sync_server.roster.sheets import BOY

FIELDS = {"on_day": "2025-11-20", "other_school": "外县一中", "paper_no": "接收函12号", "note": ""}


@pytest.fixture
def enrolled(campus: Campus) -> Campus:
    bring(campus, BOTH)
    return campus


def enter(campus: Campus, login: str, student: str, kind: str, **fields: str):  # type: ignore[no-untyped-def]
    return campus.browser(login).send_form("/roster/events", student=student, kind=kind, **{**FIELDS, **fields})


def test_a_transfer_from_the_card_to_the_principal_and_into_the_figures(enrolled: Campus) -> None:
    boy = children(enrolled)["王小明"]
    registrar, principal = enrolled.browser("registrar"), enrolled.browser("principal")
    assert "1 — 1" not in registrar.text("/roster/classes")
    registrar.send_form("/roster/classes", term="2025-2026-1")
    form = f"/roster/events/new?student={boy}&kind=transfer_out"
    assert form.replace("&", "&amp;") in registrar.get(f"/roster/children/{boy}").text
    assert "在读 → 已转出。 登记后要等校长批准才生效。" in registrar.text(form)
    event = enter(enrolled, "registrar", boy, "transfer_out").headers["location"].split("?")[0]
    assert "等校长批准。登记人自己不能批准。" in registrar.text(event)
    assert "转出 11月20日（周四） 陈学籍 等校长批准" in principal.text("/roster/events")
    waits = "有 1 项学籍变动等您批准"
    assert waits in principal.text("/") and waits not in registrar.text("/")
    assert principal.send_form(f"{event}/decide", decision="approve", remark="同意").status_code == 303
    assert waits not in principal.text("/")
    page = principal.text(event)
    assert "已生效" in page
    assert "外县一中" in page
    assert "萧洁荷 1 1 0 0 对得上" in registrar.text("/roster/classes")
    room = re.search(r"/roster/classes/\w+\?term=[\w-]+(?=\"><strong>八年级)", registrar.get("/roster/classes").text)
    assert room is not None
    assert "基数 1 人 − 减少 1 人 + 增加 0 人 = 现有 0 人" in registrar.text(room[0])
    assert "学籍变动" in registrar.text(f"/cases/{boy}")


def test_what_is_missing_is_said_and_what_was_typed_stays(enrolled: Campus) -> None:
    answer = enter(enrolled, "registrar", children(enrolled)["王小明"], "transfer_out", paper_no="", other_school="外县一中")
    assert answer.status_code == 422
    assert "要上传手续的照片，或写明看过的纸质材料编号。" in answer.text
    assert 'value="外县一中"' in answer.text


def test_a_photographed_paper_is_shown_to_who_may_read_the_card(enrolled: Campus) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(drawn, "PNG")
    fields = {**FIELDS, "paper_no": "", "student": children(enrolled)["王小明"], "kind": "transfer_out"}
    sent = enrolled.browser("registrar").post(
        "/roster/events", data=fields, files={"file": ("p.png", drawn.getvalue())}, headers=ORIGIN
    )
    event = sent.headers["location"].split("?")[0]
    assert enrolled.browser("teacher82").get(f"{event}/paper").content == drawn.getvalue()
    assert enrolled.browser("teacher71").get(f"{event}/paper").status_code == 403


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_each_role_enters_and_decides_only_what_it_may(enrolled: Campus, login: str) -> None:
    ids = children(enrolled)
    event = enter(enrolled, "registrar", ids["李花"], "transfer_out").headers["location"].split("?")[0]
    entered = enter(enrolled, login, ids["王小明"], "transfer_out").status_code
    assert entered == (303 if login in OFFICE else 403)
    decided = enrolled.browser(login).send_form(f"{event}/decide", decision="approve").status_code
    assert decided == (303 if login in {"principal", "deputy"} else 403)
    frozen = enrolled.browser(login).send_form("/roster/classes", term="2025-2026-1").status_code
    assert frozen == (303 if login in OFFICE else 403)
    added = enrolled.browser(login).send_form("/roster/new", name="周强").status_code
    assert added == (422 if login in OFFICE else 403)
    assert enrolled.browser(login).get("/roster/households").status_code == (200 if login in OFFICE else 403)
    for page in ("/roster/classes", "/roster/events"):
        assert enrolled.browser(login).get(page).status_code == (200 if login in READERS else 403), page


def test_a_class_teacher_sees_events_and_figures_of_the_own_class_only(enrolled: Campus) -> None:
    event = enter(enrolled, "registrar", children(enrolled)["李花"], "transfer_out").headers["location"].split("?")[0]
    browser = enrolled.browser("teacher82")
    assert "李花" not in browser.text("/roster/events")
    assert "七年级" not in browser.text("/roster/classes")
    assert browser.get(event).status_code == 403
    assert "李花" in enrolled.browser("teacher71").text("/roster/events")


def test_a_child_that_looks_known_is_shown_before_another_is_made(enrolled: Campus) -> None:
    browser = enrolled.browser("registrar")
    room = re.search(r'<option value="(\w+)">八年级', browser.get("/roster/new").text)
    assert room is not None
    typed = {"class": room[1], "name": "王小明", "gender": "1", "birth": "2012-03-08", "id_no": BOY, "g1.name": "王大", "g1.relation": "51"}
    answer = browser.send_form("/roster/new", **typed)
    assert "花名册里有相像的学生" in answer.text
    assert len(children(enrolled)) == 2
    made = browser.send_form("/roster/new", **{**typed, "id_no": ""}, another="yes").headers["location"].split("?")[0]
    page = browser.text(made)
    assert "未入学" in page
    assert "转入" in page
    assert "王大 · 父亲" in page
    faulty = browser.send_form("/roster/new", **{**typed, "name": "", "id_no": "12"})
    assert (faulty.status_code, "没有姓名。" in faulty.text, "应为 18 位" in faulty.text) == (422, True, True)


def test_a_suspension_that_runs_out_soon_is_pointed_out(enrolled: Campus) -> None:
    boy = children(enrolled)["王小明"]
    approved = {"approval_body": "县教体局", "approval_no": "7号", "until": "2025-11-28"}
    event = enter(enrolled, "registrar", boy, "suspend", **approved).headers["location"].split("?")[0]
    assert "快到期或已到期" not in enrolled.browser("registrar").text("/roster/events")
    enrolled.browser("principal").send_form(f"{event}/decide", decision="approve")
    assert "快到期或已到期" in enrolled.browser("registrar").text("/roster/events")
    enter(enrolled, "registrar", boy, "return")
    assert "快到期或已到期" not in enrolled.browser("registrar").text("/roster/events")


def test_children_of_one_guardian_are_proposed_and_joined_by_a_persons_word(campus: Campus) -> None:
    sister = ["王小花", "女", "2013-11-20", "", "", "七年级(1)班", "王大", "父亲", "13800000001", "新寨村"]
    bring(campus, [*BOTH, sister])
    browser = campus.browser("registrar")
    page = browser.get("/roster/households").text
    pair = re.search(r'name="pair" value="([0-9a-f:]+)"', page)
    assert pair is not None
    assert "监护人都是王大，电话相同" in page
    assert campus.browser("teacher82").send_form("/roster/households", pair=pair[1], decision="together").status_code == 403
    assert browser.send_form("/roster/households", pair=pair[1], decision="together").status_code == 303
    assert "没有要定的" in browser.text("/roster/households")
    assert "同户学生 王小花" in browser.text(f"/roster/children/{children(campus)['王小明']}")
