"""A client of tus that we did not write sends files to the real server, is cut on the way, and goes on at the byte."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_server.store import files
from sync_server.wiring import Wiring
from tests.differential.oracles import Command, tus_client
from tests.sync_server.schoolhouse import SCHOOL, Phone, jpeg, make_school, served, sha256
from tests.whole.link import Link

SECONDS = 60
#: What an upload costs beside its bytes: a request line with headers, some of them again after each cut.
WORDS_BYTES = 1500


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


@pytest.fixture
def link(school: Wiring) -> Iterator[Link]:
    with served(school) as url:
        made = Link(int(url.rsplit(":", 1)[1]))
        yield made
        made.close()


@pytest.fixture
def send(school: Wiring, link: Link, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Lets the client send a photo; it is patient for so many tries. What it says in the end."""
    token, command = Phone().enrol(school).token, tus_client()

    def work(photo: bytes, patience: int, watch: Callable[[], None] = lambda: None, named: str = "") -> dict[str, Any]:
        path = tmp_path / sha256(photo)
        if not path.exists():  # the client knows a file again by its place and age
            path.write_bytes(photo)
        wish = {
            "endpoint": f"{link.url}/files", "token": token, "path": str(path), "memory": str(tmp_path / "memory.json"),
            "metadata": {"sha256": named or sha256(photo), "type": "image/jpeg"}, "patience": patience,
        }  # fmt: skip
        return _run(command, wish, watch)

    return work


def _run(command: Command, wish: dict[str, Any], watch: Callable[[], None]) -> dict[str, Any]:
    client = subprocess.Popen(
        [*command.arguments, json.dumps(wish)], cwd=command.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(SECONDS * 100):
        watch()
        try:
            said, complaint = client.communicate(timeout=0.01)
        except subprocess.TimeoutExpired:
            continue
        assert client.returncode == 0, complaint
        told: dict[str, Any] = json.loads(said)
        return told
    client.kill()
    raise AssertionError("the client did not end")


def counts(school: Wiring, photo: bytes) -> bool:
    """Whether the photo is whole at school, byte for byte, and counted."""
    with school.store.read() as conn:
        noted = files.one(conn, SCHOOL, sha256(photo))
    return noted is not None and school.blobs.path(noted.sha256).read_bytes() == photo


def test_it_goes_on_after_every_cut_by_itself(school: Wiring, link: Link, send: Callable[..., dict[str, Any]]) -> None:
    photo, dice = jpeg(3, 1200), random.Random(5)
    cuts = 0

    def cut_again() -> None:
        nonlocal cuts
        if cuts == 0 or (link.cuts >= cuts and cuts < 6):
            cuts = link.cuts + 1
            link.cut_after(dice.randrange(20_000, 120_000), once=True)

    told = send(photo, 30, cut_again)
    assert told.get("url", "").endswith(f"/files/{sha256(photo)}"), told
    assert link.cuts >= 4 and told["asked"]["HEAD"] >= 4
    assert counts(school, photo)
    assert link.sent < len(photo) + (link.cuts + 1) * (WORDS_BYTES + 8192)  # no byte that had arrived went up twice


def test_another_day_it_goes_on_where_it_was(school: Wiring, link: Link, send: Callable[..., dict[str, Any]]) -> None:
    photo = jpeg(4, 900)
    link.cut_after(90_000)
    assert "error" in send(photo, 0) and not counts(school, photo)
    link.cut_after(None)
    link.reset()
    told = send(photo, 0)
    assert (told["asked"], "error" in told) == ({"POST": 0, "HEAD": 1, "PATCH": 1}, False)
    assert counts(school, photo) and link.sent < len(photo) - 90_000 + 2 * WORDS_BYTES + 8192


def test_what_is_known_is_not_sent_and_what_is_wrong_is_refused(school: Wiring, send: Callable[..., dict[str, Any]]) -> None:
    photo = jpeg(6, 200)
    assert "error" not in send(photo, 0) and send(photo, 0)["asked"]["PATCH"] == 0
    told = send(jpeg(7, 200), 3, named=sha256(b"another"))
    assert "460" in told["error"] and told["asked"]["PATCH"] == 1
    assert not school.blobs.path(sha256(b"another")).exists()
