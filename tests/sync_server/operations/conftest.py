"""One such school for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync_server.operations.safekeeping import Safekeeping, safekeeping


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Safekeeping]:
    with safekeeping(tmp_path) as made:
        yield made
