"""The register as it was: figures and lists of former days call a class what it was called then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casebook.feeds import CLASSES
from sync_server.registry import class_row
from sync_server.roster.register import YEAR, Register, class_from
from sync_server.store import register, rows
from sync_server.store.engine import Connection
from sync_server.store.register import CLASS, STUDENT

_OF_CLASS = {"name": "", "grade": 0, "stage": "", "closed": ""}
_OF_CHILD = {"class_id": "", "roll_status": "enrolled"}


def as_of(conn: Connection, school: str, now: Register, day: dt.date, origin: str = YEAR) -> Register:
    """The register without what changed classes and standings after `day`; all else stays as it is now.

    Only changes whose origin begins with `origin` are undone: what years' ends did, unless another is given. Whoever
    came into the register later was there already, as far as anybody knows.
    """
    of_classes, of_children = (register.later(conn, school, kind, day, origin) for kind in (CLASS, STUDENT))
    if not of_classes and not of_children:
        return now
    classes, students = dict(now.classes), dict(now.students)
    for change in of_classes:
        if change.before is None and change.origin.startswith(YEAR):
            classes.pop(change.key, None)
        elif change.before is not None and change.key in classes:
            classes[change.key] = replace(classes[change.key], **_former(change.before, _OF_CLASS))
    for change in of_children:
        if change.before is not None and change.key in students:
            students[change.key] = replace(students[change.key], **_former(change.before, _OF_CHILD))
    return replace(now, classes=classes, students=students)


def rooms_on(conn: Connection, school: str, day: dt.date) -> dict[str, dict[str, Any]]:
    """The rows of the classes that were taught on a day, as they were called then; by id."""
    found = rows.of_feed(conn, school, CLASSES)
    for change in register.later(conn, school, CLASS, day, YEAR):
        if change.before is None:
            found.pop(change.key, None)
        else:
            former = class_from(change.before)
            kept = found.get(change.key) or class_row(former, "")
            found[change.key] = kept | {name: getattr(former, name) for name in ("name", "grade", "stage")}
    return found


def _former(before: Mapping[str, Any], blank: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry said of these fields; blank where an older program did not write one."""
    return {name: before.get(name, value) for name, value in blank.items()}
