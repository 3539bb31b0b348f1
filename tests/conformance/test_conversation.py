"""Whoever speaks the sync conversation, over the wire or in one process, gives the same answers to the same words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.ed25519 import Ed25519Verifier
from casebook.errors import (
    CasebookError,
    DeviceRevoked,
    FileHashWrong,
    FileTooLarge,
    FileTypeWrong,
    NoSuchFile,
    NotEnrolled,
    OffsetWrong,
)
from casebook.protocol import MissingRequest, PushRequest, SyncConversation, Watermark, read_receipt, sealed_to_wire
from casebook.sealing import Sealed
from casebook.translog.checkpoints import glance
from fieldapp.sync.http import HttpConversation
from sync_server.store import devices
from sync_server.wiring import Wiring
from tests.conformance.direct import DirectConversation
from tests.sync_server.schoolhouse import CHILD, SCHOOL, Phone, jpeg, make_school, served, sha256

PHOTO = jpeg()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


@pytest.fixture
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


@pytest.fixture(params=["http", "direct"])
def talk(request: pytest.FixtureRequest, school: Wiring, phone: Phone) -> Iterator[SyncConversation]:
    if request.param == "direct":
        yield DirectConversation(school, phone.token)
        return
    with served(school) as url:
        conversation = HttpConversation(url, phone.token)
        yield conversation
        conversation.close()


def batch(*records: Sealed) -> PushRequest:
    return PushRequest([sealed_to_wire(record) for record in records])


def test_hello_introduces_the_school(talk: SyncConversation, school: Wiring) -> None:
    reply = talk.hello()
    assert (reply.server, reply.school, reply.gen, reply.standing) == ("jiafang", SCHOOL, school.school.gen, "active")


def test_a_pushed_record_comes_back_in_a_pull_and_its_receipt_verifies(
    talk: SyncConversation, school: Wiring, phone: Phone
) -> None:
    record = phone.visit()
    (outcome,) = talk.push(batch(record)).outcomes
    assert outcome.receipt is not None
    assert read_receipt(outcome.receipt, school.keys.receipt.public_key, Ed25519Verifier()).rid == record.rid
    reply = talk.pull(0, 100)
    assert [one.sealed.payload for one in reply.records] == [record.payload.decode()]
    assert {row.key for row in reply.rows if row.feed == "students"} == {CHILD}
    assert talk.pull(reply.next, 100).records == []


def test_who_says_which_log_it_knows_is_told_how_it_goes_on(talk: SyncConversation, phone: Phone) -> None:
    empty = known(talk.hello().checkpoint)
    newest = known(talk.push(batch(phone.visit())).checkpoint)
    assert (empty.size, newest.size) == (0, 1)
    for told in (talk.pull(0, 100, empty), talk.pull(0, 1, empty)):  # with every page, not only the last
        assert (known(told.checkpoint), told.consistency) == (newest, [])
    for silent in (talk.hello(newest), talk.pull(0, 100, newest), talk.pull(0, 100)):
        assert silent.checkpoint is None


def known(note: str | None) -> Watermark:
    assert note is not None
    told = glance(note)
    return Watermark(told.gen, told.size, told.root.hex())


def test_pushing_again_changes_nothing(talk: SyncConversation, phone: Phone) -> None:
    talk.hello()  # from here on requests are packed, where the school offers it
    push = batch(phone.visit())
    first, second = talk.push(push), talk.push(push)
    assert second.outcomes[0].receipt == first.outcomes[0].receipt
    assert (first.outcomes[0].verdict, second.outcomes[0].verdict) == ("stored", "duplicate")
    assert second.size == first.size


def test_missing_names_what_the_school_lacks(talk: SyncConversation, phone: Phone) -> None:
    here, nowhere = phone.visit("v1"), phone.visit("v2")
    talk.push(batch(here))
    reply = talk.missing(MissingRequest([here.rid, nowhere.rid], [sha256(PHOTO)]))
    assert reply.rids == [nowhere.rid]
    assert [(file.sha256, file.offset) for file in reply.files] == [(sha256(PHOTO), 0)]


def test_a_file_goes_up_in_chunks(talk: SyncConversation, school: Wiring) -> None:
    offset = talk.file_offset(sha256(PHOTO), len(PHOTO), "image/jpeg")
    while offset < len(PHOTO):
        offset = talk.send_chunk(sha256(PHOTO), offset, len(PHOTO), PHOTO[offset : offset + 10_000])
    assert talk.file_offset(sha256(PHOTO), len(PHOTO), "image/jpeg") == len(PHOTO)
    assert school.blobs.path(sha256(PHOTO)).read_bytes() == PHOTO
    assert talk.missing(MissingRequest([], [sha256(PHOTO)])).files == []


def refused(talk: SyncConversation, content: bytes, sha: str | None = None) -> CasebookError:
    sha = sha or sha256(content)
    with pytest.raises(CasebookError) as told:
        talk.file_offset(sha, len(content), "image/jpeg")
        talk.send_chunk(sha, 0, len(content), content)
    return told.value


def test_files_that_cannot_be_right_are_refused_by_name(talk: SyncConversation) -> None:
    assert isinstance(refused(talk, b"no photo"), FileTypeWrong)
    assert isinstance(refused(talk, PHOTO[:-1] + b"x", sha256(PHOTO)), FileHashWrong)
    with pytest.raises(FileTooLarge):
        talk.file_offset("a" * 64, 40_000_000, "image/jpeg")
    with pytest.raises(NoSuchFile):
        talk.send_chunk("b" * 64, 0, 10, b"x")


def test_a_wrong_offset_tells_the_right_one(talk: SyncConversation) -> None:
    talk.file_offset(sha256(PHOTO), len(PHOTO), "image/jpeg")
    talk.send_chunk(sha256(PHOTO), 0, len(PHOTO), PHOTO[:500])
    with pytest.raises(OffsetWrong) as told:
        talk.send_chunk(sha256(PHOTO), 0, len(PHOTO), PHOTO[:500])
    assert told.value.facts["offset"] == 500


def test_a_revoked_phone_hands_over_and_gets_nothing(talk: SyncConversation, school: Wiring, phone: Phone) -> None:
    school.store.run_tx(lambda conn: devices.revoke(conn, SCHOOL, phone.dev, school.now()))
    assert talk.hello().standing == "revoked"
    assert talk.push(batch(phone.visit())).outcomes[0].code == "device_revoked"
    with pytest.raises(DeviceRevoked):
        talk.pull(0, 10)


def test_a_stranger_gets_nothing(school: Wiring) -> None:
    with pytest.raises(NotEnrolled):
        DirectConversation(school, "nonsense").hello()
    with served(school) as url, pytest.raises(NotEnrolled):
        HttpConversation(url, "nonsense").hello()
