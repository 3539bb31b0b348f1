"""The night's jobs: due once a night, caught up after the computer was off, done by one of several, tried again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from sync_server.deployment import alone
from sync_server.operations import doctor, elsewhere, keeping, schedule
from sync_server.operations.faults import OperationFailed
from sync_server.operations.schedule import DAILY, WEEKLY, Job, is_due
from sync_server.seen import Seen
from sync_server.store import archive, devices, nights, schools
from sync_server.store.schools import School
from tests.sync_server.operations.safekeeping import PHOTO, Safekeeping, looked_at
from tests.sync_server.schoolhouse import SCHOOL, sha256

HOUR = dt.timedelta(hours=1)
TWO = dt.time(2, 0)
MORNING = dt.datetime(2026, 3, 4, 8, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("done", "every", "due"),
    [
        (None, DAILY, True),
        (MORNING.replace(hour=2, minute=1), DAILY, False),
        (MORNING - dt.timedelta(days=1), DAILY, True),  # the computer was off in the night
        (MORNING.replace(hour=1), DAILY, True),
        (MORNING - dt.timedelta(days=3), WEEKLY, False),
        (MORNING - dt.timedelta(days=6), WEEKLY, False),
        (MORNING - dt.timedelta(days=7), WEEKLY, True),
    ],
)
def test_a_job_is_due_when_its_hour_has_passed_since_it_last_came_off(
    done: dt.datetime | None, every: dt.timedelta, due: bool
) -> None:
    assert is_due(MORNING, done, every, TWO) is due


def test_before_its_hour_the_job_of_yesterday_counts() -> None:
    early = MORNING.replace(hour=1)
    assert not is_due(early, early - dt.timedelta(hours=22), DAILY, TWO)


def night(school: Safekeeping, job: str) -> nights.Night:
    with school.wiring.store.read() as conn:
        found = nights.one(conn, SCHOOL, job)
    assert found is not None
    return found


def test_a_job_is_done_once_and_a_failed_one_again_after_an_hour(school: Safekeeping) -> None:
    tries: list[int] = []

    def work(_wiring: object) -> dict[str, object]:
        tries.append(1)
        if len(tries) == 1:
            raise OperationFailed("disk_full", place="there")
        if len(tries) == 2:
            raise KeyError("a name that must not be told")
        return {"number": 5}

    job = Job("try", DAILY, work)
    assert schedule.attempt(school.wiring, job) and night(school, "try").fault == "disk_full"
    assert not schedule.attempt(school.wiring, job)  # somebody tried it just now
    hour_ago = (school.wiring.clock() - 2 * schedule.RETRY).isoformat(timespec="seconds")
    for fault in ("unforeseen", None):
        school.wiring.store.run_tx(lambda conn: nights.note_failed(conn, SCHOOL, "try", hour_ago, "disk_full"))
        assert schedule.attempt(school.wiring, job)
        assert night(school, "try").fault == fault
    assert not schedule.attempt(school.wiring, job)
    assert (len(tries), night(school, "try").facts) == (3, {"number": 5})


def test_of_two_processes_one_takes_the_job(school: Safekeeping) -> None:
    at, now = school.wiring.now(), school.wiring.clock()
    claims = [school.wiring.store.run_tx(lambda conn: nights.claim(conn, SCHOOL, "x", at, now - schedule.RETRY)) for _ in "ab"]
    assert claims == [True, False]


def test_every_job_of_the_list_does_its_work(school: Safekeeping) -> None:
    school.visit()
    for job in schedule.NIGHTLY:
        assert schedule.attempt(school.wiring, job), job.name
        assert night(school, job.name).done_at and night(school, job.name).fault is None
    with school.wiring.store.read() as conn:
        standing = keeping.standing(school.wiring, conn)
    assert (standing.worry, standing.beside_the_data, standing.days_left) == (None, True, None)


def test_one_backup_is_of_all_schools_in_the_database(school: Safekeeping) -> None:
    other = School("3199000002", "Neighbours", "g2")
    school.wiring.store.run_tx(lambda conn: schools.add(conn, other, school.wiring.now()))
    for job in (keeping.BACKUP, keeping.REHEARSAL):
        schedule.do(school.wiring, schedule.job_named(job))
    with school.wiring.store.read() as conn:
        theirs = nights.all_of(conn, other.id)
    assert theirs[keeping.BACKUP].facts["sseq"] == 0 and theirs[keeping.REHEARSAL].done_at


def test_a_backup_of_all_is_due_for_the_oldest_school_and_fails_for_all(school: Safekeeping, tmp_path: Path) -> None:
    other = School("3199000002", "Neighbours", "g2")
    school.wiring.store.run_tx(lambda conn: schools.add(conn, other, "2099-01-01T00:00:00+08:00"))
    theirs = replace(school.wiring, school=other)
    job = schedule.job_named(keeping.BACKUP)
    assert not schedule.attempt(theirs, job)
    absent = school.wiring.settings.model_copy(update={"backup_to": tmp_path / "unplugged"})
    assert schedule.attempt(replace(school.wiring, settings=absent), job)
    with school.wiring.store.read() as conn:
        faults = [nights.all_of(conn, id)[keeping.BACKUP].fault for id in (SCHOOL, other.id)]
    assert faults == ["shelf_absent", "shelf_absent"]


def test_where_backups_are_made_elsewhere_the_school_makes_none_and_is_told_of_them(school: Safekeeping) -> None:
    settings = school.wiring.settings.model_copy(update={"backup_elsewhere": True})
    wiring, job = replace(school.wiring, settings=settings), schedule.job_named(keeping.BACKUP)
    assert not schedule.attempt(wiring, job)
    assert "backup_elsewhere" in {one.code for one in doctor.examine(wiring)}
    school.visit()
    late = school.phone.visit("late", files={"b.jpg": b"on its way"})
    school.push(late)
    shared = alone(wiring)._shared
    with pytest.raises(OperationFailed):
        elsewhere.note_backup(shared, wiring.clock() + HOUR)
    assert elsewhere.note_backup(shared, wiring.clock()) == 1
    assert wiring.handout.hello(school.device).safe_upto == 0  # what came in the last minutes is not counted
    tomorrow = replace(shared, clock=lambda: wiring.clock() + 24 * HOUR)
    elsewhere.note_backup(tomorrow, wiring.clock() + HOUR)
    with wiring.store.read() as conn:
        filed = archive.one(conn, SCHOOL, late.rid)
    assert filed is not None and wiring.handout.hello(school.device).safe_upto == filed.sseq - 1 > 0
    said = {one.code for one in doctor.examine(replace(wiring, clock=lambda: wiring.clock() + 80 * HOUR))}
    assert "backup_elsewhere_old" in said


def test_after_a_restore_by_other_tools_another_life_begins(school: Safekeeping) -> None:
    sealed, shared = school.visit(), alone(school.wiring)._shared
    school.wiring.blobs.path(sha256(PHOTO)).unlink()
    assert elsewhere.begin_anew(shared) == [sha256(PHOTO)]
    hello = school.wiring.handout.hello(school.device)
    assert hello.gen != school.wiring.school.gen and hello.safe_upto == 0
    assert school.push(sealed) == ["duplicate"]
    school.upload(PHOTO)
    assert looked_at(school.wiring) == ()


def test_a_trial_that_fails_is_on_record(school: Safekeeping) -> None:
    school.visit()
    schedule.do(school.wiring, schedule.job_named(keeping.BACKUP))
    shelf = keeping.shelf_of(school.wiring.settings)
    next((shelf.root / "files").glob("*/*")).unlink()
    with pytest.raises(OperationFailed):
        schedule.do(school.wiring, schedule.job_named(keeping.REHEARSAL))
    assert night(school, keeping.REHEARSAL).fault == "rehearsal_failed"


def test_the_watch_looks_and_ends(school: Safekeeping, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    watch = schedule.Nightwatch(lambda: [school.wiring], [Job("a", DAILY, lambda _w: done.append("a") or {})])
    monkeypatch.setattr(schedule, "GRACE_SECONDS", 0.0)
    school.wiring.seen.note(school.phone.dev, school.wiring.clock())
    watch.start()
    for _ in range(500):
        if done:
            break
        watch._ended.wait(0.01)
    watch.stop()
    assert done == ["a"]
    with school.wiring.store.read() as conn:
        assert devices.owed(conn, SCHOOL)[0].seen_at >= devices.owed(conn, SCHOOL)[0].device.enrolled_at


def test_when_a_phone_was_heard_of_is_written_down_now_and_then(school: Safekeeping) -> None:
    seen, now = Seen(school.wiring.store, SCHOOL), school.wiring.clock() + dt.timedelta(days=1)

    def kept() -> str:
        with school.wiring.store.read() as conn:
            return devices.owed(conn, SCHOOL)[0].seen_at

    for minutes, written in ((0, 0), (30, 0), (61, 61)):
        seen.note(school.phone.dev, now + dt.timedelta(minutes=minutes))
        seen.keep()
        assert kept() == (now + dt.timedelta(minutes=written)).isoformat(timespec="seconds")
