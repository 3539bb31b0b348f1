"""Versions are newer as phones understand newer; the day gives the number."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldapp.store import forms as phone_forms
from sync_server.authoring.examining import Lineage
from sync_server.authoring.versions import is_newer, newest, next_version, version_order
from tests.sync_server.authoring.books import SETTINGS, asked, passed, places, refused, workbook

DAY = dt.date(2026, 11, 22)
VERSIONS = st.text(alphabet="0123456789abv.-_", min_size=1, max_size=20)
CASE = ["隐藏", "", "case"]


@pytest.mark.parametrize(
    ("published", "expected"),
    [([], "2026112201"), (["1"], "2026112201"), (["2026112201"], "2026112202"), (["2026112299"], "20261122991"), (["2027010101"], "20270101011")],
)
def test_the_next_version_is_the_day_with_a_number(published: list[str], expected: str) -> None:
    assert next_version(published, DAY) == expected


@given(st.lists(VERSIONS, max_size=5))
def test_the_next_version_is_newer_than_all(published: list[str]) -> None:
    assert is_newer(next_version(published, DAY), published)


@given(st.lists(VERSIONS, min_size=1, max_size=6))
def test_the_school_and_its_phones_agree_which_is_newest(published: list[str]) -> None:
    assert newest(published) == max(published, key=phone_forms._version_key)
    assert [version_order(one) for one in published] == [phone_forms._version_key(one) for one in published]


def form(version: str = "1", label: str = "姓名") -> bytes:
    settings = (SETTINGS[0], ("样表", "sample", version, "中文 (zh)", "absence"))
    return workbook([CASE, asked(label=label)], settings=settings)


def lineage(*versions: str) -> Lineage:
    last = passed(form(newest(versions))).compiled
    return Lineage(versions, last.xml, tuple(sorted(last.titles.items())), last.purposes)


def test_a_changed_form_needs_a_new_version_and_one_is_suggested() -> None:
    (complaint,) = refused(form("1", "新姓名"), lineage("1"), renumber=False)
    assert places([complaint]) == [("version_used", "设置", 2, "版本")]
    assert complaint.facts["suggested"] == "2025112101"
    (complaint,) = refused(form("2", "新姓名"), lineage("1", "2025112101"), renumber=False)
    assert complaint.sentence == "authoring.version_old"
    assert complaint.facts["suggested"] == "2025112102"


def test_a_used_version_is_numbered_anew_when_the_author_wishes() -> None:
    examined = passed(form("1", "新姓名"), lineage("1"))
    assert (examined.compiled.version, examined.renumbered, examined.is_unchanged) == ("2025112101", True, False)
    assert b'version="2025112101"' in examined.compiled.xml
    kept = passed(form("2025112105", "新姓名"), lineage("1"))
    assert (kept.compiled.version, kept.renumbered) == ("2025112105", False)


def test_the_same_content_is_recognised_under_any_version() -> None:
    assert passed(form("1"), lineage("1")).is_unchanged
    assert passed(form("9"), lineage("1")).is_unchanged
    assert not passed(form("9", "别的"), lineage("1")).is_unchanged


def test_another_purpose_is_a_change_although_the_questions_are_the_same() -> None:
    settings = (SETTINGS[0], ("样表", "sample", "1", "中文 (zh)", "persuade"))
    assert not passed(workbook([CASE, asked()], settings=settings), lineage("1")).is_unchanged
