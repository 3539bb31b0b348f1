"""A school in memory and a phone that is enrolled there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.desk import Desk
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import HandClock, enrolled, furnished


@pytest.fixture
def school() -> FakeSchool:
    """A school with a calendar, staff, two children and a form."""
    return furnished(FakeSchool())


@pytest.fixture
def clock() -> HandClock:
    """The phone's clock; it stands still until the test moves it."""
    return HandClock()


@pytest.fixture
def desk(tmp_path: Path, school: FakeSchool, clock: HandClock) -> Iterator[Desk]:
    """The desk of an enrolled phone that has read the feeds; the school has forgotten the calls so far."""
    desk = enrolled(tmp_path, school, clock)
    school.calls.clear()
    yield desk
    desk.close()
