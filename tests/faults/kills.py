"""Kills phone and school at every single write, and fills their disks at every single write."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from casebook.errors import CasebookError
from casebook.protocol import MissingRequest, PushRequest, sealed_to_wire
from casebook.sealing import Sealed
from fieldapp.desk import Desk
from sync_server.settings import Settings
from sync_server.wiring import Wiring, build
from tests.conformance.direct import DirectConversation
from tests.faults.came import Came
from tests.faults.little import code_for, differences, enrolled, opened, pictures, received, reopened, sealed_visit
from tests.faults.points import Points, die, run_full, watched
from tests.faults.servers import Server
from tests.sync_server.schoolhouse import Phone, make_school, sha256

Say = Callable[[str], None]
PIECE = 700  # a photo goes up in several pieces


@contextmanager
def phone_and_server(folder: Path) -> Iterator[tuple[Path, Server]]:
    """An enrolled phone's folder, and the running server of the school in `folder`."""
    wiring = make_school(folder)
    code = code_for(wiring)
    wiring.close()
    server = Server(folder)
    server.start()
    enrolled(folder / "phone", server.url, code).close()
    try:
        yield folder / "phone", server
    finally:
        server.kill()


def phone_killed(folder: Path, step: int, first: int = 1) -> Came:
    """A visit is sealed and sent; the app is killed at its write number `first`, `first + step`, …

    After each kill: what it was told is safe is there, and the next start sends the rest.
    """
    came = Came()
    with phone_and_server(folder) as (phone, _):
        at = first
        while True:
            points, told = _struck_child(phone, at, came.visits)
            came.visits += 1
            desk = opened(phone)
            came.wrong += _forgotten(desk, told, at)
            if not desk.sync().complete:
                came.wrong.append(f"not complete after point {at}")
            desk.close()
            if points:  # it went through to its end
                came.points = points
                break
            came.struck, at = came.struck + 1, at + step
        _compare(folder, came)
    return came


def phone_full(folder: Path, step: int, first: int = 1) -> Came:
    """The same with a disk that is full at that write and has room again afterwards."""
    came = Came()
    with phone_and_server(folder) as (phone, _):
        at, points = first, Points()
        while at == first or points.passed >= points.at:
            points = Points(at, run_full)
            told: list[str] = []
            with watched(points), suppress(CasebookError):
                desk = opened(phone)
                with suppress(CasebookError):
                    _a_visit(desk, came.visits, told.append)
                desk.close()
            came.visits += 1
            desk = opened(phone)
            came.wrong += _forgotten(desk, told, at)
            if not desk.sync().complete:
                came.wrong.append(f"not complete after point {at}")
            desk.close()
            came.struck, at = came.struck + (points.passed >= points.at), at + step
        came.points = points.passed
        _compare(folder, came)
    return came


def school_killed(folder: Path, step: int, first: int = 1) -> Came:
    """The school takes a visit in and is killed at its write number `first`, `first + step`, …

    What it acknowledged is there and shown; the phone offers everything again and gets the very same receipts.
    """
    return _school(folder, step, first, _school_child)


def school_full(folder: Path, step: int, first: int = 1) -> Came:
    """The same with a disk that is full at that write."""
    return _school(folder, step, first, _school_without_room)


def _school(folder: Path, step: int, first: int, struck: Callable[..., tuple[int, list[str]]]) -> Came:
    came, at = Came(), first
    wiring = make_school(folder)
    phone = Phone().enrol(wiring)
    wiring.close()
    while True:
        content = pictures(1, 40)
        record = phone.visit(f"v{came.visits}", content)
        points, told = struck(folder / "data", at, phone.token, record, content)
        came.visits += 1
        wiring = build(Settings(data=folder / "data"))
        came.wrong += _unkept(wiring, phone, record, content, told, at)
        wiring.close()
        if points:
            came.points = points
            return came
        came.struck, at = came.struck + 1, at + step


def _a_visit(desk: Desk, number: int, say: Say) -> None:
    say(f"sealed {sealed_visit(desk, f'v{number}', pictures())}")
    desk.sync()
    for rid in received(desk):
        say(f"received {rid}")


def _struck_child(phone: Path, at: int, number: int) -> tuple[int, list[str]]:
    """Points passed if the child lived to its end (else 0), and what it said."""

    def work(points: Points, say: Say) -> None:
        with watched(points):
            desk = opened(phone)
            _a_visit(desk, number, say)

    return _forked(at, work)


def _school_child(data: Path, at: int, token: str, record: Sealed, content: dict[str, bytes]) -> tuple[int, list[str]]:
    def work(points: Points, say: Say) -> None:
        with watched(points):
            wiring = build(Settings(data=data))
            deliver(wiring, token, record, content, say)

    return _forked(at, work)


