"""The principal sees whether the school's work is safe, and can begin a backup."""

from __future__ import annotations

import datetime as dt
import re

from casebook.protocol import Watermark
from sync_server import forks
from sync_server.operations import keeping
from sync_server.store import devices, nights
from tests.sync_server.console.campus import PEOPLE, SCHOOL, TODAY, Campus
from tests.sync_server.schoolhouse import until


def note(campus: Campus, fault: str | None = None, days: int = 0, lacking: int = 0) -> None:
    at = (TODAY - dt.timedelta(days=days)).isoformat(timespec="seconds")
    facts = {"sseq": 40, "files": 7, "lacking": lacking, "first_lacking": {}, "name": "x"}
    campus.wiring.store.run_tx(lambda conn: nights.note_done(conn, SCHOOL, keeping.BACKUP, at, facts))
    if fault:
        campus.wiring.store.run_tx(lambda conn: nights.note_failed(conn, SCHOOL, keeping.BACKUP, at, fault))


def test_nobody_saved_since_tuesday_stands_on_the_first_page(campus: Campus) -> None:
    assert "没有备份" not in campus.browser("principal").text("/")
    note(campus, days=4, lacking=2)
    assert "已经 4 天没有备份了" in campus.browser("principal").text("/")
    assert "没有备份" not in campus.browser("teacher82").text("/")
    page = campus.browser("deputy").text("/upkeep")
    assert "到收据号 40 为止" in page and "同一块盘" in page and "有 2 个文件在学校这边坏了" in page
    assert "现在备份一次</button>" not in page  # the principal's to press


def test_a_failed_backup_says_why(campus: Campus) -> None:
    note(campus, fault="shelf_absent")
    assert "上次备份没有做成" in campus.browser("principal").text("/")
    assert "找不到备份盘" in campus.browser("principal").text("/upkeep")
    note(campus, fault="never_heard_of")
    assert "请检查备份盘是否插好" in campus.browser("principal").text("/upkeep")


def test_a_phone_whose_proof_does_not_fit_is_named_and_what_to_do(campus: Campus) -> None:
    assert "凭据" not in campus.browser("principal").text("/upkeep")
    at, dev = TODAY.isoformat(timespec="seconds"), campus.phone("teacher82").dev
    campus.wiring.store.run_tx(lambda conn: forks.note(conn, SCHOOL, dev, Watermark("g", 41, "a" * 64), at))
    page = campus.browser("principal").text("/upkeep")
    assert "手机里的记录都在" in page and "萧洁荷" in page and "写着 41 条记录" in page
    assert "和学校的数据对不上" in campus.browser("principal").text("/")


def test_a_silent_phone_is_named_while_it_has_something(campus: Campus) -> None:
    dev = campus.phone("teacher82").dev
    assert "没有哪部拖着" in campus.browser("principal").text("/upkeep")
    campus.receive(campus.visit(), files=0)
    old = (TODAY - dt.timedelta(days=9)).isoformat(timespec="seconds")
    campus.wiring.store.run_tx(lambda conn: devices.note_seen(conn, SCHOOL, {dev: old}))
    campus.sql("UPDATE record SET received_at = :old", old=old)
    campus.sql("UPDATE device SET enrolled_at = :old", old=old)
    page = campus.browser("principal").get("/upkeep").text
    assert PEOPLE["teacher82"][1] in page and re.search(r"\d 个文件", page)


def test_the_principal_begins_a_backup_even_on_a_full_disk(campus: Campus) -> None:
    campus.wiring.uploads._free_bytes = lambda: 5
    answer = campus.browser("principal").send_form("/upkeep")
    assert answer.status_code == 303

    def done() -> bool:
        with campus.wiring.store.read() as conn:
            night = nights.one(conn, SCHOOL, keeping.BACKUP)
        return night is not None and night.done_at is not None

    until(done, 20)
    assert "到收据号" in campus.browser("principal").text("/upkeep")
    assert keeping.shelf_of(campus.wiring.settings).backups([SCHOOL])
