"""Finds children in the register: by name, pinyin, initials, class, village or guardian, as far as one may see."""

from __future__ import annotations

from casebook.errors import NoSuchPage, NotAllowed
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.pinyin import initials_of, pinyin_of
from sync_server.registry import Student
from sync_server.roster.register import Register
from sync_server.store.accounts import Account


def find(register: Register, actor: Account, query: str, class_id: str, status: str) -> list[Student]:
    """Children that match everything asked for, by class and name."""
    within = access.reach(actor, Verb.READ_REGISTER)
    wanted = query.strip().lower()
    found = [
        one for one in register.students.values()
        if (within.whole_school or one.class_id in within.classes)
        and (not class_id or one.class_id == class_id)
        and (not status or one.roll_status == status)
        and _matches(register, one, wanted)
    ]  # fmt: skip
    order = {room.id: place for place, room in enumerate(register.ordered_classes())}

    def place(one: Student) -> tuple[int, str, str, str]:
        return order.get(one.class_id, len(order)), one.seat_no.zfill(4), pinyin_of(one.name), one.id

    return sorted(found, key=place)


def child_of(register: Register, actor: Account, student: str) -> Student:
    """A child of the register. Raises NoSuchPage, NotAllowed."""
    one = register.students.get(student)
    if one is None:
        if not access.scopes(actor, Verb.READ_REGISTER):
            raise NotAllowed(verb=Verb.READ_REGISTER.value)
        raise NoSuchPage()
    access.require(actor, Verb.READ_REGISTER, Subject(one.id, one.class_id))
    return one


def _matches(register: Register, one: Student, wanted: str) -> bool:
    if not wanted:
        return True
    texts = [one.name, one.former_name, register.classes[one.class_id].name, register.village(one.village).name]
    texts += [adult.name for adult in one.guardians]
    if any(wanted in text.lower() for text in texts):
        return True
    return wanted.isascii() and (wanted in pinyin_of(one.name) or initials_of(one.name).startswith(wanted))
