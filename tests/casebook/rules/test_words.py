"""Every code that the rules say has its sentence in both languages, and a reason reads as a sentence."""

from __future__ import annotations

import re

import pytest

from assets import load_wording
from casebook.kinds.headcount import ABSENCE_KINDS
from casebook.rules.deadlines import deadlines
from casebook.rules.guards import Person
from casebook.rules.states import MOVES, Refused, may
from casebook.rules.tallies import IN_TIME
from casebook.rules.words import (
    absence_key,
    because_key,
    deadline_key,
    event_key,
    explained,
    figure_key,
    ledger_key,
    paper_key,
    refusal,
)
from tests.casebook.rules.tale import default_rows
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_states import absent
from tests.casebook.rules.test_story_b import told as story_b

ZH = load_wording("zh_CN")


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_codes_have_their_words(locale: str) -> None:
    papers = {paper for row in default_rows() if row["key"].startswith("papers.") for paper in row["value"]}
    formulas = {*IN_TIME.values(), "persuaded_back", "relapsed", "quota", "coverage", "retention", "dropout_net", "dropout_gross", "dropout_b"}
    keys = [*(event_key(move.event) for move in MOVES), *map(paper_key, papers), *map(absence_key, ABSENCE_KINDS),
            *map(ledger_key, ("none", "watch", "suspected", "dropout")), *map(figure_key, formulas)]  # fmt: skip
    assert [key for key in keys if not load_wording(locale).has(key)] == []


def test_every_deadline_reads_as_sentences_without_gaps() -> None:
    for life in (boy_k().life("2025-12-31"), story_b().life("2025-11-10"), boy_k(decided="", sent="").life("2025-12-31")):
        for due in deadlines(life):
            assert ZH.has(deadline_key(due.key))
            sentences = explained(due, ZH)
            assert len(sentences) == len(due.because) and all(ZH.has(because_key(step.code)) for step in due.because)
            assert not re.search(r"[—{}]|rule\.", "".join(sentences)), sentences


def test_the_day_of_return_is_explained_in_chinese() -> None:
    due = next(one for one in deadlines(boy_k().life("2025-12-31")) if one.key == "return_by")
    assert explained(due, ZH) == [
        "2025-12-13通知书送达，送达当天不算。", "2025-12-13之后第7天，是2025-12-20。", "2025-12-20不上课，顺延到2025-12-22。"]  # fmt: skip


def test_a_refusal_names_the_papers_that_are_missing() -> None:
    life = absent(3).life("2025-10-11 12:00")
    refused = may("closing", life.situation(Person("r", "registrar"), {"code": "Z3", "papers": ["application"]}))
    assert isinstance(refused, Refused)
    assert refusal(refused, ZH) == ["还缺证明材料：县级以上医院证明、批准文件。"]
