"""An import does exactly what its preview showed, in one transaction, or nothing; phones and accounts follow."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from typer.testing import CliRunner

from casebook.errors import NoSuchPage, NotAllowed
from sync_server import founding
from sync_server.__main__ import app
from sync_server.authoring.complaints import SheetsRefused
from sync_server.registry import Guardian, Student
from sync_server.roster import imports as roster_imports
from sync_server.store import accounts, rosters, rows
from sync_server.store import register as kept
from sync_server.wiring import Wiring
from tests.sync_server.older_store import go_back
from tests.sync_server.roster.sheets import (
    BOY,
    HEADER,
    LI,
    PEOPLE,
    SCHOOL,
    WANG,
    bring,
    child,
    imports,
    load,
    schoolhouse,
    settle,
    text,
    xlsx,
)

REGISTRAR = PEOPLE["registrar"]
BOTH = [[*HEADER, "班主任"], [*WANG, "萧洁荷"], [*LI, "李秋芳"]]


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = schoolhouse(tmp_path)
    yield wiring
    wiring.close()


def everything(wiring: Wiring) -> str:
    """All that the database says, as text."""
    with wiring.store.read() as conn:
        tables = [row[0] for row in conn.execute(sql("SELECT name FROM sqlite_master WHERE type = 'table'"))]
        return "\n".join(str(row) for table in sorted(tables) for row in conn.execute(sql(f"SELECT * FROM {table}")))


def test_a_confirmed_import_reaches_register_phones_and_accounts(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    now = load(school)
    assert sorted(one.name for one in now.students.values()) == ["李花", "王小明"]
    with school.store.read() as conn:
        students = rows.of_feed(conn, SCHOOL, "students")
        teacher = accounts.by_login(conn, SCHOOL, "liqiufang")
        assert teacher is not None
        assert (teacher.roles, len(teacher.classes)) == (("class_teacher",), 1)
        assert accounts.password_of(conn, SCHOOL, teacher.id) == ""
    assert {(row["name"], row["pinyin"], row["class_name"], row["id_masked"]) for row in students.values()} == {
        ("王小明", "wangxiaoming", "八年级(2)班", "…0179"), ("李花", "lihua", "七年级(1)班", "…0246"),
    }  # fmt: skip
    assert BOY not in json.dumps(students, ensure_ascii=False)


def test_importing_the_same_file_again_changes_nothing(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    use = imports(school)
    plan = use.plan(REGISTRAR, use.take_in(REGISTRAR, xlsx(BOTH)))
    assert (plan.nouns, plan.accounts, plan.unchanged) == ([], (), 2)


def test_the_preview_writes_nothing_but_the_waiting_file(school: Wiring) -> None:
    use, before = imports(school), load(school)
    draft = use.take_in(REGISTRAR, xlsx(BOTH))
    use.plan(REGISTRAR, draft)
    assert load(school) == before
    use.discard(REGISTRAR, draft)
    with pytest.raises(NoSuchPage):
        use.plan(REGISTRAR, draft)


def test_a_confirmation_is_refused_when_the_register_has_changed_since_the_preview(school: Wiring) -> None:
    use = imports(school)
    draft = use.take_in(REGISTRAR, xlsx(BOTH))
    seen = use.plan(REGISTRAR, draft)
    bring(school, xlsx([HEADER, ["周强", "男", "2012-01-01", "", "", "八2班"]]))
    before = load(school)
    outcome = use.confirm(REGISTRAR, draft, seen.sha256)
    assert not outcome.done
    assert load(school) == before
    assert use.confirm(REGISTRAR, draft, outcome.plan.sha256).done


def test_one_wrong_row_keeps_all_rows_out(school: Wiring) -> None:
    use, before = imports(school), load(school)
    draft = use.take_in(REGISTRAR, xlsx([*BOTH, ["", "男", "2012-01-01"]]))
    assert not use.confirm(REGISTRAR, draft, use.plan(REGISTRAR, draft).sha256).done
    assert load(school) == before


def test_a_failure_in_the_middle_leaves_nothing_behind(school: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    use = imports(school)
    draft = use.take_in(REGISTRAR, xlsx(BOTH))
    plan, before = use.plan(REGISTRAR, draft), everything(school)

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(roster_imports.rosters, "note_import", fail)
    with pytest.raises(RuntimeError):
        use.confirm(REGISTRAR, draft, plan.sha256)
    assert everything(school) == before


def test_a_confirmation_counts_once(school: Wiring) -> None:
    use = imports(school)
    draft = use.take_in(REGISTRAR, xlsx(BOTH))
    plan = use.plan(REGISTRAR, draft)
    assert use.confirm(REGISTRAR, draft, plan.sha256).done
    with pytest.raises(NoSuchPage):
        use.confirm(REGISTRAR, draft, plan.sha256)
    assert use.done(REGISTRAR, draft).counts["new"] == 2  # type: ignore[union-attr]


def test_every_change_keeps_what_was_before_and_who_changed_it(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    bring(school, xlsx([HEADER, [*WANG[:8], "13900000009", ""]]), "office")
    boy = next(one for one in load(school).students.values() if one.name == "王小明")
    with school.store.read() as conn:
        newest, first = kept.changes_of(conn, SCHOOL, "student", boy.id)
    assert (newest.account, first.account, first.before) == (PEOPLE["office"].id, REGISTRAR.id, None)
    assert newest.before is not None
    assert newest.before["guardians"][0]["phone"] == "13800000001"
    assert newest.origin.startswith("import:")


@pytest.mark.parametrize(("login", "may"), [("registrar", True), ("office", True), ("principal", True), ("teacher", False), ("deputy", False)])
def test_who_may_import(school: Wiring, login: str, may: bool) -> None:
    use = imports(school)
    if may:
        assert use.take_in(PEOPLE[login], xlsx(BOTH))
        return
    draft = use.take_in(REGISTRAR, xlsx(BOTH))
    for act in (lambda: use.take_in(PEOPLE[login], xlsx(BOTH)), lambda: use.plan(PEOPLE[login], draft),
                lambda: use.confirm(PEOPLE[login], draft, ""), lambda: use.discard(PEOPLE[login], draft)):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_an_uploaded_file_waits_a_day_and_no_number_of_it_stays_or_is_audited(school: Wiring) -> None:
    use = imports(school)
    use.take_in(REGISTRAR, xlsx(BOTH))
    later = roster_imports.Imports(school.store, SCHOOL, lambda: school.clock() + dt.timedelta(days=2))
    later.discard(REGISTRAR, later.take_in(REGISTRAR, xlsx(BOTH)))
    with school.store.read() as conn:
        assert rosters.waiting(conn, SCHOOL) == []
        lines = conn.execute(sql("SELECT * FROM audit")).all()
    assert len(lines) == 3
    assert BOY not in everything(school)


def test_a_child_moved_to_another_class_moves_on_the_phones(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    bring(school, xlsx([HEADER, [*WANG[:5], "七年级(1)班"]]))
    boy = next(one for one in load(school).students.values() if one.name == "王小明")
    with school.store.read() as conn:
        scopes = {row.key: row.scope for row in rows.after(conn, SCHOOL, 0, 10**9, 1000, sql("1 = 1"))}
    assert scopes[boy.id] == f"class:{boy.class_id}"
    assert load(school).classes[boy.class_id].name == "七年级(1)班"


def test_who_has_left_is_on_no_class_teachers_phone(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    boy = next(one for one in load(school).students.values() if one.name == "王小明")
    settle(school, child(boy.id, class_id=boy.class_id, village="", roll_status="left"))
    with school.store.read() as conn:
        row = next(row for row in rows.after(conn, SCHOOL, 0, 10**9, 1000, sql("1 = 1")) if row.key == boy.id)
    assert (row.scope, json.loads(row.value or "")["roll_status"]) == ("office", "left")


def test_a_file_without_a_list_is_refused_at_once(school: Wiring) -> None:
    with pytest.raises(SheetsRefused) as refused:
        imports(school).take_in(REGISTRAR, text([["课程表"], ["语文", "数学"]]))
    assert refused.value.complaints[0].sentence == "registry.file.no_list"


def test_a_list_with_nobody_below_its_header_is_not_told_that_it_lacks_one(school: Wiring) -> None:
    with pytest.raises(SheetsRefused) as refused:
        imports(school).take_in(REGISTRAR, text([["姓名", "性别", "班级"]]))
    assert refused.value.complaints[0].sentence == "registry.file.nobody"


def test_an_older_school_gets_its_register_from_what_its_phones_know(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    before = load(school)
    go_back(school.store, "0002")
    founding.upgrade(school.settings)
    after = load(school)
    assert after.classes == before.classes
    assert after.villages.keys() == before.villages.keys()
    assert {one.name: (one.birth, one.class_id, adults(one)) for one in after.students.values()} == {
        one.name: (one.birth, one.class_id, adults(one)) for one in before.students.values()
    }  # fmt: skip
    assert {one.id_no for one in after.students.values()} == {""}
    bring(school, xlsx(BOTH))  # the next import brings the numbers
    assert {one.id_no for one in load(school).students.values()} == {one.id_no for one in before.students.values()}


def test_an_upgrade_tells_phones_once_to_which_village_the_letters_of_a_child_go(school: Wiring) -> None:
    bring(school, xlsx(BOTH))
    boy = next(one for one in load(school).students.values() if one.name == "王小明")
    settle(school, replace(boy, hukou_village="990123101230"))

    def told() -> rows.Kept:
        with school.store.read() as conn:
            return next(row for row in rows.live(conn, SCHOOL, sql("1 = 1")) if row.key == boy.id)

    older = {name: value for name, value in json.loads(told().value or "").items() if name != "hukou_village"}
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [rows.ScopedRow("students", boy.id, told().scope, older)], school.now()))
    assert "hukou_village" not in (told().value or "")
    founding.upgrade(school.settings)
    again = told()
    assert json.loads(again.value or "") == older | {"hukou_village": "990123101230"}
    founding.upgrade(school.settings)
    assert told().sseq == again.sseq


def adults(student: Student) -> list[Guardian]:
    """The adults of a child without their inner numbers, which the rows of phones no longer have."""
    return [replace(adult, id="") for adult in student.guardians]


def run(folder: Path, file: Path, *options: str):  # type: ignore[no-untyped-def]
    arguments = ["import-roster", str(file), *options, "--data", str(folder / "data")]
    return CliRunner().invoke(app, arguments, env={"JIAFANG_LOCALE": "zh_CN"})


def test_the_command_says_the_same_and_writes_only_without_dry_run(tmp_path: Path) -> None:
    wiring = schoolhouse(tmp_path)
    file = tmp_path / "roster.csv"
    file.write_bytes(text(BOTH, "gb18030"))
    dry = run(tmp_path, file, "--dry-run")
    assert (dry.exit_code, "新增学生：2" in dry.output, "还没有写入" in dry.output) == (0, True, True)
    assert not load(wiring).students
    wet = run(tmp_path, file)
    assert (wet.exit_code, "花名册已导入" in wet.output) == (0, True)
    assert len(load(wiring).students) == 2
    file.write_bytes(text([HEADER, ["", "男", "2012-01-01"]]))
    wrong = run(tmp_path, file)
    assert wrong.exit_code == 1
    assert "第 2 行 A 姓名 列  没有姓名。" in wrong.output
    wiring.close()
