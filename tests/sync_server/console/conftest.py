"""One founded school for all console tests; every test gets its own copy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sync_server.sample import fieldwork
from tests.sync_server.console.campus import Campus, found_campus


@pytest.fixture(scope="session", autouse=True)
def _photos_developed_once() -> Iterator[None]:
    """The sample's photos depend on their occasion alone, and developing them takes most of a test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fieldwork, "photo", cache(fieldwork.photo))
        yield


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campus") / "data"
    found_campus(folder)
    return folder


@pytest.fixture
def campus(founded: Path, tmp_path: Path) -> Iterator[Campus]:
    school = Campus.copy_of(founded, tmp_path / "data")
    yield school
    school.wiring.close()
