"""A backup is made in the same way wherever rows and files lie, and comes back wherever they are to lie from now on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from casebook.protocol import PushRequest, sealed_to_wire
from casebook.sealing import Sealed
from sync_server.operations import keeping, schedule
from sync_server.operations.checking import Checker
from sync_server.operations.faults import OperationFailed
from sync_server.operations.restore import Restored, restore
from sync_server.operations.shelf import Backup
from sync_server.settings import Settings
from sync_server.store import snapshot, transfer
from sync_server.wiring import Wiring, build, files_of
from tests.conformance.conftest import STANDS, stand_of
from tests.conformance.direct import DirectConversation
from tests.sync_server.schoolhouse import SCHOOL, Phone, jpeg, sha256

EARLY, LATE = jpeg(1, 60), jpeg(2, 60)
#: From where a backup comes, and to where it goes; the last one is how a school moves to a county, and back.
WAYS = [*((one, one) for one in STANDS[1:]), ("sqlite+disk", "postgresql+bucket"), ("postgresql+bucket", "sqlite+disk")]


def send(school: Wiring, phone: Phone, sealed: Sealed, photo: bytes) -> str:
    """A visit with its photo; the verdict."""
    talk, sha = DirectConversation(school, phone.token), sha256(photo)
    (outcome,) = talk.push(PushRequest([sealed_to_wire(sealed)])).outcomes
    offset = talk.file_offset(sha, len(photo), "image/jpeg")
    if offset < len(photo):
        talk.send_chunk(sha, offset, len(photo), photo[offset:])
    return str(outcome.verdict)


def newest_of(school: Wiring) -> Backup:
    return keeping.shelf_of(school.settings).backups()[0]


def brought_back(backup: Backup, settings: Settings, school: Wiring) -> Restored:
    bucket = files_of(settings) if settings.files_url else None
    return restore(backup, settings.data, school.clock(), database_url=settings.database_url, bucket=bucket)


@pytest.mark.parametrize(("here", "there"), WAYS, ids=lambda name: name)
def test_what_is_backed_up_here_comes_back_there(
    here: str, there: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:  # fmt: skip
    school = stand_of(request, here).found(tmp_path)
    phone = Phone().enrol(school)
    early, late = phone.visit("early", {"a.jpg": EARLY}), phone.visit("late", {"b.jpg": LATE})
    assert send(school, phone, early, EARLY) == "stored"
    facts = schedule.do(school, schedule.job_named(keeping.BACKUP))
    assert DirectConversation(school, phone.token).hello().safe_upto == facts["sseq"] > 0
    assert send(school, phone, late, LATE) == "stored"
    schedule.do(school, schedule.job_named(keeping.REHEARSAL))
    settings = Settings(data=tmp_path / "new", **stand_of(request, there).empty())
    back = brought_back(newest_of(school), settings, school)
    assert (back.files, back.lacking) == (1, ())
    new = build(settings)
    assert new.school.gen != school.school.gen
    assert [send(new, phone, early, EARLY), send(new, phone, late, LATE)] == ["duplicate", "stored"]
    assert findings(new) == () and new.store.engine.dialect.name == there.partition("+")[0]
    if settings.database_url:
        with pytest.raises(OperationFailed) as fault:
            brought_back(newest_of(school), settings.model_copy(update={"data": tmp_path / "again"}), school)
        assert fault.value.code == "database_not_empty" and not (tmp_path / "again").exists()
    for one in (school, new):
        one.close()


def findings(school: Wiring) -> tuple[object, ...]:
    return Checker(school.store, school.blobs, SCHOOL, school.keys.receipt.public_key).look().findings


def test_a_copy_is_of_one_moment_while_others_write(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    school = stand_of(request, "postgresql+disk").found(tmp_path)
    phone, carry = Phone().enrol(school), transfer._carry
    first, second = phone.visit("v1", {"a.jpg": EARLY}), phone.visit("v2", {"b.jpg": LATE})
    send(school, phone, first, EARLY)

    def carry_late(rows: Connection, conn: Connection) -> None:
        rows.execute(text("SELECT 1 FROM record"))  # from here on it is that moment
        send(school, phone, second, LATE)
        carry(rows, conn)

    monkeypatch.setattr(transfer, "_carry", carry_late)
    before = school.store.version()
    schedule.do(school, schedule.job_named(keeping.BACKUP))
    backup = newest_of(school)
    assert list(snapshot.files_in(backup.folder / "jiafang.db")) == [sha256(EARLY)]
    assert (backup.manifest.migration, backup.manifest.lacking) == (before, ())
    schedule.do(school, schedule.job_named(keeping.REHEARSAL))  # and it is sound
    school.close()
