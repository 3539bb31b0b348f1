"""A process that serves several schools sets aside what it remembers of each, so that it is not gone through for nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sync_server import founding
from sync_server.deployment import open_deployment
from sync_server.web import app
from tests.sync_server.schoolhouse import make_school

OTHER = "3199000002"


def test_what_is_remembered_of_a_school_that_wakes_later_is_set_aside_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking for garbage among the lives of ten schools holds everything up for half a second, again and again."""
    first = make_school(tmp_path)
    founding.join(first.settings, OTHER, "Other School").close()
    first.close()
    deployment = open_deployment(first.settings)
    monkeypatch.setattr(app, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(app, "BREATH_SECONDS", 0)
    seen: list[int] = []

    async def live() -> None:
        looking = asyncio.create_task(app._look_for_ever(deployment, lambda: seen.append(len(deployment.awake()))))
        for count in (1, 2):
            async with asyncio.timeout(20):
                while len(seen) < count:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            deployment.of(OTHER)
        looking.cancel()

    asyncio.run(live())
    deployment.close()
    assert seen == [1, 2]
