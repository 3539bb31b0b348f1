"""The aid officer opens surveys of aid with their proofs and has what they found to do; nothing else of a child."""

from __future__ import annotations

import pytest

from sync_server.store import accounts
from tests.sync_server.console.campus import PEOPLE, SCHOOL, WANG, Browser, Campus
from tests.sync_server.console.test_files import digest, told

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
    assert f'href="/visits/{survey}"' in officer.get("/duties").text
    assert f'href="/visits/{survey}"' not in campus.browser("registrar").get("/duties").text
    assert "该有的资助没有到位" in campus.browser("teacher82").text(f"/cases/{WANG}")


def test_poor_and_weak_at_school_is_shown_as_both(campus: Campus) -> None:
    campus.sql("UPDATE feed_row SET value = replace(value, 'KS06', 'KS03') WHERE feed = 'students'")
    page = f"/cases/{WANG}"
    assert "双困生" not in campus.browser("office").text(page)
    campus.receive(campus.rewritten(campus.visit(), body=AID, set={"family_flags_proposed": "FM01"}, base={}))
    assert "学习困难、双困生" in campus.browser("office").text(page)
