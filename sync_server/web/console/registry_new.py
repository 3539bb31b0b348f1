"""Adds a child by hand: whoever looks like it is shown first; it joins a class list by an event of the roll only."""

from __future__ import annotations

import uuid

from starlette.responses import Response

from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.registry import Student
from sync_server.roster import register
from sync_server.roster.matching import StudentIndex
from sync_server.roster.planning import blank_student
from sync_server.roster.reading import Line
from sync_server.roster.register import Register
from sync_server.roster.relatives import merged_guardians
from sync_server.roster.saying import Said, read_student
from sync_server.store.engine import Connection
from sync_server.store.register import Authorship
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

FIELDS = ("name", "gender", "birth", "id_no", "student_no", "g1.name", "g1.relation", "g1.phone", "home_address")
_PLAIN = ("name", "gender", "birth", "id_no", "student_no", "home_address")
NOT_ENROLLED = "not_enrolled"


def show(console: Console, ask: Ask) -> Response:
    """The empty form. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    return _form(console, ask, loaded(console, ask), None, [])


def save(console: Console, ask: Ask) -> Response:
    """Adds the child as not enrolled; or shows what is wrong, or who it might be already. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    now, class_id = loaded(console, ask), ask.form.get("class", "")
    typed = {name: ask.form.get(name, "").strip()[:200] for name in FIELDS}
    said = read_student(Line("", 0, typed, {}, frozenset(FIELDS)), console.wiring.clock().date())
    for name in ("name", "birth", "gender"):
        if name not in said.facts and name not in said.blamed:
            said.complain(f"registry.row.needed.{name}", name)
    if class_id not in {one.id for one in now.ordered_classes()}:
        said.complain("registry.row.needed.class", "class")
    if said.complaints:
        return _form(console, ask, now, said, [])
    id, alike = _add(console, ask, said, class_id)
    return _form(console, ask, now, said, alike) if alike else go(f"/roster/children/{id}?done=added")


def _add(console: Console, ask: Ask, said: Said, class_id: str) -> tuple[str, list[Student]]:
    """The new child's id; or who is on file and looks like it, while nobody has said that it is another one."""
    wiring, id = console.wiring, uuid.uuid4().hex
    blank = blank_student(id, class_id, NOT_ENROLLED, wiring.clock().date())
    facts = {name: said.facts[name] for name in _PLAIN if name in said.facts}
    child = Student(**{**vars(blank), **facts, "guardians": merged_guardians(blank, said, id)})

    def write(conn: Connection) -> list[Student]:
        alike = StudentIndex.of(register.load(conn, console.school).students.values()).alike(said, class_id)
        if alike and ask.form.get("another") != "yes":
            return alike  # also a form that was sent twice
        by = Authorship(ask.actor.id, wiring.now(), "hand")
        register.write(conn, console.school, [child], by)
        audit.note(conn, ask.actor, wiring.now(), Act.CHANGE_REGISTER, f"student:{id}")
        return []

    return id, wiring.store.run_tx(write)


def _form(console: Console, ask: Ask, now: Register, said: Said | None, alike: list[Student]) -> Response:
    warnings = [(one.sentence, one.facts) for one in (said.remarks if said else [])]
    faults = [(one.sentence, one.facts) for one in (said.complaints if said else [])]
    typed = {name: said.line.get(name) if said else "" for name in FIELDS}
    return console.page(
        ask, "registry_new", 422 if faults else 200, typed=typed,
        faults=faults, warnings=warnings, alike=alike, words=Words.of(ask, now), rooms=now.ordered_classes(),
        chosen_class=ask.form.get("class", ""),
    )  # fmt: skip
