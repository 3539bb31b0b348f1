"""The sync conversation: nothing is marked without proof, nothing sent twice without need, cut anywhere and go on."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.ed25519 import Ed25519Signer
from casebook.errors import (
    CodeInvalid,
    DeviceRevoked,
    FileBusy,
    FileTypeWrong,
    FormBroken,
    NotEnrolled,
    NotOurServer,
    RecordMalformed,
    SealBroken,
    ServerFault,
    SyncStuck,
    TimedOut,
    Unreachable,
    VersionTooOld,
)
from casebook.merging import Verdict
from casebook.protocol import HelloReply, PullReply, PushReply, PushRequest, Receipt, SealedWire, make_receipt
from fieldapp.cards import Progress, Step, SyncReport
from fieldapp.desk import Desk
from tests.fieldapp.fake_school import CODE, SINCE, FakeSchool
from tests.fieldapp.phone import CHILD, FORM, OTHER_CHILD, HandClock, enrolled, filled, form_row, furnished, phone


@pytest.fixture
def school() -> FakeSchool:
    return furnished(FakeSchool())


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(tmp_path: Path, school: FakeSchool, clock: HandClock) -> Iterator[Desk]:
    desk = enrolled(tmp_path, school, clock)
    school.calls.clear()
    yield desk
    desk.close()


def clean(report: SyncReport) -> SyncReport:
    assert report.problem is None and report.complete, report
    return report


def quick_visit(desk: Desk, child: str = CHILD) -> str:
    """A sealed visit without files."""
    draft = desk.open_draft(desk.start(child, FORM))
    draft.answer("/data/meeting/mode", "phone")
    draft.answer("/data/meeting/contact_result", "no_one_home")
    return draft.finish()


def fails(error: Exception, times: int = 10**9) -> Callable[[], None]:
    """A mishap that happens `times` times."""
    left = [times]

    def mishap() -> None:
        if left[0] > 0:
            left[0] -= 1
            raise error

    return mishap


def states(desk: Desk) -> list[str]:
    return [item.state.value for item in desk.outbox()]


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
    assert (report.texts_sent, report.photos_sent) == (1, 2)
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
    assert (last.texts_done, last.texts_total, last.photos_done, last.photos_total) == (1, 1, 2, 2)
    assert last.bytes_done == last.bytes_total == report.bytes_sent
    for name in ("texts_done", "photos_done", "bytes_done"):
        figures = [getattr(progress, name) for progress in seen]
        assert figures == sorted(figures)


def test_server_that_is_down_changes_nothing(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.mishaps["hello"] = fails(Unreachable())
    report = desk.sync()
    assert isinstance(report.problem, Unreachable) and not report.complete
    assert (report.texts_left, report.photos_left, school.calls) == (1, 2, ["hello"])
    assert states(desk) == ["sealed"]
    school.mishaps.clear()
    clean(desk.sync())


@pytest.mark.parametrize("call", ["push", "missing", "file_offset", "send_chunk", "chunk_answer", "pull"])
def test_a_moment_without_link_is_borne(desk: Desk, school: FakeSchool, call: str) -> None:
    filled(desk).finish()
    school.mishaps[call] = fails(TimedOut(), times=3)
    clean(desk.sync())
    assert len(school.files) == 3 and states(desk) == ["received"]
    assert school.pauses and school.pauses == sorted(school.pauses)


@pytest.mark.parametrize("call", ["push", "missing", "file_offset", "send_chunk", "chunk_answer", "pull"])
def test_a_link_that_stays_dead_ends_the_sync_and_the_next_goes_on(desk: Desk, school: FakeSchool, call: str) -> None:
    filled(desk).finish()
    school.mishaps[call] = fails(Unreachable())
    report = desk.sync()
    if call == "chunk_answer":  # every chunk arrives although no answer does: asking again shows it
        assert report.problem is None
    else:
        assert isinstance(report.problem, Unreachable)
    school.mishaps.clear()
    clean(desk.sync())
    assert len(school.files) == 3 and list(school.payloads).count(next(iter(school.payloads))) == 1


def test_lost_answer_to_a_push_gives_one_record_and_its_first_receipt(desk: Desk, school: FakeSchool) -> None:
    rid = quick_visit(desk)
    real = school.push

    def take_and_stay_silent(request: PushRequest) -> PushReply:
        real(request)
        raise TimedOut

    school.push = take_and_stay_silent  # type: ignore[method-assign]
    assert isinstance(desk.sync().problem, TimedOut) and states(desk) == ["sealed"]
    receipt = school.receipts[rid]
    school.push = real  # type: ignore[method-assign]
    clean(desk.sync())
    assert len(school.payloads) == 1 and school.receipts[rid] == receipt
    assert states(desk) == ["received"]


def test_cut_photo_goes_on_at_the_byte_the_school_has(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.chunk_bytes = 1
    big = max(desk._work.db.execute("SELECT size, sha256 FROM file").fetchall())
    whole = desk.file_bytes(big[1])
    school.parts[big[1]] = whole[:1234]
    clean(desk.sync())
    assert school.files[big[1]] == whole
    total = sum(map(len, school.files.values()))
    assert school.received == total - 1234


def test_offset_the_school_disagrees_with_is_asked_anew(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    real = school.missing

    def wrong(request):
        reply = real(request)
        return replace(reply, files=[replace(file, offset=7) for file in reply.files])

    school.missing = wrong  # type: ignore[method-assign]
    clean(desk.sync())
    assert len(school.files) == 3


def test_file_that_arrived_broken_is_sent_again_from_the_start(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    sha256 = desk._work.db.execute("SELECT sha256 FROM file ORDER BY size DESC").fetchone()[0]
    school.parts[sha256] = b"x" * 500
    report = clean(desk.sync())
    assert school.files[sha256] == desk.file_bytes(sha256) and not report.notes


def test_busy_file_waits_and_never_holds_up_the_others(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()

    def busy() -> None:
        if len(school.files) == 1:
            raise FileBusy

    school.mishaps["send_chunk"] = busy
    report = desk.sync()
    assert [type(note) for note in report.notes] == [FileBusy, FileBusy] and report.photos_left == 2
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


def test_receipt_of_a_stranger_marks_nothing(desk: Desk, school: FakeSchool) -> None:
    quick_visit(desk)
    honest, school.key = school.key, Ed25519Signer.generate()
    report = desk.sync()
    assert [type(note) for note in report.notes] == [SealBroken] and states(desk) == ["sealed"]
    assert report.texts_left == 1
    school.key = honest
    school.receipts.clear()
    clean(desk.sync())


def test_receipt_for_another_record_or_school_marks_nothing(desk: Desk, school: FakeSchool) -> None:
    rid = quick_visit(desk)
    for wrong in (Receipt("3199000001", "0" * 64, 1, "gen1", SINCE, "stored"),
                  Receipt("3199000002", rid, 1, "gen1", SINCE, "stored")):  # fmt: skip
        school.receipts[rid] = make_receipt(wrong, school.key)
        assert desk.sync().texts_left == 1
        assert states(desk) == ["sealed"]


def test_success_without_receipt_marks_nothing(desk: Desk, school: FakeSchool) -> None:
    quick_visit(desk)
    real = school.push
    school.push = lambda request: replace(  # type: ignore[method-assign]
        (reply := real(request)), outcomes=[replace(outcome, receipt=None) for outcome in reply.outcomes]
    )
    report = desk.sync()
    assert (report.texts_sent, report.texts_left, states(desk)) == (0, 1, ["sealed"])


def test_school_that_answers_for_no_record_is_stuck(desk: Desk, school: FakeSchool) -> None:
    quick_visit(desk)
    school.push = lambda request: PushReply([], "gen1", 0)  # type: ignore[method-assign]
    report = desk.sync()
    assert isinstance(report.problem, SyncStuck) and states(desk) == ["sealed"]


def test_one_refused_record_stays_and_the_rest_goes(desk: Desk, school: FakeSchool) -> None:
    bad, *good = [quick_visit(desk) for _ in range(5)]
    school.verdict = lambda rid: (Verdict.REFUSED, "unknown_key") if rid == bad else (Verdict.STORED, None)
    report = clean(desk.sync())
    assert (report.refused, report.texts_sent) == (1, 4) and set(school.payloads) == set(good)
    assert {item.rid: item.state for item in desk.outbox()}[bad] == "refused"
    school.calls.clear()
    clean(desk.sync())
    assert "push" not in school.calls


def test_record_that_spoils_the_whole_request_is_found_by_halving(desk: Desk, school: FakeSchool) -> None:
    rids = [quick_visit(desk) for _ in range(3)]
    real = school.push

    def strict(request: PushRequest) -> PushReply:
        hashes = [hashlib.sha256(wire.payload.encode()).hexdigest() for wire in request.records]
        if rids[1] in hashes:
            raise RecordMalformed
        return real(request)

    school.push = strict  # type: ignore[method-assign]
    report = desk.sync()
    assert list(school.payloads) == [rids[0], rids[2]] and report.texts_left == 1
    item = next(item for item in desk.outbox() if item.rid == rids[1])
    assert (item.state, item.problem.code) == ("sealed", "record_malformed")
    school.push = real  # type: ignore[method-assign]
    clean(desk.sync())
    assert next(item for item in desk.outbox() if item.rid == rids[1]).problem is None


def test_pull_that_does_not_lead_on_is_stuck(desk: Desk, school: FakeSchool) -> None:
    school.pull = lambda after, limit: PullReply([], [], after, True, "gen1")  # type: ignore[method-assign]
    assert isinstance(desk.sync().problem, SyncStuck)
    school.pull = lambda after, limit: PullReply([], [], after - 1, False, "gen1")  # type: ignore[method-assign]
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
    assert [task.kind for task in desk.today().tasks] == ["same_day_visit"]


def test_cancelling_stops_between_chunks_and_loses_nothing(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    report = desk.sync(cancelled=lambda: bool(school.files))
    assert report.cancelled and report.problem is None and not report.complete
    assert len(school.files) == 1
    clean(desk.sync())
    assert len(school.files) == 3


def test_second_sync_at_the_same_time_does_not_begin(desk: Desk, school: FakeSchool) -> None:
    reports: list[SyncReport] = []
    school.mishaps["hello"] = lambda: reports.append(desk.sync())
    clean(desk.sync())
    assert reports[0].busy and not reports[0].complete


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"server": "another"}, NotOurServer),
        ({"school": "3199000002"}, NotOurServer),
        ({"oldest_version": 99}, VersionTooOld),
        ({"version": 0}, VersionTooOld),
    ],
)
def test_whoever_is_not_our_school_gets_nothing(
    desk: Desk, school: FakeSchool, change: dict[str, object], problem: type[Exception]
) -> None:
    quick_visit(desk)
    real = school.hello()
    school.hello = lambda: HelloReply(**(real.__dict__ | change))  # type: ignore[method-assign]
    school.calls.clear()
    assert isinstance(desk.sync().problem, problem)
    assert school.calls == [] and states(desk) == ["sealed"]


def test_faulty_and_ended_sessions_are_told(desk: Desk, school: FakeSchool) -> None:
    for error in (ServerFault(status=500), NotEnrolled()):
        school.mishaps["pull"] = fails(error)
        assert type(desk.sync().problem) is type(error)


def test_revoked_phone_offers_its_outbox_and_takes_nothing(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.standing = "revoked"
    report = desk.sync()
    assert isinstance(report.problem, DeviceRevoked) and (report.texts_left, report.photos_left) == (0, 0)
    assert "pull" not in school.calls and desk.standing().revoked
    school.standing = "active"
    clean(desk.sync())
    assert not desk.standing().revoked


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


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_cuts_ends_with_everything_at_school_once(
    tmp_path: Path, school: FakeSchool, seed: int
) -> None:
    dice = random.Random(seed)
    desk = enrolled(tmp_path, school)
    calls = ("hello", "push", "missing", "file_offset", "send_chunk", "chunk_answer", "pull")

    def maybe() -> None:
        if dice.random() < 0.35:
            raise dice.choice((Unreachable(), TimedOut(), ServerFault(status=502)))

    school.mishaps = dict.fromkeys(calls, maybe)
    rids = [filled(desk, child, photos=n).finish() for child, n in ((CHILD, 2), (OTHER_CHILD, 1))]
    for _ in range(40):
        if desk.sync().complete:
            break
        desk.close()
        desk = phone(tmp_path, school)
    school.mishaps = {}
    clean(desk.sync())
    assert set(school.payloads) == set(rids)
    assert {file.sha256 for rid in rids for file in school.record(rid).att} == set(school.files)
    assert states(desk) == ["received", "received"]
    desk.close()
