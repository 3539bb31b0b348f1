"""A small school with a console: people of every kind, two children, real forms, phones that seal, browsers."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

import assets
from assets import load_wording
from casebook.casefile import CaseFile, fold
from casebook.ed25519 import Ed25519Signer
from casebook.forms import FormDef
from casebook.protocol import PushRequest, sealed_to_wire
from casebook.records import FormRef, Place, decode
from sync_server import founding, passwords
from sync_server.forms import Compiled, compile_form
from sync_server.sample import fieldwork
from sync_server.sample.fieldwork import Assignment, SampleTelephone, SealedVisit
from sync_server.settings import Settings
from sync_server.store import accounts, archive, devices, forms, reach, rows, sessions
from sync_server.store.accounts import Account
from sync_server.store.blobs import Announcement
from sync_server.store.devices import Device
from sync_server.store.rows import ScopedRow
from sync_server.store.sessions import Session
from sync_server.web.app import create_app
from sync_server.wiring import Wiring, build

SCHOOL, ZONE = "3199000001", dt.timezone(dt.timedelta(hours=8))
VISITED = dt.datetime(2025, 11, 20, 16, 20, tzinfo=ZONE)
SYNCED = dt.datetime(2025, 11, 20, 19, 40, tzinfo=ZONE)
TODAY = dt.datetime(2025, 11, 21, 9, 0, tzinfo=ZONE)
PASSWORD = "stone-bridge-7"
DOOR = Place(200_000_000, 1_500_000_000, 18, VISITED.isoformat())
WANG, LIHUA = "1" * 32, "2" * 32  # one child in class 8(2), one in class 7(1)
REMARK = "请补一张家门口的照片。"

# login -> (account id, name, role, classes in reach)
PEOPLE: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "principal": ("a" * 32, "徐校长", "principal", ()),
    "deputy": ("b" * 32, "孙副校长", "deputy", ()),
    "office": ("c" * 32, "贾主任", "academic_office", ()),
    "registrar": ("d" * 32, "陈学籍", "registrar", ()),
    "moral": ("e" * 32, "苏德育", "moral_edu", ()),
    "director8": ("f" * 32, "高级部", "grade_director", ("class82",)),
    "teacher82": ("82" * 16, "萧洁荷", "class_teacher", ()),
    "teacher71": ("71" * 16, "李秋芳", "class_teacher", ()),
    "fellow": ("33" * 16, "郭谷", "subject_teacher", ()),
    "duty": ("44" * 16, "周值", "duty_checker", ()),
}
CLASSES = {"class82": ("八年级(2)班", 8, "teacher82"), "class71": ("七年级(1)班", 7, "teacher71")}
CHILDREN = {WANG: ("王小明", "wangxiaoming", "wxm", "class82"), LIHUA: ("李花", "lihua", "lh", "class71")}
ABSENCE: Mapping[str, str] = {
    "place": "20.0000000 150.0000000 0 18", "with_whom": "teacher", "covisitors": "郭谷",
    "contact_result": "met_guardian", "met_same": "same", "here_now": "seen", "reason_topics": "temporary",
    "excuse": "illness", "proof": "statement", "back_when": "date", "back_pick": "2025-11-24", "worry": "none",
    "photos_1": "photo:house", "photos_2": "photo:landscape", "photos_2_kind": "around",
    "summary_points": "cooperative", "summary": "奶奶说孩子夜里发烧，早上在村卫生室看过，明天再去复查一次。",
    "read_aloud": "OK", "sign_mode": "handwritten", "guardian_signature": "strokes",
}  # fmt: skip


def found_campus(folder: Path) -> None:
    """Founds the school once; tests work on copies."""
    wiring = founding.found(Settings(data=folder), SCHOOL, "石桥镇九年一贯制学校", clock=lambda: VISITED)
    kept = passwords.hashed(PASSWORD)

    def fill(conn) -> None:  # type: ignore[no-untyped-def]
        for login, (id, name, role, classes) in PEOPLE.items():
            accounts.add(conn, Account(id, SCHOOL, login, name, (role,)), kept, wiring.now())
            for class_id in classes:
                reach.grant(conn, SCHOOL, id, f"class:{class_id}", wiring.now())
        rows.put(conn, SCHOOL, [*_class_rows(), *_student_rows(), _calendar_row()], wiring.now())
        forms.publish(conn, SCHOOL, bundled("absence_visit")[1], wiring.now())

    wiring.store.run_tx(fill)
    wiring.close()


@cache
def bundled(form_id: str) -> tuple[FormDef, Compiled]:
    """A real form, read and compiled."""
    compiled = compile_form(assets.root().joinpath("forms", form_id))
    return FormDef.from_xml(compiled.xml), compiled


@dataclass
class Campus:
    """The running school. `now` is its clock and may be moved."""

    folder: Path
    now: dt.datetime = TODAY
    phones: dict[str, SampleTelephone] = field(default_factory=dict)
    browsers: int = 0

    def __post_init__(self) -> None:
        self.wiring: Wiring = build(Settings(data=self.folder), clock=lambda: self.now)
        self.app = create_app(self.wiring)

    @classmethod
    def copy_of(cls, original: Path, folder: Path) -> Campus:
        """A school of one's own to change."""
        shutil.copytree(original, folder)
        return cls(folder)

    def browser(self, login: str = "", language: str = "zh") -> Browser:
        """A browser, logged in when `login` is given."""
        browser = Browser(self, language)
        if login:
            now = self.wiring.now()
            until = (self.now + dt.timedelta(hours=12)).isoformat(timespec="seconds")
            self.browsers += 1
            token = f"{login}-{self.browsers}"
            session = Session(SCHOOL, hashlib.sha256(token.encode()).hexdigest(), PEOPLE[login][0], now, now, until)
            self.wiring.store.run_tx(lambda conn: sessions.add(conn, session))
            browser.cookies.set("jiafang_session", token)
        return browser

    def phone(self, login: str) -> SampleTelephone:
        """The enrolled phone of a colleague."""
        if login not in self.phones:
            account, name, role, _ = PEOPLE[login]
            signer = Ed25519Signer.from_bytes(hashlib.sha256(login.encode()).digest())
            phone = SampleTelephone(account, SCHOOL, (role,), name, dt.timedelta(0), signer)
            at = VISITED.isoformat()
            device = Device(phone.dev, SCHOOL, account, signer.public_key, f"{name}的手机", "android", "0.1", at)
            self.wiring.store.run_tx(lambda conn: devices.put(conn, device, None))
            self.phones[login] = phone
        return self.phones[login]

    def absence(self, child: str, day: str = "2025-11-20") -> None:
        """The office reports a child absent."""
        body = {"incident": f"i{child[0]}", "absent_on": day, "kind": "unexcused"}
        self.office("incident", child, body, {"incident_state": "I0", "absent_since": day})

    def office(self, kind: str, child: str, body: Mapping[str, object], says: Mapping[str, object]) -> None:
        with self.wiring.store.read() as conn:
            account = accounts.by_login(conn, SCHOOL, "office")
        assert account is not None
        self.wiring.store.run_tx(
            lambda conn: self.wiring.office.write(conn, account, kind, child, body=body, set=says)
        )

    def visit(
        self,
        child: str = WANG,
        login: str = "teacher82",
        *,
        started: dt.datetime = VISITED,
        without: tuple[str, ...] = (),
        form_id: str = "absence_visit",
        **answers: str,
    ) -> SealedVisit:
        """A colleague makes a visit, of an absence unless told; nothing is sent yet."""
        form, compiled = bundled(form_id)
        planned = {name: answer for name, answer in ABSENCE.items() if name not in without} | answers
        return fieldwork.go(
            self.phone(login),
            Assignment(
                case=self.case_file(child), row=_on_file(child), form=form, purposes=compiled.purposes,
                ref=FormRef(compiled.form_id, compiled.version, compiled.sha256), answers=answers,
                usual={name: answer for name, answer in planned.items() if name not in answers},
                started=started, minutes=35, place=DOOR, wording=load_wording(),
            ),
        )  # fmt: skip

    def disagree(self, *phones: str) -> None:
        """Colleagues who have not seen each other's records write down different telephone numbers."""
        made = [
            self.visit(WANG, login, contact_changed="phone", guardian_phone=number)
            for login, number in zip(("teacher82", "fellow"), phones, strict=True)
        ]
        for one in made:
            self.receive(one)

    def supplement(self, before: SealedVisit, login: str = "teacher82", **answers: str) -> SealedVisit:
        """The answer to a returned visit: complete answers again, same visit, amending the version before."""
        phone = self.phone(login)
        made = SealedVisit("", *self._rehearsed(phone, before, answers))
        return replace(made, visit=before.visit)

    def _rehearsed(self, phone: SampleTelephone, before: SealedVisit, answers: Mapping[str, str]):  # type: ignore[no-untyped-def]
        self.phones["rehearsal"] = rehearsal = deepcopy(phone)
        drafted = self._with_phone(rehearsal, str(decode(before.sealed.payload).case), answers)
        record = decode(drafted.sealed.payload)
        body, later = {**record.body, "visit": before.visit}, int(self.now.timestamp() * 1000) + 1000
        return phone.seal(replace(record, amends=(before.sealed.rid,), body=body, hlc=(later, 0))), drafted.files

    def _with_phone(self, phone: SampleTelephone, child: str, answers: Mapping[str, str]) -> SealedVisit:
        login = next(name for name, person in PEOPLE.items() if person[0] == phone.account)
        kept, self.phones[login] = self.phones[login], phone
        try:
            return self.visit(child, login, **answers)
        finally:
            self.phones[login] = kept

    def rewritten(self, made: SealedVisit, login: str = "teacher82", **fields: object) -> SealedVisit:
        """The same visit sealed with other fields, before anything of it was sent."""
        record = decode(made.sealed.payload)
        body = {**record.body, **fields.pop("body", {})}  # type: ignore[dict-item]
        return replace(made, sealed=self.phone(login).seal(replace(record, body=body, **fields)))

    def receive(
        self, made: SealedVisit, at: dt.datetime = SYNCED, files: int | None = None, verdict: str = "stored",
        sent_at: dt.datetime | None = None,
    ) -> str:
        """The school gets the record and the first `files` of its files (all by default); returns the visit's id."""
        before, self.now = self.now, at
        with self.wiring.store.read() as conn:
            device = devices.by_id(conn, SCHOOL, made.sealed.keyid)
        assert device is not None
        request = PushRequest([sealed_to_wire(made.sealed)], sent_at.isoformat() if sent_at else None)
        outcome = self.wiring.intake.push(device, request).outcomes[0]
        assert outcome.verdict == verdict, outcome
        for sha256, (kind, content) in list(made.files.items())[:files]:
            if self.wiring.uploads.announce(SCHOOL, sha256, Announcement(len(content), kind)).offset == 0:
                writing = self.wiring.uploads.open(SCHOOL, sha256, 0)
                writing.write(content)
                writing.close()
        self.now = before
        return made.visit

    def case_file(self, child: str) -> CaseFile:
        with self.wiring.store.read() as conn:
            return fold(child, archive.of_case(conn, SCHOOL, child))

    def sql(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        """Straight at the database, as a hand that should not be there."""
        with self.wiring.store.engine.begin() as conn:
            answer = conn.execute(text(statement), values)
            return [tuple(row) for row in answer] if answer.returns_rows else []

    def audit(self) -> list[tuple[str, str]]:
        """(act, subject) of every line, oldest first."""
        return [(str(act), str(subject)) for act, subject in self.sql("SELECT act, subject FROM audit ORDER BY n")]


class Browser(TestClient):
    """A browser of the school's network: sends the headers that browsers send with a form."""

    def __init__(self, campus: Campus, language: str = "zh") -> None:
        super().__init__(campus.app, base_url="http://sync.local", follow_redirects=False)
        self.cookies.set("jiafang_lang", language)

    def log_in(self, login: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
        return self.send_form("/login", login=login, password=password)

    def send_form(self, path: str, **fields: str):  # type: ignore[no-untyped-def]
        return self.post(path, data=fields, headers={"Origin": "http://sync.local", "Sec-Fetch-Site": "same-origin"})

    def text(self, path: str, status: int = 200) -> str:
        """What a person reads on a page: tags taken out, blanks folded."""
        answer = self.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return words(answer.text)


def words(html: str) -> str:
    """The text of a page without its tags."""
    body = html[html.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).strip()


def _class_rows() -> list[ScopedRow]:
    names = {login: (id, name) for login, (id, name, _, _) in PEOPLE.items()}
    return [
        ScopedRow("classes", id, "school", {
            "id": id, "name": name, "grade": grade, "stage": "junior",
            "teacher_id": names[teacher][0], "teacher_name": names[teacher][1],
        })
        for id, (name, grade, teacher) in CLASSES.items()
    ]  # fmt: skip


def _student_rows() -> list[ScopedRow]:
    return [ScopedRow("students", id, f"class:{child[3]}", _roster_row(id)) for id, child in CHILDREN.items()]


def _roster_row(id: str) -> dict[str, object]:
    name, pinyin, initials, class_id = CHILDREN[id]
    mother = {
        "id": f"g{id[0]}", "name": "覃翊木", "relation": "52", "phone": "12000001701", "legal": True,
        "caretaker": True, "can_read": "little",
    }  # fmt: skip
    return {
        "id": id, "name": name, "pinyin": pinyin, "initials": initials, "gender": "1", "birth": "2011-05-08",
        "class_id": class_id, "class_name": CLASSES[class_id][0], "grade": CLASSES[class_id][1],
        "village": "990123101217", "village_name": "新寨村", "home_address": "石桥镇新寨村五组87号",
        "home_landmark": "小卖部后面", "signal": "none", "key_flags": ["KS06"], "family_flags": ["FM11"],
        "siblings": [], "id_masked": "…0179", "guardians": [mother],
    }  # fmt: skip


def _calendar_row() -> ScopedRow:
    term = {"term": "2025-2026-1", "first": "2025-09-01", "last": "2026-01-23", "off": [], "on": []}
    return ScopedRow("calendar", "2025-2026-1", "school", json.loads(json.dumps(term)))


def _on_file(id: str) -> dict[str, str]:
    name, _, _, class_id = CHILDREN[id]
    return {
        "name": id, "label": name, "class_name": CLASSES[class_id][0], "gender": "1", "age": "14",
        "village_name": "新寨村", "home_address": "石桥镇新寨村五组87号", "home_landmark": "小卖部后面",
        "guardian_name": "覃翊木", "guardian_relation": "52", "guardian_phone": "12000001701", "can_read": "little",
        "caretaker_name": "", "caretaker_relation": "", "absent_since": "2025-11-20", "absent_days": "1",
        "attempts_phone": "1", "attempts_door": "0", "last_visit_on": "",
    }  # fmt: skip
