"""The small school, one enrolled phone and its line to a real server, for tests that ask for no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import Phone, make_school, served


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    """A line that falls silent is ended soon."""
    wiring = make_school(tmp_path, stall_seconds=0.4)
    yield wiring
    wiring.close()


@pytest.fixture
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


@pytest.fixture
def client(school: Wiring, phone: Phone) -> Iterator[httpx.Client]:
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers) as client:
        yield client
