"""The access table both ways: every role and verb of domain §1 that exists so far, allowed and refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from casebook.errors import NotAllowed
from sync_server.access import TABLE, Subject, Verb, allows, require, took_part


@dataclass(frozen=True)
class Person:
    id: str
    roles: tuple[str, ...]
    classes: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    led: frozenset[str] = frozenset()


OWN = Subject("child-own", "class82")
OTHER = Subject("child-other", "class71")

# For each role what it may do: with a child of its own class, and with any other child.
READ = {Verb.LIST_STUDENTS, Verb.READ_CASE, Verb.READ_EVIDENCE}
TELL = {Verb.NOTE_DECLARATION, Verb.SEND_LETTER, Verb.TELL_POLICE}
LEAD = TELL | {Verb.OPEN_CASE, Verb.CONFIRM_RETURN}
# What is written down by those whom the principal judges, or by who called the roll.
WRITTEN_BY_OTHERS = {Verb.NOTE_RETURN, Verb.PROPOSE_STEP, Verb.MARK_CASE, Verb.ISSUE_NOTICE, Verb.ENTER_CLOSING, Verb.SETTLE_AID}
EVERYTHING = set(Verb) - WRITTEN_BY_OTHERS
REGISTER = {Verb.READ_REGISTER, Verb.KEEP_REGISTER, Verb.ENTER_ROLL_EVENT, Verb.EDIT_CALENDAR}
DESK = {Verb.RESOLVE_CONFLICT, Verb.ASSIGN, Verb.READ_DEVICES, Verb.MAKE_ENROL_CODE, Verb.AUTHOR_FORMS}
OFFICE_STEPS = LEAD | {Verb.PROPOSE_STEP, Verb.MARK_CASE, Verb.SEND_REPORT, Verb.LOG_DOCUMENT}
FIGURES = {Verb.READ_HEADCOUNT, Verb.READ_FIGURES}
ROLL_CALL = {Verb.ENTER_HEADCOUNT, Verb.KEEP_LEAVE, Verb.SURVEY_CLASS}
OFFICE = READ | REGISTER | DESK | OFFICE_STEPS | FIGURES | ROLL_CALL | {Verb.EDIT_RULES, Verb.CONFIRM_RULES}
DEPUTY = READ | FIGURES | {Verb.CONFIRM_RULES, Verb.REVIEW_VISIT, Verb.READ_DEVICES, Verb.READ_REGISTER, Verb.APPROVE_ROLL_EVENT}
REGISTRAR_STEPS = {
    Verb.CONFIRM_RETURN, Verb.MARK_CASE, Verb.ISSUE_NOTICE, Verb.SEND_LETTER, Verb.SEND_REPORT, Verb.LOG_DOCUMENT,
    Verb.ENTER_CLOSING, Verb.REFUTE_CLOSING,
}  # fmt: skip
REGISTRAR = REGISTER | REGISTRAR_STEPS | FIGURES | {
    Verb.LIST_STUDENTS, Verb.READ_CASE, Verb.AUTHOR_FORMS, Verb.EXPORT_REGISTER,
}  # fmt: skip
MORAL = READ | TELL | FIGURES | {Verb.READ_RESTRICTED, Verb.READ_CARE, Verb.CONFIRM_RETURN}
AID = {Verb.READ_AID, Verb.SETTLE_AID}
DUTY = {Verb.READ_HEADCOUNT, Verb.ENTER_HEADCOUNT}
OWN_CLASS = READ | TELL | ROLL_CALL | {Verb.READ_REGISTER, Verb.READ_HEADCOUNT, Verb.OPEN_CASE, Verb.NOTE_RETURN}
GRADE = OWN_CLASS | FIGURES | {Verb.SIGN_WEEKLY, Verb.CONFIRM_RETURN, Verb.PROPOSE_STEP, Verb.SEND_REPORT, Verb.ASSIGN}
EXPECTED = {
    "principal": (EVERYTHING, EVERYTHING),
    "deputy": (DEPUTY, DEPUTY),
    "academic_office": (OFFICE, OFFICE),
    "registrar": (REGISTRAR, REGISTRAR),
    "moral_edu": (MORAL, MORAL),
    "grade_director": (GRADE, set()),
    "class_teacher": (OWN_CLASS, set()),
    "subject_teacher": ({Verb.LIST_STUDENTS, Verb.READ_HEADCOUNT}, set()),
    "counsellor": (set(), set()),
    "leading_group": ({Verb.READ_FIGURES}, {Verb.READ_FIGURES}),
    "duty_checker": (DUTY, DUTY),
    "general_affairs": (AID, AID),
}


def test_every_role_of_the_table_has_an_expectation() -> None:
    assert set(EXPECTED) == set(TABLE)


@pytest.mark.parametrize("role", EXPECTED)
@pytest.mark.parametrize("verb", list(Verb))
def test_each_role_may_do_exactly_what_the_domain_says(role: str, verb: Verb) -> None:
    person = Person("p", (role,), classes=frozenset({"class82"}))
    with_own, with_other = EXPECTED[role]
    assert allows(person, verb, OWN) == (verb in with_own)
    assert allows(person, verb, OTHER) == (verb in with_other)


def test_roles_add_up_and_an_unknown_role_adds_nothing() -> None:
    person = Person("p", ("class_teacher", "registrar", "from_the_future"), classes=frozenset({"class82"}))
    assert allows(person, Verb.READ_CASE, OTHER)
    assert allows(person, Verb.READ_EVIDENCE, OWN)
    assert not allows(person, Verb.READ_EVIDENCE, OTHER)


def test_an_assigned_child_opens_to_any_role() -> None:
    person = Person("p", ("subject_teacher",), cases=frozenset({"child-other"}))
    assert allows(person, Verb.READ_EVIDENCE, OTHER)
    assert not allows(person, Verb.READ_RESTRICTED, OTHER)
    assert not allows(person, Verb.READ_CARE, OTHER)
    assert allows(Person("p", ("counsellor",), cases=frozenset({"child-other"})), Verb.READ_CARE, OTHER)
    assert not allows(Person("p", ("counsellor",), cases=frozenset({"child-other"})), Verb.READ_CARE, OWN)


def test_a_child_of_ones_village_opens_to_any_role_and_takes_the_letter_there() -> None:
    person = Person("p", ("leading_group",), led=frozenset({"child-other"}))
    for verb in (*READ, Verb.SEND_LETTER):
        assert allows(person, verb, OTHER)
        assert not allows(person, verb, OWN)
    assert not allows(person, Verb.READ_RESTRICTED, OTHER)


def test_who_made_or_joined_a_visit_reads_it_but_only_the_author_reads_what_is_restricted() -> None:
    visit = Subject("child-other", "class71", frozenset({"author"}), frozenset({"fellow"}))
    author, fellow = Person("author", ("subject_teacher",)), Person("fellow", ("subject_teacher",))
    assert allows(author, Verb.READ_EVIDENCE, visit)
    assert allows(fellow, Verb.READ_EVIDENCE, visit)
    assert allows(author, Verb.READ_RESTRICTED, visit)
    assert not allows(fellow, Verb.READ_RESTRICTED, visit)
    assert took_part(author, visit)
    assert took_part(fellow, visit)
    assert not took_part(Person("stranger", ()), visit)


def test_require_names_the_verb_that_was_refused() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(Person("p", ("class_teacher",)), Verb.REVIEW_VISIT, OWN)
    assert refused.value.facts == {"verb": "review_visit"}
