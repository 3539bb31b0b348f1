"""A visit's files as one stream: cut anywhere it goes on at the byte, and what cannot be sent holds up nothing."""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path

import pytest

from casebook.errors import (
    DeviceQuota,
    FileBusy,
    FileHashWrong,
    FileTypeWrong,
    NoSuchFile,
    ServerFault,
    SyncStuck,
    TimedOut,
    Unreachable,
)  # fmt: skip
from casebook.packs import Pack
from casebook.protocol import PACKS
from fieldapp.cards import Progress, Step
from fieldapp.desk import Desk
from fieldapp.sync.engine import synchronise
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool, fails
from tests.fieldapp.phone import CHILD, OTHER_CHILD, clean, enrolled, filled, furnished, states, synced_at_last


@pytest.fixture
def school() -> FakeSchool:
    return furnished(FakeSchool(offers=[PACKS]))


def signed(draft: VisitDraft, seed: int) -> str:
    """Seals the visit with strokes of its own."""
    draft.save_strokes("/data/signing/guardian_signature", [[(10.0 + seed, 20.0, 0.0), (40.0, 22.0, 30.0)]], 320, 200)
    return draft.finish()


def all_arrived(school: FakeSchool, *rids: str) -> bool:
    return {file.sha256 for rid in rids for file in school.record(rid).att} == set(school.files)


def test_each_visit_is_one_request_with_its_strokes_first(desk: Desk, school: FakeSchool) -> None:
    rids = [signed(filled(desk, child, 2, seed), seed) for child, seed in ((CHILD, 1), (OTHER_CHILD, 5))]
    packs: list[tuple[Pack, bool]] = []
    real = school.send_pack
    school.send_pack = lambda pack, offset, pieces, fresh: (  # type: ignore[method-assign]
        packs.append((pack, fresh)), real(pack, offset, pieces, fresh))[1]
    seen: list[Progress] = []
    report = clean(desk.sync(seen.append))
    assert [fresh for _, fresh in packs] == [True, True] and all_arrived(school, *rids)
    for (pack, _), rid in zip(packs, rids, strict=True):
        roles = {file.sha256: file.role for file in school.record(rid).att}
        assert roles[pack.files[0].sha256] == "signature"
        assert [file.size for file in pack.files[1:]] == sorted(file.size for file in pack.files[1:])
    sizes = [file.size for rid in rids for file in school.record(rid).att]
    assert (report.files_sent, report.bytes_sent, school.received) == (len(sizes), sum(sizes), sum(sizes))
    last = [shown for shown in seen if shown.step is Step.PHOTOS][-1]
    assert (last.files_done, last.bytes_done) == (len(sizes), sum(sizes))


