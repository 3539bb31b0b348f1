"""Rosters for tests: files as schools make them, and a school of their own to import them into."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from sync_server import founding
from sync_server.registry import SchoolClass, Staff, Student, Village
from sync_server.roster import register
from sync_server.roster.imports import Imports
from sync_server.roster.plan import Plan
from sync_server.roster.planning import Circumstances, plan_import
from sync_server.roster.reading import read_lists
from sync_server.roster.register import Register
from sync_server.roster.spreadsheets import read_tables
from sync_server.settings import Settings
from sync_server.store import accounts
from sync_server.store.accounts import Account
from sync_server.store.register import Authorship
from sync_server.wiring import Wiring

SCHOOL, ZONE = "3199000001", dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2025, 9, 1, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()
BOY, GIRL, YOUNG = "990123201203080179", "990123201311200246", "99012320110601003X"
HEADER = ("姓名", "性别", "出生日期", "身份证件号", "学籍号", "班级", "监护人", "关系", "联系电话", "现住村")
WANG = ("王小明", "男", "2012-03-08", BOY, f"G{BOY}", "八年级(2)班", "王大", "父亲", "13800000001", "新寨村")
LI = ("李花", "女", "2013-11-20", GIRL, f"G{GIRL}", "七年级(1)班", "李妈", "母亲", "13800000002", "坝上村")
PEOPLE = {
    "principal": Account("a" * 32, SCHOOL, "principal", "徐校长", ("principal",)),
    "deputy": Account("b" * 32, SCHOOL, "deputy", "孙副校长", ("deputy",)),
    "office": Account("c" * 32, SCHOOL, "office", "贾主任", ("academic_office",)),
    "registrar": Account("d" * 32, SCHOOL, "registrar", "陈学籍", ("registrar",)),
    "teacher": Account("e" * 32, SCHOOL, "teacher", "萧洁荷", ("class_teacher",)),
}


def xlsx(rows: Sequence[Sequence[object]], sheet: str = "花名册", **more: Sequence[Sequence[object]]) -> bytes:
    """A workbook with one sheet, and further ones by name."""
    book = Workbook()
    book.remove(book.active)
    for name, lines in {sheet: rows, **more}.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(list(line))
    return saved(book)


def saved(book: Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def text(rows: Sequence[Sequence[object]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """The rows as a .csv file."""
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def planned(content: bytes, known: Register | None = None) -> Plan:
    """What the import of a file would do."""
    return plan_import(read_lists(read_tables(content)), known or Register(), Circumstances("d", TODAY))


def said(plan: Plan) -> list[tuple[str, int, str]]:
    """(sentence, row, column) of every complaint and remark."""
    return [(one.sentence.removeprefix("registry."), one.row, one.column) for one in (*plan.complaints, *plan.remarks)]


def small_register(*students: Student) -> Register:
    """A school of two classes, one teacher and one village."""
    rooms = {id: SchoolClass(id, name, grade, "junior", "t") for id, name, grade in ROOMS}
    staff = {"t": Staff("t", "萧洁荷", "2", "", ("class_teacher",))}
    return Register({one.id: one for one in students}, rooms, staff, {"v1": Village("v1", "新寨村", "village", "ok", 20)}, 7)


ROOMS = (("k82", "八年级(2)班", 8), ("k71", "七年级（1）班", 7))


def child(id: str = "s1", **facts: object) -> Student:
    """王小明 of class 8(2) as the register knows him."""
    base: dict[str, object] = {
        "name": "王小明", "gender": "1", "birth": dt.date(2012, 3, 8), "ethnic": "01", "id_no": BOY,
        "student_no": f"G{BOY}", "class_id": "k82", "household": f"hh-{id}", "village": "v1", "hukou_village": "v1",
        "home_address": "五组87号", "home_landmark": "", "boarder": False, "placement": "regular", "key_flags": (),
        "family_flags": (), "siblings": (), "guardians": (),
    }  # fmt: skip
    return Student(id=id, **{**base, **facts})  # type: ignore[arg-type]


def schoolhouse(folder: Path) -> Wiring:
    """A founded school with its office and one class teacher, and the small register."""
    wiring = founding.found(Settings(data=folder / "data"), SCHOOL, "石桥镇学校", clock=lambda: NOW)

    def fill(conn) -> None:  # type: ignore[no-untyped-def]
        for person in PEOPLE.values():
            accounts.add(conn, person, "", wiring.now())

    wiring.store.run_tx(fill)
    return wiring


def settle(wiring: Wiring, *nouns: register.Noun) -> None:
    """Writes nouns into the register."""
    by = Authorship(PEOPLE["registrar"].id, wiring.now(), "hand")
    wiring.store.run_tx(lambda conn: register.write(conn, SCHOOL, nouns, by))


def load(wiring: Wiring) -> Register:
    with wiring.store.read() as conn:
        return register.load(conn, SCHOOL)


def imports(wiring: Wiring) -> Imports:
    return Imports(wiring.store, SCHOOL, wiring.clock)


def bring(wiring: Wiring, content: bytes, login: str = "registrar") -> Plan:
    """Uploads, previews and confirms."""
    actor, use = PEOPLE[login], imports(wiring)
    draft = use.take_in(actor, content)
    outcome = use.confirm(actor, draft, use.plan(actor, draft).sha256)
    assert outcome.done, said(outcome.plan)
    return outcome.plan
