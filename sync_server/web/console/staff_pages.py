"""The staff in the console: who has an account, with which roles and classes; new people, passwords, lost phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from casebook.errors import NoSuchPage
from casebook.feeds import CLASSES
from sync_server import access
from sync_server.access import Verb
from sync_server.staffing import CLASS_TEACHER, GIVEN, Staffing, Wanted, classes_of_grades
from sync_server.store import accounts, devices, rows
from sync_server.store.accounts import Account
from sync_server.web.console.page import Ask, Console, go, role_names

MOST_FIELDS = 400  # one box for every class of a large school
NOBODY = Wanted(())
LONGEST_GRADE = 2  # digits


def show(console: Console, ask: Ask) -> Response:
    """Everybody, and the form for a new person. Raises NotAllowed."""
    return _listed(console, ask)


def add(console: Console, ask: Ask) -> Response:
    """Opens an account and shows its password once, or says what is wrong. Raises NotAllowed."""
    name, wanted = ask.form.get("name", ""), _wanted(ask)
    made = staffing(console).add(ask.actor, name, ask.form.get("login", ""), wanted)
    if made.faults:
        return _listed(console, ask, made.faults, wanted)
    return _password(console, ask, made.account, made.password)


def card(console: Console, ask: Ask) -> Response:
    """One person. Raises NotAllowed, NoSuchPage."""
    return _drawn(console, ask)


def save(console: Console, ask: Ask) -> Response:
    """Roles and classes, a new password, closing or opening the account. Raises NotAllowed, NoSuchPage."""
    use, who, step = staffing(console), ask.part("account"), ask.form.get("step", "")
    if step == "password":
        return _password(console, ask, who, use.new_password(ask.actor, who))
    if step in ("close", "open"):
        faults = use.set_active(ask.actor, who, step == "open")
    else:
        faults = use.change(ask.actor, who, _wanted(ask))
    return _drawn(console, ask, faults) if faults else go(f"/staff/{who}?done=saved")


def block(console: Console, ask: Ask) -> Response:
    """Blocks a phone of this person. Raises NotAllowed, NoSuchPage."""
    who = ask.part("account")
    staffing(console).block_phone(ask.actor, who, ask.form.get("dev", ""))
    return go(f"/staff/{who}?done=blocked")


def staffing(console: Console) -> Staffing:
    """The use case, over the console's store."""
    return Staffing(console.wiring.store, console.school, console.wiring.now)


def _listed(console: Console, ask: Ask, faults: tuple[str, ...] = (), typed: Wanted = NOBODY) -> Response:
    access.require(ask.actor, Verb.KEEP_STAFF)
    with console.wiring.store.read() as conn:
        everybody = accounts.all_of(conn, console.school)
        phones = {one.account for one in devices.all_of(conn, console.school) if one.active}
        known = {one.id for one in everybody if accounts.password_of(conn, console.school, one.id)}
        rooms = rows.of_feed(conn, console.school, CLASSES)
    everybody.sort(key=lambda one: (not one.active, _rank(one), one.name, one.id))
    return console.page(
        ask, "staff", 422 if faults else 200, people=everybody, phones=phones, known=known, faults=faults,
        roles_of=lambda one: role_names(ask.wording, one), classes_of=lambda one: _class_names(rooms, one.classes),
        given=GIVEN, typed=typed, grades=_grades(rooms), rooms=_by_grade(rooms),
    )  # fmt: skip


def _drawn(console: Console, ask: Ask, faults: tuple[str, ...] = ()) -> Response:
    access.require(ask.actor, Verb.KEEP_STAFF)
    with console.wiring.store.read() as conn:
        person = accounts.by_id(conn, console.school, ask.part("account"))
        if person is None:
            raise NoSuchPage()
        may_log_in = bool(accounts.password_of(conn, console.school, person.id))
        phones = [one for one in devices.all_of(conn, console.school) if one.account == person.id]
        rooms = rows.of_feed(conn, console.school, CLASSES)
    own = [str(room["name"]) for room in rooms.values() if room.get("teacher_id") == person.id]
    return console.page(
        ask, "staff_person", 422 if faults else 200, person=person, may_log_in=may_log_in, phones=phones, own=own,
        faults=faults, done=ask.query("done"), given=GIVEN, typed=_now(person, rooms), grades=_grades(rooms),
        rooms=_by_grade(rooms), role_words=role_names(ask.wording, person),
    )  # fmt: skip


def _password(console: Console, ask: Ask, who: str, password: str) -> Response:
    with console.wiring.store.read() as conn:
        person = accounts.by_id(conn, console.school, who)
    return console.page(ask, "staff_password", person=person, password=password)


def _wanted(ask: Ask) -> Wanted:
    grades = frozenset(int(text) for text in ask.all_of("grade") if text.isdecimal() and len(text) <= LONGEST_GRADE)
    return Wanted(ask.all_of("role"), grades, frozenset(ask.all_of("class")))


def _now(person: Account, rooms: Mapping[str, Mapping[str, Any]]) -> Wanted:
    """What the person is now; a grade counts when all of its classes are in reach."""
    reached = set(person.classes)
    whole = {grade for grade in _grades(rooms) if classes_of_grades(rooms, {grade}) <= reached}
    return Wanted(person.roles, frozenset(whole), frozenset(reached))


def _grades(rooms: Mapping[str, Mapping[str, Any]]) -> list[int]:
    return sorted({int(room["grade"]) for room in rooms.values()})


def _by_grade(rooms: Mapping[str, Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    """Id and name of every class, the lowest grade first."""
    ordered = sorted(rooms.items(), key=lambda one: (one[1]["grade"], str(one[1]["name"])))
    return [(key, str(room["name"])) for key, room in ordered]


def _class_names(rooms: Mapping[str, Mapping[str, Any]], classes: Sequence[str]) -> list[str]:
    return sorted(str(rooms[key]["name"]) for key in classes if key in rooms)


def _rank(person: Account) -> int:
    """The principal first, class teachers after those who have an office."""
    places = {role: place for place, role in enumerate((*GIVEN, CLASS_TEACHER))}
    return min((places[role] for role in person.roles if role in places), default=len(places))
