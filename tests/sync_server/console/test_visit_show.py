"""One visit on the screen: every answer in words, the photos, the signature, and the evidence part by part."""

from __future__ import annotations

import json
import re

import pytest

from casebook.records import decode
from sync_server.store import forms
from tests.sync_server.console.campus import ABSENCE, LIHUA, PEOPLE, SCHOOL, SYNCED, Campus, bundled
from tests.sync_server.schoolhouse import version_of

SAFETY_FACTS = "手臂上有一道旧伤"


def test_the_page_says_who_when_where_and_every_answer_in_words(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    page = campus.browser("principal").text(f"/visits/{visit}")
    for words in (
        "王小明 · 未到校家访", "待审核", "八年级(2)班", "新寨村", "萧洁荷", "同行：郭谷",
        "11月20日（周四） 16:20–16:55", "35 分钟", "11月20日（周四） 19:40", "误差 18 米", f"第{version_of('absence_visit')}版",
        "孩子在家吗？ 见到孩子了", "有正当理由吗？ 生病", "11月24日（周一）", "家长配合",
        "奶奶说孩子夜里发烧，早上在村卫生室看过，明天再去复查一次。",
    ):  # fmt: skip
        assert words in page, words


def test_every_answer_of_the_sealed_form_stands_on_the_page(campus: Campus) -> None:
    made = campus.visit()
    page = campus.browser("principal").text(f"/visits/{campus.receive(made)}")
    codes = {"door", "teacher", "met_guardian", "same", "seen", "temporary", "illness", "statement", "date", "OK"}
    answers = re.findall(r"<([a-z_0-9]+)>([^<>]+)</\1>", decode(made.sealed.payload).body["instance"])
    texts = [value for name, value in answers if name in ("summary", "covisitors", "signer")]
    assert len(texts) == 3
    assert [text for text in texts if text not in page] == []
    assert [code for code in codes if f" {code} " in page] == []


def test_the_photos_are_served_byte_for_byte_and_kept_by_the_browser(campus: Campus) -> None:
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("principal")
    page = browser.get(f"/visits/{visit}").text
    photos = {sha: content for sha, (kind, content) in made.files.items() if kind == "image/jpeg"}
    assert len(photos) == 2
    for sha256, content in photos.items():
        address = f"/visits/{visit}/files/{sha256}"
        assert f'<img src="{address}/small"' in page
        answer = browser.get(address)
        assert (answer.content, answer.headers["content-type"]) == (content, "image/jpeg")
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "现场拍摄" in page
    assert "周围环境 · 11月20日（周四）" in re.sub(r"<[^>]*>|\s+", " ", page).replace("  ", " ")


def test_the_signature_is_drawn_from_its_strokes(campus: Campus) -> None:
    made = campus.visit()
    page = campus.browser("principal").get(f"/visits/{campus.receive(made)}").text
    strokes = next(json.loads(content)["strokes"] for kind, content in made.files.values() if "strokes" in kind)
    path = re.search(r'<svg viewBox="([^"]+)"[^>]*><path d="([^"]+)"', page)
    assert path is not None
    assert path[2].count("M") == len(strokes)
    assert f"M{strokes[0][0][0]} {strokes[0][0][1]}" in path[2]
    left, top, width, height = map(int, path[1].split())
    points = [(x, y) for stroke in strokes for x, y, _ in stroke]
    assert all(left < x < left + width and top < y < top + height for x, y in points)


def test_signer_way_and_the_text_that_was_shown_stand_beside_the_signature(campus: Campus) -> None:
    made = campus.visit()
    page = campus.browser("principal").text(f"/visits/{campus.receive(made)}")
    shown = decode(made.sealed.payload).body["signatures"][0]["text"]
    assert "覃翊木（母亲） · 手写签名 · 读给家长听过" in page
    assert re.sub(r"\s+", " ", shown).strip() in page
    assert "这段文字和签名时一样。" in page


def test_without_a_handwritten_signature_the_declared_way_is_shown(campus: Campus) -> None:
    visit = campus.receive(campus.visit(sign_mode="refused", unsigned_why="busy", witness_count="0", witness_why="late", without=("guardian_signature",)))
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "在场，没有签" in page
    assert "家长签名 已注明没有签 20 / 20" in page


REFUSED_NOTICE = {
    "mode": "door", "with_whom": "teacher", "covisitors": "郭谷", "doc_no": "A000123", "receiver": "refuses",
    "reading_stopped": "unwilling", "refuse_why": "never", "left_at_home": "yes", "left_where": "堂屋桌上",
    "photo_why": "unwilling", "witness_count": "1", "witness_1_name": "周大山", "witness_1_post": "cadre",
    "witness_1_signature": "strokes", "worry": "none", "letter_state": "before", "server_1_signature": "strokes",
    "server_2_signature": "strokes",
}  # fmt: skip


def test_who_else_signed_is_not_called_the_guardian(campus: Campus) -> None:
    """A notice refused before a witness: three people signed, and the guardian is not one of them."""
    notice, usual = bundled("notice_service")[1], tuple(name for name in ABSENCE if name not in REFUSED_NOTICE)
    campus.wiring.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, notice, campus.wiring.now()))
    visit = campus.receive(campus.visit(form_id="notice_service", without=usual, **REFUSED_NOTICE))
    page = campus.browser("principal").text(f"/visits/{visit}")
    for words in (
        "第一位见证人签名 周大山", "送达老师在这里签名", "同行老师在这里签名", "家长签名 在场，没有签", "家长签名 已注明没有签 20 / 20",
    ):  # fmt: skip
        assert words in page, words
    assert "没有读给家长听" not in page and "家长签名 手写签名" not in page


