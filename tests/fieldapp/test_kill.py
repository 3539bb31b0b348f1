"""The app is killed at any instant, again and again: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from casebook import feeds
from casebook.ed25519 import Ed25519Verifier
from casebook.records import Record, decode
from casebook.sealing import unseal
from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, FORM, OTHER_CHILD, enrolled, filled, furnished, phone, picture, student

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")

SUMMARY, SIGN, PHOTO = "/data/meeting/summary", "/data/signing/guardian_signature", "/data/evidence/photos_1"
LONGEST_LIFE_S = 0.12


class Victim:
    """A child process that works at a desk of its own and says what it has been told is safe."""

    def __init__(self, folder: Path, school: FakeSchool, work: Callable[[Desk, Callable[[str], None]], None]) -> None:
        self._reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._reading)
            try:
                work(phone(folder, school), lambda said: os.write(writing, f"{said}\n".encode()) and None)
                os.write(writing, b"done\n")
                time.sleep(5)
            finally:
                os._exit(1)
        os.close(writing)

    def kill(self, after_s: float, once_said: str = "") -> list[str]:
        """Kills the child `after_s` seconds after it has said `once_said` (or was born); all it said."""
        heard = b""
        while once_said and once_said.encode() not in heard:
            piece = os.read(self._reading, 65536)
            assert piece, "the child died by itself"
            heard += piece
        time.sleep(after_s)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        while piece := os.read(self._reading, 65536):
            heard += piece
        os.close(self._reading)
        return heard.decode().splitlines()


@pytest.fixture
def school() -> FakeSchool:
    return furnished(FakeSchool())


@pytest.fixture
def folder(tmp_path: Path, school: FakeSchool) -> Path:
    enrolled(tmp_path, school).close()
    for seed in (1, 2):
        picture(seed)  # drawn once, here, and not in every child
    return tmp_path


def number(text: str) -> int:
    return int("".join(filter(str.isdigit, text)) or 0)


def strokes_drawn(draft: VisitDraft) -> int:
    drawing = draft.strokes(SIGN)
    return len(drawing.strokes) if drawing else 0


def test_answers_strokes_and_place_survive(folder: Path, school: FakeSchool) -> None:
    dice = random.Random(5)
    desk = phone(folder, school)
    draft_id = desk.start(CHILD, FORM)
    desk.open_draft(draft_id).answer("/data/meeting/contact_result", "met_guardian")
    desk.open_draft(draft_id).answer("/data/signing/sign_mode", "handwritten")
    desk.close()
    answered = drawn = 0

    def work(desk: Desk, say: Callable[[str], None]) -> None:
        draft = desk.open_draft(draft_id)
        say("opened")
        strokes = [[(float(n), float(n), float(n))] for n in range(1, drawn + 1)]
        for n in range(1, 2000):
            draft.answer(SUMMARY, f"第{answered + n}次")
            say(f"answer {answered + n}")
            strokes.append([(float(drawn + n), float(drawn + n), float(drawn + n))])
            draft.save_strokes(SIGN, strokes, 320, 200)
            say(f"stroke {drawn + n}")
            page = "/data/meeting" if n % 2 else "/data/signing"
            draft.go_to(page, SUMMARY if n % 2 else SIGN)
            say(f"page {page}")

    for _ in range(25):
        said = Victim(folder, school, work).kill(dice.random() * LONGEST_LIFE_S, once_said="opened")
        desk = phone(folder, school)
        draft = desk.open_draft(draft_id)
        told = {line.split()[0]: line.split()[1] for line in said if " " in line}
        kept_answer, kept_strokes = number(draft.session.value(SUMMARY)), strokes_drawn(draft)
        assert kept_answer - int(told.get("answer", answered)) in (0, 1)
        assert kept_strokes - int(told.get("stroke", drawn)) in (0, 1)
        pages = {"/data/meeting", "/data/signing"}
        assert draft.page_ref == told["page"] if "page" in told and said[-1].startswith("page") else draft.page_ref in pages
        answered, drawn = kept_answer, kept_strokes
        desk.close()
    assert answered > 25 and drawn > 25


def test_photos_are_there_with_their_rows_or_not_at_all(folder: Path, school: FakeSchool) -> None:
    dice = random.Random(6)
    desk = phone(folder, school)
    draft_id = desk.start(CHILD, FORM)
    desk.open_draft(draft_id).answer("/data/meeting/mode", "door")
    desk.close()

    def work(desk: Desk, say: Callable[[str], None]) -> None:
        draft = desk.open_draft(draft_id)
        say("opened")
        for n in range(200):
            say(f"photo {draft.attach_photo(PHOTO, picture(1 + n % 2), 'camera')}")

    taken = ""
    for _ in range(12):
        said = Victim(folder, school, work).kill(dice.random() * LONGEST_LIFE_S, once_said="opened")
        desk = phone(folder, school)
        draft = desk.open_draft(draft_id)
        shown = draft.session.question(PHOTO).value.removesuffix(".jpg")
        told = [line.split()[1] for line in said if line.startswith("photo ")]
        taken = told[-1] if told else taken
        assert shown == taken or (draft.file(PHOTO) is not None and shown != taken)
        assert bool(shown) == (draft.file(PHOTO) is not None)
        taken = shown
        desk.close()
    assert taken


def test_a_visit_begun_at_the_same_door_is_there_with_all_it_carries_or_not_at_all(
    folder: Path, school: FakeSchool
) -> None:
    dice = random.Random(8)
    adults = student(CHILD, "张示伟", "", "")["guardians"]
    for child, sibling in ((CHILD, OTHER_CHILD), (OTHER_CHILD, CHILD)):
        school.publish(feeds.STUDENTS, child, student(child, "张示伟", "", "", siblings=[sibling], guardians=adults))
    desk = phone(folder, school)
    assert desk.sync().complete
    first = desk.open_draft(desk.start(CHILD, FORM))
    first.answer("/data/meeting/mode", "door")
    first.answer(SUMMARY, "两个孩子都在")
    desk.close()

    def work(desk: Desk, say: Callable[[str], None]) -> None:
        outing = desk.outing(OTHER_CHILD)
        assert outing
        say("opened")
        for _ in range(200):
            draft_id = desk.start(OTHER_CHILD, FORM, outing.id)
            say(f"begun {draft_id}")
            time.sleep(0.01)  # it lives as long as it takes to begin the next: kills find it about every other time
            desk.discard(draft_id)
            say("gone")

    begun = rounds = 0
    while rounds < 12 or (not begun and rounds < 100):
        rounds += 1
        said = Victim(folder, school, work).kill(dice.random() * LONGEST_LIFE_S, once_said="opened")
        desk = phone(folder, school)
        kept = [card.draft_id for card in desk.today().drafts if card.case == OTHER_CHILD]
        assert len(kept) <= 1
        if said[-1].startswith("begun"):
            assert kept in ([], [said[-1].split()[1]])  # gone only if the discarding was under way
        for draft_id in kept:
            draft = desk.open_draft(draft_id)
            assert {"/data/meeting/mode", SUMMARY} <= draft.carried
            assert draft.session.value(SUMMARY) == "两个孩子都在"
            begun += 1
            desk.discard(draft_id)
        desk.close()
    assert begun


def test_sealing_leaves_a_draft_or_a_record_never_both_or_none(folder: Path, school: FakeSchool) -> None:
    dice = random.Random(7)
    turn, killed_before, killed_after = -1, 0, 0
    while turn < 19 or (min(killed_before, killed_after) < 2 and turn < 100):
        turn += 1  # a busy machine seals late: the later turns wait longer
        child = (CHILD, OTHER_CHILD)[turn % 2]

        def work(desk: Desk, say: Callable[[str], None], child: str = child) -> None:
            draft = filled(desk, child, photos=1)
            say(f"ready {draft.draft_id}")
            say(f"sealed {draft.finish()}")

        said = Victim(folder, school, work).kill(dice.random() * 0.03 * (1 + turn // 20), once_said="ready")
        told = dict(line.split() for line in said if " " in line)
        desk = phone(folder, school)
        drafts = [item.draft_id for item in desk.outbox() if item.state == "draft"]
        records = chain(desk)
        assert len(records) + len(drafts) == turn + 1
        assert drafts == [told["ready"]] or drafts == []
        if "sealed" in told:
            assert records[-1][0] == told["sealed"] and drafts == []
        if drafts:
            killed_before += 1
            assert desk.open_draft(drafts[0]).finish() == chain(desk)[-1][0]
        killed_after += not drafts
        check_seals(desk)
        desk.close()
    assert killed_before >= 2 and killed_after >= 2, (killed_before, killed_after)


def check_seals(desk: Desk) -> None:
    """Every sealed record is as it was signed, and every file it names is there."""
    for rid, _ in chain(desk):
        sealed = desk._work.books.records.sealed(desk._work.db, rid)
        record = unseal(sealed, desk._work.signer().public_key, Ed25519Verifier())
        assert len(record.att) == 2
        for file in record.att:
            assert len(desk.file_bytes(file.sha256)) == file.size


def chain(desk: Desk) -> list[tuple[str, Record]]:
    """The device's records in order; they must link up without a gap."""
    rows = desk._work.db.execute("SELECT rid, payload FROM record WHERE own = 1 ORDER BY rowid").fetchall()
    records = [(rid, decode(bytes(payload))) for rid, payload in rows]
    assert [record.seq for _, record in records] == list(range(1, len(records) + 1))
    assert [record.prev for _, record in records] == ["", *[rid for rid, _ in records]][: len(records)]
    return records


