"""Sheets become XForms: the same bytes every time, published versions never change, faults are named."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assets
from assets import load_wording
from casebook.errors import FormBroken
from sync_server.authoring.complaints import broken
from sync_server.forms import bundled_forms, compile_form
from tests.sync_server.form_walk import compiled

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/forms.json"
ZH = "label::中文 (zh)"
Sheet = list[dict[str, str]]

SETTINGS: Sheet = [
    {
        "form_title": "样表",
        "form_id": "sample",
        "version": "1",
        "default_language": "中文 (zh)",
        "purposes": "absence aid",
    }
]
NAME = {"type": "text", "name": "who", ZH: "姓名"}
CHOICES: Sheet = [{"list_name": "yes_no", "name": "yes", ZH: "是"}]


def write(folder: Path, **sheets: Sheet) -> Path:
    for name, rows in ({"settings": SETTINGS, "choices": CHOICES} | sheets).items():
        columns = list(dict.fromkeys(column for row in rows for column in row)) or ["type"]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def fault(folder: Path) -> dict[str, object]:
    with pytest.raises(FormBroken) as caught:
        compile_form(folder)
    return caught.value.facts


def test_bundled_forms_compile_without_a_remark() -> None:
    remarks = {form.form_id: (form.warnings, form.issues) for form in compiled().values()}
    assert remarks == dict.fromkeys(remarks, ((), ()))
    assert {"absence_visit", "persuasion_visit"} <= remarks.keys()


def test_bundled_forms_say_what_they_are_for() -> None:
    absence, persuasion = compiled()["absence_visit"], compiled()["persuasion_visit"]
    assert (absence.titles, absence.purposes) == ({"zh": "未到校家访", "en": "Absence visit"}, ("absence",))
    assert (persuasion.titles, persuasion.purposes) == (
        {"zh": "劝返家访", "en": "Persuasion visit"},
        ("persuade",),
    )


def test_a_published_version_never_changes() -> None:
    """Changed a form? Give it a new version and add a line; the old lines stay."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    now = {f"{form.form_id}@{form.version}": form.sha256 for form in compiled().values()}
    assert {version: golden.get(version) for version in now} == now


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_compiles_the_same_bytes(seed: str) -> None:
    code = "from sync_server.forms import bundled_forms; print(*(form.sha256 for form in bundled_forms()))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed},
                         capture_output=True, text=True, check=True)  # fmt: skip
    assert run.stdout.split() == [form.sha256 for form in compiled().values()]


def test_published_versions_are_not_compiled_again() -> None:
    published = {(form.form_id, form.version) for form in compiled().values()}
    assert bundled_forms(published) == []


def test_the_same_folder_compiles_wherever_it_lies(tmp_path: Path) -> None:
    for sheet in assets.root().joinpath("forms", "absence_visit").iterdir():
        (tmp_path / sheet.name).write_bytes(b"\xef\xbb\xbf" + sheet.read_bytes())
    assert compile_form(tmp_path).xml == compiled()["absence_visit"].xml


def test_curly_quotes_of_texts_survive_the_compiler(tmp_path: Path) -> None:
    form = compile_form(write(tmp_path, survey=[NAME | {ZH: "“谁”来‘过’？"}]))
    assert "“谁”来‘过’？" in form.xml.decode()
    assert form.purposes == ("absence", "aid")


SURVEYS: dict[str, tuple[Sheet, dict[str, object]]] = {
    "unknown_reference": (
        [NAME, {"type": "text", "name": "b", ZH: "${nobody}"}],
        {"row": "3", "name": "nobody"},
    ),
    "broken_reference": ([NAME | {"relevant": "${who = 1"}], {"row": "2"}),
    "unknown_type": ([NAME | {"type": "txet"}], {"name": "txet"}),
    "duplicate_name": ([NAME, NAME], {"row": "3", "name": "who"}),
    "name_missing": ([{"type": "text", "name": "", ZH: "姓名"}, NAME], {"row": "2"}),
    "name_wrong": ([NAME | {"name": "1 st"}], {"row": "2"}),
    "type_missing": ([NAME, NAME | {"type": "", "name": "b"}], {"row": "3"}),
    "label_missing": ([{"type": "text", "name": "bare"}], {"name": "bare"}),
    "group_open": ([{"type": "begin_group", "name": "g", ZH: "组"}, NAME], {"row": "2", "name": "g"}),
    "group_close": ([NAME, {"type": "end_group"}], {"row": "3"}),
    "list_missing": ([NAME | {"type": "select_one colours"}], {"row": "2", "name": "colours"}),
    "calculation_missing": ([NAME, {"type": "calculate", "name": "b"}], {"row": "3"}),
    "column_missing": ([{"name": "who", ZH: "姓名"}], {"name": "'type'"}),
    "entity_wrong": ([NAME | {"save_to": "seen"}], {"row": "2"}),
    "parameter_wrong": ([NAME | {"type": "image", "parameters": "pixels=1"}], {"row": "2"}),
}


