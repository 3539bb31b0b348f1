"""The bundled forms as written: complete code lists, both languages, short pages, private matters apart."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter, defaultdict
from functools import cache

import pytest

import assets
from assets import load_wording
from casebook.forms import Session
from casebook.policies import Policy, policy_of
from sync_server.web.console.values import LISTS
from tests.sync_server.form_walk import SPOKEN, Walk, definition

FORMS = sorted(
    folder.name for folder in assets.root().joinpath("forms").iterdir() if folder.joinpath("survey.csv").is_file()
)
LANGUAGES = ("中文 (zh)", "English (en)")
TEXTS = ("label", "hint", "required_message", "constraint_message")
MOST_QUESTIONS = 8

REASONS = {
    *(f"LE{n}" for n in range(1, 5)), *(f"FA{n}" for n in range(1, 7)), *(f"WO{n}" for n in range(1, 5)),
    "HE1", "HE2", "HE3", "MA1", "MA2", "PE1", "PE2", *(f"AC{n}" for n in range(1, 5)), "OT1", "OT2", "OT9",
}  # fmt: skip
WHEREABOUTS = {*(f"D{n}" for n in range(1, 14)), "D99"}
CODES = {
    "reason": REASONS,
    "teacher_reason": {"TE1", "TE2", "TE3"},
    "whereabouts": WHEREABOUTS,
    "confidence": {"seen", "document", "statement", "phone"},
    "attitude": set("12345678"),
    "will": {"willing", "conditional", "unwilling", "not_seen"},
    "contact": {
        "met_guardian", "met_caretaker", "met_student_only",
        "no_one_home", "refused", "moved", "wrong_address", "unsafe",
    },
    "sign_mode": {"handwritten", "thumb_on_paper", "refused", "proxy", "absent"},
}  # fmt: skip
PROPERTIES = {
    "guardian_phone", "home_address", "home_landmark", "caretaker_name", "caretaker_relation", "seen",
    "whereabouts", "whereabouts_confidence", "whereabouts_detail", "reasons_guardian", "reasons_student",
    "will", "attitude", "outcome", "promise_date", "next_action", "next_date", "needs", "protection_note",
    "teacher_reason",
}  # fmt: skip
OWN_PROPERTIES = {
    "absence_visit": {"excuse", "back_on", "sign_level"},
    "persuasion_visit": {"reasons_judged", "situation"},
}


@cache
def sheet(form_id: str, name: str) -> list[dict[str, str]]:
    text = assets.read_bytes(f"forms/{form_id}/{name}.csv").decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def choices(form_id: str) -> dict[str, list[dict[str, str]]]:
    lists: dict[str, list[dict[str, str]]] = {}
    for row in sheet(form_id, "choices"):
        lists.setdefault(row["list_name"], []).append(row)
    return lists


def written(form_id: str) -> list[tuple[str, dict[str, str]]]:
    """Every row that may carry texts, with a name for it."""
    survey = [(row["name"], row) for row in sheet(form_id, "survey") if row["name"]]
    return survey + [(f"{row['list_name']}/{row['name']}", row) for row in sheet(form_id, "choices")]


@pytest.mark.parametrize("form_id", FORMS)
def test_every_text_is_there_in_both_languages(form_id: str) -> None:
    halved = [(name, text) for name, row in written(form_id) for text in TEXTS
              if len({bool(row.get(f"{text}::{language}")) for language in LANGUAGES}) == 2]  # fmt: skip
    assert halved == []


@pytest.mark.parametrize("form_id", FORMS)
def test_chinese_texts_are_chinese_and_english_texts_are_not(form_id: str) -> None:
    han = re.compile(r"[\u3400-\u9fff，。！？；：]")
    wrong = [(name, text) for name, row in written(form_id) for text in TEXTS for language in LANGUAGES
             if (value := re.sub(r"\$\{\w+\}|\s|\d", "", row.get(f"{text}::{language}") or ""))
             and bool(han.search(value)) != (language == LANGUAGES[0])]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("form_id", FORMS)
def test_whatever_is_demanded_says_so_in_words(form_id: str) -> None:
    silent = [row["name"] for row in sheet(form_id, "survey")
              if (row["required"] and not row["required_message::中文 (zh)"] and row["default"] == "")
              or (row["constraint"] and not row["constraint_message::中文 (zh)"])]  # fmt: skip
    assert silent == []


@pytest.mark.parametrize("form_id", FORMS)
def test_texts_fit_a_small_screen(form_id: str) -> None:
    """A button holds a dozen signs, a line of help two lines, a note three."""
    limits = {"label": 60, "hint": 40, "required_message": 40, "constraint_message": 60}

    def too_long(name: str, row: dict[str, str], text: str) -> bool:
        said = re.sub(r"\$\{\w+\}", "", row.get(f"{text}::{LANGUAGES[0]}") or "")
        return len(said) > (12 if "/" in name else limits[text])

    long = [(name, text) for name, row in written(form_id) for text in limits if too_long(name, row, text)]
    assert long == []


@pytest.mark.parametrize("form_id", FORMS)
def test_code_lists_are_complete(form_id: str) -> None:
    lists = choices(form_id)
    found = {name: {row["name"] for row in lists[name]} for name in CODES if name in lists}
    assert found == {name: CODES[name] for name in found}


@pytest.mark.parametrize("form_id", FORMS)
def test_every_reason_and_every_place_can_be_reached_through_its_group(form_id: str) -> None:
    lists = defaultdict(list, choices(form_id))
    topics = {row["name"] for row in lists["topic"]} - {"temporary", "private"}
    assert {row["topic"] for row in lists["reason"]} == topics
    kinds = {row["name"] for row in lists["where_kind"]}
    assert {row["kind"] for row in lists["whereabouts"] if row["name"] != "D1"} == kinds


@pytest.mark.parametrize("form_id", FORMS)
def test_chips_stay_few(form_id: str) -> None:
    grouped = {"reason": "topic", "whereabouts": "kind"}
    for name, rows in choices(form_id).items():
        groups = [row[grouped[name]] for row in rows] if name in grouped else [name] * len(rows)
        most = max(groups.count(group) for group in groups)
        assert most <= (14 if name == "relation" else 10), name


@pytest.mark.parametrize("form_id", OWN_PROPERTIES)
def test_answers_reach_the_case_file_under_its_own_names(form_id: str) -> None:
    saved = [row["save_to"] for row in sheet(form_id, "survey") if row["save_to"]]
    assert sorted(saved) == sorted(PROPERTIES | OWN_PROPERTIES[form_id])


@pytest.mark.parametrize("form_id", FORMS)
def test_no_form_writes_what_only_the_office_may_write(form_id: str) -> None:
    saved = [row["save_to"] for row in sheet(form_id, "survey") if row["save_to"]]
    assert len(saved) == len(set(saved))
    assert not [prop for prop in saved if policy_of(prop) is Policy.OFFICE]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("form_id", FORMS)
def test_the_console_has_words_for_whatever_a_form_writes(form_id: str, locale: str) -> None:
    has, lists = load_wording(locale).has, choices(form_id)
    saved = {row["save_to"]: row["type"].split() for row in sheet(form_id, "survey") if row["save_to"]}
    assert [prop for prop in saved if not has(f"console.prop.{prop}")] == []
    codes = [f"{LISTS.get(prop, prop)}.{row['name']}" for prop, kind in saved.items() if kind[0].startswith("select")
             for row in lists[kind[1]]]  # fmt: skip
    assert [code for code in codes if not has(f"console.value.{code}")] == []


@pytest.mark.parametrize("form_id", FORMS)
def test_restricted_answers_all_come_from_the_confidential_page(form_id: str) -> None:
    binds = definition(form_id).binds
    pages = {
        path.split("/")[2]
        for path, bind in binds.items()
        if policy_of(bind.save_to or "") is Policy.RESTRICTED
    }
    assert pages <= {"safety"}


@pytest.mark.parametrize("form_id", FORMS)
def test_reasons_that_name_a_teacher_are_offered_on_the_confidential_page_only(form_id: str) -> None:
    asking = {row["name"] for row in sheet(form_id, "survey") if row["type"].endswith(" teacher_reason")}
    assert asking <= {"teacher_reasons"}
    assert not asking or "/data/safety/teacher_reasons" in definition(form_id).binds


#: names under which forms rightly say different things
OWN_WORDS = {
    "facts_absence", "child", "reasons", "stance", "needs", "explained", "excuse", "promise_when",
    "rb_needs", "photos_2", "photos_3",
}  # fmt: skip


def test_what_several_forms_ask_they_ask_in_the_same_words() -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for form_id in FORMS:
        for row in sheet(form_id, "survey"):
            if row["name"] and row[f"label::{LANGUAGES[0]}"]:  # what one form works out, another may ask
                said[row["name"]].add(" | ".join(row[f"label::{language}"] for language in LANGUAGES))
    assert {name: words for name, words in said.items() if len(words) > 1 and name not in OWN_WORDS} == {}


def test_one_code_reads_the_same_in_all_forms() -> None:
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for form_id in FORMS:
        for row in sheet(form_id, "choices"):
            said[row["list_name"], row["name"]].add(row[f"label::{LANGUAGES[0]}"])
    assert {code: words for code, words in said.items() if len(words) > 1} == {}


@pytest.mark.parametrize("form_id", FORMS)
def test_computed_days_are_written_as_plain_days(form_id: str) -> None:
    """ODK Collect would store `date(x + 1)` with a time and a zone."""
    sums = [
        row["calculation"]
        for row in sheet(form_id, "survey")
        if re.search(r"date\([^()]* \+", row["calculation"])
    ]
    assert all(calculation.startswith("format-date(date(") for calculation in sums)


@pytest.mark.parametrize("form_id", FORMS)
def test_every_page_is_a_group_with_a_title(form_id: str) -> None:
    session: Session = Walk(form_id).session
    assert all(page.title and page.ref.startswith("/data/") for page in session.pages())
    assert {question.kind for page in session.pages() for question in session.questions(page.ref)} & {
        "heading"
    } == set()


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_no_path_ends_in_a_wall_and_no_page_is_crowded(form_id: str, seed: int) -> None:
    """Random answers always lead to a finished visit; pages stay short; nothing reads broken."""
    chance = random.Random(seed)
    walk = Walk(form_id, language=chance.choice(("zh", "en"))).wander(chance)
    for page in walk.pages():
        questions = [question.ref for question in walk.page(page) if question.kind not in SPOKEN]
        crowds = Counter(ref.rpartition("]")[0] for ref in questions)  # of a table, each line counts for itself
        assert max(crowds.values(), default=0) <= MOST_QUESTIONS, (page, questions)
    assert walk.open() == []
    assert walk.saved()
    blemishes = re.compile(
        r"NaN|\$\{|undefined|None|\b(?:[A-Z]{2}\d|D\d{1,2})\b|：[。，]|：\Z|: ?\.|:\Z|\(\)|（）|/ *[。.]|月日"
    )
    assert [text for text in walk.texts() if blemishes.search(text)] == []
