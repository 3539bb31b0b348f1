"""A small school for tests: one principal, two class teachers with a class each, phones that seal, a real server."""

from __future__ import annotations

import atexit
import base64
import csv
import hashlib
import io
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

import assets
from casebook.ed25519 import Ed25519Signer
from casebook.protocol import EnrolRequest, PushRequest, b64, sealed_to_wire, to_json
from casebook.records import Attachment, FormRef, Record, Span, canonical
from casebook.sealing import Sealed, device_id, seal
from sync_server import founding, serving
from sync_server.registry import SchoolClass, class_row
from sync_server.settings import Settings
from sync_server.store import accounts, rows
from sync_server.store.accounts import Account
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring, build
from tests.postgres import Postgres

SCHOOL = "3199000001"
PRINCIPAL, TEACHER, NEIGHBOUR = "a" * 32, "b" * 32, "c" * 32
CHILD, OTHER_CHILD = "1" * 32, "2" * 32
STROKES_TYPE = "application/vnd.jiafang.strokes+json"
TUS = {"Tus-Resumable": "1.0.0"}


def make_school(folder: Path, postgres: Postgres | None = None, **settings: Any) -> Wiring:
    """A founded school with three accounts, two classes and one child in each; its rows in SQLite, or in `postgres`."""
    founded, database = _founded(postgres)
    shutil.copytree(founded, folder / "data")
    if postgres is not None:
        settings["database_url"] = postgres.url(postgres.create(database))
    return build(Settings(data=folder / "data", **settings))


@cache
def _founded(postgres: Postgres | None) -> tuple[Path, str]:
    """One such school, made once for all tests and copied for each: its folder, and its database in `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="jiafang-school-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = postgres.create() if postgres else ""
    url = postgres.url(database) if postgres else None
    wiring = founding.found(Settings(data=folder, database_url=url), SCHOOL, "Stone Bridge School")
    people = [
        Account(PRINCIPAL, SCHOOL, "principal", "P", ("principal",)),
        Account(TEACHER, SCHOOL, "teacher", "T", ("class_teacher",)),
        Account(NEIGHBOUR, SCHOOL, "neighbour", "N", ("class_teacher",)),
    ]

    def fill(conn: Any) -> None:
        for person in people:
            accounts.add(conn, person, "", wiring.now())
        rows.put(conn, SCHOOL, class_rows() + student_rows(), wiring.now())

    wiring.store.run_tx(fill)
    wiring.close()
    return folder, database


def class_rows() -> list[ScopedRow]:
    """Two classes, each with its teacher."""
    rooms = [SchoolClass("k1", "k1", 8, "junior", TEACHER), SchoolClass("k2", "k2", 7, "junior", NEIGHBOUR)]
    return [ScopedRow("classes", room.id, "school", class_row(room, "T")) for room in rooms]


def student_rows() -> list[ScopedRow]:
    """One child in each class."""
    return [student_row(CHILD, "k1"), student_row(OTHER_CHILD, "k2")]


def student_row(child: str, class_id: str) -> ScopedRow:
    """A child in a class."""
    return ScopedRow(
        "students", child, f"class:{class_id}", {"id": child, "name": f"S{child[0]}", "class_id": class_id}
    )


class Phone:
    """A teacher's phone: seals records in a chain, like the real one."""

    def __init__(self, account: str = TEACHER, seed: int = 7) -> None:
        self.signer = Ed25519Signer.from_bytes(bytes([seed]) * 32)
        self.dev = device_id(self.signer.public_key)
        self.account = account
        self.seq, self.prev, self.token = 0, "", ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def enrol(self, wiring: Wiring) -> Phone:
        """Enrols in-process."""
        with wiring.store.read() as conn:
            account = accounts.by_id(conn, SCHOOL, self.account)
        assert account is not None
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account))
        self.token = wiring.enrolment.enrol(self.request(code.text)).token
        return self

    def request(self, code: str) -> EnrolRequest:
        return EnrolRequest(code, b64(self.signer.public_key), "Test phone", "android", "0.1.0")

    def seal(self, **fields: Any) -> Sealed:
        """The next record of this phone's chain."""
        self.seq += 1
        moment = "2025-10-09T16:20:00+08:00"
        plain = Record(
            type="observation", school=SCHOOL, author=self.account, dev=self.dev, ep=1, seq=self.seq, prev=self.prev,
            hlc=(1_760_000_000_000 + self.seq, 0), at=Span(moment, moment, "+08:00", 1), case=CHILD,
        )  # fmt: skip
        sealed = seal(replace(plain, **fields), self.signer)
        self.prev = sealed.rid
        return sealed

    def visit(self, visit: str = "v1", files: dict[str, bytes] | None = None, **fields: Any) -> Sealed:
        """A visit whose attachments are `files` (type by extension of the name)."""
        body = {"visit": visit, "purposes": ["absence"], "instance": "<data/>", "signatures": []}
        att = tuple(attachment(name, content) for name, content in (files or {}).items())
        form = FormRef("absence_visit", version_of("absence_visit"), "a" * 64)
        return self.seal(**{"type": "visit", "body": body, "form": form, "att": att, **fields})


def attachment(name: str, content: bytes) -> Attachment:
    """A photo (.jpg) or a signature (.json)."""
    role, kind = ("photo", "image/jpeg") if name.endswith(".jpg") else ("signature", STROKES_TYPE)
    return Attachment(role, sha256(content), len(content), kind)


@cache
def version_of(form_id: str) -> str:
    """The version in which a form ships."""
    settings = assets.root().joinpath("forms", form_id, "settings.csv").read_text("utf-8-sig")
    return next(csv.DictReader(settings.splitlines()))["version"]


def push_body(*records: Sealed) -> Any:
    """The JSON of a push."""
    return to_json(PushRequest([sealed_to_wire(record) for record in records]))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def jpeg(seed: int = 0, side: int = 400) -> bytes:
    """A noisy photo of some size."""
    noise = Image.effect_noise((side, side), 60 + seed).convert("RGB")
    kept = io.BytesIO()
    noise.save(kept, "JPEG", quality=80)
    return kept.getvalue()


def strokes() -> bytes:
    """A tiny signature."""
    return canonical({"v": 1, "width": 300, "height": 200, "strokes": [[[10, 20, 0], [30, 40, 16]]]})


def announce(sha: str, size: int, kind: str = "image/jpeg") -> dict[str, str]:
    """Headers of a tus creation."""
    pairs = {"sha256": sha, "type": kind}
    said = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())
    return TUS | {"Upload-Length": str(size), "Upload-Metadata": said}


def patch(offset: int) -> dict[str, str]:
    """Headers of a tus chunk."""
    return TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


def upload(client: httpx.Client, content: bytes, kind: str = "image/jpeg") -> httpx.Response:
    """Announces and sends a whole file; the answer to the last request."""
    sha = sha256(content)
    answer = client.post("/files", headers=announce(sha, len(content), kind))
    if answer.status_code != 201:
        return answer
    offset = int(answer.headers["Upload-Offset"])
    return client.patch(f"/files/{sha}", headers=patch(offset), content=content[offset:])


def until(happened: Callable[[], bool], seconds: float = 5) -> None:
    """Waits for what another thread does after it has answered."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def served(wiring: Wiring) -> Iterator[str]:
    """A real server on a free port; gives its address."""
    listener = serving.listen("127.0.0.1", 0)
    server = serving.server_of(wiring)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield serving.address_of(listener).rstrip("/")
    finally:
        server.should_exit = True
        thread.join()
