"""A little school and a real phone that talks to it over HTTP: small enough to be broken thousands of times."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import Image

from casebook.records import FormRef, canonical
from fieldapp.desk import Desk
from fieldapp.sealing import seal_own, unsealed
from fieldapp.store import uploads
from sync_server.settings import Settings
from sync_server.store import accounts, archive, files, schools, visits
from sync_server.wiring import Wiring, build
from tests.sync_server.schoolhouse import CHILD, SCHOOL, TEACHER, attachment, jpeg

FORM = FormRef("absence_visit", "1", "a" * 64)
MARKS = 10**8


def code_for(wiring: Wiring, account: str = TEACHER) -> str:
    """A one-use code for a phone of this teacher."""
    with wiring.store.read() as conn:
        owner = accounts.by_id(conn, SCHOOL, account)
    assert owner is not None
    return wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, owner)).text


def enrolled(folder: Path, url: str, code: str) -> Desk:
    """A phone that has read the feeds; it never waits before it tries again."""
    desk = opened(folder)
    desk.enrol(url, code)
    assert desk.sync().complete
    return desk


def opened(folder: Path) -> Desk:
    """A phone as it starts."""
    return Desk.open(folder, pause=lambda seconds: None)


def sealed_visit(desk: Desk, visit: str, content: Mapping[str, bytes], child: str = CHILD) -> str:
    """Seals a visit with these files (by name, as `attachment` reads it) by the phone's own means; its rid."""
    work = desk._work
    att = tuple(attachment(name, one) for name, one in content.items())
    body = {"visit": visit, "purposes": ["absence"], "instance": f"<data>{visit}</data>", "signatures": []}
    with work.books.store.filing:
        for one in content.values():
            work.books.store.files.put(one)
        plain = replace(unsealed(work, "visit", child, body), form=FORM, att=att)
        return seal_own(work, plain, lambda db, rid, record: uploads.name_files(db, rid, record.att))


def pictures(photos: int = 1, side: int = 24) -> dict[str, bytes]:
    """Photos and a signature that nobody has made before, not even another process that was forked off here."""
    made = {f"{number}.jpg": _marked(jpeg(side=side), secrets.randbelow(MARKS)) for number in range(photos)}
    return {**made, "s.json": _ink(secrets.randbelow(MARKS))}


def numbered(number: int) -> dict[str, bytes]:
    """A small photo and a signature of this number; they are as long as those of any other."""
    return {"1.jpg": _marked(_photo(), number), "s.json": _ink(number)}


def _marked(photo: bytes, number: int) -> bytes:
    """The photo with a number as a remark inside."""
    return photo[:2] + b"\xff\xfe\x00\x0a%08d" % number + photo[2:]


def _ink(number: int) -> bytes:
    return canonical({"v": 1, "width": 300, "height": 200, "strokes": [[[10, 20, 0], [30, 40, MARKS + number]]]})


@cache
def _photo() -> bytes:
    kept = io.BytesIO()
    Image.radial_gradient("L").resize((24, 24)).convert("RGB").save(kept, "JPEG", quality=80)
    return kept.getvalue()


def received(desk: Desk) -> set[str]:
    """The records that the phone holds a receipt for."""
    return {item.rid for item in desk.outbox() if item.rid and item.receipt_no is not None}


def differences(wiring: Wiring, desks: Iterable[Desk]) -> list[str]:
    """In what the school differs from its phones, byte for byte; nothing, when all is well."""
    found, rids = [], set[str]()
    for desk in desks:
        own = desk._work.db.execute("SELECT rid, payload, sig, sseq FROM record WHERE own = 1").fetchall()
        rids |= {rid for rid, *_ in own}
        for rid, payload, signature, sseq in own:
            found += _of_record(wiring, desk, rid, (bytes(payload), bytes(signature), sseq))
    with wiring.store.read() as conn:
        entries = archive.of_case(conn, SCHOOL, CHILD)
        numbers = sorted(entry.sseq or 0 for entry in entries)
        if {entry.rid for entry in entries} != rids:
            found.append(f"{len(entries)} records of {len(rids)}")
        if len(set(numbers)) != len(numbers) or (numbers and numbers[-1] > schools.size(conn, SCHOOL)):
            found.append("sequence numbers")
    return found


def _of_record(wiring: Wiring, desk: Desk, rid: str, own: tuple[bytes, bytes, int]) -> list[str]:
    """One record: its bytes, its place, its files, and that the office sees it."""
    with wiring.store.read() as conn:
        filed = archive.one(conn, SCHOOL, rid)
        if filed is None:
            return [f"{rid[:8]} is missing"]
        kept = (filed.sealed.payload, filed.sealed.signature, filed.sseq)
        found = [] if kept == own else [f"{rid[:8]} differs"]
        whole = {file.sha256: files.one(conn, SCHOOL, file.sha256) for file in filed.record.att}
        if filed.record.type == "visit" and visits.one(conn, SCHOOL, str(filed.record.body["visit"])) is None:
            found.append(f"{rid[:8]} is not shown")
    for sha256, file in whole.items():
        if file is None or wiring.blobs.path(sha256).read_bytes() != desk.file_bytes(sha256):
            found.append(f"file {sha256[:8]} of {rid[:8]}")
    return found


def reopened(folder: Path) -> Wiring:
    """The school in a data folder, looked at from beside."""
    return build(Settings(data=folder))
