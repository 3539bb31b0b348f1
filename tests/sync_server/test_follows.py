"""A phone is told whose records it has all of: where visits do not come, it must not work out a state."""

from __future__ import annotations

from typing import Any

import pytest

from sync_server.store import reach
from sync_server.store.accounts import Account

CLASSES, CASES = ("k1",), ("c1",)


@pytest.mark.parametrize(("role", "expected"), [
    ("principal", {"school": True, "classes": [], "cases": ["c1"], "villages": []}),
    ("class_teacher", {"school": False, "classes": ["k1"], "cases": ["c1"], "villages": []}),
    ("grade_director", {"school": False, "classes": ["k1"], "cases": ["c1"], "villages": []}),
    ("subject_teacher", {"school": False, "classes": [], "cases": ["c1"], "villages": []}),
    ("duty_checker", {"school": False, "classes": [], "cases": ["c1"], "villages": []}),
])  # fmt: skip
def test_who_reads_visits_and_cases_follows_the_children(role: str, expected: dict[str, Any]) -> None:
    account = Account("a", "3199000001", "login", "A", (role,), scopes=("class:k1", "case:c1"))
    assert reach.follows(account) == expected
