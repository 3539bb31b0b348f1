"""The state machine of incidents and cases as one table, and the question whether a step may be done (domain 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.kinds.act import ACTS, lacks
from casebook.rules.guards import GUARDS, Situation, missing_papers

NONE, ENDED = "none", "ended"
CLOCK, RECORD, PERSON = "clock", "record", "person"

CLASS_TEACHER, SUBJECT_TEACHER, DIRECTOR = "class_teacher", "subject_teacher", "grade_director"
OFFICE, REGISTRAR, PRINCIPAL, MORAL_EDU = "academic_office", "registrar", "principal", "moral_edu"
AID_OFFICER, LEADING_GROUP = "general_affairs", "leading_group"
TEACHERS = (CLASS_TEACHER, SUBJECT_TEACHER, DIRECTOR, OFFICE, MORAL_EDU, PRINCIPAL)
SCHOOL_OFFICE = (OFFICE, REGISTRAR, PRINCIPAL)
SECOND_PERSONS = (SUBJECT_TEACHER, DIRECTOR, OFFICE, REGISTRAR, MORAL_EDU, PRINCIPAL)

BEFORE_CASE = (NONE, "I0", "I1", "I2", ENDED)
OPEN = ("C1", "C2", "C3", "C4", "C5")
BACK = ("C6", "C7")
STATES = (*BEFORE_CASE, *OPEN, *BACK, "C8")


@dataclass(frozen=True)
class Move:
    """One row: from these states, by this event, to that state (None: stays), who, with what evidence, by which rule.

    `by` says what makes it happen: the clock, a record of what happened, or a person's act.
    """

    sources: tuple[str, ...]
    event: str
    target: str | None
    by: str
    roles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    clause: str = ""


MOVES: tuple[Move, ...] = (
    Move((NONE, ENDED), "first_day", "I0", CLOCK, clause="R25"),
    Move(("I0", "I2"), "excused", "I1", RECORD, TEACHERS, ("proof",), "R17"),
    Move(("I0",), "sign", "I2", RECORD, TEACHERS, ("contact",), "R29"),
    Move(("I2",), "back_in_class", ENDED, CLOCK, clause="R29"),
    Move(("I0", "I2"), "formal_case", "C1", CLOCK, clause="R27"),
    Move(("I2", ENDED), "absent_again", "C1", CLOCK, clause="R29"),
    Move(("I0", "I2"), "strong_sign", "C1", RECORD, TEACHERS, ("contact",), "R29"),
    Move(BEFORE_CASE, "opened", "C1", PERSON, (CLASS_TEACHER, DIRECTOR, OFFICE, PRINCIPAL), (), "R27"),
    Move(BEFORE_CASE, "declared_leaving", "C1", PERSON, TEACHERS, (), "R27"),
    Move(("C1",), "suspect_mark", "C2", CLOCK, clause="R16"),
    Move(("C1",), "declared_leaving", "C2", PERSON, TEACHERS, ("declaration_counts",), "R16"),
    Move(("C2",), "confirmed", "C3", PERSON, (PRINCIPAL,),
         ("door_visit", "reason", "whereabouts", "mark", "basis", "other_person"), "R30"),
    Move(("C3", "C4"), "notice_issued", None, PERSON, (REGISTRAR,), ("number_free",), "R32"),
    Move(("C3", "C4"), "served", None, PERSON, (REGISTRAR,), ("notice",), "R32"),
    Move(("C3",), "notice_served", "C4", RECORD, TEACHERS, ("notice", "valid_service", "door_visit"), "R32"),
    Move(("C4",), "ineffective", "C5", PERSON, (PRINCIPAL,), ("deadline_or_attempts", "village_letter"), "R34"),
    Move(("C5",), "external", None, PERSON, SCHOOL_OFFICE, (), "R35"),
    Move(OPEN, "returned", None, PERSON, (CLASS_TEACHER, DIRECTOR), ("roll_call",), "R36"),
    Move(OPEN, "return_confirmed", "C6", PERSON, SECOND_PERSONS,
         ("return_noted", "roll_call", "second_person", "visit_before_return"), "R36"),
    Move(("C6",), "struck_off", "C7", PERSON, (REGISTRAR,), ("attendance", "followup", "return_report"), "R36"),
    Move(BACK, "relapse_case", "C1", CLOCK, clause="R37"),
    Move(OPEN, "closing", None, PERSON, (REGISTRAR,), ("papers", "not_missing"), "R13"),
    Move(OPEN, "closed", "C8", PERSON, (PRINCIPAL,),
         ("closing_noted", "second_person", "papers", "not_missing"), "R14"),
    Move(("C8",), "refuted", "C1", PERSON, (REGISTRAR, PRINCIPAL), (), "R14"),
    Move(("C8",), "roll_moved", None, PERSON, (REGISTRAR,), (), "R15"),
    Move((*OPEN, *BACK), "marked", None, PERSON, (REGISTRAR, OFFICE), (), "R16"),
    Move(OPEN, "proposed", None, PERSON, (DIRECTOR, OFFICE), (), "R30"),
    Move((*OPEN, *BACK), "letter", None, PERSON, (*TEACHERS, REGISTRAR, LEADING_GROUP), (), "R33"),
    Move(STATES, "reported", None, PERSON, (*SCHOOL_OFFICE, DIRECTOR),
         ("report_kind", "next_step", "failure_first", "return_first"), "R34"),
    Move(OPEN, "police_report", None, PERSON, TEACHERS, (), "R39"),
    Move(STATES, "aid_granted", None, PERSON, (AID_OFFICER,), (), "R53"),
    Move(STATES, "aid_refused", None, PERSON, (AID_OFFICER,), (), "R53"),
)  # fmt: skip

@dataclass(frozen=True)
class Allowed:
    """The step may be done, by this row."""

    move: Move


@dataclass(frozen=True)
class Refused:
    """The step may not be done: the codes of all that is missing, each with its sentence, and their facts."""

    missing: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


def may(event: str, situation: Situation) -> Allowed | Refused:
    """Whether `event` may happen now; a refusal names everything that is missing, not only the first thing."""
    untold = tuple(f"field_{part}" for part in lacks(event, situation.body)) if event in ACTS else ()
    move = find(event, situation.state)
    if move is None:
        return Refused(("not_in_state", *untold), {"state": situation.state})
    stranger = ("role",) if move.by == PERSON and situation.role not in move.roles else ()
    lacking = tuple(code for code in move.needs if not GUARDS[code](situation)) if not untold else ()
    if untold or stranger or lacking:
        return Refused((*stranger, *untold, *lacking), _facts(lacking, situation))
    return Allowed(move)


def find(event: str, state: str) -> Move | None:
    """The row for this event in this state."""
    return next((move for move in MOVES if move.event == event and state in move.sources), None)


def mermaid() -> str:
    """The table as a state diagram in Mermaid; steps that stay in a state are left out."""
    lines = ["stateDiagram-v2", "  direction LR", f"  [*] --> {NONE}"]
    for move in MOVES:
        if move.target is not None:
            lines += [f"  {source} --> {move.target}: {move.event} ({move.clause})" for source in _drawn(move)]
    return "\n".join(lines)


def _drawn(move: Move) -> tuple[str, ...]:
    """A step that is possible before any case is drawn from the states that speak for all of them."""
    return (NONE, "I0", "I2") if move.sources == BEFORE_CASE else move.sources


def _facts(lacking: tuple[str, ...], situation: Situation) -> dict[str, Any]:
    return {"papers": missing_papers(situation)} if "papers" in lacking else {}
