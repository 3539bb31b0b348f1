"""The server wishes for as much at a time as a phone's link has carried in a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from casebook.protocol import MAX_PUSH_RECORDS
from sync_server.pace import LEAST_CHUNK, LEAST_RECORDS, MOST_CHUNK, Pace, Wishes
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import Phone, make_school, push_body, served

USUAL = Wishes(20, 65_536)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


def test_slow_links_get_less_and_fast_ones_more_within_bounds() -> None:
    pace = Pace(USUAL)
    assert pace.wishes("a") == USUAL
    pace.note("a", 20, 60_000, 6.0)
    assert pace.wishes("a") == Wishes(10, LEAST_CHUNK) and pace.wishes("b") == USUAL
    pace.note("b", 200, 600_000, 0.01)
    assert pace.wishes("b") == Wishes(MAX_PUSH_RECORDS, MOST_CHUNK)
    for _ in range(40):
        pace.note("b", 20, 60_000, 600.0)
    assert pace.wishes("b") == Wishes(LEAST_RECORDS, LEAST_CHUNK)


def test_little_pushes_and_clocks_that_stand_still_tell_nothing() -> None:
    pace = Pace(USUAL)
    pace.note("a", 1, 500, 9.0)
    pace.note("a", 20, 60_000, 0.0)
    pace.note("a", 20, 60_000, -5.0)
    assert pace.wishes("a") == USUAL


def test_a_push_is_measured_and_the_next_hello_says_what_came_of_it(school: Wiring) -> None:
    phone = Phone().enrol(school)
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers, timeout=20) as link:
        before = link.get("/v1/hello").json()
        assert before["push_batch"] == school.settings.push_batch
        link.post("/v1/push", json=push_body(*(phone.visit(f"v{n}") for n in range(10))))
        measured = school.handout.pace.wishes(phone.dev)
        after = link.get("/v1/hello").json()
        assert (after["push_batch"], after["chunk_bytes"]) == (measured.push_batch, measured.chunk_bytes)
        assert measured != USUAL
