"""Answers one question: may this account do this, to this child? One table, role × verb × scope (domain §1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from casebook.errors import NotAllowed


class Verb(StrEnum):
    """What an account may want to do in the console."""

    LIST_STUDENTS = "list_students"
    READ_CASE = "read_case"
    EXPORT_CASE = "export_case"  # all of a case file with its proofs as one file; nothing restricted is left out
    ASSIGN = "assign"  # who answers for a child besides its class teacher (包人)
    READ_EVIDENCE = "read_evidence"
    READ_RESTRICTED = "read_restricted"
    READ_CARE = "read_care"  # a child's confidential key categories (KS11, KS12), no notes
    READ_AID = "read_aid"  # surveys of aid with their proofs, and what is to be settled; no protection notes
    SETTLE_AID = "settle_aid"  # what a survey found missing is granted, or refused with a reason
    REVIEW_VISIT = "review_visit"
    RESOLVE_CONFLICT = "resolve_conflict"
    READ_DEVICES = "read_devices"
    MAKE_ENROL_CODE = "make_enrol_code"
    KEEP_STAFF = "keep_staff"  # accounts, roles, passwords, lost phones
    AUTHOR_FORMS = "author_forms"
    READ_REGISTER = "read_register"  # the child's card in the register, numbers masked
    KEEP_REGISTER = "keep_register"  # import, add and correct children; households; the base figure
    EXPORT_REGISTER = "export_register"  # the roster with full identity numbers
    ENTER_ROLL_EVENT = "enter_roll_event"
    APPROVE_ROLL_EVENT = "approve_roll_event"  # never one's own entry
    EDIT_CALENDAR = "edit_calendar"
    READ_HEADCOUNT = "read_headcount"  # numbers; names only to those who may list the children
    ENTER_HEADCOUNT = "enter_headcount"  # in the console: enter, correct, count heads as a check
    KEEP_LEAVE = "keep_leave"
    SURVEY_CLASS = "survey_class"  # that the first week's survey of a class was done (R43)
    SIGN_WEEKLY = "sign_weekly"
    READ_FIGURES = "read_figures"
    EDIT_RULES = "edit_rules"
    CONFIRM_RULES = "confirm_rules"  # never one's own proposal
    # steps of a case; which act asks for which verb is in `escalation.VERB_OF_ACT`
    OPEN_CASE = "open_case"
    NOTE_DECLARATION = "note_declaration"  # student or guardian says that the child leaves
    NOTE_RETURN = "note_return"
    CONFIRM_RETURN = "confirm_return"  # never one's own note
    PROPOSE_STEP = "propose_step"
    MARK_CASE = "mark_case"  # in the national system, by hand
    CONFIRM_DROPOUT = "confirm_dropout"  # and that persuasion has failed; never on one's own visit alone
    ISSUE_NOTICE = "issue_notice"  # with its number, and its service by the office's ways
    SEND_LETTER = "send_letter"  # to the village committee
    TELL_POLICE = "tell_police"
    SEND_REPORT = "send_report"
    LOG_DOCUMENT = "log_document"  # of township and county
    ENTER_CLOSING = "enter_closing"  # a closing with its papers, the county's striking off, the roll that moved
    APPROVE_CLOSING = "approve_closing"  # never one's own entry
    REFUTE_CLOSING = "refute_closing"


class Scope(StrEnum):
    """How far a permission reaches, from the whole school down to what one wrote oneself."""

    SCHOOL = "school"
    CLASS = "class"  # classes in the account's reach: one's own, or those of one's grade
    ASSIGNED = "assigned"  # single children in the account's reach (包人)
    VILLAGE = "village"  # the children of the villages that one leads (R03)
    JOINED = "joined"  # children one visited, as author or going along
    WRITTEN = "written"  # what one wrote oneself


class Actor(Protocol):
    """An account, as far as permissions care: its roles, and the classes and children in its reach or villages."""

    @property
    def id(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def classes(self) -> Collection[str]: ...
    @property
    def cases(self) -> Collection[str]: ...
    @property
    def led(self) -> Collection[str]: ...


@dataclass(frozen=True)
class Subject:
    """Whom a permission is asked about: a child, and who wrote or went along on the visits concerned."""

    case: str
    class_id: str = ""
    written_by: frozenset[str] = frozenset()
    joined_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reach:
    """What a list may hold: the whole school, or the children of these classes, these children, one's own visits."""

    whole_school: bool
    classes: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    author: str = ""


