"""Settings that hold for every test, and the sample school for those that need a whole one."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from filelock import FileLock
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.postgres import Postgres
    from tests.whole.story import SchoolServer

# Two busy cores: a slow example is no failure. What a run finds, the next run finds again.
settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")

#: What takes longest comes first; what needs the planted sample does not all begin at the same moment.
LONG_STORIES = ("tests/e2e/test_journey", "tests/differential/", "tests/journeys/test_journeys", "tests/e2e/", "tests/journeys/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: workers that run side by side then end together."""
    turns = {part: turn for turn, part in enumerate(LONG_STORIES)}
    items.sort(key=lambda item: next((turns[part] for part in turns if item.nodeid.startswith(part)), len(turns)))


def pytest_collection_finish() -> None:
    """Thousands of tests and their modules stay until the end: the collector need not walk over them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quiet_log() -> None:
    """Nothing is printed; what an earlier test, or the planting of the sample, did to the log is undone."""
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what all stories of a worker share."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def everyones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what all workers of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def postgres(everyones: Path) -> Postgres:
    """A real PostgreSQL, started by whichever worker needs it first; take a database of your own."""
    from tests.postgres import of_this_run

    return of_this_run(everyones)


@pytest.fixture(scope="session")
def template(everyones: Path) -> Path:
    """The sample school, planted by whichever worker needs it first; copy it."""
    from tests.whole.story import plant_template

    with FileLock(everyones / "template.lock"):
        return plant_template(everyones)


@pytest.fixture
def school(template: Path, tmp_path: Path) -> Iterator[SchoolServer]:
    """A school's server over its own copy of the sample, not started. Its log must be free of unhandled errors."""
    from tests.whole.story import SchoolServer

    server = SchoolServer(template, tmp_path)
    yield server
    server.stop()
    assert server.calm(), server.said()[-3000:]
