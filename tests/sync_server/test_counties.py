"""Rows of another county never hold at a school and never reach a phone; whose county it is, is known or asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets import load_wording
from casebook.feeds import VILLAGES
from sync_server import counties, countyrules, founding, rulebook
from sync_server.rulebook import RuleForeign
from sync_server.store import devices, rows
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import SCHOOL, Phone, make_school
from tests.sync_server.test_rulebook import formal_case, on_phone, publish

WORDS = load_wording()
OURS, THEIRS = "990123", "990200"


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


def row(county: str, **changes: object) -> dict[str, object]:
    return {"key": "formal_case", "value": 2, "unit": "school_days", "counted": "from", "scope": f"county:{county}"} | changes


def imported(school: Wiring, *added: object) -> tuple[bool, str]:
    return countyrules.import_rules(school, json.dumps(added).encode(), WORDS)


def test_the_own_countys_rows_hold_and_those_of_another_are_refused_with_all_beside_them(school: Wiring) -> None:
    assert countyrules.note_county(school, OURS, WORDS)[0]
    phone = Phone().enrol(school)
    well, line = imported(school, row(OURS), row(THEIRS))
    assert not well
    assert line == ("规则“formal_case”是 county:990200 的，本校属于 990123。一行也没有导入。请向本县（区）要规则文件，"
                    "或用 county 命令改正学校所属的县（区）。")  # fmt: skip
    assert formal_case(school) == 3
    assert on_phone(school, phone) == []
    assert imported(school, row(OURS)) == (True, "已导入县里的规则，1 行有变化。手机下次同步就用新规则。")
    assert formal_case(school) == 2
    assert [one["scope"] for one in on_phone(school, phone)] == ["county:990123"]


def test_rows_of_another_school_are_refused_too(school: Wiring) -> None:
    with pytest.raises(RuleForeign):
        publish(school, row(OURS, scope="school:3199000002"))
    assert publish(school, row(OURS, scope=f"school:{SCHOOL}")) == 1


def test_a_school_whose_county_nobody_knows_takes_no_countys_rows(school: Wiring) -> None:
    well, line = imported(school, row(OURS))
    assert not well
    assert "python -m sync_server county" in line
    assert countyrules.note_county(school, "99012", WORDS) == (False, "“99012”不是六位数的县（区）代码，没有改动。")


def test_without_a_note_it_is_the_county_in_which_most_villages_lie(school: Wiring) -> None:
    def lying(conn) -> str:  # type: ignore[no-untyped-def]
        codes = (f"{OURS}101001", f"{OURS}101002", f"{THEIRS}101001")
        villages = [ScopedRow(VILLAGES, code, "school", {"code": code, "name": code}) for code in codes]
        rows.put(conn, SCHOOL, villages, school.now())
        return counties.county_of(conn, SCHOOL)

    assert school.store.run_tx(lying) == OURS
    assert imported(school, row(OURS))[0]
    assert not imported(school, row(THEIRS))[0]


def test_rows_that_came_before_this_was_checked_are_taken_from_the_phones(school: Wiring) -> None:
    phone = Phone().enrol(school)
    foreign = ScopedRow("rules", rulebook.key_of(row(THEIRS)), "school", row(THEIRS))
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [foreign], school.now()))
    school.store.run_tx(lambda conn: counties.note(conn, SCHOOL, OURS, school.now()))
    founding.upgrade(school.settings)
    with school.store.read() as conn:
        live = rows.of_feed(conn, SCHOOL, "rules")
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert {one.get("scope", "*") for one in live.values()} == {"*"}
    assert device is not None
    told = {row.key: row.value for row in school.handout.pull(device, 0, 1000).rows if row.feed == "rules"}
    assert told[foreign.key] is None
    assert formal_case(school) == 3


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", json.dumps([{"key": "formal_case", "value": "x"}]).encode()])
def test_a_file_that_is_no_list_of_rows_changes_nothing(school: Wiring, content: bytes) -> None:
    well, line = countyrules.import_rules(school, content, WORDS)
    assert not well
    assert "一行也没有导入" in line
