"""Version 1 stays visible after a supplement; what changed is marked."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from sync_server.sample.fieldwork import SealedVisit
from tests.sync_server.console.campus import REMARK, VISITED, Campus

OLD, NEW = "奶奶说孩子夜里发烧，早上在村卫生室看过，明天再去复查一次。", "补充：孩子星期一已经回校上课，复查没有问题，奶奶很放心。"


@pytest.fixture
def supplemented(campus: Campus) -> tuple[SealedVisit, SealedVisit]:
    """A visit that was returned and completed."""
    made = campus.visit()
    visit = campus.receive(made)
    fields = {"version": made.sealed.rid, "decision": "returned", "remark": REMARK}
    assert campus.browser("principal").send_form(f"/visits/{visit}/review", **fields).status_code == 303
    second = campus.supplement(made, summary=NEW)
    campus.receive(second)
    return made, second


def test_both_versions_stand_side_by_side_and_the_changed_row_is_marked(
    campus: Campus, supplemented: tuple[SealedVisit, SealedVisit]
) -> None:
    html = campus.browser("principal").get(f"/visits/{supplemented[0].visit}").text
    changed = re.findall(r'<tr class="changed">.*?</tr>', html, re.S)
    summary = next(row for row in changed if "家访纪要" in row)
    assert OLD in summary
    assert NEW in summary
    assert not any("有正当理由吗" in row for row in changed)
    answers = html[html.index('id="answers"') :]
    assert f'{NEW}<span class="mark">有改动</span>' in answers
    assert "家访内容 · 第2版" in answers
    assert "生病" in answers


def test_both_seals_both_signatures_and_the_former_decision_stay(
    campus: Campus, supplemented: tuple[SealedVisit, SealedVisit]
) -> None:
    browser = campus.browser("principal")
    page = browser.text(f"/visits/{supplemented[0].visit}")
    assert page.count("到现在一个字没有动过") == 2
    assert "封存与收据 · 第1版" in page
    assert "封存与收据 · 第2版" in page
    assert "家长签名 · 第2版" in page
    assert "第1版另有 3 个附件和新一版相同。" in page
    assert "第1版 · 徐校长" in page
    assert REMARK in page
    assert "通过 退回补充" in page
    for made in supplemented:
        assert browser.get(f"/records/{made.sealed.rid}").status_code == 200
        for sha256 in made.files:
            assert browser.get(f"/visits/{made.visit}/files/{sha256}").status_code == 200


def test_a_new_photo_is_marked_and_the_one_it_replaced_stays(campus: Campus) -> None:
    made = campus.visit()
    visit = campus.receive(made)
    fields = {"version": made.sealed.rid, "decision": "returned", "remark": REMARK}
    campus.browser("principal").send_form(f"/visits/{visit}/review", **fields)
    second = campus.supplement(made, photos_2="photo:door")
    campus.receive(second)
    html = campus.browser("principal").get(f"/visits/{visit}").text
    newest, former = html[html.index('id="photos-2"') :].split('id="photos-1"')
    (added,), (gone,) = set(second.files) - set(made.files), set(made.files) - set(second.files)
    assert added in newest
    assert newest.count('class="mark">新增<') == 1
    assert gone in former
    assert added not in former


def test_the_queue_shows_the_newest_version_once(
    campus: Campus, supplemented: tuple[SealedVisit, SealedVisit]
) -> None:
    page = campus.browser("principal").text("/")
    assert page.count("王小明") == 1
    assert "第2版" in page


def test_the_evidence_counts_the_day_of_the_visit_not_of_the_supplement(
    campus: Campus, supplemented: tuple[SealedVisit, SealedVisit]
) -> None:
    page = campus.browser("principal").text(f"/visits/{supplemented[0].visit}")
    assert "48 小时内到校 3 小时内收到 5 / 5" in page


def test_a_broken_first_version_does_not_hide_the_second(
    campus: Campus, supplemented: tuple[SealedVisit, SealedVisit]
) -> None:
    made, _ = supplemented
    campus.sql("UPDATE record SET payload = :nothing WHERE rid = :rid", nothing=b"{}", rid=made.sealed.rid)
    page = campus.browser("principal").text(f"/visits/{made.visit}")
    assert NEW in page
    assert OLD not in page
    assert "第1版 ： 封存已破损" in page or "第1版：封存已破损" in page


def test_the_list_shows_when_the_visit_was_and_not_when_it_was_added_to(campus: Campus) -> None:
    made = campus.visit()
    campus.receive(made)
    campus.receive(campus.supplement(made, started=VISITED + dt.timedelta(hours=2), summary=NEW))  # type: ignore[arg-type]
    page = campus.browser("principal").text("/visits")
    assert "第2版" in page and "11月20日（周四） 16:20" in page and "18:20" not in page
