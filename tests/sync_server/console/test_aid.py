"""The aid officer opens surveys of aid with their proofs and settles what they found; nothing else of a child."""

from __future__ import annotations

import re

import pytest

from casebook.feeds import PAIRS, STUDENTS, TOLD
from casebook.records import decode
from sync_server.store import accounts, devices
from tests.sync_server.console.campus import PEOPLE, SCHOOL, WANG, Browser, Campus
from tests.sync_server.console.test_files import digest, photo_of, told

AID = {"purposes": ["aid"]}


@pytest.fixture
def officer(campus: Campus) -> Browser:
    """The person on duty is now the aid officer."""
    campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, PEOPLE["duty"][0], ["general_affairs"]))
    return campus.browser("duty")


def test_the_officer_opens_the_survey_and_its_proofs_and_no_page_for_few(campus: Campus, officer: Browser) -> None:
    made, files = told(campus)
    visit = campus.receive(campus.rewritten(made, body=AID))
    page = officer.text(f"/visits/{visit}")
    assert "人人可看" in page
    assert "三千二百元" not in page
    answers = {name: officer.get(f"/visits/{visit}/files/{digest(content)}").status_code for name, content in files.items()}
    assert answers == {"voice": 200, "letter": 200, "proof": 200, "house": 403}
    assert f"/visits/{visit}/files/{digest(files['proof'])}" in officer.get(f"/visits/{visit}").text
    assert campus.browser("office").get(f"/visits/{visit}/files/{digest(files['proof'])}").status_code == 403


def test_nothing_else_of_a_child_is_open_to_the_officer(campus: Campus, officer: Browser) -> None:
    made, files = told(campus)
    other = campus.receive(made)
    for address in (f"/visits/{other}", f"/visits/{other}/files/{digest(files['voice'])}", f"/cases/{WANG}"):
        assert officer.get(address).status_code == 403
    survey = campus.receive(campus.rewritten(campus.visit(), body=AID))
    assert campus.browser("registrar").get(f"/visits/{survey}").status_code == 403


def test_the_gap_is_the_officers_duty_and_leads_to_the_survey(campus: Campus, officer: Browser) -> None:
    assert "没有符合的事" in officer.text("/duties")
    found = {"aid_gap": "living", "aid_count": "0", "family_flags_proposed": "FM01"}
    survey = campus.receive(campus.rewritten(campus.visit(), body=AID, set=found, base={}))
    page = officer.text("/duties")
    assert "该有的资助没有到位，请办理 王小明 八年级(2)班 周值" in page
    assert "R53 帮扶救助" in page
    assert 'href="/aid"><strong>' in officer.get("/duties").text
    assert f'href="/visits/{survey}"' in officer.get("/aid").text
    assert 'href="/aid"' not in campus.browser("registrar").get("/duties").text
    assert "该有的资助没有到位" in campus.browser("teacher82").text(f"/cases/{WANG}")


def test_poor_and_weak_at_school_is_shown_as_both(campus: Campus) -> None:
    campus.sql("UPDATE feed_row SET value = replace(value, 'KS06', 'KS03') WHERE feed = 'students'")
    page = f"/cases/{WANG}"
    assert "双困生" not in campus.browser("office").text(page)
    campus.receive(campus.rewritten(campus.visit(), body=AID, set={"family_flags_proposed": "FM01"}, base={}))
    assert "学习困难、双困生" in campus.browser("office").text(page)


def test_no_page_of_the_officer_leads_to_a_case_that_is_closed_to_the_officer(campus: Campus, officer: Browser) -> None:
    made, _ = told(campus)
    visit = campus.receive(campus.rewritten(made, body=AID))
    for page in ("/", "/aid", "/duties", f"/visits/{visit}"):
        assert f"/cases/{WANG}\"" not in officer.get(page).text, page
    assert f"/cases/{WANG}\"" in campus.browser("teacher82").get(f"/visits/{visit}").text
    assert "等审核的家访" not in officer.text("/")


