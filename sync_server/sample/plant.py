"""Fills a newly founded school with the sample: people, register, forms, telephones, and a recent past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from casebook import feeds
from casebook.ed25519 import Ed25519Signer
from sync_server import passwords, rulebook
from sync_server.authoring import library
from sync_server.forms import Compiled, bundled_forms
from sync_server.registry import Staff, Student
from sync_server.roster import register
from sync_server.sample import bases, casting, story
from sync_server.sample.employees import DIRECTOR
from sync_server.sample.fieldwork import SampleTelephone
from sync_server.sample.replay import Replay
from sync_server.sample.school import SEED, SampleSchool, build
from sync_server.sample.story import ChildStory
from sync_server.store import accounts, devices, reach, rows
from sync_server.store.accounts import Account
from sync_server.store.devices import Device
from sync_server.store.engine import Connection
from sync_server.store.register import Authorship
from sync_server.wiring import Wiring

SHOWN_LOGINS = (
    "principal", "office", "registrar", "director8", "teacher82", "leader", "aid", "counsellor", "duty",
)  # fmt: skip
LEADER, LED = "leader", ("case_suspected", "case_confirmed")  # leads the villages of the children of these stories
ENROLLED_BEFORE = dt.timedelta(days=60)


class AlreadyPlanted(Exception):
    """The school has accounts or students already; the sample is only put into an empty one."""


class Login(NamedTuple):
    """Someone to log in as; `role` is a role name of the access table."""

    login: str
    password: str
    role: str
    name: str


@dataclass(frozen=True)
class Planted:
    """The logins worth showing (every account has the same password), and the child each story is about."""

    logins: tuple[Login, ...]
    children: Mapping[str, str]


def plant(wiring: Wiring, today: dt.date) -> Planted:
    """Plants the sample into an empty school; everything in its past is counted from `today`.

    Raises AlreadyPlanted.
    """
    with wiring.store.read() as conn:
        if accounts.all_of(conn, wiring.school.id) or rows.of_feed(conn, wiring.school.id, feeds.STUDENTS):
            raise AlreadyPlanted()
    told = story.stories()
    school, children = _cast(build(SEED, today), told)
    forms = {form.form_id: form for form in bundled_forms()}
    assigned = {children[one.key].id: one.assigned_to for one in told if one.assigned_to}
    telephones, password = settle(wiring, school, forms, assigned)
    bases.freeze(wiring, school, today)
    now = dt.datetime.combine(today, wiring.clock().timetz())
    Replay(wiring.settings, school, forms, telephones, now).play(told, children, story.roll_calls())
    logins = [Login(login, password, *_role_and_name(school, login)) for login in SHOWN_LOGINS]
    return Planted(tuple(logins), {key: child.id for key, child in children.items()})


def _cast(school: SampleSchool, told: Sequence[ChildStory]) -> tuple[SampleSchool, dict[str, Student]]:
    """Which child each story is about, and the school in which somebody leads the villages of some of them."""
    roster = school.roster
    children = casting.choose_children(told, roster.students, roster.villages)
    leader, led = school.staff_by_login(LEADER).id, {children[key].village for key in LED}
    villages = tuple(replace(one, leader_id=leader) if one.code in led else one for one in roster.villages)
    return replace(school, roster=replace(roster, villages=villages)), children


def settle(
    wiring: Wiring, school: SampleSchool, forms: Mapping[str, Compiled], assigned: Mapping[str, str]
) -> tuple[dict[str, SampleTelephone], str]:
    """People, register, forms and telephones, but no past: the telephones by login, and everybody's password.

    `assigned`: child -> login of a teacher who answers for it besides its class teacher.
    """
    telephones, password = _telephones(wiring, school), passwords.make()
    wiring.store.run_tx(lambda conn: _settle(conn, wiring, school, telephones, forms, password, assigned))
    return telephones, password


def _telephones(wiring: Wiring, school: SampleSchool) -> dict[str, SampleTelephone]:
    """Login -> telephone, with fresh keys: nobody can sign for the sample with a key known beforehand."""
    people = {person.id: person for person in school.roster.staff}
    return {
        people[one.staff_id].login: SampleTelephone(
            account=one.staff_id,
            school=wiring.school.id,
            roles=people[one.staff_id].roles,
            owner=people[one.staff_id].name,
            offset=dt.timedelta(minutes=one.clock_offset_min),
            signer=Ed25519Signer.generate(),
        )
        for one in school.telephones
    }


def _settle(
    conn: Connection,
    wiring: Wiring,
    school: SampleSchool,
    telephones: Mapping[str, SampleTelephone],
    published: Mapping[str, Compiled],
    password: str,
    assigned: Mapping[str, str],
) -> None:
    """Accounts, telephones, register and forms, in one transaction."""
    kept = passwords.hashed(password)
    for person in school.roster.staff:
        if person.login:
            account = Account(person.id, wiring.school.id, person.login, person.name, person.roles)
            accounts.add(conn, account, kept, wiring.now())
    _grant_grades(conn, wiring, school)
    _assign_children(conn, wiring, school, assigned)
    _enrol(conn, wiring, school, telephones)
    for form in published.values():
        library.publish(conn, wiring.school.id, form, wiring.now())
    roster = school.roster
    terms = [rows.ScopedRow(feeds.CALENDAR, str(term["term"]), feeds.SCHOOL_SCOPE, term) for term in roster.terms]
    rows.put(conn, wiring.school.id, terms, wiring.now())
    rulebook.publish_defaults(conn, wiring.school.id, wiring.now())
    registrar = school.staff_by_login("registrar")
    nouns: list[register.Noun] = [*roster.villages, *roster.staff, *roster.classes, *roster.students]
    register.write(conn, wiring.school.id, nouns, Authorship(registrar.id, wiring.now(), "import:sample"))


def _grant_grades(conn: Connection, wiring: Wiring, school: SampleSchool) -> None:
    """A grade director sees the classes of the grade; class teachers' reach follows the register by itself."""
    directors = [person for person in school.roster.staff if DIRECTOR in person.roles]
    for grade, director in enumerate(directors, start=1):
        for one in school.roster.classes:
            if one.grade == grade:
                reach.grant(conn, wiring.school.id, director.id, feeds.class_scope(one.id), wiring.now())


def _assign_children(conn: Connection, wiring: Wiring, school: SampleSchool, assigned: Mapping[str, str]) -> None:
    """Some teachers (by login) answer for a child of another class too, such as the sister of one of their own."""
    for child, login in assigned.items():
        teacher = school.staff_by_login(login)
        reach.grant(conn, wiring.school.id, teacher.id, feeds.case_scope(child), wiring.now())


def _enrol(
    conn: Connection, wiring: Wiring, school: SampleSchool, telephones: Mapping[str, SampleTelephone]
) -> None:
    labels = {one.staff_id: one.label for one in school.telephones}
    enrolled_at = (wiring.clock() - ENROLLED_BEFORE).isoformat(timespec="seconds")
    for telephone in telephones.values():
        key, label = telephone.signer.public_key, labels[telephone.account]
        device = Device(
            telephone.dev, wiring.school.id, telephone.account, key, label, "android", "sample", enrolled_at
        )
        devices.put(conn, device, None)


def _role_and_name(school: SampleSchool, login: str) -> tuple[str, str]:
    person: Staff = school.staff_by_login(login)
    return person.roles[0], person.name