_READ = (Verb.LIST_STUDENTS, Verb.READ_CASE, Verb.READ_EVIDENCE)
_REGISTER = (Verb.READ_REGISTER, Verb.KEEP_REGISTER, Verb.ENTER_ROLL_EVENT, Verb.EDIT_CALENDAR)
_FIGURES = (Verb.READ_HEADCOUNT, Verb.READ_FIGURES)
_ROLL_CALL = (Verb.ENTER_HEADCOUNT, Verb.KEEP_LEAVE, Verb.SURVEY_CLASS)
_TELL = (Verb.NOTE_DECLARATION, Verb.SEND_LETTER, Verb.TELL_POLICE)
_LEAD = (*_TELL, Verb.OPEN_CASE, Verb.CONFIRM_RETURN)
# What others write down, so that the principal judges it; or what only the one who called the roll has seen.
_NOT_THE_PRINCIPALS = frozenset(
    {
        Verb.NOTE_RETURN, Verb.PROPOSE_STEP, Verb.MARK_CASE, Verb.ISSUE_NOTICE, Verb.ENTER_CLOSING, Verb.SETTLE_AID,
    }
)

TABLE: Mapping[str, Mapping[Verb, Scope]] = {
    "principal": dict.fromkeys((verb for verb in Verb if verb not in _NOT_THE_PRINCIPALS), Scope.SCHOOL),
    # Deputies see the school and judge the visits that the principal made himself; they change nothing else.
    "deputy": dict.fromkeys(
        (
            *_READ, Verb.REVIEW_VISIT, Verb.READ_DEVICES, Verb.READ_REGISTER, Verb.APPROVE_ROLL_EVENT, *_FIGURES,
            Verb.CONFIRM_RULES,
        ),
        Scope.SCHOOL,
    ),
    "academic_office": {
        **dict.fromkeys((*_READ, *_REGISTER, *_FIGURES, *_ROLL_CALL), Scope.SCHOOL),
        **dict.fromkeys((Verb.EDIT_RULES, Verb.CONFIRM_RULES), Scope.SCHOOL),
        **dict.fromkeys((Verb.RESOLVE_CONFLICT, Verb.ASSIGN), Scope.SCHOOL),
        Verb.READ_DEVICES: Scope.SCHOOL,
        Verb.MAKE_ENROL_CODE: Scope.SCHOOL,
        Verb.AUTHOR_FORMS: Scope.SCHOOL,
        **dict.fromkeys(
            (*_LEAD, Verb.PROPOSE_STEP, Verb.MARK_CASE, Verb.SEND_REPORT, Verb.LOG_DOCUMENT), Scope.SCHOOL
        ),
    },
    "registrar": {
        **dict.fromkeys((Verb.LIST_STUDENTS, Verb.READ_CASE, Verb.AUTHOR_FORMS), Scope.SCHOOL),
        **dict.fromkeys((*_REGISTER, Verb.EXPORT_REGISTER, *_FIGURES), Scope.SCHOOL),
        **dict.fromkeys(
            (
                Verb.CONFIRM_RETURN, Verb.MARK_CASE, Verb.ISSUE_NOTICE, Verb.SEND_LETTER, Verb.SEND_REPORT,
                Verb.LOG_DOCUMENT, Verb.ENTER_CLOSING, Verb.REFUTE_CLOSING,
            ),
            Scope.SCHOOL,
        ),
    },
    "moral_edu": dict.fromkeys(
        (*_READ, Verb.READ_RESTRICTED, Verb.READ_CARE, *_FIGURES, *_TELL, Verb.CONFIRM_RETURN), Scope.SCHOOL
    ),
    "grade_director": dict.fromkeys(
        (
            *_READ, Verb.READ_REGISTER, *_FIGURES, *_ROLL_CALL, Verb.SIGN_WEEKLY, *_LEAD, Verb.NOTE_RETURN,
            Verb.PROPOSE_STEP, Verb.SEND_REPORT, Verb.ASSIGN,
        ),
        Scope.CLASS,
    ),
    "class_teacher": dict.fromkeys(
        (
            *_READ, Verb.READ_REGISTER, Verb.READ_HEADCOUNT, *_ROLL_CALL, *_TELL, Verb.OPEN_CASE, Verb.NOTE_RETURN,
        ),
        Scope.CLASS,
    ),
    "subject_teacher": {
        **dict.fromkeys((Verb.LIST_STUDENTS, Verb.READ_HEADCOUNT), Scope.CLASS),
        **dict.fromkeys((*_TELL, Verb.CONFIRM_RETURN), Scope.ASSIGNED),
    },
    "counsellor": {Verb.READ_CARE: Scope.ASSIGNED},
    "leading_group": {
        **dict.fromkeys((*_READ, Verb.SEND_LETTER), Scope.VILLAGE),
        Verb.READ_FIGURES: Scope.SCHOOL,
    },
    "duty_checker": dict.fromkeys((Verb.READ_HEADCOUNT, Verb.ENTER_HEADCOUNT), Scope.SCHOOL),
    "general_affairs": dict.fromkeys((Verb.READ_AID, Verb.SETTLE_AID), Scope.SCHOOL),
}

