"""Makes a school out of an empty folder: keys, tables, the school's row, the first account; or adds one to others."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.feeds import CALENDAR, SCHOOL_SCOPE
from sync_server import keys, passwords, rulebook
from sync_server.settings import Settings
from sync_server.store import accounts, migrations, rows, schema, schools
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.schools import School
from sync_server.wiring import Clock, Wiring, build, share, zone_clock

if TYPE_CHECKING:
    from sync_server.authoring.renewing import News

PRINCIPAL = "principal"


@dataclass(frozen=True)
class Person:
    """The first account to make."""

    login: str
    name: str


#: What a school's code may be: it begins the tokens of its phones.
CODE = re.compile(r"[0-9A-Za-z-]{1,32}\Z")


class AlreadyFounded(Exception):
    """The folder holds a school; it is never overwritten."""


class NoSuchCode(Exception):
    """No school can have this code."""


def found(settings: Settings, school_id: str, school_name: str, clock: Clock | None = None) -> Wiring:
    """Founds the school and wires it; it has no account yet. Raises AlreadyFounded, NoSuchCode."""
    clock = clock or zone_clock(settings)
    _require_code(school_id)
    settings.data.mkdir(parents=True, exist_ok=True)
    settings.data.chmod(0o700)  # families' affairs: nobody else who uses this computer may look
    store = Store(settings.store_url)
    try:
        if store.version() is not None:
            raise AlreadyFounded()
        keys.make(settings.data / "keys")
        migrations.upgrade(store)
        _add(store, school_id, school_name, clock)
    finally:
        store.close()
    return _opened(settings, school_id, clock)


def join(settings: Settings, school_id: str, school_name: str, clock: Clock | None = None) -> Wiring:
    """Adds a school to those that are here already, which may go on working; it has no account yet.

    Raises AlreadyFounded when it is one of them, NoSuchCode, NotInitialised.
    """
    clock = clock or zone_clock(settings)
    _require_code(school_id)
    store = share(settings, clock=clock).store
    try:
        with store.read() as conn:
            if school_id in {school.id for school in schools.all_of(conn)}:
                raise AlreadyFounded()
        _add(store, school_id, school_name, clock)
    finally:
        store.close()
    return _opened(settings, school_id, clock)


def add_principal(wiring: Wiring, person: Person) -> str:
    """Makes the principal's account and returns its password, which is kept nowhere else."""
    password = passwords.make()
    account = Account(uuid.uuid4().hex, wiring.school.id, person.login.strip().lower(), person.name, (PRINCIPAL,))
    kept = passwords.hashed(password)

    def add(conn: Connection) -> None:
        accounts.add(conn, account, kept, wiring.now())
        rows.name_colleagues(conn, wiring.school.id, wiring.now())

    wiring.store.run_tx(add)
    return password


def furnish(wiring: Wiring) -> None:
    """Publishes what every school begins with: forms, school years and rules, as they ship with the program."""
    from sync_server.authoring import library
    from sync_server.forms import bundled_forms
    from sync_server.registry import default_terms

    terms = [rows.ScopedRow(CALENDAR, str(term["term"]), SCHOOL_SCOPE, term) for term in default_terms()]
    published = bundled_forms()

    def publish(conn: Connection) -> None:
        rows.put(conn, wiring.school.id, terms, wiring.now())
        rulebook.publish_defaults(conn, wiring.school.id, wiring.now())
        for form in published:
            library.publish(conn, wiring.school.id, form, wiring.now())

    wiring.store.run_tx(publish)


def _require_code(school_id: str) -> None:
    if not CODE.match(school_id):
        raise NoSuchCode()


def _add(store: Store, school_id: str, school_name: str, clock: Clock) -> None:
    made_at = clock().isoformat(timespec="seconds")
    school = School(school_id, school_name, secrets.token_hex(8))
    store.run_tx(lambda conn: schools.add(conn, school, made_at))


def _opened(settings: Settings, school_id: str, clock: Clock) -> Wiring:
    wiring = build(settings.model_copy(update={"school": school_id}), clock=clock)
    wiring.store.run_tx(wiring.office.enrol)
    return wiring


def upgrade(settings: Settings, clock: Clock | None = None) -> list[News]:
    """Brings existing schools up to date: tables, rules, villages' leaders, people, children's registered villages,
    forms. What there was of forms.
    """
    from sync_server.authoring import renewing
    from sync_server.roster import register

    at = (clock or zone_clock(settings))().isoformat(timespec="seconds")
    store = Store(settings.store_url)

    def publish(conn: Connection) -> None:
        for school in schools.all_of(conn):
            rulebook.publish_defaults(conn, school.id, at)
            rows.follow_leaders(conn, school.id, at)
            rows.name_colleagues(conn, school.id, at)
            register.tell_hukou(conn, school.id, at)
            rulebook.take_back_foreign(conn, school.id)
        renewing.publish(conn, found, ready, at)

    try:
        if store.version() != schema.HEAD:
            migrations.upgrade(store)
        with store.read() as conn:
            found = [one for school in schools.all_of(conn) for one in renewing.news(conn, school.id)]
        ready = renewing.compiled(found)
        store.run_tx(publish)
        return found
    finally:
        store.close()
