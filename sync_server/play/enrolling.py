"""A list of children that comes to the registrar in the middle of a story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync_server.authoring.complaints import Complaint
from sync_server.play.cast import ChildRole
from sync_server.play.lists import children_file
from sync_server.play.phonebook import REFUSED, Outcome
from sync_server.play.stage import Stage, bring_in
from sync_server.play.story import Event
from sync_server.roster import register

_HEADER = 1  # the first line of a list names its columns


def take_in(stage: Stage, event: Event) -> Outcome:
    """Uploads and confirms; with one place wrong nothing comes in, and every place is named."""
    children: Sequence[ChildRole] = event.subject
    content, numbers = children_file(stage.cast, children, f":{event.place.line}")
    plan, done = bring_in(stage, event.get("by", "registrar"), content)
    new = sum(one.before is None for one in plan.students)
    found: Outcome = {
        "new": new, "changed": len(plan.students) - new,
        "complaints": _told(plan.complaints, children), "remarks": _told(plan.remarks, children),
    }  # fmt: skip
    if not done:
        return found | {REFUSED: sorted({_code(one) for one in plan.complaints})}
    _remember(stage, dict(zip(numbers, children, strict=True)))
    return found


def _told(complaints: Iterable[Complaint], children: Sequence[ChildRole]) -> list[dict[str, str]]:
    """Which child, which column, what is wrong."""
    return [
        {"child": children[one.row - _HEADER - 1].key if one.row else "", "column": one.column, "code": _code(one)}
        for one in complaints
    ]


def _code(complaint: Complaint) -> str:
    return complaint.sentence.rsplit(".", 1)[-1]


def _remember(stage: Stage, by_number: dict[str, ChildRole]) -> None:
    with stage.wiring.store.read() as conn:
        known = register.load(conn, stage.school)
    for one in known.students.values():
        child = by_number.get(one.student_no)
        if child is not None:
            stage.cast.children[child.key] = child
            stage.students[child.key] = one.id
            stage.names[one.id] = child.key
