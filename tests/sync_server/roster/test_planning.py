"""What an import would change: recognised, compared field by field, warned of; nothing is touched."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace

import pytest
from openpyxl import Workbook

from sync_server.authoring.complaints import SheetsRefused
from sync_server.registry import Guardian
from sync_server.roster.classnames import ClassName, class_name
from sync_server.roster.spreadsheets import read_tables
from sync_server.roster.writing import write_roster, write_template
from tests.sync_server.roster.sheets import (
    BOY,
    GIRL,
    HEADER,
    LI,
    WANG,
    child,
    planned,
    said,
    saved,
    small_register,
    text,
    xlsx,
)

FATHER = Guardian("g1", "王大", "51", "13800000001", True, True, "yes")


def changes(plan):
    return {(one.name, c.of + c.field): (c.before, c.after) for one in plan.changed for c in one.changes()}


@pytest.mark.parametrize(
    "content",
    [
        xlsx([HEADER, WANG, LI]), text([HEADER, WANG, LI]), text([HEADER, WANG, LI], "gb18030"),
        text([HEADER, WANG, LI], "utf-8"), text([HEADER, WANG, LI], "utf-16", "\t"), text([HEADER, WANG, LI], "utf-8", ";"),
        xlsx([["石桥镇学校花名册"], [], HEADER, WANG, [], LI, [], ["合计", "2"], ["填表人：陈学籍"]]),
    ],
    ids=["xlsx", "utf-8 with mark", "gb18030", "utf-8", "utf-16 tabs", "semicolons", "title, blank lines and totals"],
)  # fmt: skip
def test_a_roster_is_read_in_every_form_schools_make(content: bytes) -> None:
    plan = planned(content)
    assert [(one.name, one.after.gender, one.after.birth.isoformat(), one.after.id_no) for one in plan.students] == [
        ("王小明", "1", "2012-03-08", BOY), ("李花", "2", "2013-11-20", GIRL),
    ]  # fmt: skip
    assert [one.name for one in plan.classes] == ["八年级(2)班", "七年级(1)班"]
    assert [one.name for one in plan.villages] == ["新寨村", "坝上村"]
    father = plan.students[0].after.guardians[0]
    assert (father.name, father.relation, father.phone, father.legal) == ("王大", "51", "13800000001", True)
    assert plan.complaints == ()


def test_headers_of_the_national_form_are_understood() -> None:
    header = ["姓名★", "性别★", "出生日期*", "身份证件号码 *", "年级", "班级", "成员1姓名*", "成员1关系*", "成员1联系电话*", "户口性质", "心情"]
    plan = planned(xlsx([header, ["王小明", "1-男", "20120308", BOY, "八年级", "2班", "王大", "51-父亲", "13800000001", "1", "好"]]))
    one = plan.students[0].after
    assert (one.name, one.gender, one.birth, one.guardians[0].relation) == ("王小明", "1", dt.date(2012, 3, 8), "51")
    assert said(plan) == [("column.unknown", 1, "K 心情")]


def test_wide_digits_stray_blanks_serial_days_and_marks_of_text_are_repaired() -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in BOY)
    lines = [
        [" 王　小 明 ", "男 ", 40976, wide, "", "初二（２）班", "", "", "", ""],
        ["阿依古丽.买买提", "女", "2013年11月20日", f"'{GIRL}", "", "701", "", "", "", ""],
    ]
    first, second = (one.after for one in planned(xlsx([HEADER, *lines])).students)
    assert (first.name, first.birth, first.id_no) == ("王小明", dt.date(2012, 3, 8), BOY)
    assert (second.name, second.birth, second.id_no) == ("阿依古丽·买买提", dt.date(2013, 11, 20), GIRL)


def test_days_typed_as_dates_and_formulas_with_results_are_read() -> None:
    book = Workbook()
    book.active.append(list(HEADER))
    book.active.append(["王小明", "男", dt.datetime(2012, 3, 8), BOY, "", "八2班"])
    assert planned(saved(book)).students[0].after.birth == dt.date(2012, 3, 8)
    book.active["A2"] = '="王"&"小明"'
    with pytest.raises(SheetsRefused) as refused:
        planned(saved(book))
    assert refused.value.complaints[0].facts == {"cell": "A2"}


def test_merged_cells_speak_for_all_their_rows_but_never_for_names() -> None:
    book = Workbook()
    page = book.active
    for row in (["八年级(2)班花名册"], ["班级", "姓名", "性别", "出生日期"], ["八年级(2)班", "王小明", "男", "2012-03-08"], ["", "李花", "女", "2013-11-20"]):
        page.append(row)
    page.merge_cells("A1:D1")
    page.merge_cells("A3:A4")
    assert {one.after.class_id for one in planned(saved(book)).students} == {planned(saved(book)).classes[0].after.id}
    page.merge_cells("B3:B4")
    assert ("cell.merged", 4, "B 姓名") in said(planned(saved(book)))


def test_a_sheet_a_class_and_teachers_and_villages_come_along() -> None:
    rows = [["姓名", "性别", "出生日期"], ["王小明", "男", "2012-03-08"]]
    plan = planned(xlsx(
        rows, "八(2)班", 班级=[["班级", "班主任"], ["八年级(2)班", "萧洁荷"]],
        教师=[["姓名", "性别", "电话", "职责", "登录名"], ["李秋芳", "女", "13800000009", "科任教师、校长", "lqf"]],
        村居=[["代码", "名称", "信号", "距离"], ["990123101217", "新寨村", "无", "6.5"]], 说明=[["随便写"]],
    ))  # fmt: skip
    (room,) = plan.classes
    teachers = {one.name: one.after for one in plan.staff}
    assert (room.after.name, room.after.teacher_id) == ("八年级(2)班", teachers["萧洁荷"].id)
    assert (teachers["李秋芳"].roles, teachers["李秋芳"].phone) == (("subject_teacher",), "13800000009")
    assert {(one.login, one.roles) for one in plan.accounts} == {("lqf", ("subject_teacher",)), ("xiaojiehe", ("class_teacher",))}
    assert (plan.villages[0].after.code, plan.villages[0].after.signal, plan.villages[0].after.distance_km_x10) == ("990123101217", "none", 65)
    assert ("row.role_unknown", 2, "D 职责") in said(plan)


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({3: "9.90123E+17"}, "row.digits_lost"), ({3: 990123201203080000}, "row.digits_lost"), ({3: "99012320120308"}, "row.id_form"),
        ({2: "昨天"}, "row.birth_unreadable"), ({1: "男孩子"}, "row.gender_unknown"), ({5: "2班"}, "row.class_unclear"),
        ({0: ""}, "row.no_name"), ({0: "王"}, "row.name_length"), ({5: ""}, "row.needed.class"), ({2: "", 3: ""}, "row.needed.birth"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_stops_the_import_and_names_row_and_column(changed: dict[int, object], finding: str) -> None:
    row = [changed.get(place, cell) for place, cell in enumerate(WANG)]
    plan = planned(xlsx([HEADER, LI, row]))
    assert [(one.sentence, one.row) for one in plan.complaints] == [(f"registry.{finding}", 3)]
    assert not plan.may_go_on


@pytest.mark.parametrize(
    ("changed", "finding", "column"),
    [
        ({3: "990123201203080178", 4: ""}, "row.id_check_digit", "D 身份证件号"), ({4: "X123"}, "row.student_no_form", "E 学籍号"),
        ({2: "2012-03-09"}, "row.birth_differs", "C 出生日期"), ({1: "女"}, "row.gender_differs", "B 性别"),
        ({8: "12000001701"}, "row.phone_form", "I 联系电话"), ({8: "13800000001、13800000002"}, "row.several_phones", "I 联系电话"),
        ({2: "1990-03-08"}, "row.age", "C 出生日期"), ({7: "远房"}, "row.value_unknown", "H 关系"),
    ],
)  # fmt: skip
def test_what_may_be_wrong_is_a_warning(changed: dict[int, object], finding: str, column: str) -> None:
    row = [changed.get(place, cell) for place, cell in enumerate(WANG)]
    plan = planned(xlsx([HEADER, row]))
    assert plan.may_go_on
    assert (finding, 2, column) in said(plan)


def test_numbers_of_people_are_masked_in_findings() -> None:
    plan = planned(xlsx([HEADER, ["王小明", "男", "2012-03-08", "990123201203080178", "", "八2班", "", "", "", ""]]))
    assert BOY[:14] not in str(plan.remarks)


def test_changes_are_told_field_by_field_and_empty_cells_erase_nothing() -> None:
    known = child(guardians=(FATHER,))
    row = ["王小明", "", "", BOY, "", "七年级1班", "王大", "", "13900000002", ""]
    plan = planned(xlsx([HEADER, row]), small_register(known))
    assert changes(plan) == {("王小明", "class_id"): ("k82", "k71"), ("王小明", "王大phone"): ("13800000001", "13900000002")}
    assert plan.students[0].after.home_address == "五组87号"
    assert plan.counts()["new"] == 0


def test_identity_numbers_are_masked_in_changes() -> None:
    plan = planned(xlsx([HEADER, WANG]), small_register(child(id_no="")))
    assert changes(plan)["王小明", "id_no"] == ("", "…0179")


def test_another_father_corrects_the_name_and_a_grandmother_is_added() -> None:
    header = [*HEADER, "监护人2", "监护人2关系"]
    plan = planned(xlsx([header, [*WANG[:6], "王大山", "父亲", "", "", "王奶奶", "奶奶"]]), small_register(child(guardians=(FATHER,))))
    assert changes(plan) == {("王小明", "王大name"): ("王大", "王大山"), ("王小明", "王奶奶guardian"): ("", "王奶奶")}


def test_nobody_is_removed_but_who_is_missing_from_the_classes_of_the_file_is_named() -> None:
    others = [child("s2", name="周强", id_no="", student_no=""), child("s3", name="吴用", class_id="k71", id_no="", student_no="")]
    gone = child("s4", name="郑转", id_no="", student_no="", roll_status="left")
    plan = planned(xlsx([HEADER, [*WANG[:6]]]), small_register(child(), *others, gone))
    assert [one.name for one in plan.missing] == ["周强"]
    assert (plan.unchanged, plan.nouns) == (1, [])
    assert not plan.may_go_on


def test_the_standing_on_the_roll_changes_by_events_only() -> None:
    header = [*HEADER, "学籍状态"]
    plan = planned(xlsx([header, [*WANG, "已转出"], [*LI, "休学"]]), small_register(child(guardians=(FATHER,))))
    assert ("row.status_by_event", 2, "K 学籍状态") in said(plan)
    assert plan.changed == []
    assert plan.new[0].after.roll_status == "suspended"


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (["王小明", "男", "2012-03-08", "", "", "八2班"], None),
        (["王小明", "男", "", "", "", "八2班"], "row.by_name_only"),
        (["王小明", "男", "2012-03-08", "990123201203080195", "", "八2班"], "row.maybe_known"),
    ],
)  # fmt: skip
def test_children_are_recognised_without_numbers_but_never_against_them(row: list[str], finding: str | None) -> None:
    plan = planned(xlsx([HEADER, row]), small_register(child()))
    found = [sentence for sentence, _, _ in said(plan) if sentence != "row.id_check_digit"]
    assert found == ([finding] if finding else [])
    assert len(plan.new) == (1 if finding == "row.maybe_known" else 0)


def test_a_line_that_fits_two_children_is_refused() -> None:
    other = child("s2", name="周强", id_no=GIRL, student_no=f"G{GIRL}")
    row = ["王小明", "男", "2012-03-08", BOY, f"G{GIRL}", "八2班"]
    assert ("row.several_meant", 2, "A 姓名") in said(planned(xlsx([HEADER, row]), small_register(child(), other)))


def test_the_same_child_twice_is_refused_and_the_same_name_is_pointed_out() -> None:
    twice = planned(xlsx([HEADER, WANG, WANG]))
    assert next((one.sentence, one.row, one.facts["row"]) for one in twice.complaints) == ("registry.row.number_twice", 3, 2)
    known = planned(xlsx([HEADER, WANG, WANG]), small_register(child()))
    assert [(one.sentence, one.row) for one in known.complaints] == [("registry.row.twice", 3)]
    alike = planned(xlsx([HEADER, WANG, ["王小明", "男", "2012-05-08", "", "", "八2班"]]))
    assert ("row.same_name_in_file", 3, "A 姓名") in said(alike)


def test_children_of_one_household_number_become_brothers_and_sisters() -> None:
    header = [*HEADER, "户号"]
    plan = planned(xlsx([header, [*LI, "hh-s1"]]), small_register(child(guardians=(FATHER,))))
    siblings = {one.name: one.after.siblings for one in plan.students}
    assert siblings == {"李花": ("s1",), "王小明": (plan.new[0].after.id,)}


def test_the_current_roster_comes_back_without_a_change_masked_or_not() -> None:
    register = small_register(child(guardians=(FATHER,), key_flags=("KS06",), boarder=True, enrolled_on="2019-09"), child("s2", name="周强", id_no="", student_no="", roll_status="left"))
    for full in (False, True):
        written = write_roster(register, register.classes, full)
        plan = planned(written, register)
        assert (plan.nouns, plan.unchanged, plan.complaints) == ([], 2, ())
        assert (BOY in str(read_tables(written))) is full


def test_the_template_is_read_as_what_it_is_and_waits_for_names() -> None:
    tables = {table.name: table for table in read_tables(write_template())}
    assert list(tables) == ["花名册", "班级", "教师", "村居", "填写说明"]
    assert planned(write_template()).nouns == []


def test_text_that_looks_like_a_formula_is_written_as_text() -> None:
    register = small_register(child(home_address="=1+1"))
    assert "'=1+1" in str(read_tables(write_roster(register, register.classes, False)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "authoring.file.empty"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "authoring.file.old"),
        (b"PK\x03\x04junk", "authoring.file.damaged"), (b"<html><table>", "authoring.file.other"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "registry.file.encoding"), (b"\n\n , ,\n", "registry.file.blank"),
        (b"x" * (12 * 1024 * 1024 + 1), "authoring.file.too_large"), (b"a," * 5000, "authoring.file.too_many_cells"),
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(SheetsRefused) as refused:
        read_tables(content)
    assert refused.value.complaints[0].sentence == sentence


@pytest.mark.parametrize(
    ("grade", "word", "expected"),
    [
        ("", "八年级(2)班", (8, 2)), ("", "八（２）班", (8, 2)), ("", "八2班", (8, 2)), ("", "初二(3)班", (8, 3)), ("", "802", (8, 2)),
        ("", "8.2班", (8, 2)), ("八年级", "2班", (8, 2)), ("8", "02", (8, 2)), ("八", "二班", (8, 2)), ("八年级", "802", (8, 2)),
        ("", "八年级十二班", (8, 12)), ("", "二(1)班", (2, 1)), ("", "小学三年级1班", (3, 1)), ("", "2班", None), ("", "阳光班", None),
    ],
)  # fmt: skip
def test_class_names_in_all_their_spellings(grade: str, word: str, expected: tuple[int, int] | None) -> None:
    assert class_name(grade, word) == (ClassName(*expected) if expected else None)


def test_twenty_thousand_rows_are_planned_in_seconds() -> None:
    rows = [[f"王{n:05d}明", "男", "2012-03-08", "", "", f"八年级({n % 24 + 1})班", "王大", "父亲", "13800000001", "新寨村"] for n in range(20_000)]
    begun = time.process_time()
    plan = planned(text([HEADER, *rows]))
    assert len(plan.new) == 20_000
    assert len(plan.sha256) == 64
    assert time.process_time() - begun < 20
    assert replace(plan, missing=()).sha256 == plan.sha256


def test_key_students_go_by_the_names_of_pages_and_of_phones() -> None:
    rows = (["姓名", "性别", "出生日期", "班级", "重点类别"], ["王小明", "男", "2012-03-08", "八年级(2)班", "学困生、家庭困难"])
    (new,) = planned(text(rows), small_register()).new
    assert new.after.key_flags == ("KS02", "KS03")


def test_a_grade_alone_is_no_class_where_the_grade_has_numbered_classes() -> None:
    forgotten, numbered = [*WANG[:5], "八年级", *WANG[6:]], [*LI[:5], "八年级(2)班", *LI[6:]]
    for rows in ([forgotten, numbered], [numbered, forgotten]):
        plan = planned(xlsx([HEADER, *rows]))
        assert [(one.sentence, one.row) for one in plan.complaints] == [("registry.row.class_unclear", rows.index(forgotten) + 2)]
    plan = planned(xlsx([HEADER, forgotten]))
    assert plan.complaints == () and [one.name for one in plan.classes] == ["八年级"]
