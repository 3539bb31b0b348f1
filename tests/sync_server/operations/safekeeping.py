"""A school with one visit and its files at school, and a shelf for backups beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.protocol import PushRequest, sealed_to_wire
from casebook.sealing import Sealed
from sync_server.operations import keeping
from sync_server.operations.backup import Made, back_up
from sync_server.operations.checking import Checker, Finding
from sync_server.operations.shelf import Shelf
from sync_server.settings import Settings
from sync_server.store.blobs import Announcement
from sync_server.store.devices import Device
from sync_server.wiring import Wiring, build
from tests.sync_server.schoolhouse import SCHOOL, STROKES_TYPE, TEACHER, Phone, jpeg, make_school, sha256, strokes

PHOTO, STROKES = jpeg(side=60), strokes()


@dataclass
class Safekeeping:
    """The school, one enrolled phone, and where its backups go."""

    wiring: Wiring
    phone: Phone
    shelf: Shelf

    @property
    def device(self) -> Device:
        return self.wiring.enrolment.device_of(self.phone.token)

    def push(self, *records: Sealed) -> list[str]:
        """Files records; their verdicts."""
        reply = self.wiring.intake.push(self.device, PushRequest([sealed_to_wire(one) for one in records]))
        return [str(outcome.verdict) for outcome in reply.outcomes]

    def upload(self, content: bytes, kind: str = "image/jpeg") -> None:
        uploads, sha = self.wiring.uploads, sha256(content)
        if uploads.announce(SCHOOL, sha, Announcement(len(content), kind)).offset == len(content):
            return
        turn = uploads.open(SCHOOL, sha, 0)
        turn.write(content)
        turn.close()

    def visit(self, name: str = "v1", photo: bytes = PHOTO) -> Sealed:
        """A visit with its photo and signature, all at school."""
        sealed = self.phone.visit(name, files={"a.jpg": photo, "s.json": STROKES})
        assert self.push(sealed) == ["stored"]
        self.upload(photo)
        self.upload(STROKES, STROKES_TYPE)
        return sealed

    def back_up(self, at: dt.datetime | None = None) -> Made:
        return back_up(keeping.source_of(self.wiring), self.shelf, at or self.wiring.clock())


@contextmanager
def safekeeping(folder: Path, **settings: Any) -> Iterator[Safekeeping]:
    """Everything in `folder`."""
    wiring = make_school(folder, **settings)
    school = Safekeeping(wiring, Phone(TEACHER).enrol(wiring), Shelf(settings.get("backup_to", folder / "usb")))
    school.shelf.set_up()
    yield school
    wiring.close()


def reopened(folder: Path) -> Wiring:
    """The school of a folder that was restored."""
    return build(Settings(data=folder))


def looked_at(wiring: Wiring) -> tuple[Finding, ...]:
    """Everything that is wrong with a school."""
    return Checker(wiring.store, wiring.blobs, SCHOOL, wiring.keys.receipt.public_key).look().findings
