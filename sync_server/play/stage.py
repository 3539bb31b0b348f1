"""Founds the school of a story and furnishes it through the doors that a real school uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import assets
from casebook import feeds
from casebook.ed25519 import Ed25519Signer
from casebook.forms import FormDef
from casebook.protocol import EnrolRequest, b64
from sync_server import counties, founding, rulebook
from sync_server.authoring import library
from sync_server.forms import Compiled, compile_form
from sync_server.play.cast import Cast, DeviceRole, PersonRole, phone_of
from sync_server.play.lists import roster_files
from sync_server.registry import Student
from sync_server.roster import register
from sync_server.roster.figures import Figures
from sync_server.roster.imports import Imports
from sync_server.roster.people import CONFERRED
from sync_server.roster.plan import Plan
from sync_server.schoolyear import Draft, SchoolYear
from sync_server.settings import Settings
from sync_server.store import accounts, class_lists, reach
from sync_server.store import register as kept
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.wiring import Wiring

COUNTY = "990123"  # of which county the school of a story is


class StageFailed(Exception):
    """The school did not take what the story begins with; `findings` are complaints of the import or calendar."""

    def __init__(self, sentence: str, findings: list[str]) -> None:
        super().__init__(f"{sentence}: {findings}")
        self.sentence, self.findings = sentence, findings


@dataclass
class Clock:
    """The story's present; the school reads it."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class Stage:
    """A school under way: its wiring, its simulated clock, and who is who."""

    wiring: Wiring
    clock: Clock
    cast: Cast
    students: dict[str, str] = field(default_factory=dict)  # child's name in the story -> id
    rooms: dict[str, str] = field(default_factory=dict)  # class in the story -> id
    labels: dict[str, str] = field(default_factory=dict)  # label -> record, visit or event it stands for
    names: dict[str, str] = field(default_factory=dict)  # id or record -> name in the story

    @property
    def school(self) -> str:
        """The school's id."""
        return self.wiring.school.id

    def account(self, person: str) -> Account:
        """The account of a person of the story, as it is now."""
        with self.wiring.store.read() as conn:
            found = accounts.by_login(conn, self.school, person)
        assert found is not None, person
        return found

    def student(self, child: str) -> Student:
        """A child as the register has it now."""
        with self.wiring.store.read() as conn:
            found = kept.entry(conn, self.school, kept.STUDENT, self.students[child])
        assert found is not None, child
        return register.student_from(found)

    def on_list(self, room: str) -> int:
        """How many children are on the list of a class now."""
        with self.wiring.store.read() as conn:
            return len(class_lists.of_class(conn, self.school, self.rooms[room]))

    def files_kept(self) -> int:
        """How many files the school keeps; the same file counts once."""
        folder = self.wiring.settings.data / "files"
        return sum(file.is_file() for file in folder.rglob("*")) if folder.is_dir() else 0

    def call(self, name: str, label: str, *ids: str) -> None:
        """Gives what an event made its name; `label` may be blank."""
        if label:
            self.labels[label] = ids[0]
            self.names |= dict.fromkeys(ids, label)
        else:
            self.names |= {id: name for id in ids if id not in self.names}

    def close(self) -> None:
        """Gives connections back."""
        self.wiring.close()


def set_up(cast: Cast, forms: set[str], folder: Path) -> Stage:
    """A school with everything the cast says. Raises StageFailed."""
    assert cast.begins is not None
    clock = Clock(cast.begins)
    wiring = founding.found(Settings(data=folder), cast.code, cast.name, clock)
    stage = Stage(wiring, clock, cast)
    wiring.store.run_tx(lambda conn: _employ(conn, stage))
    wiring.store.run_tx(lambda conn: counties.note(conn, stage.school, COUNTY, wiring.now()))
    wiring.store.run_tx(lambda conn: rulebook.publish_defaults(conn, stage.school, wiring.now()))
    _save_terms(stage)
    _import_roster(stage)
    wiring.store.run_tx(lambda conn: _grant(conn, stage))
    compiled = [compiled_form(form) for form in sorted(forms)]
    wiring.store.run_tx(lambda conn: [library.publish(conn, stage.school, one, wiring.now()) for one in compiled])
    return stage


@cache
def compiled_form(form: str) -> Compiled:
    """A form that ships with the program, compiled once. Raises KeyError."""
    folder = assets.root().joinpath("forms", form)
    if not folder.joinpath("survey.csv").is_file():
        raise KeyError(form)
    return compile_form(folder)


