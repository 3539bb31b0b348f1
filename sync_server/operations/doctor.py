"""Looks after what a school without an administrator forgets, and says in plain sentences what to do."""

from __future__ import annotations

import datetime as dt
import os
import platform
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sync_server import keys
from sync_server.operations import keeping, schedule
from sync_server.operations.faults import OperationFailed
from sync_server.operations.keeping import Standing
from sync_server.store import accounts, archive, schema, snapshot
from sync_server.wiring import Wiring

GOOD, DUE, BAD = "good", "due", "bad"
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
FEW_DAYS = 60
GB = 1_000_000_000
ANSWER_SECONDS = 3.0
TOLD = ("shelf_absent", "disk_full")  # faults of the backup that have advice of their own


@dataclass(frozen=True)
class Advice:
    """One thing that was looked at: how it stands, and its code (doctor.<code> has the sentence)."""

    level: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def examine(wiring: Wiring) -> Iterator[Advice]:
    """Everything in order; the restore is tried when that is due, which may take minutes."""
    with wiring.store.read() as conn:
        standing = keeping.standing(wiring, conn)
        newest = archive.newest_arrival(conn, wiring.school.id)
        logins = {one.id: one.login for one in accounts.all_of(conn, wiring.school.id)}
    yield _versions(wiring)
    yield from _clock(wiring, newest)
    yield from _disk(standing)
    yield from _rights(wiring.settings.data)
    if wiring.settings.backup_elsewhere:
        yield _elsewhere(standing)
    else:
        yield from _backup(standing)
        yield _rehearsal(wiring, standing)
    yield from _door(wiring)
    yield from _phones(standing, logins)


def _versions(wiring: Wiring) -> Advice:
    facts = {"python": platform.python_version(), "sqlite": snapshot.ENGINE, "tables": schema.HEAD}
    return Advice(GOOD, "versions", facts)


def _clock(wiring: Wiring, newest: str | None) -> Iterator[Advice]:
    """The computer's clock against what it said itself before, and its zone against the school's."""
    now = wiring.clock()
    ahead = dt.datetime.fromisoformat(newest) - now if newest else dt.timedelta(0)
    facts = {"now": _moment(now.isoformat()), "newest": _moment(newest or "")}
    yield Advice(BAD, "clock_behind", facts) if ahead > CLOCK_TOLERANCE else Advice(GOOD, "clock", facts)
    if now.astimezone().utcoffset() != now.utcoffset():
        yield Advice(DUE, "clock_zone")


def _disk(standing: Standing) -> Iterator[Advice]:
    facts = {"free": _gb(standing.free_bytes), "days": standing.days_left or 0}
    if standing.free_bytes < standing.reserve_bytes:
        yield Advice(BAD, "disk_full", facts)
    elif standing.days_left is not None and standing.days_left < FEW_DAYS:
        yield Advice(DUE, "disk_short", facts)
    else:
        yield Advice(GOOD, "disk", facts)


def _rights(data: Path) -> Iterator[Advice]:
    if not os.access(data, os.W_OK):
        yield Advice(BAD, "rights_write", {"data": data})
    open_to_others = [path for path in (data, *keys.files_in(data / "keys")) if _others_may_read(path)]
    if open_to_others:
        yield Advice(DUE, "rights_others", {"data": data})
    else:
        yield Advice(GOOD, "rights")


def _others_may_read(path: Path) -> bool:
    return os.name != "nt" and bool(path.stat().st_mode & 0o077)


def _backup(standing: Standing) -> Iterator[Advice]:
    last, age = standing.backup, standing.backup_age
    if age is None or last is None:
        yield Advice(BAD, "backup_never")
    else:
        old = age > keeping.OLD
        facts = {"moment": _moment(last.done_at or ""), "days": age.days, "place": standing.place}
        yield Advice(BAD if old else GOOD, "backup_old" if old else "backup", facts)
        if last.facts.get("lacking"):
            yield Advice(DUE, "backup_lacking", {"count": last.facts["lacking"]})
    if last is not None and last.fault:
        yield Advice(BAD, f"fault_{last.fault}" if last.fault in TOLD else "fault_other", {"place": standing.place})
    if standing.beside_the_data:
        yield Advice(DUE, "backup_beside")


def _elsewhere(standing: Standing) -> Advice:
    """Of backups that others make the school knows what it is told."""
    last, age = standing.backup, standing.backup_age
    if age is None or last is None:
        return Advice(DUE, "backup_elsewhere")
    facts = {"moment": _moment(last.done_at or ""), "days": age.days}
    return Advice(BAD, "backup_elsewhere_old", facts) if age > keeping.OLD else Advice(GOOD, "backup_noted", facts)


def _rehearsal(wiring: Wiring, standing: Standing) -> Advice:
    done = standing.rehearsal.done_at if standing.rehearsal else None
    if done and standing.now - dt.datetime.fromisoformat(done) < schedule.WEEKLY:
        return Advice(GOOD, "rehearsal", {"moment": _moment(done)})
    if standing.backup_age is None:
        return Advice(DUE, "rehearsal_none")
    try:
        schedule.do(wiring, schedule.job_named(keeping.REHEARSAL))
    except OperationFailed as fault:
        return Advice(BAD, "rehearsal_failed", {"count": fault.facts.get("findings", "–")})
    return Advice(GOOD, "rehearsal", {"moment": _moment(wiring.now())})


def _door(wiring: Wiring) -> Iterator[Advice]:
    host, port = wiring.settings.host, wiring.settings.port
    answer = _ask(host, port)
    code = {None: "door_closed", True: "door", False: "door_stranger"}[answer]
    yield Advice(GOOD if answer else DUE, code, {"port": port})
    if host in ("127.0.0.1", "localhost", "::1"):
        yield Advice(DUE, "door_only_here")
    else:
        yield Advice(DUE, "door_plain")


def _ask(host: str, port: int) -> bool | None:
    """Whether it is our server that answers there; None when nobody does."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with closing(socket.create_connection((here, port), ANSWER_SECONDS)) as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\n\r\n".encode())
            line.settimeout(ANSWER_SECONDS)
            said = b""
            while piece := line.recv(4096):
                said += piece
    except OSError:
        return None
    return said.startswith(b"HTTP/1.1 200") and said.endswith(b"ok\n")


def _phones(standing: Standing, logins: Mapping[str, str]) -> Iterator[Advice]:
    for phone in standing.silent:
        days = (standing.now - dt.datetime.fromisoformat(phone.seen_at)).days
        owner = logins.get(phone.device.account, "–")
        facts = {"login": owner, "phone": phone.device.name, "days": days, "files": phone.files, "records": phone.gaps}
        yield Advice(DUE, "phone_silent", facts)
    if not standing.silent:
        yield Advice(GOOD, "phones", {"count": len(standing.phones)})


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")


def _gb(size: int) -> str:
    return f"{size / GB:.1f} GB"
