"""The staff in the console: a fresh school gets its people here; passwords are shown once; lost phones are blocked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casebook.feeds import STAFF
from sync_server import founding
from sync_server.settings import Settings
from sync_server.store import accounts, base_figures, devices, rows
from sync_server.store.accounts import Account
from sync_server.store.base_figures import BaseFigure
from tests.sync_server.console.campus import CLASSES, PASSWORD, PEOPLE, SCHOOL, WANG, Campus

DIRECTOR, TEACHER, PRINCIPAL = PEOPLE["director8"][0], PEOPLE["teacher82"][0], PEOPLE["principal"][0]
PRINTED = re.compile(r'<span class="code">([a-z0-9-]+)</span>')


def send(campus: Campus, path: str, /, *, by: str = "principal", **fields: object):  # type: ignore[no-untyped-def]
    """A form with boxes that may be ticked several times."""
    return campus.browser(by).post(
        path, data=fields, headers={"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"}
    )


def account(campus: Campus, who: str) -> Account:
    with campus.wiring.store.read() as conn:
        found = accounts.by_id(conn, SCHOOL, who)
    assert found is not None
    return found


def named(campus: Campus, login: str) -> Account | None:
    with campus.wiring.store.read() as conn:
        return accounts.by_login(conn, SCHOOL, login)


def printed(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code == 200, answer.text
    found = PRINTED.search(answer.text)
    assert found is not None
    return found[1]


def test_a_new_person_gets_a_password_once_and_logs_in_with_the_role(campus: Campus) -> None:
    password = printed(send(campus, "/staff", name="钱登", login="", role=["registrar", "general_affairs"]))
    made = named(campus, "qiandeng")
    assert made is not None and made.roles == ("registrar", "general_affairs")
    browser = campus.browser()
    assert browser.log_in("qiandeng", password).status_code == 303
    assert browser.get("/roster/import").status_code == 200
    assert password not in campus.browser("principal").get(f"/staff/{made.id}").text
    assert ("keep_staff", f"account:{made.id}") in campus.audit()
    with campus.wiring.store.read() as conn:  # teachers' phones can say who it was
        assert rows.of_feed(conn, SCHOOL, STAFF)[made.id]["name"] == "钱登"


def test_a_second_person_of_that_name_gets_another_login(campus: Campus) -> None:
    for _ in range(2):
        printed(send(campus, "/staff", name="钱登", role=["duty_checker"]))
    assert named(campus, "qiandeng") is not None and named(campus, "qiandeng2") is not None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "钱", "role": ["deputy"]}, "请写姓名"),
        ({"name": "钱登", "role": ["deputy"], "login": "钱登"}, "小写英文字母"),
        ({"name": "钱登", "role": ["deputy"], "login": "Office"}, "已经有人用"),
        ({"name": "钱登"}, "至少选一个职务"),
        ({"name": "钱登", "role": ["class_teacher"]}, "至少选一个职务"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(campus: Campus, fields: dict[str, object], said: str) -> None:
    answer = send(campus, "/staff", **fields)
    assert answer.status_code == 422 and said in answer.text
    assert named(campus, "qiandeng") is None


def test_a_director_reaches_the_grades_that_were_ticked(campus: Campus) -> None:
    address = f"/staff/{DIRECTOR}"
    assert send(campus, address, step="roles", role=["grade_director"], grade=["7"]).status_code == 303
    assert account(campus, DIRECTOR).classes == ("class71",)
    seen = campus.browser("director8").text("/students")
    assert "李花" in seen and "王小明" not in seen
    send(campus, address, step="roles", role=["grade_director"], grade=["7", "8"])
    assert account(campus, DIRECTOR).classes == ("class71", "class82")
    send(campus, address, step="roles", role=["duty_checker"], grade=["7", "8"])
    assert account(campus, DIRECTOR).classes == ()


def test_a_class_teacher_keeps_the_class_whatever_else_changes(campus: Campus) -> None:
    send(campus, f"/staff/{TEACHER}", step="roles", role=["subject_teacher"], **{"class": ["class71", "nowhere"]})
    changed = account(campus, TEACHER)
    assert set(changed.roles) == {"subject_teacher", "class_teacher"}
    assert set(changed.classes) == {"class71", "class82"}
    send(campus, f"/staff/{TEACHER}", step="roles")
    assert account(campus, TEACHER).roles == ("class_teacher",)


def test_a_new_password_ends_the_old_one_and_its_logins(campus: Campus) -> None:
    at_work = campus.browser("office")
    password = printed(send(campus, f"/staff/{PEOPLE['office'][0]}", step="password"))
    assert at_work.get("/").status_code == 303
    assert campus.browser().log_in("office").status_code == 401
    assert campus.browser().log_in("office", password).status_code == 303


def test_a_closed_account_is_out_until_it_is_opened_again(campus: Campus) -> None:
    at_work, address = campus.browser("office"), f"/staff/{PEOPLE['office'][0]}"
    send(campus, address, step="close")
    assert at_work.get("/").status_code == 303
    assert campus.browser().log_in("office").status_code == 401
    assert "可以登录网页" not in campus.browser("principal").text(address)
    send(campus, address, step="open")
    assert campus.browser().log_in("office").status_code == 303
    assert "可以登录网页" in campus.browser("principal").text(address)


@pytest.mark.parametrize("fields", [{"step": "close"}, {"step": "roles", "role": ["deputy"]}])
def test_the_principal_cannot_lock_the_school_out(campus: Campus, fields: dict[str, object]) -> None:
    answer = send(campus, f"/staff/{PRINCIPAL}", **fields)
    assert answer.status_code == 422 and "不能停用自己" in answer.text
    assert account(campus, PRINCIPAL).roles == ("principal",) and account(campus, PRINCIPAL).active


def test_a_lost_phone_is_blocked_and_only_on_its_owners_page(campus: Campus) -> None:
    dev = campus.phone("teacher82").dev
    assert send(campus, f"/staff/{PRINCIPAL}/phones", dev=dev).status_code == 404
    assert send(campus, f"/staff/{TEACHER}/phones", dev=dev).status_code == 303
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, dev)
    assert device is not None and not device.active
    assert "已停用" in campus.browser("principal").text(f"/staff/{TEACHER}")
    assert ("block_phone", f"device:{dev}") in campus.audit()


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "river-stone-9", "river-stone-9", "原来的密码不对"),
        (PASSWORD, "short", "short", "8个字以上"),
        (PASSWORD, "river-stone-9", "river-stone-8", "不一样"),
    ],
)
def test_a_password_is_not_changed_by_mistake(campus: Campus, old: str, new: str, again: str, said: str) -> None:
    answer = send(campus, "/account/password", by="office", old=old, new=new, again=again)
    assert answer.status_code == 422 and said in answer.text
    assert campus.browser().log_in("office").status_code == 303


def test_everybody_changes_the_own_password(campus: Campus) -> None:
    answer = send(campus, "/account/password", by="office", old=PASSWORD, new="river-stone-9", again="river-stone-9")
    assert answer.headers["location"] == "/login?done=password"
    assert "密码改好了" in campus.browser().text("/login?done=password")
    assert campus.browser().log_in("office").status_code == 401
    assert campus.browser().log_in("office", "river-stone-9").status_code == 303


def test_a_school_without_classes_is_led_through_its_first_steps(campus: Campus, tmp_path: Path) -> None:
    fresh = founding.found(Settings(data=tmp_path / "fresh"), SCHOOL, "新建学校")
    founding.furnish(fresh)
    password = founding.add_principal(fresh, founding.Person("principal", "徐校长"))
    fresh.close()
    school = Campus(tmp_path / "fresh")
    browser = school.browser()
    assert browser.log_in("principal", password).status_code == 303
    page = browser.get("/").text
    steps = page[page.index("开学前先办这几件事") : page.index('<ul class="counts">')]
    assert re.findall(r'href="([^"]+)"', steps) == [
        "/staff", "/calendar", "/rulebook/contact.school", "/roster/import", "/staff", "/roster/classes", "/account",
    ]  # fmt: skip
    assert all(browser.get(address).status_code == 200 for address in re.findall(r'href="([^"]+)"', steps))
    school.wiring.close()


def test_after_the_import_only_the_later_steps_are_left_until_the_school_works(campus: Campus) -> None:
    steps = campus.browser("principal").get("/").text.partition('<ul class="counts">')[0]
    assert "定基数" in steps and "发登记码" in steps and "导入花名册" not in steps
    registrar = campus.browser("registrar")
    assert "定基数" in registrar.text("/") and "发登记码" not in registrar.text("/")
    campus.phone("teacher82")
    assert "发登记码" not in campus.browser("principal").text("/")
    figures = [BaseFigure("2025-2026-1", room, room, 1, (WANG,), TEACHER, "2025-09-01T08:00:00+08:00") for room in CLASSES]
    campus.wiring.store.run_tx(lambda conn: [base_figures.add(conn, SCHOOL, one) for one in figures])
    assert "开学前先办" not in campus.browser("principal").get("/").text
