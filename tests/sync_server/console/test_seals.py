"""The seal explained: what is intact is said to be so, and every way of tampering shows."""

from __future__ import annotations

import datetime as dt

import pytest

from casebook.protocol import b64
from tests.sync_server.console.campus import PEOPLE, SCHOOL, SYNCED, VISITED, WANG, Campus


def test_an_intact_seal_names_phone_owner_order_and_receipt(campus: Campus) -> None:
    campus.receive(campus.visit())
    visit = campus.receive(campus.visit())
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "完好 11月20日（周四） 16:55 在萧洁荷的手机“萧洁荷的手机”上封存，到现在一个字没有动过。" in page
    assert "这是这部手机的第 2 条记录，第 1 条也在学校，顺序没有断。" in page
    number = campus.sql("SELECT sseq FROM record WHERE visit = :visit", visit=visit)[0][0]
    assert f"学校 11月20日（周四） 19:40 收到，收据号 {number}。" in page


def test_the_first_record_of_a_phone_has_none_before_it(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    assert "这是这部手机的第 1 条记录。" in campus.browser("principal").text(f"/visits/{visit}")


def test_a_record_whose_predecessor_is_missing_says_so(campus: Campus) -> None:
    campus.visit()
    visit = campus.receive(campus.visit())
    assert "第 1 条还没有到校" in campus.browser("principal").text(f"/visits/{visit}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", b'{"nonsense'),
        ("payload", b"{}"),
        ("payload", b"\xff\xfe"),
        ("signature", b"\0" * 64),
        ("keyid", "0" * 64),
    ],
)
def test_a_record_that_was_touched_is_shown_as_broken(campus: Campus, column: str, value: object) -> None:
    visit = campus.receive(campus.visit())
    campus.sql(f"UPDATE record SET {column} = :value WHERE visit = :visit", value=value, visit=visit)
    browser = campus.browser("principal")
    page = browser.text(f"/visits/{visit}")
    assert "这条记录的封存已破损，内容可能被改动过。" in page
    assert "封存已破损，不能审核。" in page
    assert "到现在一个字没有动过" not in page
    assert "封存已破损" in browser.text(f"/cases/{WANG}")
    assert browser.get("/").status_code == browser.get("/visits").status_code == 200


def test_one_changed_character_is_enough(campus: Campus) -> None:
    made = campus.visit()
    visit = campus.receive(made)
    altered = made.sealed.payload.replace("夜里发烧".encode(), "夜里打牌".encode())
    assert altered != made.sealed.payload
    campus.sql("UPDATE record SET payload = :payload WHERE visit = :visit", payload=altered, visit=visit)
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "封存已破损" in page
    assert "夜里打牌" not in page


def test_a_moved_receipt_time_is_noticed(campus: Campus) -> None:
    visit = campus.receive(campus.visit())
    campus.sql("UPDATE record SET received_at = '2025-11-20T17:00:00+08:00' WHERE visit = :visit", visit=visit)
    assert "和学校当时签发的不一样" in campus.browser("principal").text(f"/visits/{visit}")


def test_a_photo_that_was_swapped_on_the_schools_disk_is_not_shown(campus: Campus) -> None:
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("principal")
    photo = next(sha for sha, (kind, _) in made.files.items() if kind == "image/jpeg")
    campus.wiring.blobs.path(photo).write_bytes(b"another picture")
    assert "学校存的这个文件和封存时不一样" in browser.text(f"/visits/{visit}")
    assert browser.get(f"/visits/{visit}/files/{photo}").status_code == 404


def test_a_photo_that_vanished_from_the_disk_is_on_its_way_again(campus: Campus) -> None:
    made = campus.visit()
    visit, browser = campus.receive(made), campus.browser("principal")
    photo = next(sha for sha, (kind, _) in made.files.items() if kind == "image/jpeg")
    campus.wiring.blobs.path(photo).unlink()
    assert "照片在路上" in browser.text(f"/visits/{visit}")
    assert browser.get(f"/visits/{visit}/files/{photo}").status_code == 404


def test_a_fast_phone_clock_and_a_revoked_phone_are_mentioned(campus: Campus) -> None:
    visit = campus.receive(campus.visit(), at=VISITED)
    campus.sql("UPDATE device SET active = 0, revoked_at = :at WHERE account = :owner", at=SYNCED.isoformat(), owner=PEOPLE["teacher82"][0])
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "手机的时钟比学校至少快 35 分钟" in page
    assert "这部手机 11月20日（周四） 19:40 已停用。" in page


def test_two_records_with_the_same_number_are_mentioned(campus: Campus) -> None:
    phone = campus.phone("teacher82")
    before = (phone.seq, phone.head, phone.hlc)
    campus.receive(campus.visit())
    phone.seq, phone.head, phone.hlc = before
    visit = campus.receive(campus.visit(summary_points="hard"))
    assert "这部手机有两条同号的记录" in campus.browser("principal").text(f"/visits/{visit}")


def test_the_raw_record_is_the_very_text_that_was_sealed(campus: Campus) -> None:
    made = campus.visit()
    campus.receive(made)
    answer = campus.browser("principal").get(f"/records/{made.sealed.rid}")
    unescaped = answer.text.replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert made.sealed.payload.decode() in unescaped
    assert made.sealed.rid in answer.text
    assert b64(made.sealed.signature).replace("+", "&#43;") in answer.text or b64(made.sealed.signature) in answer.text


def test_a_form_the_school_never_published_still_shows_photos_and_seal(campus: Campus) -> None:
    made = campus.visit()
    visit = campus.receive(made)
    campus.sql("DELETE FROM form WHERE school = :school", school=SCHOOL)
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "学校没有发布过这一版的表" in page
    assert "现场拍摄" in page
    assert "到现在一个字没有动过" in page


def test_office_records_say_who_wrote_them(campus: Campus) -> None:
    campus.absence(WANG)
    rid = campus.sql("SELECT rid FROM record WHERE type = 'incident'")[0][0]
    page = campus.browser("principal").text(f"/records/{rid}")
    assert "由学校办公电脑代" in page
    assert dt.date(2025, 11, 21).strftime("%Y") not in page.split("封存的原文")[0].split("由学校")[0]


def test_a_slow_phone_clock_is_mentioned_with_the_time_it_was_at_school(campus: Campus) -> None:
    """Backdated or just wrong: the school measured the clock as the record came."""
    visit = campus.receive(campus.visit(), sent_at=SYNCED - dt.timedelta(days=3))
    page = campus.browser("principal").text(f"/visits/{visit}")
    assert "送来时它的钟是 11月17日（周一） 19:40，学校是 11月20日（周四） 19:40" in page
    assert "这份记录是 11月23日（周日） 16:55 封存的" in page
