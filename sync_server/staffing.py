"""The people of the school: their accounts, roles, classes in reach and passwords, and phones that were lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.errors import NoSuchPage
from casebook.feeds import CLASSES, class_scope
from sync_server import access, audit, passwords, pinyin
from sync_server.access import TABLE, Verb
from sync_server.audit import Act
from sync_server.store import accounts, devices, reach, rows, sessions
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store

PRINCIPAL, DIRECTOR, CLASS_TEACHER, SUBJECT_TEACHER = (
    "principal", "grade_director", "class_teacher", "subject_teacher",
)  # fmt: skip
#: A class teacher is made by the register, which says whose class it is; all other roles are given here.
GIVEN = tuple(role for role in TABLE if role != CLASS_TEACHER)
LONGEST_NAME, SHORTEST_PASSWORD, LONGEST_PASSWORD = 30, 8, 200
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}\Z")


@dataclass(frozen=True)
class Wanted:
    """What a person shall be: the roles given here, whole grades for a director, classes for a subject teacher."""

    roles: tuple[str, ...]
    grades: frozenset[int] = frozenset()
    classes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Appointed:
    """A new account with its password, which is shown once and kept nowhere; else the wording keys of what is wrong."""

    account: str = ""
    password: str = ""
    faults: tuple[str, ...] = ()


class Staffing:
    """The accounts of one school. `now` gives the instant as records write it."""

    def __init__(self, store: Store, school: str, now: Callable[[], str]) -> None:
        self._store, self._school, self._now = store, school, now

    def add(self, actor: Account, name: str, login: str, wanted: Wanted) -> Appointed:
        """Opens an account; without a login the name's pinyin is taken. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_STAFF)
        return self._store.run_tx(lambda conn: self._add(conn, actor, name.strip(), login.strip().lower(), wanted))

    def change(self, actor: Account, who: str, wanted: Wanted) -> tuple[str, ...]:
        """Gives other roles and classes; returns what stands against it. Raises NotAllowed, NoSuchPage."""
        access.require(actor, Verb.KEEP_STAFF)

        def write(conn: Connection) -> tuple[str, ...]:
            person = self._person(conn, who)
            if who == actor.id and PRINCIPAL in person.roles and PRINCIPAL not in wanted.roles:
                return ("staff.fault.own",)
            kept = [role for role in person.roles if role == CLASS_TEACHER]
            if not (given := _given(wanted.roles)) and not kept:
                return ("staff.fault.roles",)
            accounts.set_roles(conn, self._school, who, [*given, *kept])
            self._reach(conn, who, wanted)
            self._note(conn, actor, Act.KEEP_STAFF, who, roles=[*given, *kept])
            return ()

        return self._store.run_tx(write)

    def new_password(self, actor: Account, who: str) -> str:
        """A fresh password, to be shown once; whoever is logged in with the old one is out.

        Raises NotAllowed, NoSuchPage.
        """
        access.require(actor, Verb.KEEP_STAFF)
        password = passwords.make()
        kept = passwords.hashed(password)

        def write(conn: Connection) -> None:
            self._person(conn, who)
            self._set_password(conn, actor, who, kept)

        self._store.run_tx(write)
        return password

    def password_at_the_computer(self, login: str) -> str | None:
        """A fresh password for whoever may open the school's folder to ask for it; None where no such account is open.

        The audit says that it was not given in the console.
        """
        password = passwords.make()
        kept = passwords.hashed(password)

        def write(conn: Connection) -> str | None:
            person = accounts.by_login(conn, self._school, login)
            if person is None or not person.active:
                return None
            self._set_password(conn, person, person.id, kept, where="computer")
            return password

        return self._store.run_tx(write)

    def own_password(self, actor: Account, old: str, new: str) -> tuple[str, ...]:
        """Changes one's own password; returns what stands against it. All other logins of the account end."""
        with self._store.read() as conn:
            known = accounts.password_of(conn, self._school, actor.id)
        if not passwords.matches(old[:LONGEST_PASSWORD], known):
            return ("staff.fault.old",)
        if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
            return ("staff.fault.short",)
        kept = passwords.hashed(new)
        self._store.run_tx(lambda conn: self._set_password(conn, actor, actor.id, kept))
        return ()

    def set_active(self, actor: Account, who: str, active: bool) -> tuple[str, ...]:
        """Closes an account with its logins and phones, or opens it again. Raises NotAllowed, NoSuchPage."""
        access.require(actor, Verb.KEEP_STAFF)
        if who == actor.id and not active:
            return ("staff.fault.own",)

        def write(conn: Connection) -> None:
            self._person(conn, who)
            accounts.set_active(conn, self._school, who, active)
            sessions.end_all(conn, self._school, who)
            self._note(conn, actor, Act.KEEP_STAFF, who, active=active)

        self._store.run_tx(write)
        return ()

    def block_phone(self, actor: Account, who: str, dev: str) -> None:
        """A lost phone: what it signs from now on waits, and it is told to lock. Raises NotAllowed, NoSuchPage."""
        access.require(actor, Verb.KEEP_STAFF)

        def write(conn: Connection) -> None:
            device = devices.by_id(conn, self._school, dev)
            if device is None or device.office or device.account != who:
                raise NoSuchPage()
            devices.revoke(conn, self._school, dev, self._now())
            audit.note(conn, actor, self._now(), Act.BLOCK_PHONE, f"device:{dev}")

        self._store.run_tx(write)

    def _add(self, conn: Connection, actor: Account, name: str, login: str, wanted: Wanted) -> Appointed:
        taken = {one.login for one in accounts.all_of(conn, self._school)}
        login = login or _free("".join(pinyin.syllables(name)) or "user", taken)
        if faults := tuple(_faults(name, login, taken, wanted)):
            return Appointed(faults=faults)
        account, password = uuid.uuid4().hex, passwords.make()
        made = Account(account, self._school, login, name, _given(wanted.roles))
        accounts.add(conn, made, passwords.hashed(password), self._now())
        rows.name_colleagues(conn, self._school, self._now())
        self._reach(conn, account, wanted)
        self._note(conn, actor, Act.KEEP_STAFF, account, roles=list(made.roles))
        return Appointed(account, password)

    def _reach(self, conn: Connection, who: str, wanted: Wanted) -> None:
        """Directors reach the classes of their grades, subject teachers their classes; one's own class stays."""
        rooms = rows.of_feed(conn, self._school, CLASSES)
        own = {key for key, room in rooms.items() if room.get("teacher_id") == who}
        by_grade = classes_of_grades(rooms, wanted.grades) if DIRECTOR in wanted.roles else set()
        taught = wanted.classes & rooms.keys() if SUBJECT_TEACHER in wanted.roles else set()
        asked = {class_scope(key) for key in own | by_grade | taught}
        had = {scope for scope in accounts.scopes_of(conn, self._school, who) if scope.startswith(accounts.CLASS)}
        for scope in sorted(had - asked):
            reach.revoke(conn, self._school, who, scope)
        for scope in sorted(asked - had):
            reach.grant(conn, self._school, who, scope, self._now())
        rows.put_me(conn, self._school, who, self._now())

    def _set_password(self, conn: Connection, actor: Account, who: str, kept: str, **facts: object) -> None:
        accounts.set_password(conn, self._school, who, kept)
        sessions.end_all(conn, self._school, who)
        audit.note(conn, actor, self._now(), Act.SET_PASSWORD, f"account:{who}", **facts)

    def _person(self, conn: Connection, who: str) -> Account:
        person = accounts.by_id(conn, self._school, who)
        if person is None:
            raise NoSuchPage()
        return person

    def _note(self, conn: Connection, actor: Account, act: Act, who: str, **facts: object) -> None:
        audit.note(conn, actor, self._now(), act, f"account:{who}", **facts)


def classes_of_grades(rooms: Mapping[str, Mapping[str, Any]], grades: Collection[int]) -> set[str]:
    """Ids of the classes of these grades."""
    return {key for key, room in rooms.items() if room.get("grade") in grades}


def _given(roles: Iterable[str]) -> tuple[str, ...]:
    """Those of the roles that may be given here, in the order of the table."""
    wanted = set(roles)
    return tuple(role for role in GIVEN if role in wanted)


def _faults(name: str, login: str, taken: Collection[str], wanted: Wanted) -> Iterable[str]:
    if not 1 < len(name) <= LONGEST_NAME:
        yield "staff.fault.name"
    if not _LOGIN.match(login):
        yield "staff.fault.login"
    elif login in taken:
        yield "staff.fault.taken"
    if not _given(wanted.roles):
        yield "staff.fault.roles"


def _free(login: str, taken: Collection[str]) -> str:
    """The login itself, or with the first number that nobody has."""
    numbered = (f"{login}{number}" for number in range(2, len(taken) + 3))
    return login if login not in taken else next(one for one in numbered if one not in taken)
