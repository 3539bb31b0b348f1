"""Each policy names a real disagreement, and the page for people tells the same."""

from __future__ import annotations

import pytest

from tests.differential import page
from tests.differential.panel import Panel
from tests.differential.policy import POLICIES
from tests.differential.witnesses import WITNESSES


@pytest.mark.parametrize("policy", WITNESSES)
def test_the_engines_part_as_the_policy_says(policy: str, panel: Panel) -> None:
    verdict = panel.verdict(WITNESSES[policy].job())
    errors = [outcome.error for outcome in verdict.comparison.outcomes.values()]
    assert (errors, verdict.unexplained, verdict.unnamed) == ([None] * 3, [], [])
    assert verdict.policies[policy] > 0, f"explained by {dict(verdict.policies)}: {verdict.comparison.splits}"


def test_every_policy_has_a_witness() -> None:
    ids = [policy.id for policy in POLICIES]
    assert sorted(ids) == sorted(WITNESSES)


def test_the_page_for_people_is_up_to_date() -> None:
    written = page.PAGE.read_text("utf-8")
    assert written == page.page(written), "run python -m tests.differential.page"