@pytest.mark.parametrize(("seconds", "visits"), [(0.5, [1, 3]), (1000, [1, 1, 1, 1])])
def test_a_link_that_is_fast_enough_carries_several_visits_in_one_stream(
    desk: Desk, school: FakeSchool, seconds: float, visits: list[int]
) -> None:
    """Whose pictures would take long goes alone, so that the school sees each visit as soon as it can."""
    children = zip((CHILD, OTHER_CHILD) * 2, (1, 5, 9, 13), strict=True)
    rids = [signed(filled(desk, child, 2, seed), seed) for child, seed in children]
    packs: list[Pack] = []
    real = school.send_pack
    school.send_pack = lambda pack, offset, pieces, fresh: (  # type: ignore[method-assign]
        packs.append(pack), real(pack, offset, pieces, fresh))[1]
    exchange = desk._exchange(lambda progress: None, None)
    exchange.tick = count(0.0, seconds).__next__
    clean(synchronise(exchange))
    assert all_arrived(school, *rids)
    assert [len(pack.files) // 3 for pack in packs] == visits
    named = [{file.sha256 for file in school.record(rid).att} for rid in rids]
    sent = [file.sha256 for pack in packs for file in pack.files]
    assert [set(sent[at : at + 3]) for at in range(0, 12, 3)] == named


def test_nothing_that_arrived_is_sent_again_after_a_cut(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk, photos=2).finish()
    pieces = [0]

    def cut() -> None:
        pieces[0] += 1
        if pieces[0] % 3 == 0:
            raise Unreachable

    school.mishaps["send_chunk"] = cut
    report = clean(desk.sync())
    total = sum(file.size for file in school.record(rid).att)
    assert school.received == report.bytes_sent == total and all_arrived(school, rid)


@pytest.mark.parametrize("call", ["file_offset", "send_chunk", "chunk_answer"])
def test_a_link_that_stays_dead_ends_the_sync_and_the_next_goes_on(desk: Desk, school: FakeSchool, call: str) -> None:
    rid = filled(desk).finish()
    if call == "file_offset":  # only asked when something is there already
        (first, *_) = desk._work.db.execute("SELECT sha256 FROM file ORDER BY size").fetchone()
        school.parts[first] = desk.file_bytes(first)[:3]
    school.mishaps[call] = fails(Unreachable())
    report = desk.sync()
    if call == "chunk_answer":  # all bytes arrive although no answer does: asking again shows it
        assert report.problem is None
    else:
        assert isinstance(report.problem, Unreachable) and states(desk) != ["received"]
    school.mishaps.clear()
    clean(desk.sync())
    assert all_arrived(school, rid)


def test_a_file_the_school_cannot_take_is_named_and_the_rest_of_its_visit_arrives(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk, photos=2).finish()
    real = school._complete

    def judge(sha256: str) -> None:
        if sha256 == wrong:
            school.parts.pop(sha256)
            raise FileTypeWrong(sha256=sha256)
        real(sha256)

    wrong = desk._work.db.execute("SELECT sha256 FROM file ORDER BY size DESC").fetchall()[1][0]
    school._complete = judge  # type: ignore[method-assign]
    report = desk.sync()
    assert [type(note) for note in report.notes] == [FileTypeWrong]
    assert report.files_left == 1 and set(school.files) == {f.sha256 for f in school.record(rid).att} - {wrong}


def test_a_file_broken_on_the_line_is_sent_once_more_and_then_left(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk).finish()
    sha256 = desk._work.db.execute("SELECT sha256 FROM file ORDER BY size DESC").fetchone()[0]
    school.parts[sha256] = b"x" * 500
    assert not clean(desk.sync()).notes and all_arrived(school, rid)
    again = filled(desk, OTHER_CHILD, first_photo=5).finish()

    def breaks_everything(sha256: str) -> None:
        school.parts.pop(sha256)
        raise FileHashWrong(sha256=sha256)

    school._complete = breaks_everything  # type: ignore[method-assign]
    assert [type(note) for note in desk.sync().notes] == [FileHashWrong, FileHashWrong]
    del school._complete
    clean(desk.sync())
    assert all_arrived(school, rid, again)


def test_a_file_that_rotted_on_the_phone_is_named_and_the_rest_arrives(
    desk: Desk, school: FakeSchool, tmp_path: Path
) -> None:
    rid = filled(desk, photos=2).finish()
    rotten, gone = (row[0] for row in desk._work.db.execute("SELECT sha256 FROM file ORDER BY size DESC").fetchall()[:2])
    (tmp_path / "files" / rotten).write_bytes(b"rotten")
    (tmp_path / "files" / gone).unlink()
    report = desk.sync()
    assert [note.code for note in report.notes] == ["file_damaged", "file_damaged"]
    assert len(school.files) == len(school.record(rid).att) - 2


def test_a_pack_the_school_has_forgotten_is_announced_again(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk).finish()
    school.mishaps["send_chunk"] = fails(NoSuchFile(pack="f" * 64), times=2)
    clean(desk.sync())
    assert all_arrived(school, rid)


@pytest.mark.parametrize("error", [FileBusy(), DeviceQuota(limit=1)])
def test_a_school_that_takes_nothing_now_is_not_begged(desk: Desk, school: FakeSchool, error: Exception) -> None:
    filled(desk).finish()
    school.mishaps["send_chunk"] = fails(error)
    report = desk.sync()
    assert [type(note) for note in report.notes] == [type(error)] and report.problem is None
    assert school.calls.count("send_chunk") == (5 if isinstance(error, FileBusy) else 1)
    school.mishaps.clear()
    clean(desk.sync())


def test_a_school_that_never_gets_further_ends_the_stream(desk: Desk, school: FakeSchool) -> None:
    filled(desk).finish()
    school.send_pack = lambda pack, offset, pieces, fresh: offset  # type: ignore[method-assign]
    assert [type(note) for note in desk.sync().notes] == [SyncStuck]


def test_a_sync_stopped_in_the_middle_of_a_photo_goes_on_there(desk: Desk, school: FakeSchool) -> None:
    rid = filled(desk, photos=2).finish()
    report = desk.sync(cancelled=lambda: school.received > 9_000)
    assert report.cancelled and 9_000 < school.received < 17_000
    clean(desk.sync())
    assert school.received == sum(file.size for file in school.record(rid).att)


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_cuts_ends_with_everything_at_school_once(
    tmp_path: Path, school: FakeSchool, seed: int
) -> None:
    dice = random.Random(seed)
    desk = enrolled(tmp_path, school)

    def maybe() -> None:
        if dice.random() < 0.3:
            raise dice.choice((Unreachable(), TimedOut(), ServerFault(status=502)))

    school.mishaps = dict.fromkeys(("hello", "push", "missing", "file_offset", "send_chunk", "chunk_answer"), maybe)
    rids = [filled(desk, child, photos=n).finish() for child, n in ((CHILD, 2), (OTHER_CHILD, 1))]
    desk = synced_at_last(desk, tmp_path, school, 60)
    assert all_arrived(school, *rids) and states(desk) == ["received", "received"]
    assert school.received == sum(map(len, school.files.values()))
    desk.close()
