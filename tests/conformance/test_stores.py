"""Rows in SQLite or PostgreSQL, whole files on disk or in a bucket: a school's server keeps the same promises on each."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import httpx
import pytest

from casebook.errors import FileHashWrong
from casebook.protocol import PushRequest, sealed_to_wire
from sync_server.store import files, schools
from sync_server.wiring import Wiring, build
from tests.bucket import S3
from tests.conformance.direct import DirectConversation
from tests.sync_server.schoolhouse import (
    CHILD,
    SCHOOL,
    TEACHER,
    Phone,
    announce,
    jpeg,
    make_school,
    patch,
    push_body,
    served,
    sha256,
    strokes,
    upload,
)

PHOTO = jpeg()
SECONDS = 60


@pytest.fixture
def school(on_each_stand: Wiring) -> Wiring:
    return on_each_stand


def test_a_visit_goes_up_is_cut_comes_whole_and_is_read_again(school: Wiring, tmp_path: Path) -> None:
    """Enrol, hello, push, a file with cuts, pull, missing; and what is there is there for the next process too."""
    with served(school) as url, httpx.Client(base_url=url, timeout=SECONDS) as client:
        phone = Phone().enrol(school)
        client.headers.update(phone.headers)
        assert client.get("/v1/hello").json()["gen"] == school.school.gen
        visit = phone.visit("v1", {"a.jpg": PHOTO, "b.json": strokes()})
        for verdict in ("stored", "duplicate"):
            assert client.post("/v1/push", json=push_body(visit)).json()["outcomes"][0]["verdict"] == verdict
        sha = sha256(PHOTO)
        client.post("/files", headers=announce(sha, len(PHOTO)))
        client.patch(f"/files/{sha}", headers=patch(0), content=PHOTO[:5000])
        assert client.get(f"/v1/files/{sha}").status_code == 404
        assert client.patch(f"/files/{sha}", headers=patch(5000), content=PHOTO[5000:]).status_code == 204
        lacking = {"rids": [visit.rid, "0" * 64], "files": [sha, sha256(strokes())]}
        missing = client.post("/v1/missing", json=lacking).json()
        assert (missing["rids"], [one["sha256"] for one in missing["files"]]) == (["0" * 64], [sha256(strokes())])
        assert client.get("/v1/pull").json()["records"][0]["sealed"]["payload"] == visit.payload.decode()
        _every_range_is_right(client, sha)
    assert not list((school.settings.data / "parts").glob("*/*.part"))
    again = build(school.settings)
    with again.store.read() as conn:
        assert files.one(conn, SCHOOL, sha) is not None
    assert again.blobs.holds(sha, len(PHOTO)) and not again.blobs.holds(sha, len(PHOTO) + 1)
    with again.blobs.files.at_hand(sha) as path:
        assert path.read_bytes() == PHOTO
    again.close()


def _every_range_is_right(client: httpx.Client, sha: str) -> None:
    whole, size = client.get(f"/v1/files/{sha}"), len(PHOTO)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, PHOTO, "image/jpeg")
    parts = {"bytes=0-0": (0, 1), "bytes=100-299": (100, 300), f"bytes={size - 5}-": (size - 5, size),
             "bytes=-7": (size - 7, size), "bytes=10-99999999": (10, size)}  # fmt: skip
    for asked, (begin, end) in parts.items():
        got = client.get(f"/v1/files/{sha}", headers={"Range": asked})
        assert (got.status_code, got.content) == (206, PHOTO[begin:end]), asked
        assert got.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
    for asked in ("bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,4-5"):
        assert client.get(f"/v1/files/{sha}", headers={"Range": asked}).content == PHOTO, asked
    beyond = client.get(f"/v1/files/{sha}", headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    stale = client.get(f"/v1/files/{sha}", headers={"Range": "bytes=0-0", "If-Range": '"other"'})
    assert stale.status_code == 200
    head = client.head(f"/v1/files/{sha}")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")


def test_a_file_that_is_not_what_its_hash_says_is_never_put(school: Wiring) -> None:
    phone = Phone().enrol(school)
    talk, wrong = DirectConversation(school, phone.token), sha256(b"something else")
    talk.file_offset(wrong, len(PHOTO), "image/jpeg")
    with pytest.raises(FileHashWrong):
        talk.send_chunk(wrong, 0, len(PHOTO), PHOTO)
    assert not school.blobs.holds(wrong, len(PHOTO))
    with pytest.raises(FileNotFoundError):
        school.blobs.files.read(wrong)


def test_six_writers_leave_no_gap_and_a_reader_misses_nothing(school: Wiring) -> None:
    """Each writer and the reader have a server of their own: processes that share the store."""
    phones = [Phone(TEACHER, seed).enrol(school) for seed in range(11, 17)]
    servers = [build(school.settings) for _ in phones]
    reader, seen, cursor, done = Phone(TEACHER, 30).enrol(school), [], 0, threading.Event()

    def write(server: Wiring, phone: Phone) -> None:
        device = server.enrolment.device_of(phone.token)
        for n in range(6):
            record = phone.visit(f"{phone.dev[:6]}-{n}", case=CHILD)
            (outcome,) = server.intake.push(device, PushRequest([sealed_to_wire(record)])).outcomes
            assert outcome.verdict == "stored"

    def read() -> None:
        nonlocal cursor
        device = school.enrolment.device_of(reader.token)
        while True:
            last = done.is_set()
            page = school.handout.pull(device, cursor, 7)
            seen.extend(record.sseq for record in page.records)
            cursor = page.next
            if last and not page.more:
                return

    threads = [threading.Thread(target=write, args=pair) for pair in zip(servers, phones, strict=True)]
    watch = threading.Thread(target=read)
    for thread in (watch, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watch.join()
    with school.store.read() as conn:
        held = [row.sseq for row in conn.exec_driver_sql("SELECT sseq FROM record ORDER BY sseq")]
        size = schools.size(conn, SCHOOL)
    assert (len(held), held[-1], seen) == (36, size, held)
    for server in servers:
        server.close()


def test_what_one_process_wrote_another_knows(school: Wiring) -> None:
    """The lives that a process remembers follow the log, whoever wrote it."""
    other, phone = build(school.settings), Phone().enrol(school)
    device = other.enrolment.device_of(phone.token)
    with school.store.read() as conn:
        assert school.lives.of(conn, CHILD).facts.contacts == ()
    other.intake.push(device, PushRequest([sealed_to_wire(phone.visit("v1"))]))
    with school.store.read() as conn, other.store.read() as theirs:
        assert school.lives.of(conn, CHILD).facts == other.lives.of(theirs, CHILD).facts
        assert school.lives.of(conn, CHILD).facts.contacts != ()
    other.close()


def test_killed_between_the_file_and_its_row_nothing_is_lost(school: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is there, the row that says so is not: the phone is told to go on, and does."""
    phone, sha = Phone().enrol(school), sha256(PHOTO)
    talk = DirectConversation(school, phone.token)
    talk.file_offset(sha, len(PHOTO), "image/jpeg")

    def killed(_work: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(school.uploads._store, "run_tx", killed)
        with pytest.raises(KeyboardInterrupt):
            talk.send_chunk(sha, 0, len(PHOTO), PHOTO)
    again = build(school.settings)
    with served(again) as url, httpx.Client(base_url=url, headers=phone.headers, timeout=SECONDS) as client:
        assert client.post("/v1/missing", json={"rids": [], "files": [sha]}).json()["files"] != []
        assert upload(client, PHOTO).status_code in (201, 204)
        assert client.post("/v1/missing", json={"rids": [], "files": [sha]}).json()["files"] == []
    with again.store.read() as conn:
        assert files.one(conn, SCHOOL, sha) is not None
    again.close()


def test_a_bucket_out_of_reach_is_an_error_and_not_a_missing_file(s3: S3, tmp_path: Path) -> None:
    settings = s3.settings() | {"files_endpoint": "http://127.0.0.1:9"}
    wiring = make_school(tmp_path, **settings)
    with pytest.raises(OSError, match="bucket") as told:
        wiring.blobs.holds(sha256(PHOTO), len(PHOTO))
    assert not isinstance(told.value, FileNotFoundError)
    part = tmp_path / "part"
    part.write_bytes(PHOTO)
    with pytest.raises(OSError, match="bucket"):
        wiring.blobs.files.take_in([(part, sha256(PHOTO))])
    assert os.path.getsize(part) == len(PHOTO)
    wiring.close()
