"""Every story of this folder comes as it says; and a story that says something else is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assets import load_wording
from sync_server.play import command
from sync_server.play.playing import play
from sync_server.play.story import load
from tests.journeys.explained import unexplained, unreasoned

STORIES = sorted(Path(__file__).parent.glob("*.story.yaml"))
A, B = (Path(__file__).parent / f"story_{name}.story.yaml" for name in "ab")
SAY = load_wording("en")

QUIET = """
roster: {classes: {8.2: {children: 3}}}
events:
"""


def told(tmp_path: Path, text: str, until: str | None = None) -> tuple[int, dict, list[str]]:
    """Exit code, what was printed, and the remarks of a story."""
    file = tmp_path / "one.story.yaml"
    file.write_text(text, "utf-8")
    code, printed, remarks = command.run(file, until, SAY)
    return code, json.loads(printed) if printed else {}, remarks


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name.removesuffix(".story.yaml"))
def test_the_story_comes_as_it_says(path: Path) -> None:
    played = play(load(path))
    assert played.differences == []
    assert played.expectations > 0
    told = command.outline(played)
    assert [*unexplained(told)] == [] and [*unreasoned(told)] == []


def test_a_day_without_its_clause_is_found_wherever_it_stands() -> None:
    due = {"due": "2025-11-10", "source": "x", "because": ["y"], "why": ["z"]}
    told = {"children": {"boy": {"deadlines": {"formal_case": {**due, "clause": ""}}, "steps": [], "states": {"C1": "2025-11-10"},
            "path": ["C1 2025-11-10"], "duties": [{"due": "2025-11-10", "clause": "R27"}], "until_then": ["2025-11-12"]}}}  # fmt: skip
    assert [*unexplained(told)] == [".children.boy.deadlines.formal_case.due"]
    assert [*unreasoned(told)] == ["boy.deadlines.formal_case", "boy.states.C1", "boy.path.C1 2025-11-10"]
    assert [*unexplained({"term": {"closes": "2026-01-23"}})] == [".term.closes"]


def test_what_is_not_as_expected_is_named_with_its_line_and_ends_with_code_1(tmp_path: Path) -> None:
    lines = [
        "  - {at: 2025-09-08 07:50, headcount: 8.2, absent: {8.2#2: unexcused}}",
        "  - {at: 2025-09-08, expect: {8.2#2: {state: C1, absent_days: 1, deadlines: {same_day_visit: {due: 2025-09-09}}}}}",
        "  - {at: 2025-09-08 09:00, act: confirmed, child: 8.2#2, by: principal, says: {basis: [x]}}",
    ]
    code, printed, remarks = told(tmp_path, QUIET + "\n".join(lines))
    found = [(one["place"].split(" (")[0], one["expected"], one["found"]) for one in printed["differences"]]
    assert code == 1 and len(remarks) == 4
    assert found[0][0] == "one.story.yaml:6" and found[0][2]["refused"][0] == "not_in_state"
    assert found[1:] == [
        ("one.story.yaml:5", "C1", "I0"),
        ("one.story.yaml:5", "2025-09-09", "2025-09-08"),
    ]


def test_every_date_is_explained_with_its_clause(tmp_path: Path) -> None:
    lines = ["  - {at: 2025-09-08 07:50, headcount: 8.2, absent: {8.2#2: unexcused}}"]
    code, printed, _ = told(tmp_path, QUIET + lines[0])
    due = printed["children"]["8.2#2"]["deadlines"]["formal_case"]
    assert (code, due["due"], due["clause"]) == (0, "2025-09-10", "R27")
    assert [step["code"] for step in due["because"]] == ["since_first_absent_day", "school_days_from"]
    assert all(due["why"]) and len(due["why"]) == 2
    assert all(one["clause"] and one["because"] for one in printed["children"]["8.2#2"]["deadlines"].values())


def test_a_story_can_be_stopped_at_a_moment(tmp_path: Path) -> None:
    line = "  - {at: 2025-09-08..2025-09-12 07:50, headcount: 8.2, absent: {8.2#2: unexcused}}"
    _, printed, _ = told(tmp_path, QUIET + line, "2025-09-10")
    child = printed["children"]["8.2#2"]
    assert (printed["at"], child["state"], child["absent_days"], len(printed["events"])) == (
        "2025-09-10T23:59+08:00", "C1", 3, 3)  # fmt: skip


def test_a_moment_to_stop_at_that_is_none_is_said(tmp_path: Path) -> None:
    assert told(tmp_path, QUIET + "  []", "tomorrow") == (2, {}, [SAY("play.no_moment", said="tomorrow")])


BROKEN = [
    ("titel: x\nevents: []", 1, "“titel” means nothing here"),
    ("title: x", 1, "“events” is missing"),
    ("events: []\nevents: []", 2, "said twice"),
    ("events: [", 1, "no YAML"),
    (QUIET + "  - {at: 2025-09-08, headcont: 8.2}", 4, "one of: headcount"),
    (QUIET + "  - {at: 8 September, headcount: 8.2}", 4, "Expected a moment"),
    (QUIET + "  - {at: 2025-09-13..2025-09-14 08:00, headcount: 8.2}", 4, "no school day"),
    (QUIET + "  - {at: 2025-09-08 07:50, headcount: 8.3}", 4, "no class called “8.3”"),
    (QUIET + "  - {at: 2025-09-08 07:50, headcount: 8.2, absent: {8.2#9: sick}}", 4, "no child called “8.2#9”"),
    (QUIET + "  - {at: 2025-09-08 07:50, headcount: 8.2, by: nobody}", 4, "no person called “nobody”"),
    (QUIET + "  - {at: 2025-09-08 07:50, headcount: 8.2, children: 4}", 4, "“children” means nothing here"),
    (QUIET + "  - {at: 2025-09-08 07:50, visit: 8.2#1}", 4, "“form” is missing"),
    (QUIET + "  - {at: 2025-09-08 07:50, visit: 8.2#1, form: no_such, by: class_teacher}", 4, "no form called “no_such”"),
    (QUIET + "  - {at: 2025-09-08 07:50, act: sneezed, child: 8.2#1, by: principal}", 4, "no act called “sneezed”"),
    (QUIET + "  - {at: 2025-09-08 07:50, act: opened, by: principal}", 4, "“child” is missing"),
    (QUIET + "  - {at: 2025-09-08, expect: {8.9: {state: I0}}}", 4, "no child, class, phone or school called “8.9”"),
    (QUIET + "  - {at: 2025-09-08 10:00, rule: {no_such: 4}}", 4, "rule “no_such”"),
    (QUIET + "  - {at: 2025-09-08 07:50, act: struck_off, child: 8.2#1, by: registrar, as: x, refused: [not_in_state],"
     " says: {no: X, on: 2025-09-08}}\n  - {at: 2025-09-08 08:00, review: x, decision: accepted}", 5, "came to nothing"),
    ("extends: nowhere.yaml\nevents: []", 1, "is not there"),
]


@pytest.mark.parametrize(("text", "line", "says"), BROKEN, ids=[says for _, _, says in BROKEN])
def test_a_story_that_cannot_be_read_says_where_and_what_is_expected(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    code, printed, remarks = told(tmp_path, text)
    assert (code, printed) == (2, {})
    assert f"one.story.yaml:{line}" in remarks[0] and says in remarks[0]


def test_a_form_left_unfinished_names_the_open_questions_with_their_choices(tmp_path: Path) -> None:
    line = (
        "  - {at: 2025-09-08 16:00, visit: 8.2#1, form: absence_visit, by: class_teacher, photos: no,"
        " answers: {here_now: not_here, summry: typo}}"
    )
    code, _, remarks = told(tmp_path, QUIET + line)
    assert code == 2
    assert "where_kind [work kin" in remarks[0] and "Never asked for: summry" in remarks[0]


def test_a_story_laid_over_another_keeps_its_events_and_not_its_expectations(tmp_path: Path) -> None:
    over = tmp_path / "over.story.yaml"
    over.write_text(f"extends: {A}\nrules: {{formal_case: 2}}\nevents: []", "utf-8")
    base, laid = load(A), load(over)
    happened = [(event.verb, event.at) for event in base.events if event.verb != "expect"]
    assert [(event.verb, event.at) for event in laid.events] == happened
    assert laid.cast.rules == {"formal_case": 2} and laid.cast.children.keys() == base.cast.children.keys()