@pytest.mark.parametrize("sentence", SURVEYS)
def test_a_fault_in_the_survey_is_named_with_its_row(tmp_path: Path, sentence: str) -> None:
    survey, facts = SURVEYS[sentence]
    found = fault(write(tmp_path, survey=survey))
    assert found | facts | {"sentence": f"authoring.{sentence}", "sheet": "survey"} == found
    for locale in ("zh_CN", "en"):
        said = load_wording(locale)(str(found["sentence"]), **found)
        assert not said.startswith("authoring.") and "—" not in said and "?" not in said


def test_a_choice_named_twice_is_found_in_its_own_sheet(tmp_path: Path) -> None:
    found = fault(write(tmp_path, survey=[NAME | {"type": "select_one yes_no"}], choices=CHOICES * 2))
    assert (found["sentence"], found["sheet"], found["row"]) == ("authoring.duplicate_choice", "choices", "3")


def test_a_complaint_nobody_foresaw_still_gives_a_sentence_and_its_row() -> None:
    found = broken("[row : 7] On the 'choices' sheet, something is new.").facts
    assert (found["sentence"], found["sheet"], found["row"]) == ("authoring.unclear", "choices", "7")
    assert load_wording("zh_CN")("authoring.unclear", **found).startswith("choices 表第 7 行")


RULES = {
    "full_width": "selected(${who}，'a')",
    "syntax": "(${who} = 'a'",
    "function": "chosen(${who})",
}


@pytest.mark.parametrize("kind", RULES)
def test_what_the_compiler_lets_pass_our_own_examination_catches(tmp_path: Path, kind: str) -> None:
    found = fault(write(tmp_path, survey=[NAME, NAME | {"name": "b", "relevant": RULES[kind]}]))
    assert found["sentence"] == f"forms.lint.{kind}"
    assert found["ref"] == "/data/b"
    assert not load_wording("zh_CN")(str(found["sentence"]), **found).startswith("forms.")


def test_what_fails_elsewhere_is_a_remark_and_no_fault(tmp_path: Path) -> None:
    form = compile_form(write(tmp_path, survey=[NAME | {"name": "姓名"}]))
    assert [issue.kind for issue in form.issues] == ["name_not_ascii"]


@pytest.mark.parametrize("sheet", ["survey", "settings"])
def test_a_missing_sheet_is_named(tmp_path: Path, sheet: str) -> None:
    write(tmp_path, survey=[NAME])
    (tmp_path / f"{sheet}.csv").unlink()
    assert fault(tmp_path) == {"sheet": sheet, "sentence": "authoring.sheet_missing"}


@pytest.mark.parametrize("content", ["姓名".encode("gb18030"), b'type,name\n"text,who\n'])
def test_an_unreadable_sheet_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, survey=[NAME])
    (tmp_path / "survey.csv").write_bytes(content)
    assert fault(tmp_path) == {"sheet": "survey", "sentence": "authoring.sheet_unreadable"}


@pytest.mark.parametrize("name", ["form_id", "version", "form_title", "default_language"])
def test_a_form_without_identity_is_refused(tmp_path: Path, name: str) -> None:
    found = fault(write(tmp_path, survey=[NAME], settings=[SETTINGS[0] | {name: ""}]))
    assert (found["sentence"], found["name"]) == ("authoring.setting_missing", name)


def test_settings_without_a_row_are_refused(tmp_path: Path) -> None:
    assert fault(write(tmp_path, survey=[NAME], settings=[]))["sentence"] == "authoring.settings_empty"
