"""What a teacher's phone knows of a child when a form asks: the register's row and what the case file adds up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from casebook.casefile import CaseFile
from sync_server.registry import Student, Village

CONTACT = ("guardian_phone", "home_address", "home_landmark", "caretaker_name", "caretaker_relation")


@dataclass(frozen=True)
class Absence:
    """The child's newest time of being away: its first day, school days missed so far, the day of coming back.

    `days_back` are the school days since then, that day included.
    """

    since: dt.date
    days: int
    back: dt.date | None = None
    days_back: int = 0


def known_row(
    student: Student, class_name: str, villages: Mapping[str, Village], case: CaseFile, absence: Absence | None,
    today: dt.date,
) -> dict[str, str]:  # fmt: skip
    """The child's row of the list `cases`, all columns as text; `villages` by code."""
    row = _registered(student, class_name, villages[student.village], today)
    row["hukou_village"] = villages[student.hukou_village].name
    row |= {prop: case.text(prop) for prop in case.properties() if prop not in CONTACT or case.text(prop)}
    since = absence.since.isoformat() if absence else ""
    visits = [visit for visit in case.visits if visit.versions[0].record.at.started[:10] >= since]
    return row | {
        "absent_since": since,
        "absent_days": str(absence.days) if absence else "",
        "returned_on": absence.back.isoformat() if absence and absence.back else "",
        "day_since_return": str(absence.days_back) if absence and absence.days_back else "",
        "attempts_phone": "0",
        "attempts_door": str(len(visits)),
        "last_visit_on": max((visit.versions[0].record.at.started[:10] for visit in visits), default=""),
    }


def _registered(student: Student, class_name: str, village: Village, today: dt.date) -> dict[str, str]:
    guardian = next((adult for adult in student.guardians if adult.legal), student.guardians[0])
    caretaker = next(adult for adult in student.guardians if adult.caretaker)
    is_other = caretaker is not guardian
    birthday_to_come = (today.month, today.day) < (student.birth.month, student.birth.day)
    return {
        "name": student.id,
        "label": student.name,
        "class_name": class_name,
        "gender": student.gender,
        "age": str(today.year - student.birth.year - birthday_to_come),
        "village_name": village.name,
        "home_address": student.home_address,
        "home_landmark": student.home_landmark,
        "guardian_name": guardian.name,
        "guardian_relation": guardian.relation,
        "guardian_phone": guardian.phone,
        "can_read": guardian.can_read,
        "caretaker_name": caretaker.name if is_other else "",
        "caretaker_relation": caretaker.relation if is_other else "",
    }
