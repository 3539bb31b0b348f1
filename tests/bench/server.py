"""The school's computer under 1, 10 and 50 phones that come back on Friday: CPU, time and syncs per visit, memory, start."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.ed25519 import Ed25519Signer
from casebook.packs import Pack, PackedFile, in_order
from casebook.protocol import EnrolRequest, MissingRequest, PushRequest, b64, sealed_to_wire, to_json
from casebook.records import Record, decode
from fieldapp.sync.packing import next_stream
from sync_server.settings import Settings
from sync_server.store import accounts, rows
from sync_server.wiring import build
from tests.bench.limits import file_cpu, file_wall, interpreter_start, memory_at_hand
from tests.bench.measure import Figure
from tests.bench.school import BenchSchool
from tests.bench.syncs import Syncs
from tests.bench.visits import Parcel, parcels
from tests.whole.handset import enrolled, record_visit
from tests.whole.phone_files import sealed_visits
from tests.whole.story import TEACHER

CROWDS = (1, 10, 50)
ROUNDS = {1: 5, 10: 3, 50: 3}  # so often each crowd comes, other phones every time
COUNTED = 5  # phones whose syncs are counted, in a run of its own: whoever counts is slow
SETTLED_SECONDS, IDLE_SECONDS = 1.5, 0.02  # so long without more work than that
LIMIT_VISITS = 100  # so many visits' files tell what the disk can do


@dataclass(frozen=True)
class Load:
    """What one crowd of phones cost: CPU seconds of the server, seconds, longest wait of a phone, MiB at the most."""

    visits: int
    cpu: float
    wall: float
    waits: list[float]
    peak: float


def figures(folder: Path) -> list[Figure]:
    """Each crowd at a school of its own; every visit is to another child."""
    known: list[Figure] = []
    starts: list[float] = []
    pattern: Record | None = None
    for phones in CROWDS:
        school = BenchSchool(folder / f"school-{phones}")
        keys, children = _enrolled(school, phones * ROUNDS[phones] + 1)
        with school:
            starts.append(school.start_seconds)
            resting = school.memory()
            pattern = pattern or real_visit(folder, school)
            sent = [Telephone(school.server.port, token, list(parcels(pattern, signer, number, children)))
                    for number, (signer, token) in enumerate(keys)]  # fmt: skip
            _in_use(school, sent.pop())
            rounds = [sent[start : start + phones] for start in range(0, len(sent), phones)]
            before = _raw(folder / f"before-{phones}", sent)
            loads = [_measured(school, crowd) for crowd in rounds]
        known += _figures(phones, loads, [before, _raw(folder / f"after-{phones}", sent)], resting)
    assert pattern is not None
    known += [
        Figure("cold start to the first answer", statistics.median(starts), "s", interpreter_start(),
               "an empty Python process", budget=1.0),
        Figure("memory at rest", resting, "MiB", 10, "a bare interpreter, about", budget=100),
    ]  # fmt: skip
    return [*known, *_syncs(folder, pattern)]


@dataclass(frozen=True)
class Raw:
    """CPU seconds and seconds that a visit's files cost this machine by themselves."""

    cpu: float
    wall: float


def _raw(folder: Path, phones: Sequence[Telephone]) -> Raw:
    """Nothing is deleted in between: some file systems look long for a place that was not free a moment ago."""
    contents = [[content for _, content in parcel.files] for phone in phones for parcel in phone.parcels][:LIMIT_VISITS]
    memory_at_hand()
    cpu = file_cpu(folder, contents)
    memory_at_hand()
    return Raw(cpu / len(contents), file_wall(folder, contents) / len(contents))


def _figures(phones: int, loads: Sequence[Load], raw: Sequence[Raw], resting: float) -> list[Figure]:
    raw_cpu, raw_wall = _middle(one.cpu for one in raw), _middle(one.wall for one in raw)
    who = f"{phones} phone{'s' if phones > 1 else ''}"
    waits = [wait for load in loads for wait in load.waits]
    found = [
        Figure(f"{who}: server CPU per visit (record, seal, 3 photos, strokes)", _middle(load.cpu / load.visits for load in loads), "ms",
               raw_cpu, "write + sync + SHA-256 of the same files", budget=6, ratio_budget=3),
        Figure(f"{who}: wall time per visit", _middle(load.wall / load.visits for load in loads), "ms", raw_wall,
               "write + sync of the same files, alone", ratio_budget=2.5 if phones == CROWDS[-1] else None),
        Figure(f"{who}: longest a phone waited for one visit", max(waits) * 1000, "ms",
               statistics.median(waits) * 1000, "the median"),
    ]  # fmt: skip
    if phones == CROWDS[-1]:
        found.append(Figure(f"{who}: memory, peak", max(load.peak for load in loads), "MiB", resting, "at rest", budget=150))
    return found


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values) * 1000


