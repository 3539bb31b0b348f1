"""Files come in: resumed at the byte, checked when whole, refused when they are not what they claim, never half."""

from __future__ import annotations

import datetime as dt
import errno
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from casebook.errors import FileHashWrong
from casebook.packs import Pack, PackedFile
from sync_server.store import devices, visits
from sync_server.store.blobs import Blobs
from sync_server.wiring import Wiring, build
from tests.sync_server.schoolhouse import (
    NEIGHBOUR,
    PRINCIPAL,
    SCHOOL,
    STROKES_TYPE,
    TUS,
    Phone,
    announce,
    jpeg,
    make_school,
    patch,
    push_body,
    served,
    sha256,
    strokes,
    until,
    upload,
)

PHOTO = jpeg()
EXTENSIONS = "creation,creation-with-upload,checksum,expiration"


def offset(client: httpx.Client, content: bytes) -> int:
    return int(client.head(f"/files/{sha256(content)}", headers=TUS).headers["Upload-Offset"])


def open_upload(client: httpx.Client, content: bytes, sent: int) -> socket.socket:
    """Promises the whole file, sends `sent` bytes of it and keeps the line."""
    where = urlsplit(str(client.base_url))
    headers = {**patch(0), "Authorization": client.headers["Authorization"], "Host": where.netloc}
    headers["Content-Length"] = str(len(content))
    head = (
        f"PATCH /files/{sha256(content)} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    )
    line = socket.create_connection((where.hostname, where.port))
    line.sendall(head.encode() + content[:sent])
    return line


def wait_for_offset(client: httpx.Client, content: bytes, expected: int) -> None:
    until(lambda: offset(client, content) == expected)


def parts(school: Wiring) -> list[str]:
    return [path.name for path in (school.settings.data / "parts").rglob("*") if path.is_file()]


def test_a_photo_arrives_byte_for_byte(school: Wiring, client: httpx.Client) -> None:
    answer = upload(client, PHOTO)
    assert answer.status_code == 204
    assert answer.headers["Upload-Offset"] == str(len(PHOTO))
    assert school.blobs.path(sha256(PHOTO)).read_bytes() == PHOTO
    assert parts(school) == []


@pytest.mark.parametrize("sent", [1, 7_001, len(PHOTO) - 1])
def test_an_upload_cut_anywhere_resumes_at_that_byte(school: Wiring, client: httpx.Client, sent: int) -> None:
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    open_upload(client, PHOTO, sent).close()
    wait_for_offset(client, PHOTO, sent)
    answer = client.patch(f"/files/{sha256(PHOTO)}", headers=patch(sent), content=PHOTO[sent:])
    assert answer.status_code == 204
    assert school.blobs.path(sha256(PHOTO)).read_bytes() == PHOTO


def test_the_school_says_what_it_can_do_and_how_much_it_takes(school: Wiring, client: httpx.Client) -> None:
    answer = client.options("/files")
    told = {name: answer.headers[f"Tus-{name}"] for name in ("Version", "Extension", "Max-Size")}
    assert told == {"Version": "1.0.0", "Extension": EXTENSIONS, "Max-Size": str(school.uploads.max_bytes)}


def test_a_known_file_costs_one_request(client: httpx.Client) -> None:
    upload(client, PHOTO)
    answer = client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    assert answer.headers["Upload-Offset"] == str(len(PHOTO))
    missing = client.post("/v1/missing", json={"rids": [], "files": [sha256(PHOTO)]}).json()
    assert missing == {"rids": [], "files": []}


def test_missing_tells_from_which_byte_a_file_is_wanted(client: httpx.Client, phone: Phone) -> None:
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    client.patch(f"/files/{sha256(PHOTO)}", headers=patch(0), content=PHOTO[:1000])
    asked = {"rids": ["f" * 64], "files": [sha256(PHOTO), "e" * 64, "../../etc/passwd"]}
    reply = client.post("/v1/missing", json=asked).json()
    assert reply["rids"] == ["f" * 64]
    assert reply["files"] == [{"sha256": sha256(PHOTO), "offset": 1000}, {"sha256": "e" * 64, "offset": 0}]


def test_a_wrong_offset_is_answered_with_the_right_one(client: httpx.Client) -> None:
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    answer = client.patch(f"/files/{sha256(PHOTO)}", headers=patch(5), content=b"x")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")
    assert answer.json()["code"] == "offset_wrong"


def test_wrong_bytes_are_dropped_and_the_file_starts_again_at_nought(school: Wiring, client: httpx.Client) -> None:
    wrong = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    answer = client.patch(f"/files/{sha256(PHOTO)}", headers=patch(0), content=wrong)
    assert (answer.status_code, answer.json()["code"]) == (460, "file_hash_wrong")
    assert parts(school) == []
    assert upload(client, PHOTO).status_code == 204


def test_bytes_of_an_earlier_turn_are_hashed_too(school: Wiring) -> None:
    alone = Pack((PackedFile(sha256(PHOTO), len(PHOTO), "image/jpeg"),))
    first = school.uploads.begin(school.school.id, alone)
    first.write(bytes(1000))
    first.stop()
    with pytest.raises(FileHashWrong):
        school.uploads.begin(school.school.id, alone).write(PHOTO)
    school.uploads.begin(school.school.id, alone).write(PHOTO)


def test_a_text_named_jpg_is_refused_in_plain_words(school: Wiring, client: httpx.Client) -> None:
    answer = upload(client, b"this is a text" * 100)
    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_wrong")
    assert len(answer.json()["title"]) > 5
    assert answer.headers["content-type"] == "application/problem+json"
    assert parts(school) == []
    assert not school.blobs.path(sha256(b"this is a text" * 100)).exists()


def test_a_torn_photo_is_refused(client: httpx.Client) -> None:
    assert upload(client, PHOTO[: len(PHOTO) // 2]).json()["code"] == "photo_unreadable"


def test_a_photo_is_no_signature_and_a_signature_no_photo(client: httpx.Client) -> None:
    assert upload(client, PHOTO, STROKES_TYPE).json()["code"] == "file_type_wrong"
    assert upload(client, strokes(), "image/jpeg").json()["code"] == "file_type_wrong"
    assert upload(client, strokes(), STROKES_TYPE).status_code == 204
    assert upload(client, b"MZ program", "application/x-msdownload").json()["code"] == "file_type_wrong"


@pytest.mark.parametrize("content", [b"[]", b'{"v":1,"width":1,"height":1,"strokes":[[[1.5,2,3]]]}', b"[" * 100_000])
def test_strokes_that_are_none_are_refused(client: httpx.Client, content: bytes) -> None:
    assert upload(client, content, STROKES_TYPE).json()["code"] == "file_type_wrong"


def test_forty_megabytes_are_refused_before_the_first_byte(school: Wiring, client: httpx.Client) -> None:
    answer = client.post("/files", headers=announce("a" * 64, 40 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert parts(school) == []


def test_more_bytes_than_announced_are_refused(client: httpx.Client) -> None:
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
    answer = client.patch(f"/files/{sha256(PHOTO)}", headers=patch(0), content=PHOTO + b"x" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert offset(client, PHOTO) <= len(PHOTO)


def test_a_connection_that_falls_silent_is_ended_and_its_bytes_stay(client: httpx.Client) -> None:
    client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))

    with open_upload(client, PHOTO, 5000) as line:
        line.settimeout(5)
        assert line.recv(1000).startswith(b"HTTP/1.1 408 ")
    assert offset(client, PHOTO) == 5000


def test_the_newest_connection_takes_over_from_a_half_dead_one(school: Wiring) -> None:
    from casebook.errors import FileBusy
    from sync_server.store.blobs import Announcement

    sha = sha256(PHOTO)
    school.uploads.announce(SCHOOL, sha, Announcement(len(PHOTO), "image/jpeg"))
    old = school.uploads.open(SCHOOL, sha, 0)
    old.write(PHOTO[:100])
    new = school.uploads.open(SCHOOL, sha, 100)
    with pytest.raises(FileBusy):
        old.write(PHOTO[100:200])
    new.write(PHOTO[100:])
    assert new.close().offset == len(PHOTO)


def test_what_an_older_request_brings_late_takes_no_turn_from_a_newer_one(school: Wiring) -> None:
    """A line that was given up is noticed only after a while; what it held is written then."""
    from casebook.errors import FileBusy
    from casebook.packs import Pack, PackedFile

    pack, uploads = Pack((PackedFile(sha256(PHOTO), len(PHOTO), "image/jpeg"),)), school.uploads
    given_up = uploads.number()
    new = uploads.begin(SCHOOL, pack)
    new.write(PHOTO[:100])
    with pytest.raises(FileBusy):
        uploads.begin(SCHOOL, pack, number=given_up).write(PHOTO[:50])
    new.write(PHOTO[100:])
    assert new.close().offset == len(PHOTO)


def test_what_is_here_is_passed_over_also_when_the_disk_is_full(school: Wiring) -> None:
    from casebook.packs import Pack, PackedFile

    pack, uploads = Pack((PackedFile(sha256(PHOTO), len(PHOTO), "image/jpeg"),)), school.uploads
    uploads.begin(SCHOOL, pack).write(PHOTO)  # and the line broke before it could be told
    uploads._free_bytes = lambda: 0
    again = uploads.begin(SCHOOL, pack)
    again.write(PHOTO)
    assert again.close().offset == len(PHOTO)


def test_a_part_that_was_whole_when_the_server_died_is_settled_when_asked_about(school: Wiring) -> None:
    from sync_server.store.blobs import Announcement

    sha = sha256(PHOTO)
    school.uploads.announce(SCHOOL, sha, Announcement(len(PHOTO), "image/jpeg"))
    school.uploads.open(SCHOOL, sha, 0).write(PHOTO)  # and never closed
    restarted = build(school.settings)
    assert restarted.uploads.progress(SCHOOL, sha).offset == len(PHOTO)
    assert restarted.blobs.path(sha).read_bytes() == PHOTO
    restarted.close()


def test_a_file_that_vanished_from_the_disk_is_asked_for_again(school: Wiring, client: httpx.Client) -> None:
    upload(client, PHOTO)
    school.blobs.path(sha256(PHOTO)).unlink()
    assert client.post("/v1/missing", json={"files": [sha256(PHOTO)]}).json()["files"][0]["offset"] == 0
    assert upload(client, PHOTO).status_code == 204


def test_a_visit_is_complete_when_its_last_file_is(school: Wiring, phone: Phone, client: httpx.Client) -> None:
    ink = strokes()
    client.post("/v1/push", json=push_body(phone.visit(files={"a.jpg": PHOTO, "s.json": ink})))
    assert progress(school) == (0, 2)
    upload(client, ink, STROKES_TYPE)
    assert progress(school) == (1, 2)
    upload(client, PHOTO)
    assert progress(school) == (2, 2)
    client.post("/v1/push", json=push_body(phone.visit("v2", files={"a.jpg": PHOTO})))
    assert progress(school, "v2") == (1, 1)  # a photo that came with another visit counts at once


def progress(school: Wiring, visit: str = "v1") -> tuple[int, int]:
    with school.store.read() as conn:
        row = visits.one(conn, SCHOOL, visit)
    assert row is not None
    return row.files_present, row.files_total


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    free = [10**9]
    school = build(make_settings(tmp_path), free_bytes=lambda: free[0])
    phone = Phone().enrol(school)
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers) as client:
        client.post("/files", headers=announce(sha256(PHOTO), len(PHOTO)))
        client.patch(f"/files/{sha256(PHOTO)}", headers=patch(0), content=PHOTO[:1000])
        free[0] = 1000
        for answer in (
            client.post("/files", headers=announce("b" * 64, 5000)),
            client.patch(f"/files/{sha256(PHOTO)}", headers=patch(1000), content=PHOTO[1000:]),
            client.post("/v1/push", json=push_body(phone.visit())),
        ):
            assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert offset(client, PHOTO) == 1000
        free[0] = 10**9
        assert upload(client, PHOTO).status_code == 204
    school.close()


def make_settings(folder: Path):
    from sync_server.settings import Settings

    return Settings(data=folder / "data")


def test_a_disk_that_fills_up_while_writing_leaves_nothing_half_written(
    school: Wiring, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for step in ("announce", "append", "keep_all"):
        with monkeypatch.context() as disk:
            disk.setattr(Blobs, step, full)
            answer = upload(client, PHOTO)
            assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), step
        assert not school.blobs.path(sha256(PHOTO)).exists()
    assert upload(client, PHOTO).status_code == 204
    assert school.blobs.path(sha256(PHOTO)).read_bytes() == PHOTO


def test_parts_that_nobody_continues_expire_unless_a_record_names_them(
    school: Wiring, phone: Phone, client: httpx.Client
) -> None:
    named, nameless = jpeg(1), jpeg(2)
    client.post("/v1/push", json=push_body(phone.visit(files={"a.jpg": named})))
    for content in (named, nameless):
        client.post("/files", headers=announce(sha256(content), len(content)))
        client.patch(f"/files/{sha256(content)}", headers=patch(0), content=content[:100])
    old = time.time() - 8 * 86400
    for path in (school.settings.data / "parts").rglob("*.*"):
        os.utime(path, (old, old))
    assert school.uploads.expire(dt.timedelta(days=7)) == 1
    assert offset(client, named) == 100
    assert client.head(f"/files/{sha256(nameless)}", headers=TUS).status_code == 404


def test_only_those_who_may_see_the_visit_may_see_its_photo(school: Wiring, phone: Phone, client: httpx.Client) -> None:
    client.post("/v1/push", json=push_body(phone.visit(files={"a.jpg": PHOTO})))
    upload(client, PHOTO)
    url = f"/v1/files/{sha256(PHOTO)}"
    mine = client.get(url)
    assert (mine.status_code, mine.content, mine.headers["content-type"]) == (200, PHOTO, "image/jpeg")
    principal, neighbour = Phone(PRINCIPAL, 8).enrol(school), Phone(NEIGHBOUR, 9).enrol(school)
    assert client.get(url, headers=principal.headers).status_code == 200
    assert client.get(url, headers=neighbour.headers).json()["code"] == "no_such_file"
    some = client.get(url, headers={"Range": "bytes=10-19"})
    assert (some.status_code, some.content) == (206, PHOTO[10:20])
    school.store.run_tx(lambda conn: devices.revoke(conn, SCHOOL, phone.dev, school.now()))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "10"}, 412),
        (TUS | {"Upload-Length": "10"}, 400),
        (TUS | {"Upload-Length": "-1", "Upload-Metadata": "sha256 YQ=="}, 400),
        (TUS | {"Upload-Length": "10", "Upload-Metadata": "sha256 !!!"}, 400),
    ],
)
def test_malformed_announcements_are_named_as_such(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = client.post("/files", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, "request_malformed")


def test_an_unknown_file_and_a_stranger_are_told_apart(client: httpx.Client) -> None:
    assert client.head("/files/" + "d" * 64, headers=TUS).status_code == 404
    answer = client.patch("/files/" + "d" * 64, headers=patch(0), content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_file")
    stranger = client.post("/files", headers=announce("d" * 64, 10) | {"Authorization": "Bearer nonsense"})
    assert (stranger.status_code, stranger.json()["code"]) == (401, "not_enrolled")
