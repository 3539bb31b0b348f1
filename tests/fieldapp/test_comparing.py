"""Phone and school compare what they have; a difference is told and healed, and nothing that was written is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.protocol import COMPARE, CompareReply
from casebook.records import rid_of
from fieldapp.cards import Difference
from fieldapp.desk import Desk
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, clean, enrolled, furnished, quick_visit

TODAY, TOMORROW = "2026-11-21T08:00:00+08:00", "2026-11-22T08:00:00+08:00"
INCIDENT = {"incident": "i", "absent_on": "2026-11-20"}


@pytest.fixture
def school() -> FakeSchool:
    return furnished(FakeSchool(offers=[COMPARE], time=TODAY))


@pytest.fixture
def desk(tmp_path: Path, school: FakeSchool) -> Iterator[Desk]:
    """A phone in step with the school, on the morning after."""
    desk = enrolled(tmp_path, school)
    quick_visit(desk)
    clean(desk.sync())
    school.decide("incident", CHILD, INCIDENT)
    clean(desk.sync())
    school.time = TOMORROW
    school.calls.clear()
    yield desk
    desk.close()


def meddle(desk: Desk, sql: str, *values: object) -> None:
    with desk._work.books.store.write() as db:
        assert db.execute(sql, list(values)).rowcount == 1


def told(desk: Desk) -> list[Difference]:
    return list(clean(desk.sync()).differences)


def test_two_that_are_in_step_compare_once_a_day(desk: Desk, school: FakeSchool) -> None:
    assert told(desk) == [] and school.calls == ["hello", "pull", "compare"]
    school.calls.clear()
    assert told(desk) == [] and school.calls == ["hello", "pull"]


def test_a_school_that_does_not_offer_it_is_not_asked(desk: Desk, school: FakeSchool) -> None:
    school.offers = []
    clean(desk.sync())
    assert school.calls == ["hello", "pull"]


def test_a_row_that_differs_is_read_again(desk: Desk, school: FakeSchool) -> None:
    name = desk.student(CHILD).name
    meddle(desk, "UPDATE feed_row SET value = CAST('{\"name\":\"other\"}' AS BLOB) WHERE feed = 'students' AND key = ?", CHILD)
    assert told(desk) == [Difference("students", 2, 2)]
    assert desk.student(CHILD).name == name
    school.time = TODAY.replace("11-21", "11-23")
    assert told(desk) == []


def test_a_row_that_the_school_never_told_is_gone(desk: Desk, school: FakeSchool) -> None:
    meddle(desk, "INSERT INTO feed_row (feed, key, value, rev) VALUES ('ghosts', 'g', CAST('{}' AS BLOB), 0)")
    assert told(desk) == [Difference("ghosts", 1, 0)]
    db = desk._work.db
    assert db.execute("SELECT count(*) FROM feed_row WHERE feed = 'ghosts' AND value IS NOT NULL").fetchone() == (0,)


def test_a_form_that_is_lost_here_is_read_again(desk: Desk, school: FakeSchool) -> None:
    forms = [one.form_id for one in desk.forms_for(CHILD)]
    meddle(desk, "UPDATE form SET offered = 0")
    assert told(desk) == [Difference("forms", 0, 1)]
    assert [one.form_id for one in desk.forms_for(CHILD)] == forms


def test_a_record_that_is_lost_here_is_read_again(desk: Desk, school: FakeSchool) -> None:
    meddle(desk, "DELETE FROM record WHERE type = 'incident'")
    assert told(desk) == [Difference("records", 1, 2)]
    assert {entry.record.type for entry in desk._work.case_file(CHILD).timeline()} == {"visit", "incident"}


def test_a_record_that_is_lost_at_school_is_offered_again(desk: Desk, school: FakeSchool) -> None:
    """A school without a log would never notice by itself."""
    rids = set(school.payloads)
    lost = next(rid for rid in rids if school.record(rid).type == "visit")
    del school.payloads[lost], school.receipts[lost]
    school.log = [one for one in school.log if one[1] == "row" or rid_of(one[2].payload.encode()) != lost]
    assert told(desk) == [Difference("records", 2, 1)]
    assert set(school.payloads) == rids


def test_records_out_of_reach_stay_and_are_no_difference(desk: Desk, school: FakeSchool) -> None:
    school.hidden = set(school.payloads)
    assert told(desk) == []
    assert "missing" in school.calls and len(desk._work.case_file(CHILD).timeline()) == 2
    for day in ("11-23", "11-24"):
        school.time, before = TODAY.replace("11-21", day), len(school.calls)
        assert told(desk) == [] and school.calls[before:] == ["hello", "pull", "compare"]
        school.hidden = set()  # and back in reach
        school.time = school.time.replace("T08", "T09")


def test_what_reading_again_does_not_heal_is_told_but_not_read_for_ever(desk: Desk, school: FakeSchool) -> None:
    honest = school.compare
    school.compare = lambda request: CompareReply(  # type: ignore[method-assign]
        (reply := honest(request)).gen, reply.size, [part for part in request.parts if part.name == "students"]
    )
    assert len(told(desk)) == 1 and school.calls.count("pull") == 2
    school.time = TODAY.replace("11-21", "11-23")
    school.calls.clear()
    assert len(told(desk)) == 1 and school.calls.count("pull") == 1


def test_what_is_written_meanwhile_is_compared_the_next_time(desk: Desk, school: FakeSchool) -> None:
    school.mishaps["compare"] = lambda: school.publish("staff", "e" * 32, {"id": "e" * 32, "name": "new"})
    assert told(desk) == []
    school.mishaps.clear()
    school.calls.clear()
    assert told(desk) == [] and "compare" in school.calls
