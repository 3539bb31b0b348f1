"""A phone, a school, and the link between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.desk import Desk
from tests.whole.handset import enrolled
from tests.whole.link import Link
from tests.whole.story import SchoolServer


@pytest.fixture
def link(school: SchoolServer) -> Iterator[Link]:
    """The way to the school; the server behind it runs."""
    school.start()
    way = Link(school.port)
    yield way
    way.close()


@pytest.fixture
def desk(school: SchoolServer, link: Link, tmp_path: Path) -> Iterator[Desk]:
    """An enrolled phone that reaches the school through the link."""
    desk = enrolled(tmp_path / "phone", school, link.url)
    link.reset()
    yield desk
    desk.close()
