"""The link is cut, taken over, or dies: the phone says what happened, and the next sync goes on at the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from casebook.errors import NotOurServer, Unreachable
from fieldapp.cards import OutboxState
from fieldapp.desk import Desk
from tests.whole.handset import record_visit
from tests.whole.link import Link
from tests.whole.phone_files import attachments, sealed_visits
from tests.whole.story import SchoolServer

CHUNK = 64 * 1024
OVERHEAD = 24 * 1024  # requests and headers of one sync


def content(folder: Path) -> int:
    """Bytes of everything the phone has sealed: records and their files."""
    visits = sealed_visits(folder)
    files = sum(attachment["size"] for visit in visits for attachment in visit["att"])
    return files + sum(len(str(visit).encode()) for visit in visits)


def at_school(school: SchoolServer, visit: dict) -> bool:
    """Whether every file of the visit lies at school under its hash, whole."""
    return all(any(path.stat().st_size == attachment["size"] for path in (school.data / "files").rglob(
        f"{attachment['sha256']}*")) for attachment in visit["att"])  # fmt: skip


def test_a_sync_cut_again_and_again_resends_at_most_a_chunk_each_time(
    school: SchoolServer, link: Link, desk: Desk, tmp_path: Path
) -> None:
    record_visit(desk, tmp_path)
    (visit,) = sealed_visits(tmp_path / "phone")
    step, cuts = 150_000, 0
    while True:
        link.cut_after(step)
        report = desk.sync()
        if report.complete:
            break
        assert isinstance(report.problem, Unreachable), report
        cuts += 1
        assert cuts < 12
    assert cuts >= 2 and at_school(school, visit)
    assert link.sent <= content(tmp_path / "phone") + (cuts + 1) * (CHUNK + OVERHEAD)
    assert desk.outbox()[0].state == OutboxState.RECEIVED


def test_a_portal_that_answers_200_is_recognised_and_nothing_is_lost(
    school: SchoolServer, link: Link, desk: Desk, tmp_path: Path
) -> None:
    rid = record_visit(desk, tmp_path)
    link.portal = True
    report = desk.sync()
    assert isinstance(report.problem, NotOurServer) and report.texts_left == 1 and report.files_left == 3
    (item,) = [item for item in desk.outbox() if item.rid == rid]
    assert item.state == OutboxState.SEALED
    link.portal = False
    assert desk.sync().complete


def test_a_server_killed_again_and_again_loses_nothing_it_acknowledged(
    school: SchoolServer, link: Link, desk: Desk, tmp_path: Path
) -> None:
    children = [row.id for row in desk.students("", limit=6).students]
    rids = [record_visit(desk, tmp_path, seed, 1, child) for seed, child in enumerate(children)]
    for budget in (20_000, 200_000, 500_000):
        link.cut_after(budget)  # somewhere in the middle of a batch, a photo, an answer
        desk.sync()
        school.kill()
        received = {item.rid for item in desk.outbox() if item.receipt_no is not None}
        school.start()
        link.cut_after(None)
        assert desk.sync().problem is None
        assert received <= {item.rid for item in desk.outbox() if item.receipt_no is not None}
    assert desk.sync().complete
    assert {item.rid for item in desk.outbox() if item.state == OutboxState.RECEIVED} >= set(rids)
    assert all(at_school(school, visit) for visit in sealed_visits(tmp_path / "phone"))
    receipts = [item.receipt_no for item in desk.outbox() if item.rid in rids]
    assert len(set(receipts)) == len(rids)


@pytest.mark.parametrize("role", ["photo", "signature"])
def test_what_arrives_is_byte_for_byte_what_was_sealed(
    role: str, school: SchoolServer, desk: Desk, tmp_path: Path
) -> None:
    record_visit(desk, tmp_path)
    assert desk.sync().complete
    (visit,) = sealed_visits(tmp_path / "phone")
    hashes = attachments(visit, role)
    assert hashes
    for sha256 in hashes:
        (arrived,) = [path for path in (school.data / "files").rglob(f"{sha256}*") if path.is_file()]
        assert arrived.read_bytes() == desk.file_bytes(sha256)
