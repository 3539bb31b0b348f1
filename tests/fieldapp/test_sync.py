"""The sync conversation: nothing is sent twice without need; cut anywhere, the next one goes on."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from casebook.errors import (
    CodeInvalid,
    FileTypeWrong,
    FormBroken,
    NotOurServer,
    SyncStuck,
    Unreachable,
)
from casebook.protocol import PullReply, SealedWire
from fieldapp.cards import Progress, Step, SyncReport
from fieldapp.desk import Desk
from fieldapp.platform.folders import LITTLE_ROOM
from tests.fieldapp.fake_school import CODE, FakeSchool, fails
from tests.fieldapp.phone import (
    CHILD,
    FORM,
    OTHER_CHILD,
    HandClock,
    clean,
    enrolled,
    filled,
    form_row,
    furnished,
    phone,
    quick_visit,
    states,
)


def test_wrong_code_enrols_nothing(tmp_path: Path) -> None:
    desk = phone(tmp_path, FakeSchool())
    with pytest.raises(CodeInvalid):
        desk.enrol("http://school.test", "WRONG")
    assert not desk.standing().enrolled
    desk.enrol("http://school.test", f" {CODE} ")
    assert desk.standing().enrolled
    desk.close()


def test_visit_arrives_whole(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk).finish()
    report = clean(desk.sync())
    assert (report.texts_sent, report.files_sent) == (1, 3)
    for file in school.record(rid).att:
        assert hashlib.sha256(school.files[file.sha256]).hexdigest() == file.sha256
        assert school.files[file.sha256] == desk.file_bytes(file.sha256)
    assert report.bytes_sent == sum(map(len, school.files.values()))


def test_nothing_new_costs_two_requests(desk: Desk, school: FakeSchool) -> None:
    clean(desk.sync())
    assert school.calls == ["hello", "pull"]


def test_texts_go_before_photos_and_signatures_before_pictures(desk: Desk, school: FakeSchool) -> None:
    first, second = filled(desk).finish(), filled(desk, OTHER_CHILD).finish()
    order: list[str] = []
    known: set[str] = set()

    def watch() -> None:
        order.extend(sorted(school.parts.keys() - known))
        known.update(school.parts)

    school.mishaps["send_chunk"] = watch
    clean(desk.sync())
    assert school.calls.index("push") < school.calls.index("missing") < school.calls.index("send_chunk")
    roles = {file.sha256: file.role for rid in (first, second) for file in school.record(rid).att}
    assert [roles[sha] for sha in order] == ["signature", "photo", "photo"]  # both visits share their files
    sizes = [len(school.files[sha]) for sha in order]
    assert sizes[1:] == sorted(sizes[1:])


def test_batches_are_as_large_as_the_school_wishes_and_oldest_first(desk: Desk, school: FakeSchool) -> None:
    rids = [quick_visit(desk) for _ in range(7)]
    clean(desk.sync())
    assert school.calls.count("push") == 3
    assert list(school.payloads) == rids


def test_progress_shows_real_figures(desk: Desk) -> None:
    filled(desk).finish()
    seen: list[Progress] = []
    report = clean(desk.sync(seen.append))
    assert [step for step in dict.fromkeys(p.step for p in seen)] == [
        Step.HELLO, Step.TEXTS, Step.ASK, Step.PHOTOS, Step.PULL, Step.DONE]  # fmt: skip
    last = seen[-1]
    assert (last.texts_done, last.texts_total, last.files_done, last.files_total) == (1, 1, 3, 3)
    assert last.bytes_done == last.bytes_total == report.bytes_sent
    for name in ("texts_done", "files_done", "bytes_done"):
        figures = [getattr(progress, name) for progress in seen]
        assert figures == sorted(figures)


def test_a_clock_that_is_days_off_is_known_after_a_sync(tmp_path: Path) -> None:
    clock = HandClock()
    school = FakeSchool(time=(clock.now() + dt.timedelta(days=3)).isoformat())
    desk = enrolled(tmp_path, furnished(school), clock)
    assert desk.standing().clock_ahead == -3 * 24 * 60
    clock.pass_time(days=3, minutes=4)  # mended, but for what the rule lets pass
    clean(desk.sync())
    assert desk.standing().clock_ahead == 0


def test_a_phone_that_is_nearly_full_is_told_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, left = enrolled(tmp_path, furnished(FakeSchool())), [LITTLE_ROOM]
    monkeypatch.setattr("fieldapp.platform.folders.shutil.disk_usage", lambda _: SimpleNamespace(free=left[0]))
    assert desk.standing().room is None
    left[0] -= 1
    assert desk.standing().room == LITTLE_ROOM - 1
    monkeypatch.delattr("fieldapp.platform.folders.shutil.disk_usage")  # a system that does not say
    assert desk.standing().room is None


def test_a_push_tells_the_clock_of_the_phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    school, clock, told = furnished(FakeSchool()), HandClock(), []
    push = school.push
    monkeypatch.setattr(school, "push", lambda request: told.append(request.sent_at) or push(request))
    desk = enrolled(tmp_path, school, clock)
    quick_visit(desk)
    clock.pass_time(hours=2)
    clean(desk.sync())
    assert [dt.datetime.fromisoformat(said) for said in told] == [clock.now()]


def test_server_that_is_down_changes_nothing(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.mishaps["hello"] = fails(Unreachable())
    report = desk.sync()
    assert isinstance(report.problem, Unreachable) and not report.complete
    assert (report.texts_left, report.files_left, school.calls) == (1, 3, ["hello"])
    assert states(desk) == ["sealed"]
    school.mishaps.clear()
    clean(desk.sync())


def test_file_the_school_cannot_take_is_named_and_the_rest_arrives(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.mishaps["file_offset"] = fails(FileTypeWrong(), times=1)
    report = desk.sync()
    assert [type(note) for note in report.notes] == [FileTypeWrong] and len(school.files) == 2
    assert (report.complete, report.files_left) == (False, 1)


def test_damaged_file_on_the_phone_is_named_and_the_rest_arrives(desk: Desk, school: FakeSchool, tmp_path: Path) -> None:
    rid = filled(desk).finish()
    desk._work.refresh()
    photo = desk._work.case_file(CHILD).visits[0].head.record.att[0]
    (tmp_path / "files" / photo.sha256).write_bytes(b"rotten")
    report = desk.sync()
    assert [note.code for note in report.notes] == ["file_damaged"]
    assert photo.sha256 not in school.files and len(school.files) == 2 and rid in school.payloads


def test_pull_that_does_not_lead_on_is_stuck(desk: Desk, school: FakeSchool) -> None:
    school.pull = lambda after, limit, wm: PullReply([], [], after, True, "gen1")  # type: ignore[method-assign]
    assert isinstance(desk.sync().problem, SyncStuck)
    school.pull = lambda after, limit, wm: PullReply([], [], after - 1, False, "gen1")  # type: ignore[method-assign]
    assert isinstance(desk.sync().problem, SyncStuck)


def test_interrupted_pull_goes_on_where_it_was(desk: Desk, school: FakeSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldapp.sync.pulling.PAGE", 4)
    from tests.fieldapp.phone import student

    for number in range(10):
        school.publish("students", f"s{number}", student(f"s{number}", f"样{number}", f"y{number}", "y"))
    pages = []

    def watch() -> None:
        pages.append(desk._work.books.settings.get(desk._work.db, "cursor"))
        if len(pages) == 3:
            raise NotOurServer

    school.mishaps["pull"] = watch
    assert isinstance(desk.sync().problem, NotOurServer)
    assert desk.students().total == 2 + 8
    school.mishaps.clear()
    report = clean(desk.sync())
    assert (report.rows_received, desk.students().total) == (2, 12)


def test_broken_rows_and_records_are_named_and_the_rest_is_kept(desk: Desk, school: FakeSchool) -> None:
    school.publish("forms", "bad@1", form_row(form_id="bad") | {"xml": "<changed/>"})
    school.log.append((school._next(), "record", SealedWire('{"not":"a record"}', "AAAA", "0" * 64)))
    school.decide("incident", CHILD, {"incident": "i", "absent_on": "2026-11-20"})
    report = desk.sync()
    assert sorted(type(note).__name__ for note in report.notes) == ["FormBroken", "RecordMalformed"]
    assert FormBroken in map(type, report.notes)
    assert report.problem is None and report.records_received == 1
    assert [choice.form_id for choice in desk.forms_for(CHILD)] == [FORM]
    assert [task.kind for task in desk.today().tasks] == ["visit_today"]


def test_cancelling_stops_between_chunks_and_loses_nothing(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    report = desk.sync(cancelled=lambda: bool(school.files))
    assert report.cancelled and report.problem is None and not report.complete
    assert len(school.files) == 1
    clean(desk.sync())
    assert len(school.files) == 3


@pytest.mark.parametrize("call", ["hello", "send_chunk"])
def test_cancelling_does_not_wait_for_an_answer_that_does_not_come(desk: Desk, school: FakeSchool, call: str) -> None:
    filled(desk).finish()
    asked, over = threading.Event(), threading.Event()

    def says_nothing() -> None:
        asked.set()
        over.wait(30)

    school.mishaps[call] = says_nothing
    begun = time.monotonic()
    report = desk.sync(cancelled=asked.is_set)
    assert report.cancelled and time.monotonic() - begun < 5
    school.mishaps.clear()
    over.set()
    clean(desk.sync())
    assert len(school.files) == 3


def test_pace_and_time_left_are_measured_once_files_are_going_up(desk: Desk) -> None:
    exchange = desk._exchange(lambda progress: None, None)
    seconds = iter((100.0, 100.5, 104.0))
    exchange.tick = lambda: next(seconds)
    told = []
    exchange.progress = told.append
    exchange.show(Step.TEXTS, bytes_total=10_000)
    for done in (2_000, 3_000, 6_000):  # the first 2,000 the school knew from an earlier sync
        exchange.show(Step.PHOTOS, bytes_done=done)
    exchange.show(Step.PULL)
    assert [(one.rate, one.seconds_left) for one in told] == [(0, None)] * 3 + [(1_000, 4), (0, None)]


def test_second_sync_at_the_same_time_does_not_begin(desk: Desk, school: FakeSchool) -> None:
    reports: list[SyncReport] = []
    school.mishaps["hello"] = lambda: reports.append(desk.sync())
    clean(desk.sync())
    assert reports[0].busy and not reports[0].complete


def test_restored_school_gets_everything_again(desk: Desk, school: FakeSchool) -> None:
    first = filled(desk).finish()
    clean(desk.sync())
    second = filled(desk, OTHER_CHILD).finish()
    reviewed = {"visit": "v", "version": first, "decision": "accepted", "remark": ""}
    clean(desk.sync())
    review = school.decide("review", CHILD, reviewed)
    clean(desk.sync())
    school.restore_old_backup(rids=1)
    assert list(school.payloads) == [first]
    clean(desk.sync())
    assert set(school.payloads) == {first, second, review} and len(school.files) == 3
    assert states(desk) == ["received", "received"]


def test_generation_that_changes_while_we_talk_begins_again(desk: Desk, school: FakeSchool) -> None:
    rid = quick_visit(desk)

    def restore_once() -> None:
        school.mishaps.clear()
        school.restore_old_backup(rids=0)

    school.mishaps["pull"] = restore_once
    clean(desk.sync())
    assert list(school.payloads) == [rid]


def test_own_clock_follows_the_newest_record_but_not_a_mad_one(desk: Desk, school: FakeSchool, clock: HandClock) -> None:
    now = round(clock.now().timestamp() * 1000)
    school.decide("incident", CHILD, {"incident": "i", "absent_on": "2026-11-20"}, hlc=(now + 3_600_000, 4))
    clean(desk.sync())
    first = quick_visit(desk)
    school.decide("incident", CHILD, {"incident": "j", "absent_on": "2026-11-20"}, hlc=(now + 10**12, 0))
    clean(desk.sync())
    second = quick_visit(desk)
    clean(desk.sync())
    assert school.record(first).hlc == (now + 3_600_000, 5)
    assert school.record(second).hlc == (now + 3_600_000, 6)
