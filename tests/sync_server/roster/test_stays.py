"""Where a child was when: phones and school read old headcounts with the same stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casebook import feeds
from casebook.rules.absence import child_from
from sync_server.registry import SchoolClass
from sync_server.roster.rollbook import Entry, RollBook
from sync_server.store import rows
from sync_server.wiring import Wiring
from tests.sync_server.roster.sheets import PEOPLE, SCHOOL, TODAY, child, load, schoolhouse, settle

BOY = "1" * 32
TEXTS = {"other_school": "外县一中", "paper_no": "接收函 12 号", "approval_body": "县教体局", "approval_no": "教〔2025〕7号"}
REGISTRAR, PRINCIPAL = PEOPLE["registrar"], PEOPLE["principal"]


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = schoolhouse(tmp_path)
    rooms = [SchoolClass(id, id, 8, "junior", "") for id in ("k82", "k81")]
    settle(wiring, *rooms, child(BOY, village="", hukou_village=""))
    yield wiring
    wiring.close()


def told(wiring: Wiring) -> dict[str, Any]:
    with wiring.store.read() as conn:
        return rows.one(conn, SCHOOL, feeds.STUDENTS, BOY) or {}


def happen(wiring: Wiring, kind: str, on_day: str, approve: bool = True) -> None:
    book = RollBook(wiring.store, SCHOOL, wiring.office, wiring.uploads, wiring.clock)
    event, faults = book.enter(REGISTRAR, Entry(BOY, kind, on_day, "2026-09-01", TEXTS))
    assert faults == []
    if kind in ("suspend", "transfer_out"):
        book.decide(PRINCIPAL, event, approve, "")


def classes_on(wiring: Wiring, *days: str) -> list[str | None]:
    boy = child_from(told(wiring))
    return [boy.class_on(dt.date.fromisoformat(day)) for day in days]


def test_who_never_moved_need_not_be_told_of(school: Wiring) -> None:
    assert "stays" not in told(school)
    assert classes_on(school, "2020-01-01", "2030-01-01") == ["k82", "k82"]


def test_a_child_that_changed_class_was_in_the_former_one_until_the_day_before(school: Wiring) -> None:
    settle(school, replace(load(school).students[BOY], class_id="k81"))
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    assert told(school)["stays"] == [["k82", "0001-01-01", yesterday], ["k81", TODAY.isoformat(), None]]
    assert classes_on(school, yesterday, TODAY.isoformat()) == ["k82", "k81"]


def test_who_paused_was_expected_in_no_class_meanwhile(school: Wiring) -> None:
    happen(school, "suspend", "2025-08-20")
    assert classes_on(school, "2025-08-19", "2025-08-20", "2030-01-01") == ["k82", None, None]
    happen(school, "return", "2025-08-30")
    assert classes_on(school, "2025-08-19", "2025-08-29", "2025-08-30") == ["k82", None, "k82"]


def test_what_the_principal_refused_changes_nothing(school: Wiring) -> None:
    happen(school, "transfer_out", "2025-08-20", approve=False)
    assert classes_on(school, "2025-08-19", "2025-08-21") == ["k82", "k82"]


def test_who_was_never_on_the_list_is_expected_nowhere(school: Wiring) -> None:
    settle(school, replace(load(school).students[BOY], roll_status="not_enrolled"))
    assert classes_on(school, "2025-08-19", "2030-01-01") == [None, None]
    happen(school, "enrol", "2025-08-25")
    assert classes_on(school, "2025-08-24", "2025-08-25") == [None, "k82"]
