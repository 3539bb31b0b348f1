"""Every function that our expressions know gives what JavaRosa and Web Forms give."""

from __future__ import annotations

import pytest

from casebook.forms.expressions.registry import FUNCTIONS
from tests.differential.functions import ALONE, CALLS, job_of
from tests.differential.panel import Panel


@pytest.mark.parametrize("name", CALLS)
def test_a_function_gives_what_others_give(name: str, panel: Panel) -> None:
    verdict = panel.verdict(job_of(name))
    assert verdict.comparison.usable == (name not in ALONE)
    assert [*map(str, verdict.unexplained), *map(str, verdict.unnamed)] == []
    last = verdict.comparison.outcomes["ours"].states[-1]
    assert any(facts.get("value") for ref, facts in last.items() if ref.startswith("/data/call"))


def test_every_function_is_called() -> None:
    assert sorted(CALLS) == sorted(FUNCTIONS)
