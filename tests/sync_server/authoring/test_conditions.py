"""Conditions are said in plain words, and a preview shows every question of a form."""

from __future__ import annotations

import pytest

from assets import load_wording
from casebook.forms import FormDef
from sync_server.authoring.conditions import Conditions
from sync_server.authoring.preview import ALWAYS, sheets_of
from sync_server.authoring.script import MOST_CHOICES, Script
from tests.sync_server.authoring.books import FORMS, asked, bundled, passed, workbook
from tests.sync_server.form_walk import definition

CHOICES = (
    ("选项组", "选项值", "选项文字(中文)", "选项文字(英文)"),
    ("mode", "door", "上门", "At the door"), ("mode", "phone", "打电话", "By phone"), ("mode", "video", "视频", "By video"),
)  # fmt: skip
BEFORE = [
    ["隐藏", "", "case"],
    ["外部名单", "", "cases"],
    asked("单选", "mode", "怎么联系？", 选项组="mode"),
    asked("多选", "ways", "还有？", 选项组="mode"),
    asked("整数", "age", "几岁？"),
    asked("计算", "far", "", 计算="if(${mode} = 'phone' or ${mode} = 'video', 'yes', 'no')"),
    asked("计算", "phone", "", 计算="instance('cases')/root/item[name = ${case}]/guardian_phone"),
]
SAID = {
    "${mode} = 'door'": "“怎么联系？”是“上门”",
    "'door' = ${mode}": "“怎么联系？”是“上门”",
    "${mode} != 'door'": "“怎么联系？”不是“上门”",
    "not(${mode} = 'door')": "“怎么联系？”不是“上门”",
    "${mode} = 'phone' or ${mode} = 'video'": "“怎么联系？”是“打电话”或“视频”",
    "${far} = 'yes'": "“怎么联系？”是“打电话”或“视频”",
    "${far} = 'no'": "“怎么联系？”不是“打电话”或“视频”",
    "${far} != 'no' and ${age} > 12": "“怎么联系？”是“打电话”或“视频”，并且“几岁？”大于 12",
    "selected(${ways}, 'door')": "“还有？”选了“上门”",
    "not(selected(${ways}, 'door'))": "“还有？”没有选“上门”",
    "count-selected(${ways}) <= 2": "“还有？”选的个数不超过 2",
    "${mode} = ''": "“怎么联系？”没有填",
    "${mode} != '' and ${age} >= 6": "“怎么联系？”填了，并且“几岁？”不小于 6",
    "${mode} = 'door' and (${age} < 6 or ${age} > 18)": "“怎么联系？”是“上门”，并且（“几岁？”小于 6，或者“几岁？”大于 18）",
    "${phone} != ''": "〔档案：监护人电话〕填了",
    "${age} mod 2 = 1": "${age} mod 2是1",
    "true()": "总是",
}


def form_with(condition: str) -> FormDef:
    survey = [*BEFORE, asked(name="last", label="最后", 显示条件=condition)]
    return FormDef.from_xml(passed(workbook(survey, CHOICES)).compiled.xml)


@pytest.mark.parametrize("condition", SAID)
def test_a_condition_is_said_in_words(condition: str) -> None:
    form, words = form_with(condition), load_wording()
    bind = form.binds["/data/last"]
    if bind.relevant is None:
        assert condition == "true()"
        return
    assert Conditions(form, Script(form, "中文 (zh)", words), words).say(bind.relevant, "/data/last") == SAID[condition]


def test_in_english_the_labels_are_english() -> None:
    form, words = form_with("${mode} = 'phone' or selected(${ways}, 'door')"), load_wording("en")
    said = Conditions(form, Script(form, "English (en)", words), words).say(form.binds["/data/last"].relevant)
    assert said == "“Name” is “By phone” or “Name” includes “At the door”"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("form_id", FORMS)
def test_a_preview_shows_every_question_of_the_form(form_id: str, locale: str) -> None:
    form = definition(form_id)
    sheets = sheets_of(form, form.language_like(locale), load_wording(locale))
    lines = [line for sheet in sheets for line in sheet.lines if line.kind not in ("heading", "repeat")]
    assert [line.name for line in lines] == [path.rsplit("/", 1)[-1] for path in form.controls_by_path]
    numbers = [line.number for line in lines if line.kind != "note"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(line.label and "jr:itext" not in line.label for line in lines)
    listed = {path.rsplit("/", 1)[-1] for path, one in form.controls_by_path.items() if one.itemset and "'cases'" not in one.itemset.nodes.source}
    assert {line.name for line in lines if line.offered and line.offered.labels} >= listed
    texts = [text for line in lines for text in (line.when, line.required, line.must) if text]
    assert texts and not any("/data/" in text or "—" in text for text in texts)


def test_a_preview_marks_what_is_required_and_where_answers_go() -> None:
    form = definition("absence_visit")
    lines = {line.name: line for sheet in sheets_of(form, "中文 (zh)", load_wording()) for line in sheet.lines}
    assert lines["mode"].required == ALWAYS
    assert lines["mode"].offered and lines["mode"].offered.labels[0] == "上门"
    assert lines["whereabouts_asked"].offered and lines["whereabouts_asked"].offered.filtered
    assert lines["guardian_phone"].saved_to == "guardian_phone"
    assert lines["guardian_phone"].message.startswith("电话不对")
    assert lines["guardian_signature"].kind == "signature"
    assert "〔档案：监护人〕" in lines["facts_guardian"].label


def test_long_lists_are_cut_with_their_number() -> None:
    choices = [CHOICES[0], *(("mode", f"m{n}", f"第{n}种", f"No. {n}") for n in range(200))]
    form = FormDef.from_xml(passed(workbook([asked("单选", "mode", "哪种？", 选项组="mode")], choices)).compiled.xml)
    (line,) = sheets_of(form, "中文 (zh)", load_wording())[0].lines
    assert line.offered and (len(line.offered.labels), line.offered.total) == (MOST_CHOICES, 200)


def test_the_folder_of_a_form_bears_its_id() -> None:
    """Taking a form of the program over finds it so."""
    assert [bundled(folder).setting("form_id") for folder in FORMS] == FORMS
