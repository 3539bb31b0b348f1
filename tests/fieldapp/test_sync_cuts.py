"""A bad link: what was cut is taken up again at the byte, and everything arrives once."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.errors import (
    FileBusy,
    ServerFault,
    TimedOut,
    Unreachable,
)
from casebook.protocol import PushReply, PushRequest
from fieldapp.desk import Desk
from fieldapp.sync.exchange import FIRST_PAUSE_S
from tests.fieldapp.fake_school import FakeSchool, fails
from tests.fieldapp.phone import (
    CHILD,
    OTHER_CHILD,
    clean,
    enrolled,
    filled,
    quick_visit,
    states,
    synced_at_last,
)


@pytest.mark.parametrize("call", ["push", "missing", "file_offset", "send_chunk", "chunk_answer", "pull"])
def test_a_moment_without_link_is_borne(desk: Desk, school: FakeSchool, call: str) -> None:
    filled(desk).finish()
    school.mishaps[call] = fails(TimedOut(), times=3)
    clean(desk.sync())
    assert len(school.files) == 3 and states(desk) == ["received"]
    doublings = [math.floor(math.log2(pause / FIRST_PAUSE_S)) for pause in school.pauses]
    assert doublings and doublings == sorted(doublings) and doublings[0] == 0


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
    assert [type(note) for note in report.notes] == [FileBusy, FileBusy] and report.files_left == 2
    school.mishaps.clear()
    clean(desk.sync())


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
    desk = synced_at_last(desk, tmp_path, school, 40)
    assert set(school.payloads) == set(rids)
    assert {file.sha256 for rid in rids for file in school.record(rid).att} == set(school.files)
    assert states(desk) == ["received", "received"]
    desk.close()