def test_who_checks_heads_is_led_to_the_headcounts_and_shown_no_empty_lists(campus: Campus) -> None:
    page = campus.browser("duty").get("/").text
    assert 'class="button primary" href="/attendance"' in page
    assert "等审核的家访" not in page
    assert "等审核的家访" in campus.browser("teacher82").text("/")
    assert 'class="button primary" href="/attendance"' not in campus.browser("teacher82").get("/").text


GAP = {"aid_gap": "living orphan", "aid_count": "0", "family_flags_proposed": "FM05"}


def surveyed(campus: Campus) -> str:
    """A survey that found two kinds of aid missing."""
    return campus.receive(campus.rewritten(campus.visit(), body=AID, set=GAP, base={}))


def settle(officer: Browser, act: str, **fields: str):  # type: ignore[no-untyped-def]
    return officer.send_form(f"/cases/{WANG}/steps/{act}", **fields)


def test_the_officer_settles_kind_by_kind_and_the_duty_ends(campus: Campus, officer: Browser) -> None:
    survey = surveyed(campus)
    waiting = officer.text("/aid")
    assert "1户等办理" in waiting
    assert "困难学生生活补助、孤儿生活费" in waiting
    page = officer.text(f"/cases/{WANG}/steps/aid_granted")
    assert "困难学生生活补助" in page
    assert "证据" not in page
    lacking = settle(officer, "aid_granted", survey=survey)
    assert lacking.status_code == 422
    for sentence in ("请选是哪种资助。", "请填给多少钱，或者给什么。", "请填从哪天起。"):
        assert sentence in lacking.text
    granted = {"survey": survey, "kinds": "living", "given": "每学期625元", "from_on": "2026-03-01"}
    assert settle(officer, "aid_granted", **granted).headers["location"] == "/aid?done=settled"
    assert "孤儿生活费" in officer.text("/aid")
    assert "该有的资助没有到位" in officer.text("/duties")
    assert settle(officer, "aid_refused", survey=survey, kinds="orphan", because="有人抚养").status_code == 303
    done = officer.text("/aid")
    assert "0户等办理" in done
    assert "困难学生生活补助：每学期625元，从2026年3月1日" in done
    assert "孤儿生活费：有人抚养" in done
    assert "该有的资助没有到位" not in officer.text("/duties")
    child = campus.browser("teacher82").text(f"/cases/{WANG}")
    assert "资助已落实" in child
    assert "困难学生生活补助 每学期625元" in child


def test_only_the_officer_settles_and_only_whom_it_concerns_sees_the_page(campus: Campus, officer: Browser) -> None:
    survey = surveyed(campus)
    granted = {"survey": survey, "kinds": "living", "given": "625", "from_on": "2025-11-21"}
    for login in ("principal", "office", "registrar", "teacher82", "director8"):
        assert settle(campus.browser(login), "aid_granted", **granted).status_code == 403, login
    for login in ("registrar", "teacher82", "fellow", "moral"):
        assert campus.browser(login).get("/aid").status_code == 403, login
    principal = campus.browser("principal").text("/aid")
    assert "孤儿生活费" in principal
    assert "登记已落实" not in principal
    assert "等办理" not in campus.browser("office").text("/aid")