def _syncs(folder: Path, pattern: Record) -> list[Figure]:
    """Waits for the disk until the acknowledgement, counted by the system."""
    if not Syncs.can_count():
        return []
    school = BenchSchool(folder / "school-syncs")
    keys, children = _enrolled(school, COUNTED)
    with school:
        crowd = [Telephone(school.server.port, token, list(parcels(pattern, signer, number, children)))
                 for number, (signer, token) in enumerate(keys)]  # fmt: skip
        alone, crowd = crowd[0], crowd[1:]
        first, rest = alone.parcels[:1], alone.parcels[1:]
        assert school.server.process is not None
        with Syncs(school.server.process.pid) as counted:
            alone.send(first)
        single = counted.total
        alone.send(rest)
        with Syncs(school.server.process.pid) as counted:
            _all_at_once(crowd)
    visits = sum(len(phone.parcels) for phone in crowd)
    return [
        Figure("syncs until a visit is acknowledged, one phone", single, "", 1, "one", budget=3),
        Figure(f"syncs per visit, {len(crowd)} phones at once", counted.total / visits, "", 1, "one", budget=3),
    ]


def _in_use(school: BenchSchool, first: Telephone) -> None:
    """A phone comes before all others: what is done once after a start (loading, working all lives out) is no visit's cost."""
    first.send(first.parcels)
    before = -1.0
    while school.cpu() > before + IDLE_SECONDS:
        before = school.cpu()
        time.sleep(SETTLED_SECONDS)


def _measured(school: BenchSchool, phones: list[Telephone]) -> Load:
    memory_at_hand()
    done = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        watch = pool.submit(_peak, school, done)
        cpu, wall = school.cpu(), time.perf_counter()
        waits = _all_at_once(phones)
        wall = time.perf_counter() - wall
        cpu = school.cpu() - cpu
        done.set()
        return Load(sum(len(phone.parcels) for phone in phones), cpu, wall, waits, watch.result())


def _all_at_once(phones: list[Telephone]) -> list[float]:
    with ThreadPoolExecutor(len(phones)) as pool:
        return [wait for times in pool.map(lambda phone: phone.send(phone.parcels), phones) for wait in times]


def _peak(school: BenchSchool, done: threading.Event) -> float:
    """The most memory the server used until `done`."""
    highest = 0.0
    while not done.wait(0.05):
        highest = max(highest, school.memory())
    return highest


def _enrolled(school: BenchSchool, count: int) -> tuple[list[tuple[Ed25519Signer, str]], list[str]]:
    """Keys and tokens of as many phones of one teacher, enrolled while the server is down; and all children."""
    wiring = build(Settings(data=school.server.data))
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, wiring.school.id, TEACHER)
        children = sorted(rows.of_feed(conn, wiring.school.id, "students"))
    assert account is not None
    phones = []
    for _ in range(count):
        signer = Ed25519Signer.generate()
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account)).text
        request = EnrolRequest(code, b64(signer.public_key), "bench", "linux", "0")
        phones.append((signer, wiring.enrolment.enrol(request).token))
    wiring.close()
    return phones, children


def real_visit(folder: Path, school: BenchSchool) -> Record:
    """A real visit, filled in with the real form: the pattern of all others."""
    desk = enrolled(folder / "phone", school.server)
    record_visit(desk, folder)
    desk.close()
    return decode(json.dumps(sealed_visits(folder / "phone")[0], ensure_ascii=False, sort_keys=True,
                             separators=(",", ":")).encode())  # fmt: skip


class Telephone:
    """A phone that speaks the protocol as the real one does, at next to no cost of its own."""

    def __init__(self, port: int, token: str, parcels: list[Parcel]) -> None:
        self._line, self.parcels = http.client.HTTPConnection("127.0.0.1", port, timeout=60), parcels
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, parcels: list[Parcel]) -> list[float]:
        """Texts first, all in one; then the files in streams. How long it took until each visit was acknowledged."""
        start = time.perf_counter()
        records = PushRequest([sealed_to_wire(parcel.sealed) for parcel in parcels])
        outcomes = json.loads(self._ask("POST", "/v1/push", {"Content-Type": "application/json"}, _json(records)))
        assert {one["verdict"] for one in outcomes["outcomes"]} == {"stored"}, outcomes
        asked = MissingRequest(files=[file.sha256 for parcel in parcels for file, _ in parcel.files])
        self._ask("POST", "/v1/missing", {"Content-Type": "application/json"}, _json(asked))
        contents = {file.sha256: content for parcel in parcels for file, content in parcel.files}
        waiting, rate = deque(_files_in_order(parcel) for parcel in parcels), 0.0
        waits: list[float] = []
        while waiting:
            visits = len(waiting)
            pack = Pack(next_stream(waiting, rate))
            begun = time.perf_counter()
            self._send(pack, b"".join(contents[file.sha256] for file in pack.files))
            rate = pack.size / (time.perf_counter() - begun)
            waits += [time.perf_counter() - start] * (visits - len(waiting))
            start = time.perf_counter()
        return waits

    def _send(self, pack: Pack, content: bytes) -> None:
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Length": str(pack.size), "Content-Type": "application/offset+octet-stream",
            "Upload-Metadata": f"pack {b64(pack.manifest.encode())}",
        }  # fmt: skip
        self._ask("POST", "/files", headers, content, pack.size)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes, expected: int | None = None) -> bytes:
        self._line.request(method, path, body, self._headers | headers)
        answer = self._line.getresponse()
        said = answer.read()
        assert answer.status < 300, said
        assert expected is None or answer.headers["Upload-Offset"] == str(expected)
        return said


def _files_in_order(parcel: Parcel) -> tuple[PackedFile, ...]:
    return in_order((file.role, PackedFile(file.sha256, file.size, file.type)) for file, _ in parcel.files)


def _json(message: Any) -> bytes:
    return json.dumps(to_json(message), ensure_ascii=False, separators=(",", ":")).encode()
