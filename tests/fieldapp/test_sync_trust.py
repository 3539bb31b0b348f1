"""Whom the phone believes: nothing is marked without proof, and a stranger gets nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from casebook.ed25519 import Ed25519Signer
from casebook.errors import (
    DeviceRevoked,
    NotEnrolled,
    NotOurServer,
    RecordMalformed,
    SealBroken,
    ServerFault,
    ServerTooOld,
    SyncStuck,
    VersionTooOld,
)
from casebook.merging import Verdict
from casebook.protocol import HelloReply, PushReply, PushRequest, Receipt, make_receipt
from fieldapp.desk import Desk
from tests.fieldapp.fake_school import SINCE, FakeSchool, fails
from tests.fieldapp.phone import (
    clean,
    filled,
    quick_visit,
    states,
)


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


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"server": "another"}, NotOurServer),
        ({"school": "3199000002"}, NotOurServer),
        ({"oldest_version": 99}, VersionTooOld),
        ({"version": 0}, ServerTooOld),
    ],
)
def test_whoever_is_not_our_school_gets_nothing(
    desk: Desk, school: FakeSchool, change: dict[str, object], problem: type[Exception]
) -> None:
    quick_visit(desk)
    real = school.hello()
    school.hello = lambda wm=None: HelloReply(**(real.__dict__ | change))  # type: ignore[method-assign]
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
    assert isinstance(report.problem, DeviceRevoked) and (report.texts_left, report.files_left) == (0, 0)
    assert "pull" not in school.calls and desk.standing().revoked
    school.standing = "active"
    clean(desk.sync())
    assert not desk.standing().revoked
