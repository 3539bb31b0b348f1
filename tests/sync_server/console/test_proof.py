"""The proof of service as a paper: built from the visit of service, for who reads it or issues notices."""

from __future__ import annotations

import pytest

from tests.sync_server.console.campus import WANG, Campus
from tests.sync_server.console.casework import SERVED, Casework

NUMBER = "劝学〔2025〕1号"
LEFT = {
    "receiver": "refuses", "covisitors": "郭谷", "server_1_signature": "a.json", "left_at_home": "yes",
    "left_where": "堂屋桌上", "witness_1_name": "赵组长", "witness_1_unit": "新寨村委会", "witness_1_phone": "12000001799",
}  # fmt: skip


@pytest.fixture
def work(campus: Campus) -> Casework:
    return Casework(campus)


def test_a_served_notice_is_proved_with_day_people_and_the_day_of_return(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    work.issued()
    visit = work.visit(
        "2025-11-14 17:00", "serve", doc_no=NUMBER, met_person="覃翊木", met_person_relation="52", **SERVED
    )
    paper = work.campus.browser("registrar").text(f"/visits/{visit}/proof")
    for said in (
        "石桥镇九年一贯制学校 送达回证", f"督促复学通知书（{NUMBER}）", "覃翊木（八年级(2)班学生王小明的监护人）",
        "石桥镇新寨村五组87号（没有定位）", "2025年11月14日 17:00", "直接送达", "覃翊木（母亲）", "萧洁荷", "郭谷",
        "有效，2025年11月14日送达。请在2025年11月21日以前（含当天）返校。",
    ):  # fmt: skip
        assert said in paper
    assert f'href="/visits/{visit}/proof"' in work.campus.browser("registrar").get(f"/cases/{WANG}").text
    assert ("print_paper", f"visit:{visit}") in work.campus.audit()


def test_what_is_missing_is_printed_with_its_reason(work: Casework) -> None:
    work.confirmed().at("2025-11-13 10:00")
    work.issued()
    visit = work.visit("2025-11-14 17:00", "serve", doc_no=NUMBER, **LEFT)
    paper = work.campus.browser("teacher82").text(f"/visits/{visit}/proof")
    for said in ("留置送达", "无人签收", "已留置：堂屋桌上", "赵组长（新寨村委会） 12000001799", "待补正：两位送达人没有都签名"):
        assert said in paper
    assert "有效，" not in paper


def test_a_visit_without_service_has_no_proof_and_strangers_see_none(work: Casework) -> None:
    visit = work.suspected().life().contacts[0].visit
    assert work.campus.browser("registrar").get(f"/visits/{visit}/proof").status_code == 404
    for login in ("teacher71", "duty", "fellow"):
        assert work.campus.browser(login).get(f"/visits/{visit}/proof").status_code == 403
