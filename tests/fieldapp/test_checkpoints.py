"""The phone keeps the newest signed state of the school's log, quotes it, and notices a log that was changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from casebook.ed25519 import Ed25519Signer
from casebook.errors import SealBroken
from casebook.protocol import HelloReply, PullReply, PushReply, PushRequest, SealedWire, Watermark, b64, unb64
from casebook.translog.checkpoints import Checkpoint, glance, origin_of, sign_checkpoint
from casebook.translog.tree import Frontier, Subtree, consistency_path, hashes, leaf_hash
from fieldapp.cards import Anew
from fieldapp.desk import Desk
from tests.fieldapp.fake_school import CODE, SCHOOL, SINCE, FakeSchool
from tests.fieldapp.phone import CHILD, clean, enrolled, filled, furnished, phone, quick_visit


@dataclass
class SigningSchool(FakeSchool):
    """A school in memory with a transparency log."""

    leaves: list[bytes] = field(default_factory=list)
    marks: list[Watermark | None] = field(default_factory=list)
    signer: Ed25519Signer | None = None  # another key than the school's, if somebody forges

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        return replace(super().hello(wm), **self._told(wm))

    def push(self, request: PushRequest) -> PushReply:
        return replace(super().push(request), **self._told(request.wm))

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        reply = super().pull(after, limit, wm)
        return reply if reply.more or wm is None else replace(reply, **self._told(wm))

    def copy_back(self, records: int, rows: int = 0) -> None:
        """A copy of an old database is put in place, silently: the same generation, and less than there was."""
        self.restore_old_backup(records)
        self.gen = "gen1"
        del self.leaves[records:]
        self.log = self.log[: len(self.log) - rows]

    def _store(self, wire: SealedWire) -> int:
        self.leaves.append(leaf_hash(wire.payload.encode() + unb64(wire.sig)))
        return super()._store(wire)

    def _told(self, wm: Watermark | None) -> dict[str, Any]:
        self.marks.append(wm)
        frontier, known = Frontier(), dict[Subtree, bytes]()
        for leaf in self.leaves:
            frontier, grown = frontier.append(leaf)
            known |= {one.at: one.hash for one in grown}
        state = Checkpoint(origin_of(SCHOOL), frontier.size, frontier.root, SINCE, self.gen)
        proof = None
        if wm and wm.gen == self.gen and wm.size <= frontier.size:
            proof = [b64(one) for one in hashes(consistency_path(wm.size, frontier.size), known.__getitem__)]
        return {"checkpoint": sign_checkpoint(state, self.signer or self.key), "consistency": proof}


@pytest.fixture
def school() -> SigningSchool:
    return furnished(SigningSchool())  # type: ignore[return-value]


@pytest.fixture
def desk(tmp_path: Path, school: SigningSchool) -> Iterator[Desk]:
    desk = enrolled(tmp_path, school)
    yield desk
    desk.close()


def kept(desk: Desk, name: str = "checkpoint") -> Any:
    return desk._work.books.settings.get(desk._work.db, name)


def test_the_newest_checkpoint_is_kept_and_said_with_the_next_request(desk: Desk, school: SigningSchool) -> None:
    assert glance(kept(desk)).size == 0
    for size in range(1, 4):
        quick_visit(desk)
        clean(desk.sync())
        newest = glance(kept(desk))
        assert (newest.size, newest.gen) == (size, "gen1")
    clean(desk.sync())
    assert school.marks[-1] == Watermark("gen1", 3, newest.root.hex())
    assert kept(desk, "unextended") is None


def test_a_record_quotes_what_the_phone_has_accepted(desk: Desk, school: SigningSchool) -> None:
    first = quick_visit(desk)
    clean(desk.sync())
    second = quick_visit(desk)
    clean(desk.sync())
    assert (school.record(first).seen or {})["size"] == 0
    seen = school.record(second).seen
    assert seen == {"gen": "gen1", "size": 1, "root": school.leaves[0].hex(), "time": SINCE}


def test_a_checkpoint_by_a_stranger_is_noted_and_changes_nothing(desk: Desk, school: SigningSchool) -> None:
    before = kept(desk)
    quick_visit(desk)
    school.signer = Ed25519Signer.generate()
    report = desk.sync()
    assert {type(note) for note in report.notes} == {SealBroken}
    assert (report.texts_left, kept(desk)) == (0, before)  # the receipt was the school's all the same


@pytest.mark.parametrize("change", ["edited", "shortened"])
def test_a_log_that_is_not_what_it_was_is_offered_everything_again(desk: Desk, school: SigningSchool, change: str) -> None:
    """A silent copy of an old database has the same generation: only the log betrays it."""
    rids = [quick_visit(desk) for _ in range(3)]
    clean(desk.sync())
    before = kept(desk)
    if change == "edited":
        school.leaves[1] = leaf_hash(b"another record")
    else:
        school.copy_back(1)
    school.calls.clear()
    report = desk.sync()
    clean(report)
    assert "missing" in school.calls and report.anew == Anew.FORKED
    assert set(school.payloads) == set(rids)
    assert kept(desk, "unextended") == [before]
    assert glance(kept(desk)).size == len(school.leaves)
    report = desk.sync()
    clean(report)
    assert kept(desk, "unextended") == [before] and report.anew is None


def test_another_life_of_the_store_is_no_contradiction_but_the_old_state_is_kept(desk: Desk, school: SigningSchool) -> None:
    quick_visit(desk)
    clean(desk.sync())
    before = kept(desk)
    school.restore_old_backup(0)
    school.leaves.clear()
    report = desk.sync()
    clean(report)
    assert kept(desk, "unextended") == [before] and report.anew == Anew.RESTORED
    assert glance(kept(desk)).gen == "gen1+"
    assert len(school.payloads) == 1


def test_what_was_only_read_comes_back_to_the_school_too(desk: Desk, school: SigningSchool) -> None:
    """Whoever wrote it may have lost the phone since: whoever has read it brings it back."""
    quick_visit(desk)
    clean(desk.sync())
    read: list[str] = []

    def arrives_meanwhile() -> None:
        school.mishaps.clear()
        read.append(school.decide("incident", CHILD, {"incident": "i", "absent_on": "2026-11-20"}))

    school.mishaps["pull"] = arrives_meanwhile
    clean(desk.sync())
    school.copy_back(1)
    clean(desk.sync())
    assert set(read) < set(school.payloads)


@pytest.mark.parametrize("call", ["push", "pull"])
def test_a_copy_put_back_while_we_talk_gets_everything_in_this_very_sync(
    desk: Desk, school: SigningSchool, call: str
) -> None:
    rids = [filled(desk).finish() for _ in range(2)]
    clean(desk.sync())
    rids.append(quick_visit(desk))
    files = set(school.files)

    def put_back() -> None:
        school.mishaps.clear()
        school.copy_back(1)

    school.mishaps[call] = put_back
    clean(desk.sync())
    assert (set(school.payloads), set(school.files)) == (set(rids), files)


def test_a_copy_with_fewer_rows_is_read_anew_and_what_it_does_not_tell_is_gone(
    tmp_path: Path, school: SigningSchool
) -> None:
    """No record is missing, so the log says nothing: the number of the newest change does."""
    school.publish("staff", "d" * 32, {"id": "d" * 32, "name": "new here"})
    desk = phone(tmp_path, school)
    desk.enrol("http://school.test", CODE)
    clean(desk.sync())
    known = desk._work.books.roster
    assert known.staff_name("d" * 32) == "new here"
    students, forms = known.rows("students"), [one.form_id for one in desk.forms_for(CHILD)]
    school.copy_back(0, rows=1)
    clean(desk.sync())
    known.refresh(desk._work.db)
    assert known.staff_name("d" * 32) == ""
    assert (known.rows("students"), [one.form_id for one in desk.forms_for(CHILD)]) == (students, forms)
    desk.close()


def test_a_school_without_a_log_is_served_as_before(tmp_path: Path) -> None:
    plain = furnished(FakeSchool())
    desk = enrolled(tmp_path, plain)
    rid = quick_visit(desk)
    clean(desk.sync())
    assert kept(desk) is None
    assert plain.record(rid).seen is None
    desk.close()
