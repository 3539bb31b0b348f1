"""A real phone and the real school are in step by their digests, whoever carries it and whatever has happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casebook.protocol import PushRequest, from_json
from fieldapp.desk import Desk
from sync_server.store import accounts, reach, rows
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import (
    CHILD,
    NEIGHBOUR,
    PRINCIPAL,
    SCHOOL,
    TEACHER,
    Phone,
    make_school,
    push_body,
    served,
    student_row,
)


@pytest.mark.parametrize("account", [PRINCIPAL, TEACHER, NEIGHBOUR])
def test_digests_agree_before_and_after_reach_has_changed(tmp_path: Path, account: str) -> None:
    school = make_school(tmp_path)
    other = Phone(TEACHER).enrol(school)
    filed(school, other, other.visit())
    with served(school) as url:
        desk = Desk.open(tmp_path / "phone", pause=lambda seconds: None)
        desk.enrol(url, code(school, account))
        assert in_step(desk)
        filed(school, other, other.visit("v2"), other.seal())
        school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [student_row(CHILD, "k2")], school.now()))
        school.store.run_tx(lambda conn: rows.take_back(conn, SCHOOL, "students", ["2" * 32]))
        school.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, NEIGHBOUR, "class:k1", school.now()))
        assert in_step(desk)
        desk.close()
    school.close()


def in_step(desk: Desk) -> bool:
    """Syncs on what counts as another day; whether the comparison took place and found nothing."""
    with desk._work.books.store.write() as db:
        desk._work.books.settings.put(db, compared=None)
    report = desk.sync()
    compared = desk._work.books.settings.get(desk._work.db, "compared")
    assert report.complete and compared and compared["day"], report
    return report.differences == ()


def code(school: Wiring, account: str) -> str:
    with school.store.read() as conn:
        found = accounts.by_id(conn, SCHOOL, account)
    assert found is not None
    return school.store.run_tx(lambda conn: school.enrolment.make_code(conn, found)).text


def filed(school: Wiring, phone: Phone, *records: Any) -> None:
    device = school.enrolment.device_of(phone.token)
    outcomes = school.intake.push(device, from_json(PushRequest, push_body(*records))).outcomes
    assert {one.verdict for one in outcomes} == {"stored"}
