"""Two schools on one server: the one that every test has, and another one beside it with much to be kept apart."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from sync_server import founding
from sync_server.audit import Act
from sync_server.audit import note as leave_line
from sync_server.deployment import Deployment, open_deployment
from sync_server.registry import SchoolClass, Student, Village, class_row, student_row
from sync_server.settings import Settings
from sync_server.store import accounts, rows, schema, sessions
from sync_server.store.accounts import Account
from sync_server.store.rows import ScopedRow
from sync_server.store.sessions import Session
from sync_server.web.app import create_app
from sync_server.wiring import Wiring
from tests.postgres import Postgres
from tests.sync_server.schoolhouse import PRINCIPAL, SCHOOL, Phone, jpeg, make_school, push_body, sha256, upload

OTHER = "3199000002"
THEIR_PRINCIPAL, THEIR_TEACHER = "d" * 32, "e" * 32
THEIR_CHILD, THEIR_CLASS, THEIR_VISIT = "9" * 32, "k9", "visit-of-theirs"
#: Stands in everything of the other school that has a name.
MARK = "Zwetschge"
THEIR_PHOTO = jpeg(9)


@dataclass(frozen=True)
class Town:
    """The deployment, one client of its application, and what is in the other school."""

    deployment: Deployment
    client: TestClient
    theirs: Wiring
    their_phone: Phone
    their_rid: str

    @property
    def ours(self) -> Wiring:
        """The school of every test."""
        return self.deployment.first

    def browser(self, wiring: Wiring, account: str) -> dict[str, str]:
        """The cookies of somebody who is logged in."""
        now, token = wiring.clock(), f"{wiring.school.id}.{uuid.uuid4().hex}"
        until = (now + dt.timedelta(hours=12)).isoformat(timespec="seconds")
        row = Session(wiring.school.id, hashlib.sha256(token.encode()).hexdigest(), account, wiring.now(), wiring.now(), until)
        wiring.store.run_tx(lambda conn: sessions.add(conn, row))
        return {"jiafang_session": token}

    def their_rows(self) -> dict[str, list[Any]]:
        """Everything the tables hold of the other school; but that the server made a backup of all is noted at each."""
        tables = {name: table for name, table in schema.metadata.tables.items() if name != "night_job"}
        with self.theirs.store.read() as conn:
            return {name: sorted(map(repr, conn.execute(select(table).where(table.c.school == OTHER))))
                    for name, table in tables.items()}  # fmt: skip


def make_town(folder: Path, postgres: Postgres | None = None, **settings: Any) -> Town:
    """Both schools; in the other one a phone has brought a visit with a photo."""
    first = make_school(folder, postgres, **settings)
    founding.join(first.settings, OTHER, f"{MARK} School").close()
    first.close()
    deployment = open_deployment(first.settings)
    client = TestClient(create_app(deployment), base_url="http://county.local", follow_redirects=False)
    theirs = deployment.of(OTHER)
    assert theirs is not None
    theirs.store.run_tx(lambda conn: _fill(conn, theirs))
    phone = TheirPhone(THEIR_TEACHER, seed=9)
    phone.token = client.post("/v1/enrol", json=phone.request(code_of(theirs, THEIR_TEACHER)).__dict__).json()["token"]
    visit = phone.visit(THEIR_VISIT, {"a.jpg": THEIR_PHOTO}, school=OTHER, case=THEIR_CHILD)
    client.headers.update(phone.headers)
    assert client.post("/v1/push", json=push_body(visit)).json()["outcomes"][0]["verdict"] == "stored"
    assert upload(client, THEIR_PHOTO).status_code == 204
    del client.headers["Authorization"]
    return Town(deployment, client, theirs, phone, visit.rid)


def code_of(wiring: Wiring, account: str) -> str:
    """A code for somebody's phone."""
    with wiring.store.read() as conn:
        found = accounts.by_id(conn, wiring.school.id, account)
    assert found is not None
    return wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, found)).text


class TheirPhone(Phone):
    """A phone of the other school."""


def their_settings(settings: Settings) -> Settings:
    """What a command needs to hear to be about the other school."""
    return settings.model_copy(update={"school": OTHER})


def _fill(conn: Connection, wiring: Wiring) -> None:
    people = [
        Account(THEIR_PRINCIPAL, OTHER, "principal", f"{MARK} P", ("principal",)),
        Account(THEIR_TEACHER, OTHER, "teacher", f"{MARK} T", ("class_teacher",)),
    ]
    for person in people:
        accounts.add(conn, person, "", wiring.now())
    room = SchoolClass(THEIR_CLASS, f"{MARK} 9", 9, "junior", THEIR_TEACHER)
    village = Village("990000000001", f"{MARK} village", "village", "ok", 10)
    child = Student(
        THEIR_CHILD, f"{MARK} child", "2", dt.date(2011, 4, 5), "01", "", "", room.id, "h1", village.code, village.code,
        f"{MARK} street", "", False, "regular", (), (), (), (),
    )  # fmt: skip
    news = [
        ScopedRow("classes", room.id, "school", class_row(room, f"{MARK} T")),
        ScopedRow("students", child.id, f"class:{room.id}", student_row(child, room, village)),
    ]
    rows.put(conn, OTHER, news, wiring.now())
    leave_line(conn, people[0], wiring.now(), Act.LOGIN, "console")


__all__ = [
    "MARK", "OTHER", "PRINCIPAL", "SCHOOL", "THEIR_CHILD", "THEIR_CLASS", "THEIR_PHOTO", "THEIR_PRINCIPAL",
    "THEIR_TEACHER", "THEIR_VISIT", "Town", "code_of", "make_town", "sha256", "their_settings",
]  # fmt: skip
