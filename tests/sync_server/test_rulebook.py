"""The rows of the rules: here and on every phone the same, the defaults from the first day, a broken row never."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.rules.rulebook import Rulebook, RuleBroken
from sync_server import founding, rulebook
from sync_server.store import devices
from sync_server.wiring import Wiring
from tests.sync_server.rollcall import moment
from tests.sync_server.schoolhouse import SCHOOL, Phone, make_school

DAY = moment("2025-10-09 12:00").date()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


def on_phone(school: Wiring, phone: Phone) -> list[dict]:
    """Every row of the rules that the phone was told."""
    with school.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    told = [row for row in school.handout.pull(device, 0, 1000).rows if row.feed == "rules"]
    assert all(row.value is not None and row.key == rulebook.key_of(row.value) for row in told)
    return [row.value for row in told if row.value]


def publish(school: Wiring, *added: dict) -> int:
    return school.store.run_tx(lambda conn: rulebook.publish(conn, SCHOOL, added, school.now()))


def formal_case(school: Wiring) -> int:
    with school.store.read() as conn:
        return school.lives.world(conn).book.on(DAY).number("formal_case")


def test_a_school_without_rows_goes_by_the_defaults(school: Wiring) -> None:
    assert formal_case(school) == 3


def test_upgrading_publishes_the_defaults_and_phones_reckon_with_the_same_rows(school: Wiring) -> None:
    phone = Phone().enrol(school)
    founding.upgrade(school.settings)
    own = {"key": "formal_case", "value": 4, "unit": "school_days", "counted": "from", "scope": f"school:{SCHOOL}",
           "effective_from": "2025-09-01"}  # fmt: skip
    assert publish(school, own) == 1
    assert publish(school, own) == 0
    assert formal_case(school) == 4
    told = on_phone(school, phone)
    assert len(told) == len(rulebook.default_rows()) + 1
    assert Rulebook.of_school(told).on(DAY).number("formal_case") == 4
    assert Rulebook.of_school(told).on(moment("2025-08-31 12:00").date()).number("formal_case") == 3


def test_a_broken_row_is_not_sent_nor_the_others_with_it(school: Wiring) -> None:
    with pytest.raises(RuleBroken):
        publish(school, {"key": "a", "value": 1, "unit": "count"}, {"key": "b", "value": "x", "unit": "count"})
    assert on_phone(school, Phone().enrol(school)) == []