def test_the_proof_of_what_was_granted_is_for_those_who_read_aid(campus: Campus, officer: Browser) -> None:
    survey = surveyed(campus)
    paper = photo_of(campus.visit())
    fields = {"survey": survey, "kinds": "living", "given": "625", "from_on": "2025-11-21"}
    headers = {"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}
    sent = officer.post(f"/cases/{WANG}/steps/aid_granted", data=fields, files={"file": ("p.jpg", paper, "image/jpeg")}, headers=headers)
    assert sent.status_code == 303
    address = re.search(r'href="(/papers/[0-9a-f]{64}/photo)"', settled_page(officer, survey))
    assert address
    assert officer.get(address[1]).content == paper
    assert campus.browser("principal").get(address[1]).content == paper
    for login in ("teacher82", "office", "registrar"):
        assert campus.browser(login).get(address[1]).status_code == 403, login


def settled_page(officer: Browser, survey: str) -> str:
    """The page once nothing waits any more."""
    settle(officer, "aid_refused", survey=survey, kinds="orphan", because="有人抚养")
    return str(officer.get("/aid").text)


def test_the_officers_phone_has_the_duty_and_the_name_until_it_is_settled(campus: Campus, officer: Browser) -> None:
    campus.receive(campus.visit())  # no survey of aid: nothing of it is for the officer
    assert pulled(campus) == ({"duties": []}, {})
    survey = surveyed(campus)
    duties, children = pulled(campus)
    assert [(duty["kind"], duty["subject"]) for duty in duties["duties"]] == [("settle_aid", WANG)]
    assert children[WANG]["name"] == "王小明"
    assert not {"石桥镇新寨村五组87号", "12000001701"} & set(map(str, children[WANG].values()))
    for kind in ("living", "orphan"):
        assert settle(officer, "aid_refused", survey=survey, kinds=kind, because="x").status_code == 303
    assert pulled(campus) == ({"duties": []}, {WANG: None})


def pulled(campus: Campus):  # type: ignore[no-untyped-def]
    """What the officer's phone is told: its duties, and the rows of children."""
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, campus.phone("duty").dev)
    assert device is not None
    reply = campus.wiring.handout.pull(device, 0, 1000)
    assert {decode(one.sealed.payload.encode()).author for one in reply.records} <= {PEOPLE["duty"][0]}
    (told,) = [row.value for row in reply.rows if row.feed == TOLD]
    return told, {row.key: row.value for row in reply.rows if row.feed == STUDENTS}


def test_who_is_poor_and_weak_at_school_waits_for_a_pair_and_the_pair_is_told_to_all_phones(
    campus: Campus, officer: Browser
) -> None:
    campus.sql("UPDATE feed_row SET value = replace(value, 'KS06', 'KS03') WHERE feed = 'students'")
    campus.receive(campus.rewritten(campus.visit(), body=AID, set={"family_flags_proposed": "FM01"}, base={}))
    for browser in (officer, campus.browser("office"), campus.browser("director8")):
        page = browser.text("/aid")
        assert "王小明" in page[page.index("还没有结对的双困生") :]
    fellow = PEOPLE["fellow"][0]
    office = campus.browser("office")
    assert office.send_form(f"/cases/{WANG}/assigned", step="pair", account=fellow).headers["location"] == f"/cases/{WANG}?done=paired"
    assert office.send_form(f"/cases/{WANG}/assigned", step="pair", account=fellow).status_code == 404
    assert campus.browser("teacher82").send_form(f"/cases/{WANG}/assigned", step="pair", account=fellow).status_code == 403
    assert "没有还没结对的双困生" in office.text("/aid")
    assert "郭谷 科任教师 结对帮扶" in campus.browser("teacher82").text(f"/cases/{WANG}")
    assert pairs(campus, "teacher82") == pairs(campus, "fellow") == {WANG: ["郭谷"]}
    assert pairs(campus, "teacher71") == {}
    assert office.send_form(f"/cases/{WANG}/assigned", step="release", account=fellow).status_code == 303
    assert pairs(campus, "teacher82") == {}
    assert "王小明" in office.text("/aid")


def pairs(campus: Campus, login: str) -> dict[str, list[str]]:
    """Child -> who helps it, as a colleague's phone knows."""
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, campus.phone(login).dev)
    assert device is not None
    found = {row.key: row.value for row in campus.wiring.handout.pull(device, 0, 1000).rows if row.feed == PAIRS}
    return {child: value["teachers"] for child, value in found.items() if value}
