"""A real server, killed again and again while phones push: nothing it acknowledged is ever missing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from casebook.protocol import Outcome, PushRequest, from_json, sealed_to_wire, to_json
from sync_server.settings import Settings
from sync_server.store import archive, index, schools
from sync_server.store.blobs import Blobs
from sync_server.web.files import GATHER_SECONDS
from sync_server.wiring import build
from tests.sync_server.schoolhouse import (
    CHILD,
    SCHOOL,
    TEACHER,
    TUS,
    Phone,
    announce,
    jpeg,
    make_school,
    patch,
    sha256,
    until,
)
from tests.whole.processes import answers, free_port

KILLS = 2


class Server:
    """`python -m sync_server serve` in its own process."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [sys.executable, "-m", "sync_server", "serve", "--data", str(data), "--port", str(self.port)]

    def start(self) -> None:
        self.kill()
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait(self) -> str:
        """Its address, once it answers."""
        url = f"http://127.0.0.1:{self.port}"
        until(lambda: answers(f"{url}/v1/hello"), 40)
        return url

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(20)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server over the school in `tmp_path`, not started yet; none is left behind."""
    server = Server(tmp_path / "data")
    yield server
    server.kill()


def push_until_full(phone: Phone, url: str, acknowledged: list[str], stop: threading.Event) -> None:
    """A phone that keeps writing and pushing; what got no answer is pushed again."""
    waiting = []
    with httpx.Client(base_url=url, headers=phone.headers, timeout=2) as client:
        while not stop.is_set():
            waiting.append(phone.seal(set={"will": phone.seq}))
            with suppress(httpx.HTTPError):
                wires = [sealed_to_wire(record) for record in waiting[:20]]
                answer = client.post("/v1/push", json=to_json(PushRequest(wires)))
                outcomes = [from_json(Outcome, one) for one in answer.json()["outcomes"]]
                done = {outcome.rid for outcome in outcomes if outcome.receipt}
                acknowledged.extend(done)
                waiting = [record for record in waiting if record.rid not in done]
                continue
            time.sleep(0.02)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path, server: Server) -> None:
    school = make_school(tmp_path)
    phones = [Phone(TEACHER, seed).enrol(school) for seed in (41, 42)]
    school.close()
    stop, acknowledged = threading.Event(), [[] for _ in phones]
    threads = [
        threading.Thread(target=push_until_full, args=(phone, f"http://127.0.0.1:{server.port}", done, stop))
        for phone, done in zip(phones, acknowledged, strict=True)
    ]
    for thread in threads:
        thread.start()
    chance = random.Random(5)
    for _ in range(KILLS):
        server.start()
        before = sum(map(len, acknowledged))
        end = time.monotonic() + 30
        while sum(map(len, acknowledged)) < before + 10 and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.2)
        server.kill()
    stop.set()
    for thread in threads:
        thread.join()
    assert_all_there(tmp_path / "data", [rid for done in acknowledged for rid in done])


def assert_all_there(data: Path, rids: list[str]) -> None:
    assert len(rids) > 10 * KILLS
    school = build(Settings(data=data))
    with school.store.read() as conn:
        assert archive.not_held(conn, SCHOOL, rids) == []
        entries = archive.of_case(conn, SCHOOL, CHILD)
        shown = index.values(conn, SCHOOL, CHILD)["will"]
        assert {entry.rid for entry in entries} == {value.rid for value in shown}  # visible in the same commit
        assert len({entry.sseq for entry in entries}) == len(entries)
        assert max(entry.sseq or 0 for entry in entries) <= schools.size(conn, SCHOOL)
    school.close()


def test_an_upload_goes_on_where_it_stood_when_the_server_was_killed(tmp_path: Path, server: Server) -> None:
    school = make_school(tmp_path)
    phone = Phone().enrol(school)
    school.close()
    photo = jpeg(side=900)
    half, sha = len(photo) // 2, sha256(photo)
    server.start()
    url = server.wait()
    with httpx.Client(base_url=url, headers=phone.headers) as client, httpx.Client(headers=phone.headers) as other:
        client.post("/files", headers=announce(sha, len(photo)))

        def slowly() -> Iterator[bytes]:
            yield photo[: half // 2]
            time.sleep(2 * GATHER_SECONDS)  # what comes faster is gathered
            yield photo[half // 2 : half]
            until(lambda: offset() > 0)
            server.kill()
            yield photo[half:]

        def offset() -> int:
            return int(other.head(f"{url}/files/{sha}", headers=TUS).headers["Upload-Offset"])

        with suppress(httpx.HTTPError):
            client.patch(f"/files/{sha}", headers=patch(0), content=slowly())
        server.start()
        server.wait()
        kept = offset()
        assert 0 < kept <= half
        answer = client.patch(f"/files/{sha}", headers=patch(kept), content=photo[kept:])
        assert answer.status_code == 204
        server.kill()
    assert Blobs(tmp_path / "data").path(sha).read_bytes() == photo


def test_the_server_stops_cleanly_when_it_is_told_to(tmp_path: Path, server: Server) -> None:
    make_school(tmp_path).close()
    server.start()
    server.wait()
    assert server.stop() in (0, -signal.SIGTERM)
