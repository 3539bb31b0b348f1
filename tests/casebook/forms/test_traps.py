"""Where ODK's own engines disagree, or surprise: what ours does, decided once and held by these tests."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from casebook.forms import FormDef
from casebook.forms.environment import CHINA
from tests.casebook.forms.authoring import LETTERS, YES_NO, begin, compiled, fill, value_of

PHOENIX = timezone(timedelta(hours=-7))


@pytest.mark.parametrize("tz", [CHINA, UTC, PHOENIX])
@pytest.mark.parametrize("formula", ["date(${d} + 3)", "date(decimal-date-time(${d}) + 3)", "format-date(date(${d} + 3), '%Y-%m-%d')"])
def test_three_days_on_is_three_days_on_in_every_zone(formula: str, tz: timezone) -> None:
    survey = f"| type | name | calculation |\n| date | d | |\n| date | due | {formula} |"
    session = fill(survey, tz=tz)
    session.set("/data/d", "2026-11-20")
    assert session.value("/data/due") == "2026-11-23"


@pytest.mark.parametrize("hour", ["00", "07", "08", "23"])
def test_today_is_today_at_every_hour_in_china(hour: str) -> None:
    now = f"2026-11-21T{hour}:30:00+08:00"
    assert value_of("format-date(now(), '%Y-%m-%d')", now=now) == "2026-11-21"
    assert value_of("format-date(date(decimal-date-time(now())), '%Y-%m-%d')", now=now) == "2026-11-21"


def test_a_date_compares_with_a_text_that_holds_a_date() -> None:
    survey = "| type | name | calculation | constraint |\n| calculate | since | '2026-11-10' | |\n| date | d | | . >= ${since} |"
    session = fill(survey)
    session.set("/data/d", "2026-11-10")
    assert session.problems() == []
    session.set("/data/d", "2026-11-09")
    assert [problem.kind for problem in session.problems()] == ["constraint"]


def test_a_date_is_a_number_of_calendar_days_in_every_zone() -> None:
    assert {value_of("number('2026-11-20')", tz=tz) for tz in (CHINA, UTC, PHOENIX)} == {"20777"}


@pytest.mark.parametrize("tz", [CHINA, UTC, PHOENIX])
def test_beside_an_instant_a_day_begins_at_its_midnight(tz: timezone) -> None:
    survey = """
    | type     | name  | calculation                             |
    | dateTime | t     |                                         |
    | date     | d     |                                         |
    | calculate | gap  | ${t} - ${d}                             |
    | calculate | over | ${t} >= ${d} and not(${d} > date(${t})) |
    """
    session = fill(survey, tz=tz)
    session.set("/data/d", "2026-11-21")
    session.set("/data/t", "2026-11-21T07:30")
    assert (session.value("/data/gap"), session.value("/data/over")) == ("0.3125", "true")


def test_once_freezes_at_once_so_a_case_chosen_later_needs_a_trigger() -> None:
    survey = """
    | type | name   | calculation                        | trigger |
    | text | case   |                                    |         |
    | text | frozen | once(if(${case} = '', 'none', ${case})) |    |
    | text | fresh  | ${case}                            | ${case} |
    """
    session = fill(survey)
    session.set("/data/case", "c1")
    assert (session.value("/data/frozen"), session.value("/data/fresh")) == ("none", "c1")
    assert fill(survey, prefill={"case": "c1"}).value("/data/frozen") == "c1"


def test_a_stored_false_is_a_true_text() -> None:
    session = fill("| type | name | calculation | relevant |\n| text | a | | |\n| calculate | t | ${a} = 'x' | |\n| text | bare | | ${t} |\n| text | said | | ${t} = 'true' |")
    assert session.value("/data/t") == "false"
    assert (session.question("/data/bare").relevant, session.question("/data/said").relevant) == (True, False)


def test_an_irrelevant_or_absent_answer_compares_as_blank() -> None:
    survey = """
    | type          | name | relevant       | calculation                        |
    | select_one yn | met  |                |                                    |
    | text          | who  | ${met} = 'yes' |                                    |
    | calculate     | not  |                | ${who} != 'x'                      |
    | calculate     | same |                | ${who} = ''                        |
    | calculate     | none |                | /data/nowhere != 'x'               |
    | calculate     | num  |                | /data/nowhere > 0                  |
    """
    session = fill(survey, YES_NO)
    session.set("/data/met", "yes")
    session.set("/data/who", "x")
    assert (session.value("/data/not"), session.value("/data/same")) == ("false", "false")
    session.set("/data/met", "no")
    assert [session.value(f"/data/{name}") for name in ("not", "same", "none", "num")] == ["true", "true", "true", "false"]


@pytest.mark.parametrize(("formula", "value"), [
    ("selected('', '')", "true"), ("selected('a', '')", "false"), ("round(-1.5)", "-2"), ("round(1.5)", "2"), ("regex('abc', 'b')", "false"),
    ("regex('abc', '^ab?c?$')", "true"),
])  # fmt: skip
def test_small_disagreements_are_settled(formula: str, value: str) -> None:
    assert value_of(formula) == value


def test_a_new_instance_of_a_repeat_with_defaults_has_them_from_its_template() -> None:
    session = fill("| type | name | default |\n| begin repeat | r | |\n| text | a | x |\n| end repeat | | |")
    session.add_repeat("/data/r")
    assert [session.value(f"/data/r[{place}]/a") for place in (1, 2)] == ["x", "x"]


def test_without_a_template_a_new_instance_starts_blank() -> None:
    xml = compiled("| type | name | default |\n| begin repeat | r | |\n| text | a | x |\n| end repeat | | |")
    start, end = xml.index(b'<r jr:template="">'), xml.index(b"</r>") + 4
    session = begin(FormDef.from_xml(xml[:start] + xml[end:]))
    session.add_repeat("/data/r")
    assert [session.value(f"/data/r[{place}]/a") for place in (1, 2)] == ["x", ""]


def test_the_name_of_a_choice_is_found_though_its_path_is_padded() -> None:
    survey = "| type | name | calculation |\n| select_multiple abc | a | |\n| calculate | first | jr:choice-name(selected-at(${a}, 0), '${a}') |"
    session = fill(survey, LETTERS)
    session.set("/data/a", "b c")
    assert session.value("/data/first") == "乙"
    assert b"' /data/a '" in compiled(survey, LETTERS)


def test_blanks_count_as_nothing_in_a_sum_of_nothing_but_spoil_others() -> None:
    survey = "| type | name | calculation |\n| begin repeat | r | |\n| integer | x | |\n| end repeat | | |\n| calculate | s | sum(${x}) |\n| calculate | m | max(${x}) |"
    session = fill(survey)
    assert (session.value("/data/s"), session.value("/data/m")) == ("", "")
    session.set("/data/r[1]/x", "4")
    assert (session.value("/data/s"), session.value("/data/m")) == ("4", "4")
    session.remove_repeat("/data/r", 1)
    assert (session.value("/data/s"), session.value("/data/m")) == ("0", "")


def test_removing_the_first_of_three_instances_with_entities_works() -> None:
    survey = "| type | name | save_to |\n| text | t | |\n| begin repeat | s | |\n| text | n | siblings#full |\n| end repeat | | |"
    session = fill(survey, "", "| list_name | label |\n| siblings | ${n} |")
    session.add_repeat("/data/s")
    session.add_repeat("/data/s")
    for place, name in enumerate("甲乙丙", 1):
        session.set(f"/data/s[{place}]/n", name)
    session.remove_repeat("/data/s", 1)
    assert [session.value(f"/data/s[{place}]/n") for place in (1, 2)] == ["乙", "丙"]


def test_an_absent_answer_of_an_instance_is_a_blank_one_when_instances_are_picked() -> None:
    survey = """
    | type         | name  | relevant  | calculation               | repeat_count |
    | text         | asked |           |                           |              |
    | begin repeat | r     |           |                           | 1 + 1        |
    | text         | a     | ${asked} != '' |                      |              |
    | end repeat   |       |           |                           |              |
    | calculate    | other |           | count(${r}[a != 'x'])     |              |
    | calculate    | same  |           | count(${r}[a = 'x'])      |              |"""
    session = fill(survey)
    assert (session.value("/data/other"), session.value("/data/same")) == ("2", "0")
    session.set("/data/asked", "yes")
    session.set("/data/r[2]/a", "x")
    assert (session.value("/data/other"), session.value("/data/same")) == ("1", "1")
