"""The verdict over an arriving record: refused is only what can never be right."""

from __future__ import annotations

import pytest

from casebook.merging import Known, Standing, Verdict, classify
from casebook.policies import POLICY, Policy, policy_of
from tests.casebook.builders import SCHOOL, TEACHER, make_incident, make_record, make_visit

PHONE = Standing(TEACHER, SCHOOL)
OFFICE = Standing("office", SCHOOL, office=True)
OPENED = make_record(type="act", body={"act": "opened", "role": "class_teacher", "because": "gone"})
COUNTED = make_record(type="headcount", case=None, body={"class": "g8c2"})


@pytest.mark.parametrize(
    ("record", "known", "expected"),
    [
        (make_visit(), Known(False, PHONE), (Verdict.STORED, None)),
        (make_visit(), Known(True, PHONE), (Verdict.DUPLICATE, None)),
        (make_visit(), Known(False, None), (Verdict.REFUSED, "unknown_key")),
        (make_visit(), Known(True, None), (Verdict.REFUSED, "unknown_key")),
        (make_visit(school="1"), Known(False, PHONE), (Verdict.QUARANTINED, "wrong_school")),
        (make_visit(), Known(False, Standing(TEACHER, SCHOOL, active=False)), (Verdict.QUARANTINED, "device_revoked")),
        (make_visit(author="x" * 32), Known(False, PHONE), (Verdict.QUARANTINED, "wrong_author")),
        (make_visit(), Known(False, PHONE, case_known=False), (Verdict.QUARANTINED, "unknown_case")),
        (make_visit(), Known(False, PHONE, case_open=False), (Verdict.QUARANTINED, "closed_case")),
        (make_visit(), Known(False, OFFICE, case_open=False), (Verdict.STORED, None)),
        (OPENED, Known(False, PHONE, roles=frozenset({"class_teacher"})), (Verdict.STORED, None)),
        (OPENED, Known(False, PHONE, roles=frozenset({"subject_teacher"})), (Verdict.QUARANTINED, "role_not_held")),
        (OPENED, Known(False, OFFICE, roles=frozenset()), (Verdict.QUARANTINED, "role_not_held")),
        (COUNTED, Known(False, PHONE, roles=frozenset()), (Verdict.STORED, None)),
        (OPENED, Known(False, PHONE, may_act=False), (Verdict.QUARANTINED, "not_your_child")),
        (COUNTED, Known(False, PHONE, may_count=False), (Verdict.QUARANTINED, "not_your_class")),
        (COUNTED, Known(False, OFFICE, may_count=False), (Verdict.STORED, None)),
        (COUNTED, Known(False, PHONE, names_own=False), (Verdict.QUARANTINED, "not_of_class")),
        (COUNTED, Known(False, OFFICE, names_own=False), (Verdict.STORED, None)),
        (make_incident(), Known(False, PHONE), (Verdict.QUARANTINED, "office_only")),
        (make_record(set={"state": "C7"}), Known(False, PHONE), (Verdict.QUARANTINED, "office_only")),
        (make_incident(), Known(False, OFFICE), (Verdict.STORED, None)),
        (make_record(set={"attitude": "1"}), Known(False, PHONE), (Verdict.STORED, None)),
    ],
)
def test_verdicts(record: object, known: Known, expected: tuple[Verdict, str | None]) -> None:
    """One row per situation a school meets."""
    judged = classify(record, known)  # type: ignore[arg-type]
    assert (judged.verdict, judged.code) == expected


def test_a_phone_never_writes_what_only_the_office_may() -> None:
    """For every office property of the table."""
    for prop in (p for p, policy in POLICY.items() if policy is Policy.OFFICE):
        judged = classify(make_record(set={prop: "x"}), Known(False, PHONE))
        assert judged.code == "office_only", prop


def test_a_property_nobody_listed_is_an_observation() -> None:
    """A form may carry new facts without a change of the program."""
    assert policy_of("weather") is Policy.LATEST