def _school_without_room(
    data: Path, at: int, token: str, record: Sealed, content: dict[str, bytes]
) -> tuple[int, list[str]]:
    points, told = Points(at, run_full), list[str]()
    with watched(points), suppress(CasebookError):
        wiring = build(Settings(data=data))
        try:
            deliver(wiring, token, record, content, told.append)
        finally:
            wiring.close()
    return (points.passed if points.passed < at else 0), told


def _forked(at: int, work: Callable[[Points, Say], None]) -> tuple[int, list[str]]:
    """Works in a child that dies at point `at`; the points passed if it did not, and what it said."""
    reading, writing = os.pipe()
    say = os.write
    pid = os.fork()
    if pid == 0:
        points = Points(at, die)
        try:
            work(points, lambda said: say(writing, f"{said}\n".encode()) and None)
            say(writing, f"passed {points.passed}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    heard = b""
    while piece := os.read(reading, 65536):
        heard += piece
    os.close(reading)
    os.waitpid(pid, 0)
    lines = heard.decode().splitlines()
    passed = [int(line.split()[1]) for line in lines if line.startswith("passed ")]
    return (passed[0] if passed else 0), [line for line in lines if not line.startswith("passed ")]


def deliver(wiring: Wiring, token: str, record: Sealed, content: dict[str, bytes], say: Say) -> None:
    """What a phone does with a visit: the text, then each file in pieces."""
    school = DirectConversation(wiring, token)
    (outcome,) = school.push(PushRequest([sealed_to_wire(record)])).outcomes
    if outcome.receipt:
        say(f"receipt {outcome.receipt.sig}")
    for name, one in content.items():
        sha, kind = sha256(one), "image/jpeg" if name.endswith(".jpg") else "application/vnd.jiafang.strokes+json"
        offset = school.file_offset(sha, len(one), kind)
        while offset < len(one):
            offset = school.send_chunk(sha, offset, len(one), one[offset : offset + PIECE])
        say(f"file {sha}")


def _unkept(
    wiring: Wiring, phone: Phone, record: Sealed, content: dict[str, bytes], told: list[str], at: int
) -> list[str]:
    """What the school had acknowledged and does not have, and what it does not take now."""
    school, found = DirectConversation(wiring, phone.token), list[str]()
    acknowledged = [line.split()[1] for line in told if line.startswith("receipt ")]
    files = [line.split()[1] for line in told if line.startswith("file ")]
    missing = school.missing(MissingRequest([record.rid], files))
    if (acknowledged and missing.rids) or missing.files:
        found.append(f"point {at}: acknowledged and not there")
    again: list[str] = []
    deliver(wiring, phone.token, record, content, again.append)
    if acknowledged and f"receipt {acknowledged[0]}" != again[0]:
        found.append(f"point {at}: another receipt")
    if school.missing(MissingRequest([record.rid], [sha256(one) for one in content.values()])).rids:
        found.append(f"point {at}: not taken afterwards")
    return found + [f"point {at}: file differs" for one in content.values()
                    if wiring.blobs.path(sha256(one)).read_bytes() != one]  # fmt: skip


def _forgotten(desk: Desk, told: list[str], at: int) -> list[str]:
    """What the phone said was safe and is not there any more."""
    rows = dict(desk._work.db.execute("SELECT rid, verdict FROM record WHERE own = 1").fetchall())
    said = [line.split() for line in told]
    lost = [rid for what, rid in said if rid not in rows or (what == "received" and rows[rid] is None)]
    return [f"point {at}: {len(lost)} forgotten"] if lost else []


def _compare(folder: Path, came: Came) -> None:
    desk, wiring = opened(folder / "phone"), reopened(folder / "data")
    came.wrong += differences(wiring, [desk])
    wiring.close()
    desk.close()


def server_killed_again_and_again(folder: Path, kills: int, seed: int) -> Came:
    """A running server is killed at random moments while a phone sends; its phone loses nothing."""
    dice, came = random.Random(seed), Came()
    with phone_and_server(folder) as (phone, server):
        desk = opened(phone)
        for number in range(kills):
            sealed_visit(desk, f"k{number}", pictures(1, 200))
            came.visits += 1
        desk.close()
        for _ in range(kills):
            with _sending(phone):
                time.sleep(dice.random() * 0.4)
                server.kill()
            came.struck += 1
            server.start()
        desk = opened(phone)
        if not desk.sync().complete:
            came.wrong.append("not complete in the end")
        desk.close()
    _compare(folder, came)
    return came


@contextmanager
def _sending(phone: Path) -> Iterator[None]:
    """A phone that sends meanwhile, and is killed afterwards."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            desk = opened(phone)
            os.write(writing, b"!")
            while not desk.sync().complete:
                time.sleep(0.01)
        finally:
            os._exit(0)
    os.read(reading, 1)
    yield
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reading)
    os.close(writing)
