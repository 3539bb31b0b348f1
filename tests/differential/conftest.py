"""The panels that all differential tests share; without the foreign engines these tests fail, they are not skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.oracles import OracleMissing
from tests.differential.panel import Panel, panels


@pytest.fixture(scope="session")
def both_zones() -> Iterator[list[Panel]]:
    """One panel in Asia/Shanghai, one in UTC."""
    try:
        with panels() as opened:
            yield opened
    except OracleMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def panel(both_zones: list[Panel]) -> Panel:
    """The panel in Asia/Shanghai."""
    return both_zones[0]
