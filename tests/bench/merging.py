"""What one more record costs when its case already has 10, 1,000 or 100,000: it must be the same."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path

from sqlalchemy import Table, insert

from casebook.casefile import CaseFile, Entry
from casebook.ed25519 import Ed25519Signer, Ed25519Verifier
from casebook.merging import Verdict
from casebook.protocol import PushRequest, sealed_to_wire
from casebook.records import Record, Span
from casebook.sealing import Sealed, device_id, seal
from sync_server.intake import Intake
from sync_server.lives import Lives
from sync_server.store import accounts, devices, schema, schools
from sync_server.store.accounts import Account
from sync_server.store.devices import Device
from sync_server.store.engine import Store
from sync_server.store.schools import School
from sync_server.treelog import TreeLog
from tests.bench.limits import sqlite_commit
from tests.bench.measure import Figure, seconds

SCHOOL, TEACHER, CASE = "3199000001", "t" * 32, "c" * 32
MADE_AT = "2025-10-01T08:00:00+08:00"
PROPERTIES = ("seen", "whereabouts", "reasons_guardian", "will", "attitude", "outcome", "promise_date", "situation")
SIZES = (10, 1_000, 100_000)
PUSHES = 40
SPAN = Span(MADE_AT, MADE_AT, "+08:00", 1000)


def figures(folder: Path) -> list[Figure]:
    """Milliseconds to take one record in (seal checked, filed, folded, receipt signed, committed)."""
    commit = sqlite_commit(folder) * 1000
    costs = {size: _push_ms(folder / str(size), size) for size in SIZES}
    found = [Figure(f"one record into a case with {size:,}", ms, "ms", commit, "one durable SQLite commit")
             for size, ms in costs.items()]  # fmt: skip
    smallest = costs[SIZES[0]]
    found.append(Figure("the same, 100,000 against 10 records", costs[SIZES[-1]], "ms", smallest,
                        "a case with 10", ratio_budget=1.5))  # fmt: skip
    adds = {size: _add_us(size) for size in SIZES}
    found.append(Figure("fold one more on the phone, n = 100,000", adds[SIZES[-1]], "µs", adds[SIZES[0]],
                        "a case with 10", ratio_budget=2.0))  # fmt: skip
    return found


def _push_ms(folder: Path, size: int) -> float:
    signer = Ed25519Signer.from_bytes(bytes(32))
    store = _school(folder, signer)
    _fill(store, size)

    def clock() -> dt.datetime:
        return dt.datetime.fromisoformat(MADE_AT)

    intake = Intake(store, signer, Ed25519Verifier(), clock, Lives(SCHOOL, clock), TreeLog(signer, clock))
    device = _phone(signer)
    times, previous, base = [], "", _row_id(size - 1)
    for number in range(1, PUSHES + 1):
        sealed = _record(signer, number, previous, base)
        request = PushRequest([sealed_to_wire(sealed)])
        times.append(seconds(lambda request=request: _stored(intake, device, request)))
        previous = base = sealed.rid
    store.close()
    return statistics.median(times) * 1000


def _stored(intake: Intake, device: Device, request: PushRequest) -> None:
    (outcome,) = intake.push(device, request).outcomes
    assert outcome.verdict == Verdict.STORED, outcome


def _record(signer: Ed25519Signer, number: int, previous: str, base: str) -> Sealed:
    record = Record(
        type="observation", school=SCHOOL, author=TEACHER, dev=device_id(signer.public_key), ep=1, seq=number,
        prev=previous, hlc=(10**9 + number, 0), at=SPAN, case=CASE,
        set={prop: f"value {number}" for prop in PROPERTIES}, base={prop: (base,) for prop in PROPERTIES},
    )  # fmt: skip
    return seal(record, signer)


def _phone(signer: Ed25519Signer) -> Device:
    key = signer.public_key
    return Device(device_id(key), SCHOOL, TEACHER, key, "bench", "linux", "0", MADE_AT)


def _school(folder: Path, signer: Ed25519Signer) -> Store:
    folder.mkdir(parents=True)
    store = Store(f"sqlite:///{folder / 'school.db'}")
    schema.metadata.create_all(store.engine)

    def make(conn) -> None:  # type: ignore[no-untyped-def]
        schools.add(conn, School(SCHOOL, "Bench", "g" * 32), MADE_AT)
        accounts.add(conn, Account(TEACHER, SCHOOL, "teacher", "T", ("class_teacher",), True, ()), "", MADE_AT)
        devices.put(conn, _phone(signer), None)
        conn.execute(insert(schema.class_room).values(school=SCHOOL, class_id="k", name="K", teacher=TEACHER))
        conn.execute(insert(schema.student).values(school=SCHOOL, student=CASE, class_id="k", name="S"))

    store.run_tx(make)
    return store


def _row_id(number: int) -> str:
    return f"{number:064x}"


def _fill(store: Store, size: int) -> None:
    """A case with `size` records, each of which replaced the values of the one before: put in as rows, in bulk."""
    shared = {
        "school": SCHOOL, "case": CASE, "payload": b"{}", "signature": b"s", "keyid": "k" * 64, "type": "observation",
        "visit": None, "author": TEACHER, "dev": "d" * 64, "ep": 1, "prev": "", "received_at": MADE_AT,
        "verdict": "stored", "code": None, "receipt": b"r", "receipt_signature": b"r",
    }  # fmt: skip
    records = [shared | {"rid": _row_id(n), "sseq": n + 1, "seq": n + 1} for n in range(size)]
    replaced = [{"school": SCHOOL, "case": CASE, "prop": prop, "rid": _row_id(n)}
                for n in range(size - 1) for prop in PROPERTIES[:2]]  # fmt: skip
    live = [{"school": SCHOOL, "case": CASE, "prop": prop, "rid": _row_id(size - 1), "value": '"x"', "hlc_ms": size,
             "hlc_n": 0, "author": TEACHER, "at": MADE_AT} for prop in PROPERTIES]  # fmt: skip
    for table, rows in ((schema.record, records), (schema.case_superseded, replaced), (schema.case_value, live)):
        _insert(store, table, rows)
    store.run_tx(lambda conn: schools.take(conn, SCHOOL, size))


def _insert(store: Store, table: Table, rows: list[dict[str, object]]) -> None:
    for start in range(0, len(rows), 20_000):
        part = rows[start : start + 20_000]
        store.run_tx(lambda conn, part=part: conn.execute(insert(table), part))


def _add_us(size: int) -> float:
    """Microseconds to fold one record into a case file that holds `size`."""
    file = CaseFile(CASE)
    for number in range(size):
        file.add(_entry(number))
    news = [_entry(size + number) for number in range(200)]
    return min(seconds(lambda: [file.add(entry) for entry in news]) for _ in range(3)) / len(news) * 1e6


def _entry(number: int) -> Entry:
    record = Record(
        type="observation", school=SCHOOL, author=TEACHER, dev="d" * 64, ep=1, seq=number + 1, prev="",
        hlc=(number, 0), at=SPAN, case=CASE, set=dict.fromkeys(PROPERTIES, number),
        base=dict.fromkeys(PROPERTIES, (_row_id(number - 1),)) if number else {},
    )  # fmt: skip
    return Entry(_row_id(number), record)
