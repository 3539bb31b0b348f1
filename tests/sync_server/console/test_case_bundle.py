"""The principal takes a case file along as one file that proves itself; nobody else does."""

from __future__ import annotations

from casebook.verify.bundle import read_bundle
from tests.casebook.verify.little_log import check
from tests.sync_server.console.campus import LIHUA, PEOPLE, WANG, Campus


def test_the_principal_exports_a_case_that_can_be_checked_elsewhere(campus: Campus) -> None:
    campus.receive(campus.visit())
    browser = campus.browser("principal")
    assert f'action="/cases/{WANG}/bundle"' in browser.get(f"/cases/{WANG}").text
    answer = browser.send_form(f"/cases/{WANG}/bundle", purpose="督导核查")
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{WANG[:12]}.json"'
    bundle = read_bundle(answer.content)
    report = check(bundle)
    assert [one.code for one in report.findings if one.code not in ("ahead", "back_dated", "receipt_time")] == []
    assert (len(report.opened), report.opened[0].record.case) == (1, WANG)
    assert ("export_case", f"case:{WANG}") in campus.audit()


def test_nobody_else_does(campus: Campus) -> None:
    campus.receive(campus.visit())
    for login in set(PEOPLE) - {"principal"}:
        browser = campus.browser(login)
        assert browser.send_form(f"/cases/{WANG}/bundle", purpose="x").status_code == 403
        assert "/bundle" not in browser.get(f"/cases/{WANG}").text
    assert campus.browser("principal").send_form(f"/cases/{LIHUA}/bundle", purpose="x").status_code == 404
