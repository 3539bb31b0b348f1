"""A phone per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fieldapp.ui.little_school import LittleSchool, rows_of_school
from tests.fieldapp.ui.phone import Phone


@pytest.fixture
def school() -> LittleSchool:
    rows_of_school()  # its forms are compiled now, not while a test waits for them
    return LittleSchool()


@pytest.fixture
def blank_phone(tmp_path: Path, school: LittleSchool) -> Iterator[Phone]:
    """A phone that belongs to nobody yet."""
    phone = Phone(tmp_path / "data", school)
    yield phone
    phone.close()


@pytest.fixture
def phone(blank_phone: Phone) -> Phone:
    """The teacher's phone, with the roster on it."""
    return blank_phone.enrol()
