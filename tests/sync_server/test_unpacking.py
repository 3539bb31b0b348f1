"""A request may come packed; what unpacks to more than a request may hold, or to nothing sensible, is refused."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from casebook.protocol import MAX_PUSH_BYTES
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import Phone, make_school, push_body, served

PACKED = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiring]:
    wiring = make_school(tmp_path_factory.mktemp("school"))
    yield wiring
    wiring.close()


@pytest.fixture(scope="module")
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


@pytest.fixture(scope="module")
def link(school: Wiring, phone: Phone) -> Iterator[httpx.Client]:
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers | PACKED, timeout=20) as client:
        yield client


def pushed(link: httpx.Client, body: bytes) -> httpx.Response:
    return link.post("/v1/push", content=body)


def test_a_packed_push_is_a_push_whole_or_in_pieces(link: httpx.Client, phone: Phone) -> None:
    body = gzip.compress(json.dumps(push_body(phone.visit())).encode())
    assert pushed(link, body).json()["outcomes"][0]["verdict"] == "stored"
    answer = link.post("/v1/push", content=(body[at : at + 100] for at in range(0, len(body), 100)))
    assert answer.json()["outcomes"][0]["verdict"] == "duplicate"


@pytest.mark.parametrize("spoil", [lambda body: body[:-1], lambda body: body + b"x", lambda body: b"no gzip" + body])
def test_what_is_no_whole_gzip_is_malformed(link: httpx.Client, phone: Phone, spoil: object) -> None:
    assert callable(spoil)
    answer = pushed(link, spoil(gzip.compress(b'{"records":[]}')))
    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")


def test_a_bomb_is_refused_without_being_unpacked(link: httpx.Client) -> None:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    megabyte = bytes(2**20)
    body = b"".join(packer.compress(megabyte) for _ in range(8 * MAX_PUSH_BYTES // 2**20)) + packer.flush()
    assert len(body) < MAX_PUSH_BYTES
    answer = pushed(link, body)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
    assert link.get("/v1/hello").status_code == 200


def test_the_limit_of_each_door_counts_the_plain_bytes(link: httpx.Client) -> None:
    filler = json.dumps({"records": [], "filler": "x" * (MAX_PUSH_BYTES - 50)}).encode()
    assert pushed(link, gzip.compress(filler)).status_code == 200
    assert pushed(link, gzip.compress(filler + b" " * 100)).status_code == 413


def test_hello_says_that_packed_requests_are_understood(link: httpx.Client) -> None:
    assert "gzip" in link.get("/v1/hello").json()["offers"]