@cache
def definition(form: str) -> FormDef:
    """The form ready to be filled in."""
    return FormDef.from_xml(compiled_form(form).xml)


def enrol(stage: Stage, device: DeviceRole, signer: Ed25519Signer) -> str:
    """Makes a phone its owner's, with a one-use code; the bearer token."""
    account, wiring = stage.account(device.of), stage.wiring
    code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account))
    asked = EnrolRequest(code.text, b64(signer.public_key), device.key, "android", "play")
    return wiring.enrolment.enrol(asked).token


def freeze(stage: Stage, person: str, term: str) -> int:
    """Freezes the base figure of every class; how many were frozen. Raises NotAllowed."""
    figures = Figures(stage.wiring.store, stage.school, stage.clock)
    return figures.freeze(stage.account(person), term, stage.rooms.values())


def save_term(stage: Stage, person: str, term: Mapping[str, Any]) -> list[str]:
    """Publishes a term of the calendar; wording keys of what is wrong with it. Raises NotAllowed."""
    days = {name: " ".join(map(str, term.get(name, ()))) for name in ("off", "on")}
    draft = Draft(str(term["term"]), str(term["first"]), str(term["last"]), days["off"], days["on"])
    desk = SchoolYear(stage.wiring.store, stage.school, stage.clock)
    return [fault.sentence for fault in desk.save(stage.account(person), draft)]


def phone_role(stage: Stage, name: str) -> DeviceRole:
    """A device of the story, or the phone that a person carries."""
    return stage.cast.devices.get(name) or phone_of(stage.cast, name)


def _employ(conn: Connection, stage: Stage) -> None:
    """Accounts of those whom no roster may appoint."""
    for person in stage.cast.people.values():
        if not _comes_with_the_roster(person):
            account = Account(f"{person.key}-id", stage.school, person.key, person.name, person.roles)
            accounts.add(conn, account, "", stage.wiring.now())


def _save_terms(stage: Stage) -> None:
    for term in stage.cast.terms:
        faults = save_term(stage, "principal", term)
        if faults:
            raise StageFailed("play.stage.term", [f"{term['term']} {fault}" for fault in faults])


def _import_roster(stage: Stage) -> None:
    """Upload, preview, confirm: as the registrar does it in the console."""
    files = roster_files(stage.cast)
    _import(stage, files.school)
    if stage.cast.children:
        _import(stage, files.children)
    with stage.wiring.store.read() as conn:
        known = register.load(conn, stage.school)
    stage.students = {files.names[one.student_no]: one.id for one in known.students.values()}
    stage.rooms = {stage.cast.children[child].room: known.students[id].class_id for child, id in stage.students.items()}
    stage.names |= {id: name for found in (stage.students, stage.rooms) for name, id in found.items()}


def _import(stage: Stage, content: bytes) -> None:
    plan, done = bring_in(stage, "registrar", content)
    if not done:
        raise StageFailed("play.stage.roster", [f"{one.row} {one.column} {one.sentence}" for one in plan.complaints])


def bring_in(stage: Stage, person: str, content: bytes) -> tuple[Plan, bool]:
    """Uploads a list, looks at the preview, and confirms it if nothing is wrong; whether that was done.

    Raises NotAllowed, SheetsRefused.
    """
    actor, imports = stage.account(person), Imports(stage.wiring.store, stage.school, stage.clock)
    draft = imports.take_in(actor, content)
    plan = imports.plan(actor, draft)
    return plan, not plan.complaints and imports.confirm(actor, draft, plan.sha256).done


def _grant(conn: Connection, stage: Stage) -> None:
    """The reach of those who are no class teacher: their classes and single children."""
    for person in stage.cast.people.values():
        account = accounts.by_login(conn, stage.school, person.key)
        if account is None:
            raise StageFailed("play.stage.account", [person.key])
        stage.names[account.id] = person.key
        scopes = [feeds.class_scope(stage.rooms[room]) for room in person.rooms if room in stage.rooms]
        scopes += [feeds.case_scope(stage.students[child]) for child in person.children]
        for scope in scopes:
            if scope not in account.scopes:
                reach.grant(conn, stage.school, account.id, scope, stage.wiring.now())


def _comes_with_the_roster(person: PersonRole) -> bool:
    return CONFERRED.issuperset(person.roles)
