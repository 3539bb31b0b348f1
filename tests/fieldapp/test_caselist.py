"""What the list of a child's visits says of one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from casebook.records import FormRef
from fieldapp.caselist import contact_of, outcome_of


def visit(form: str, contact: str) -> Any:
    instance = f"<data id='{form}'><met><contact_result>{contact}</contact_result></met></data>"
    return SimpleNamespace(record=SimpleNamespace(body={"instance": instance}, form=FormRef(form, "1", "f" * 64), set={}))


@pytest.mark.parametrize(("form", "contact", "said", "came_of_it"), [
    ("absence_visit", "refused", "refused", "not_found"),
    ("notice_service", "refused", "notice_refused", "info_only"),  # who refuses a notice was met
    ("notice_service", "no_one_home", "no_one_home", "not_found"),
    ("absence_visit", "met_guardian", "met_guardian", "info_only"),
])  # fmt: skip
def test_whom_a_visit_met_and_what_came_of_it(form: str, contact: str, said: str, came_of_it: str) -> None:
    assert (contact_of(visit(form, contact)), outcome_of(visit(form, contact))) == (said, came_of_it)


def test_a_visit_whose_form_is_not_known_is_told_as_it_says() -> None:
    entry = visit("x", "refused")
    entry.record.form = None
    assert contact_of(entry) == "refused"