# What every member of staff may do whatever the role: follow the children assigned, those of the villages led, and
# the visits made.
EVERYBODY: tuple[tuple[Verb, Scope], ...] = (
    *((verb, scope) for verb in _READ for scope in (Scope.ASSIGNED, Scope.VILLAGE, Scope.JOINED)),
    (Verb.SEND_LETTER, Scope.VILLAGE),
    (Verb.READ_RESTRICTED, Scope.WRITTEN),
)


def scopes(actor: Actor, verb: Verb) -> frozenset[Scope]:
    """How far `actor` may go with `verb`, by all roles together; a role this version does not know adds nothing."""
    by_role = {TABLE[role][verb] for role in actor.roles if verb in TABLE.get(role, {})}
    return frozenset(by_role | {scope for anyones, scope in EVERYBODY if anyones is verb})


def allows(actor: Actor, verb: Verb, subject: Subject | None = None) -> bool:
    """Whether `actor` may do `verb` to `subject`; without a subject: to anybody in the school."""
    found = scopes(actor, verb)
    if Scope.SCHOOL in found:
        return True
    if subject is None:
        return False
    reached = {
        Scope.CLASS: subject.class_id in actor.classes,
        Scope.ASSIGNED: subject.case in actor.cases,
        Scope.VILLAGE: subject.case in actor.led,
        Scope.JOINED: actor.id in subject.joined_by | subject.written_by,
        Scope.WRITTEN: actor.id in subject.written_by,
    }
    return any(reached[scope] for scope in found)


def require(actor: Actor, verb: Verb, subject: Subject | None = None) -> None:
    """Raises NotAllowed unless `allows`."""
    if not allows(actor, verb, subject):
        raise NotAllowed(verb=verb.value)


def written_by(subject: Subject) -> Subject:
    """The same writers without the child: for what is asked of the author alone."""
    return Subject("", written_by=subject.written_by)


def took_part(actor: Actor, subject: Subject) -> bool:
    """Whether `actor` wrote the visit or went along: nobody judges such a visit, whatever the role (domain §1)."""
    return actor.id in subject.written_by | subject.joined_by


def reach(actor: Actor, verb: Verb) -> Reach:
    """How far a list may show what `verb` is about."""
    found = scopes(actor, verb)
    single = {*(actor.cases if Scope.ASSIGNED in found else ()), *(actor.led if Scope.VILLAGE in found else ())}
    return Reach(
        whole_school=Scope.SCHOOL in found,
        classes=tuple(actor.classes) if Scope.CLASS in found else (),
        cases=tuple(sorted(single)),
        author=actor.id if Scope.JOINED in found else "",
    )


def common(one: Reach, other: Reach) -> Reach:
    """What two verbs reach both, by whole school and by class."""
    if one.whole_school or other.whole_school:
        return other if one.whole_school else one
    return Reach(False, tuple(sorted({*one.classes} & {*other.classes})))
