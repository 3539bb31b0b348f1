"""The school's computer under ten phones that come back on Friday: CPU and time per visit, memory, start."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from casebook.ed25519 import Ed25519Signer
from casebook.protocol import EnrolRequest, MissingRequest, PushRequest, b64, sealed_to_wire
from casebook.records import Attachment, Record, decode
from casebook.sealing import Sealed, device_id, seal
from fieldapp.sync.http import HttpConversation
from sync_server.settings import Settings
from sync_server.store import accounts
from sync_server.wiring import build
from tests.bench.limits import file_cpu, file_wall, interpreter_start
from tests.bench.measure import Figure
from tests.bench.school import BenchSchool
from tests.whole.handset import enrolled, record_visit
from tests.whole.phone_files import sealed_visits
from tests.whole.story import TEACHER
from tests.whole.visits import photo

PHONES, VISITS, PHOTOS = 10, 10, 3
CHUNK = 256 * 1024
STROKES = "application/vnd.jiafang.strokes+json"


@dataclass(frozen=True)
class Parcel:
    """A sealed visit with the files it names."""

    sealed: Sealed
    files: tuple[tuple[Attachment, bytes], ...]


def figures(folder: Path) -> list[Figure]:
    """Ten phones with ten visits each, all at once."""
    school = BenchSchool(folder / "school")
    known = _enrolled(school, PHONES)
    with school:
        started, resting = school.start_seconds, school.memory()
        pattern = _pattern(folder, school)
        phones = [_Phone(school.server.url, signer, token) for signer, token in known]
        parcels = [list(phone.parcels(pattern, number)) for number, phone in enumerate(phones)]
        cpu, wall = school.cpu(), time.perf_counter()
        with ThreadPoolExecutor(PHONES + 1) as pool:
            done = threading.Event()
            watch = pool.submit(_peak, school, done)
            waits = [wait for times in pool.map(_Phone.send, phones, parcels) for wait in times]
            done.set()
            peak = watch.result()
        cpu, wall = school.cpu() - cpu, time.perf_counter() - wall
    visits = [[content for _, content in parcel.files] for mine in parcels for parcel in mine]
    raw_cpu, raw_wall = file_cpu(folder / "limit", visits), file_wall(folder / "limit", visits)
    shutil.rmtree(folder / "limit")
    count, kept = len(visits), "write + sync + SHA-256 of the same files"
    return [
        Figure("server CPU per visit (record, seal, 3 photos, strokes)", cpu / count * 1000, "ms",
               raw_cpu / count * 1000, kept, budget=6, ratio_budget=3),
        Figure(f"wall time per visit, {PHONES} phones at once", wall / count * 1000, "ms", raw_wall / count * 1000,
               "write + sync of the same files, alone"),
        Figure("longest a phone waited for one visit", max(waits) * 1000, "ms", statistics.median(waits) * 1000,
               "the median"),
        Figure("memory at rest", resting, "MiB", 10, "a bare interpreter, about", budget=100),
        Figure(f"memory, peak with {PHONES} phones", peak, "MiB", resting, "at rest", budget=150),
        Figure("cold start to the first answer", started, "s", interpreter_start(), "an empty Python process", budget=1.0),
    ]  # fmt: skip


def _peak(school: BenchSchool, done: threading.Event) -> float:
    """The most memory the server used until `done`."""
    highest = 0.0
    while not done.wait(0.1):
        highest = max(highest, school.memory())
    return highest


def _enrolled(school: BenchSchool, count: int) -> list[tuple[Ed25519Signer, str]]:
    """Keys and tokens of as many phones of one teacher, enrolled while the server is down."""
    wiring = build(Settings(data=school.server.data))
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, wiring.school.id, TEACHER)
    assert account is not None
    phones = []
    for _ in range(count):
        signer = Ed25519Signer.generate()
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account)).text
        request = EnrolRequest(code, b64(signer.public_key), "bench", "linux", "0")
        phones.append((signer, wiring.enrolment.enrol(request).token))
    wiring.close()
    return phones


def _pattern(folder: Path, school: BenchSchool) -> Record:
    """A real visit, filled in with the real form: the pattern of all others."""
    desk = enrolled(folder / "phone", school.server)
    record_visit(desk, folder)
    desk.close()
    return decode(json.dumps(sealed_visits(folder / "phone")[0], ensure_ascii=False, sort_keys=True,
                             separators=(",", ":")).encode())  # fmt: skip


class _Phone:
    """One telephone that only speaks the protocol."""

    def __init__(self, url: str, signer: Ed25519Signer, token: str) -> None:
        self._signer, self._line = signer, HttpConversation(url, token)

    def parcels(self, pattern: Record, number: int) -> Iterator[Parcel]:
        """Visits of this phone, in its own chain."""
        previous = ""
        for turn in range(1, VISITS + 1):
            contents = _files(f"{number}-{turn}")
            attachments = tuple(attachment for attachment, _ in contents)
            body = {**pattern.body, "visit": os.urandom(16).hex(), "signatures": [
                {**signature, "sha256": attachments[0].sha256} for signature in pattern.body["signatures"]]}
            record = replace(pattern, dev=device_id(self._signer.public_key), ep=1, seq=turn, prev=previous,
                             hlc=(pattern.hlc[0] + turn, number), att=attachments, body=body, base={})
            sealed = seal(record, self._signer)
            previous = sealed.rid
            yield Parcel(sealed, contents)

    def send(self, parcels: list[Parcel]) -> list[float]:
        """All visits, one after the other as the protocol says; how long each took."""
        return [self._send(parcel) for parcel in parcels]

    def _send(self, parcel: Parcel) -> float:
        start = time.perf_counter()
        (outcome,) = self._line.push(PushRequest([sealed_to_wire(parcel.sealed)])).outcomes
        assert outcome.verdict == "stored", outcome
        self._line.missing(MissingRequest(files=[attachment.sha256 for attachment, _ in parcel.files]))
        for attachment, content in parcel.files:
            offset = self._line.file_offset(attachment.sha256, attachment.size, attachment.type)
            while offset < attachment.size:
                chunk = content[offset : offset + CHUNK]
                offset = self._line.send_chunk(attachment.sha256, offset, attachment.size, chunk)
        return time.perf_counter() - start


@cache
def _picture() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return photo(Path(folder) / "bench.jpg", 1).read_bytes()


def _files(seed: str) -> tuple[tuple[Attachment, bytes], ...]:
    """A strokes file and three photos of about 250 KB that nobody has sent before."""
    ink = {"v": 1, "width": 320, "height": 200, "strokes": [[[n * 7, n * 3, n] for n in range(200)]], "note": seed}
    drawn = json.dumps(ink, sort_keys=True, separators=(",", ":")).encode()
    contents = [("signature", STROKES, drawn)]
    for number in range(PHOTOS):
        comment = f"{seed}-{number}-{os.getpid()}".encode()
        marked = b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + _picture()[2:]
        contents.append(("photo", "image/jpeg", marked))
    return tuple((Attachment(role, hashlib.sha256(content).hexdigest(), len(content), kind), content)
                 for role, kind, content in contents)  # fmt: skip