def test_the_evidence_is_shown_part_by_part_with_its_reason(campus: Campus) -> None:
    visit = campus.receive(campus.visit(with_whom="alone", alone_why="busy", without=("covisitors", "photos_2", "photos_2_kind")))
    page = campus.browser("principal").text(f"/visits/{visit}")
    for line in (
        "定位 误差 18 米，第一次定位 20 / 20", "现场照片 现场拍的 1 张 20 / 20", "家长签名 手写签名 20 / 20",
        "同行老师 一人前往 0 / 15", "时长 35 分钟 5 / 5", "纪要 29 个字 5 / 5",
        "48 小时内到校 3 小时内收到 5 / 5", "合计 75 / 90",
    ):  # fmt: skip
        assert line in page, line


def test_a_second_visit_at_the_same_door_is_near_the_home_on_record_and_its_copied_text_is_noticed(
    campus: Campus,
) -> None:
    campus.receive(campus.visit())
    visit = campus.receive(campus.visit())
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "离以前记录的家 0 米 20 / 20" in page
    assert "和以前的纪要 100% 相同 0 / 5" in page


def test_photos_on_their_way_are_announced_and_the_decision_waits(campus: Campus) -> None:
    visit = campus.receive(campus.visit(), files=1)
    browser = campus.browser("principal")
    page = browser.text(f"/visits/{visit}")
    assert "照片 1/3 在路上" in page
    assert "照片在路上，老师同步后就能看到。" in page
    assert "签名在路上" in page
    assert "到了 1/3，到齐后才能审核。" in page
    assert 'name="decision"' not in browser.get(f"/visits/{visit}").text


@pytest.mark.parametrize(
    ("login", "reads"),
    [("principal", True), ("moral", True), ("teacher82", True), ("office", False), ("director8", False), ("fellow", False)],
)  # fmt: skip
def test_what_is_confidential_is_read_by_few(campus: Campus, login: str, reads: bool) -> None:
    visit = campus.receive(
        campus.visit(worry="child", alert_kinds="abuse", alert_urgency="watch", alert_told="nobody", alert_facts=SAFETY_FACTS)
    )
    page = campus.browser(login).text(f"/visits/{visit}")
    assert (SAFETY_FACTS in page) == reads
    assert ("这一部分只有校长、德育和填写人能看。" in page) == (not reads)


def test_in_english_the_form_and_the_page_speak_english(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    page = campus.browser("principal", "en").text(f"/visits/{visit}")
    for words in ("Absence visit", "To review", "Thu 20 Nov 16:20–16:55", "Ill", "signed by hand", "Sum 90 / 90"):
        assert words in page, words


def test_every_read_leaves_a_line_in_the_audit(campus: Campus) -> None:
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("office")
    browser.get(f"/visits/{visit}")
    browser.get(f"/visits/{visit}/files/{next(iter(made.files))}")
    browser.get(f"/records/{made.sealed.rid}")
    wanted = [("read_visit", f"visit:{visit}"), ("read_file", f"visit:{visit}"), ("read_record", f"record:{made.sealed.rid}")]
    assert campus.audit()[-3:] == wanted
    assert "王小明" not in str(campus.sql("SELECT * FROM audit"))
    assert {row[0] for row in campus.sql("SELECT account FROM audit")} == {PEOPLE["office"][0]}


def test_a_file_of_another_visit_is_not_found_through_this_one(campus: Campus) -> None:
    mine, other = campus.visit(), campus.visit(LIHUA, "teacher71")
    visit, _ = campus.receive(mine), campus.receive(other)
    browser = campus.browser("principal")
    foreign = next(iter(other.files))
    for name in (foreign, "0" * 64, "../../keys/office.key", "x"):
        assert browser.get(f"/visits/{visit}/files/{name}").status_code == 404, name


def test_a_visit_nobody_knows_is_told_in_plain_words(campus: Campus) -> None:
    page = campus.browser("principal").text("/visits/unknown", 404)
    assert "没有这次家访。" in page


def test_the_received_time_is_the_schools(campus: Campus) -> None:
    visit = campus.receive(campus.visit(), at=SYNCED.replace(day=23))
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "11月23日（周日） 19:40" in page
    assert "74 小时后收到 0 / 5" in page


def test_a_visit_without_a_position_says_why_if_the_phone_did(campus: Campus) -> None:
    made = campus.rewritten(campus.visit(), place=None, body={"no_place": "no_signal"})
    visit = campus.receive(made)
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "没有定位（当地没有信号）" in page
    assert "定位 没有定到位 0 / 20" in page
