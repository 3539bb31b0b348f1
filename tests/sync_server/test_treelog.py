"""The school's transparency log: every record is a leaf, every answer proves it, and a bundle stands on its own."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from typer.testing import CliRunner

from casebook.ed25519 import Ed25519Verifier
from casebook.protocol import LogProof, PushReply, PushRequest, Watermark, from_json, sealed_to_wire, unb64
from casebook.records import Span
from casebook.sealing import Sealed
from casebook.translog.checkpoints import Checkpoint, glance, open_checkpoint
from casebook.translog.tree import EMPTY_ROOT, Frontier, extends, includes, leaf_hash
from casebook.verify.bundle import write_bundle
from casebook.verify.command import main as verify
from casebook.verify.findings import Code
from sync_server import forks
from sync_server.__main__ import app
from sync_server.casebundle import make_bundle
from sync_server.operations import keeping
from sync_server.store import migrations, tree
from sync_server.wiring import Wiring
from tests.casebook.verify.little_log import check, codes
from tests.sync_server.schoolhouse import (
    CHILD,
    OTHER_CHILD,
    SCHOOL,
    Phone,
    jpeg,
    make_school,
    served,
    upload,
)

VERIFIER = Ed25519Verifier()


def push(school: Wiring, phone: Phone, *records: Sealed, wm: Watermark | None = None) -> PushReply:
    request = PushRequest([sealed_to_wire(record) for record in records], wm=wm)
    return school.intake.push(school.enrolment.device_of(phone.token), request)


def opened(school: Wiring, note: str | None) -> Checkpoint:
    assert note is not None
    return open_checkpoint(note, SCHOOL, school.keys.receipt.public_key, VERIFIER)


def root_of(records: list[Sealed]) -> bytes:
    frontier = Frontier()
    for record in records:
        frontier, _ = frontier.append(leaf_hash(record.payload + record.signature))
    return frontier.root


def mark(checkpoint: Checkpoint) -> Watermark:
    return Watermark(checkpoint.gen, checkpoint.size, checkpoint.root.hex())


def test_every_push_answers_with_the_signed_log_and_proves_that_it_goes_on(school: Wiring, phone: Phone) -> None:
    known: Checkpoint | None = None
    records: list[Sealed] = []
    for batch in (1, 2, 5, 1, 7):
        fresh = [phone.visit(f"v{len(records) + n}") for n in range(batch)]
        reply = push(school, phone, *fresh, wm=mark(known) if known else None)
        records += fresh
        newest = opened(school, reply.checkpoint)
        assert (newest.size, newest.root, newest.gen) == (len(records), root_of(records), reply.gen)
        if known:
            assert extends(known.tree, newest.tree, [unb64(one) for one in reply.consistency or []])
        else:
            assert reply.consistency is None
        known = newest
    assert known is not None
    again = push(school, phone, *records[:3], wm=mark(known))
    assert (again.checkpoint, again.consistency) == (None, None)  # the phone knows this state


def test_a_duplicate_a_refused_and_a_quarantined_record(school: Wiring, phone: Phone) -> None:
    """What is taken into the log is a leaf, whatever it counts for; nothing is a leaf twice."""
    stored, held = phone.visit(), phone.visit("v2", case="9" * 32)
    broken = Sealed(stored.payload, bytes(64), stored.keyid)
    reply = push(school, phone, stored, held, stored, broken)
    assert [one.verdict for one in reply.outcomes] == ["stored", "quarantined", "duplicate", "refused"]
    assert opened(school, reply.checkpoint).root == root_of([stored, held])


def test_a_phone_that_holds_a_state_we_never_gave_out_is_noted_once(school: Wiring, phone: Phone) -> None:
    """As after a silent return to an old copy of the database, whose generation is the same."""
    device = school.enrolment.device_of(phone.token)
    good = mark(opened(school, push(school, phone, phone.visit()).checkpoint))
    ahead = Watermark(good.gen, good.size + 3, "b" * 64)
    for said in (good, Watermark("another life", 9, "a" * 64), None):
        school.handout.hello(device, said)
    with school.store.read() as conn:
        assert forks.all_of(conn, SCHOOL) == ()
    for _ in range(2):
        school.handout.hello(device, ahead)
    with school.store.read() as conn:
        (fork,) = forks.all_of(conn, SCHOOL)
        assert (fork.dev, fork.size, keeping.safety(school, conn).worry) == (phone.dev, good.size + 3, "forked")


def test_hello_tells_the_log_only_to_whom_it_is_new(school: Wiring, phone: Phone) -> None:
    device = school.enrolment.device_of(phone.token)
    empty = opened(school, school.handout.hello(device).checkpoint)
    assert empty.tree == (0, EMPTY_ROOT)
    push(school, phone, phone.visit())
    hello = school.handout.hello(device, mark(empty))
    newest = opened(school, hello.checkpoint)
    assert extends(empty.tree, newest.tree, [unb64(one) for one in hello.consistency or []])
    silent = school.handout.hello(device, mark(newest))
    assert (silent.checkpoint, silent.consistency) == (None, None)
    other_life = school.handout.hello(device, Watermark("other", 1, newest.root.hex()))
    assert other_life.checkpoint == hello.checkpoint
    assert other_life.consistency is None
    too_long = school.handout.hello(device, Watermark(newest.gen, 9, newest.root.hex()))
    assert (too_long.checkpoint, too_long.consistency) == (hello.checkpoint, None)


def test_the_same_state_is_signed_once(school: Wiring, phone: Phone) -> None:
    push(school, phone, phone.visit())
    first, second = (school.tree.given(school.store, SCHOOL) for _ in range(2))
    assert first == second is not None


def test_a_record_that_is_rolled_back_leaves_no_leaf(school: Wiring, phone: Phone) -> None:
    before = school.tree.given(school.store, SCHOOL)

    def half(conn) -> None:
        school.intake.file(conn, SCHOOL, phone.visit())
        assert tree.frontier(conn, SCHOOL).size == 1
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError):
        school.store.run_tx(half)
    assert school.tree.given(school.store, SCHOOL) == before


def test_the_first_look_of_a_day_signs_even_if_nothing_happened(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    now = [dt.datetime.fromisoformat("2026-03-02T23:59:00+08:00")]
    from sync_server.settings import Settings
    from sync_server.wiring import build

    wiring = build(Settings(data=tmp_path / "data"), clock=lambda: now[0])
    close = lambda: wiring.store.run_tx(lambda conn: wiring.tree.close_day(conn, SCHOOL))  # noqa: E731
    assert [close(), close()] == [True, False]
    now[0] += dt.timedelta(minutes=2)
    assert [close(), close()] == [True, False]
    note = wiring.tree.given(wiring.store, SCHOOL)
    assert opened(wiring, note).time == "2026-03-03T00:01:00+08:00"
    wiring.close()


def test_the_proof_endpoint(school: Wiring, phone: Phone) -> None:
    neighbour = Phone("c" * 32, seed=8).enrol(school)
    records = [phone.visit(f"v{n}") for n in range(5)]
    known = opened(school, push(school, phone, *records[:2]).checkpoint)
    push(school, phone, *records[2:])
    with served(school) as url, httpx.Client(base_url=url) as client:
        asked = {"rid": records[3].rid, "old": known.size}
        answer = client.get("/v1/log/proof", params=asked, headers=phone.headers)
        said = from_json(LogProof, answer.json())
        newest = opened(school, said.checkpoint)
        leaf = leaf_hash(records[3].payload + records[3].signature)
        assert said.index is not None
        assert includes(said.index, newest.size, leaf, [unb64(one) for one in said.proof or []], newest.root)
        assert extends(known.tree, newest.tree, [unb64(one) for one in said.consistency or []])
        bare = client.get("/v1/log/proof", headers=phone.headers).json()
        assert bare == {"checkpoint": said.checkpoint}
        statuses = [client.get("/v1/log/proof", params=params, headers=headers).status_code for params, headers in (
            ({"rid": records[3].rid}, neighbour.headers),  # of another teacher's child
            ({"rid": "0" * 64}, phone.headers), ({"old": 99}, phone.headers), ({"old": -1}, phone.headers), ({}, {}),
        )]  # fmt: skip
        assert statuses == [404, 404, 400, 400, 401]
        wm = f"{newest.gen},{newest.size},{newest.root.hex()}"
        assert "checkpoint" not in client.get("/v1/hello", params={"wm": wm}, headers=phone.headers).json()
        for nonsense in ("", "a", "a,b,c", "a,-1,b", "a,²,b", "a," + "9" * 30):
            assert "checkpoint" in client.get("/v1/hello", params={"wm": nonsense}, headers=phone.headers).json()


def test_records_from_before_the_log_are_brought_in_in_the_order_of_arrival(school: Wiring, phone: Phone) -> None:
    records = [phone.visit(f"v{n}") for n in range(6)]
    note = push(school, phone, *records).checkpoint
    settings = Config()
    settings.set_main_option("script_location", str(Path(migrations.__file__).parent))
    settings.attributes["engine"] = school.store.engine
    with school.store.engine.begin() as conn:
        revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    for table in ("checkpoint", "tree_node", "tree_leaf", "tree"):
        school.store.run_tx(lambda conn, table=table: conn.execute(text(f"DROP TABLE {table}")))
    later = later_tables(school)
    command.stamp(settings, BEFORE_LOG)
    migrations.upgrade(school.store)
    assert school.store.version() == revision
    assert later == later_tables(school)
    planted = opened(school, school.tree.given(school.store, SCHOOL))
    assert planted.tree == opened(school, note).tree
    more = push(school, phone, phone.visit("v9"), wm=mark(planted))
    newest = opened(school, more.checkpoint)
    assert extends(planted.tree, newest.tree, [unb64(one) for one in more.consistency or []])


BEFORE_LOG = "0006"


def later_tables(school: Wiring) -> int:
    """How many tables there are besides those of the log."""
    with school.store.read() as conn:
        found = conn.execute(text("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'tree%' AND name <> 'checkpoint'"))
        return int(found.scalar() or 0)


# -- the bundle


def fill(school: Wiring, phone: Phone) -> list[Sealed]:
    """A few visits of two children, with a photo; every push tells the phone what to quote."""
    photo, at = jpeg(), Span(school.now(), school.now(), "+08:00", 1)
    records = [phone.visit("v0", {"door.jpg": photo}, at=at)]
    for n in range(1, 6):
        seen = opened(school, push(school, phone, records[-1]).checkpoint).seen
        told = {"amends": (records[0].rid,)} if n == 2 else {"case": OTHER_CHILD} if n == 3 else {}
        records.append(phone.visit(f"v{0 if n == 2 else n}", seen=seen, at=at, **told))
    push(school, phone, records[-1])
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers) as client:
        assert upload(client, photo).status_code == 204
    return records


def test_the_exported_bundle_is_sound_and_says_what_is_wrong_with_a_forged_one(school: Wiring, phone: Phone) -> None:
    records = fill(school, phone)
    outside = school.tree.given(school.store, SCHOOL)
    assert outside is not None
    bundle = make_bundle(school, CHILD)
    report = check(bundle, outside=[outside])
    assert report.findings == []
    assert all(one.earliest and one.latest for one in report.bounds[1:])
    forge = text("UPDATE record SET payload = CAST(replace(CAST(payload AS TEXT), '<data/>', '<date/>') AS BLOB) WHERE rid = :r")
    school.store.run_tx(lambda conn: conn.execute(forge, {"r": records[2].rid}))
    found = {(one.code, one.subject) for one in check(make_bundle(school, CHILD)).findings}
    assert found >= {(Code.MISSING, records[2].rid)}
    assert {code for code, _ in found} == {Code.ALTERED, Code.MISSING}
    ruin = text("UPDATE record SET payload = X'FF' WHERE rid = :r")
    school.store.run_tx(lambda conn: conn.execute(ruin, {"r": records[2].rid}))
    assert codes(check(make_bundle(school, CHILD))) == {Code.ALTERED, Code.MISSING}


def test_a_record_taken_out_of_the_schools_database_is_missed(school: Wiring, phone: Phone) -> None:
    """By the record that amends it: whoever deletes rows lacks the phones' keys."""
    records = fill(school, phone)
    wanted, before = {"r": records[0].rid}, school.tree.given(school.store, SCHOOL)

    def delete(conn) -> None:
        for table in ("record_file", "record_flag", "tree_leaf", "clock_offset"):
            conn.execute(text(f"DELETE FROM {table} WHERE rid = :r"), wanted)
        conn.execute(text("DELETE FROM record WHERE rid = :r"), wanted)

    school.store.run_tx(delete)
    assert push(school, phone, phone.visit("v9"), wm=mark(opened(school, before))).checkpoint  # a hole holds nobody up
    found = check(make_bundle(school, CHILD)).findings
    assert (Code.MISSING, records[0].rid) in {(one.code, one.subject) for one in found}


