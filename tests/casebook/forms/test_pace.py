"""The cost of an answer depends on what it touches, not on how large the form or the case list is."""

from __future__ import annotations

import subprocess
import sys
import time

from casebook.forms import FormDef, Session, TableSource
from tests.casebook.forms.authoring import begin, form

CASES = """
| type         | name  | calculation                                    |
| csv-external | cases |                                                |
| hidden       | case  |                                                |
| calculate    | label | instance('cases')/root/item[name=${case}]/label |
| calculate    | phone | instance('cases')/root/item[name=${case}]/phone |
| text         | a     |                                                |
| calculate    | b     | concat(${a}, ${label})                         |
"""


def wide_form(questions: int) -> FormDef:
    lines = "".join(f"| text | q{n} | | ${{first}} = 'x' |\n| calculate | c{n} | concat(${{q{n}}}, '!') | |\n" for n in range(questions))
    return form(f"| type | name | calculation | relevant |\n| text | first | | |\n| text | alone | | |\n| calculate | echo | ${{alone}} | |\n{lines}")


def evaluations(session: Session, ref: str, value: str) -> int:
    before = session._instance.graph.evaluations
    session.set(ref, value)
    return session._instance.graph.evaluations - before


def test_an_answer_recomputes_only_what_reads_it() -> None:
    few, many = begin(wide_form(5)), begin(wide_form(150))
    for session in (few, many):
        for page in session.pages():
            session.questions(page.ref)
        session.set("/data/alone", "1")
    assert evaluations(few, "/data/alone", "2") == evaluations(many, "/data/alone", "2") <= 3


def test_an_answer_that_touches_everything_costs_as_much_as_there_is() -> None:
    few, many = begin(wide_form(5)), begin(wide_form(150))
    for session in (few, many):
        for page in session.pages():
            session.questions(page.ref)
    assert evaluations(many, "/data/first", "x") > 10 * evaluations(few, "/data/first", "x")


def hidden_section(questions: int) -> FormDef:
    """All questions tell of an answer elsewhere, and may only be answered as it allows."""
    lines = "".join(f"| text | q{n} | 问${{other}} | | . != ${{other}} |\n" for n in range(questions))
    return form(f"| type | name | label | relevant | constraint |\n| text | first | 一 | | |\n| text | other | 二 | | |\n"
                f"| begin_group | section | 三 | ${{first}} = 'x' | |\n{lines}| end_group | | | | |\n")  # fmt: skip


def test_what_no_screen_shows_waits_until_it_is_asked_for() -> None:
    session = begin(hidden_section(40))
    session.set("/data/first", "x")
    for n in range(40):
        session.set(f"/data/section/q{n}", "a")
        session.question(f"/data/section/q{n}")
    assert "/data/section/q7" in session.set("/data/other", "b").labels
    session.set("/data/first", "")
    assert evaluations(session, "/data/other", "a") <= 1
    changes = session.set("/data/first", "x")
    assert "/data/section/q7" in changes.relevance
    asked = session.question("/data/section/q7")
    assert (asked.label, asked.problem is not None) == ("问a", True)
    assert "/data/section/q7" in session.set("/data/other", "c").validity


def test_questions_under_the_same_rule_share_it() -> None:
    session = begin(wide_form(100))
    session.questions(session.pages()[0].ref)
    assert 100 <= evaluations(session, "/data/first", "x") < 200  # the calculations one by one, the rule once
    assert {f"/data/q{n}" for n in range(100)} <= session.set("/data/first", "y").relevance


def fastest(session: Session) -> float:
    """Seconds of the quickest of many answers that look a case up."""
    best = 1.0
    for turn in range(200):
        start = time.perf_counter()
        session.set("/data/case", f"c{turn % 20}")
        session.set("/data/a", str(turn))
        best = min(best, time.perf_counter() - start)
    return best


def test_a_long_case_list_does_not_slow_an_answer() -> None:
    def with_cases(count: int) -> Session:
        table = [{"name": f"c{n}", "label": f"学生{n}", "phone": f"1200000{n:04}"} for n in range(count)]
        return begin(form(CASES), {"cases": TableSource(table)})

    short, long = with_cases(20), with_cases(4_000)
    assert fastest(long) / fastest(short) < 4


def test_the_engine_loads_nothing_slow_that_a_visit_can_do_without() -> None:
    source = "import sys, casebook.forms; print(*{'dataclasses', 'inspect', 'decimal', 'base64', 'hashlib', 'casebook.records'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-S", "-c", source], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