def test_the_commands_export_and_check(school: Wiring, phone: Phone, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(school, phone)
    data, out, kept = school.settings.data, tmp_path / "case.json", tmp_path / "kept.txt"
    say = CliRunner(env={"JIAFANG_LOCALE": "en"})
    printed = say.invoke(app, ["checkpoint", "--data", str(data)])
    kept.write_text(printed.stdout, "utf-8")
    assert opened(school, printed.stdout).size == 6
    exported = say.invoke(app, ["export-case", CHILD, "--out", str(out), "--checkpoint", str(kept), "--data", str(data)])
    key = exported.stdout.strip().rpartition(" ")[2]
    assert (exported.exit_code, "5 records" in exported.stdout) == (0, True)
    checked = say.invoke(app, ["verify", str(out), "--key", key, "--checkpoint", str(kept), "--language", "en"])
    assert (checked.exit_code, "nothing was found" in checked.stdout) == (0, True)
    files = shutil.copytree(data / "files", tmp_path / "files")
    assert verify([str(out), "--language", "zh_CN", "--files", str(files)]) == 0
    assert "没有用校外保存的检查点核对" in capsys.readouterr().out
    photo = next(path for path in files.rglob("*") if path.is_file())
    photo.write_bytes(b"another picture")
    assert verify([str(out), "--language", "zh_CN", "--files", str(files)]) == 1
    assert f"【文件被改】文件 {photo.name[:12]}" in capsys.readouterr().out
    assert verify([str(tmp_path / "nothing.json")]) == verify([str(kept)]) == verify([str(out), "--key", "x"]) == 2
    unknown = say.invoke(app, ["export-case", "0" * 32, "--data", str(data)])
    assert unknown.exit_code == 1


def test_the_checker_needs_nothing_but_cryptography(school: Wiring, phone: Phone, tmp_path: Path) -> None:
    """An inspector's computer has Python, this package and `cryptography`."""
    fill(school, phone)
    bundle = tmp_path / "case.json"
    bundle.write_bytes(write_bundle(make_bundle(school, CHILD)))
    blocked = [name for name in ("rfc8785", "sqlalchemy", "fastapi", "starlette", "requests", "PIL", "pydantic", "typer", "flet")]
    script = f"import sys, runpy; sys.modules.update(dict.fromkeys({blocked!r})); sys.argv = ['verify', sys.argv[1]]; runpy.run_module('casebook.verify', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script, str(bundle)], capture_output=True, text=True, cwd=Path(__file__).parents[2], env={"JIAFANG_LOCALE": "en", "PYTHONIOENCODING": "utf-8"})
    assert "nothing was found" in done.stdout, done.stderr
    assert done.returncode == 0
    assert json.loads(bundle.read_text("utf-8"))["format"] == "jiafang-case-bundle"


def test_an_outside_checkpoint_between_two_pushes_is_proven_when_asked_for(school: Wiring, phone: Phone) -> None:
    middle = push(school, phone, *[phone.visit(f"v{n}", case=OTHER_CHILD) for n in range(3)]).checkpoint
    assert middle is not None
    for n in range(4, 8):
        push(school, phone, phone.visit(f"v{n}", case=OTHER_CHILD))
    push(school, phone, phone.visit("v9"))
    assert glance(middle).size == 3
    assert codes(check(make_bundle(school, CHILD), outside=[middle])) == {Code.UNPROVEN}
    assert codes(check(make_bundle(school, CHILD, [middle]), outside=[middle])) == set()
