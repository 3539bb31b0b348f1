"""A visit's files come as one stream: cut anywhere it goes on at the byte, and one wrong file never spoils the others."""

from __future__ import annotations

import base64
import hashlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from casebook.errors import DeviceQuota, FileBusy, FileHashWrong, SchoolQuota
from casebook.packs import Pack, PackedFile
from sync_server.store import durable, visits
from sync_server.store.blobs import Announcement, Blobs
from sync_server.store.engine import Store
from sync_server.uploads import Uploads
from sync_server.wiring import Wiring, build
from tests.sync_server.schoolhouse import (
    SCHOOL,
    STROKES_TYPE,
    TUS,
    Phone,
    jpeg,
    make_school,
    patch,
    push_body,
    sha256,
    strokes,
    until,
    upload,
)  # fmt: skip

FILES = {"s.json": strokes(), "a.jpg": jpeg(1, 120), "b.jpg": jpeg(2, 200)}
STREAM = b"".join(FILES.values())


def packed(contents: dict[str, bytes] = FILES) -> Pack:
    return Pack(tuple(PackedFile(sha256(content), len(content), STROKES_TYPE if name.endswith(".json") else "image/jpeg")
                      for name, content in contents.items()))  # fmt: skip


PACK = packed()


def announced(pack: Pack) -> dict[str, str]:
    said = base64.b64encode(pack.manifest.encode()).decode()
    return TUS | {"Upload-Length": str(pack.size), "Upload-Metadata": f"pack {said}"}


def here(school: Wiring) -> list[bool]:
    return [school.blobs.holds(sha256(content), len(content)) for content in FILES.values()]


def begin(client: httpx.Client, pack: Pack = PACK, stream: bytes = STREAM) -> httpx.Response:
    headers = announced(pack) | {"Content-Type": "application/offset+octet-stream"}
    return client.post("/files", headers=headers, content=stream)


def test_a_visit_comes_in_one_request_and_is_complete_with_its_answer(
    school: Wiring, phone: Phone, client: httpx.Client
) -> None:
    client.post("/v1/push", json=push_body(phone.visit(files=FILES)))
    answer = begin(client)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(STREAM)))
    assert answer.headers["Location"] == f"/files/pack/{PACK.id}"
    with school.store.read() as conn:
        row = visits.one(conn, SCHOOL, "v1")
    assert row is not None and (row.files_present, row.complete) == (3, True)
    assert [school.blobs.path(sha256(content)).read_bytes() for content in FILES.values()] == list(FILES.values())


def test_a_pack_may_be_cut_at_any_byte(school: Wiring) -> None:
    """In process, so that many cuts cost little: the server's own process may die there as well."""
    ends = [len(FILES["s.json"]), len(FILES["s.json"]) + len(FILES["a.jpg"]), len(STREAM)]
    cuts = sorted({1, *(end + by for end in ends for by in (-1, 0, 1)), *range(7, len(STREAM), 1709)} - {0, len(STREAM) + 1})
    sent = 0
    assert school.uploads.announce_pack(SCHOOL, PACK).offset == 0
    for number, cut in enumerate(cuts):
        uploads = build(school.settings).uploads if number % 5 == 0 else school.uploads
        assert uploads.progress_of(SCHOOL, PACK).offset == sent
        writing = uploads.open_pack(SCHOOL, PACK, sent)
        writing.write(STREAM[sent:cut])
        sent = cut
        if number % 2:
            writing.stop()
            assert here(school) == [end <= sent for end in ends]
    assert school.uploads.progress_of(SCHOOL, PACK).offset == len(STREAM)
    assert all(here(school))


def test_a_cut_connection_keeps_what_came_and_what_was_whole_counts(school: Wiring, client: httpx.Client) -> None:
    cut = len(FILES["s.json"]) + 5000

    def broken() -> Iterator[bytes]:
        yield STREAM[:cut]
        raise ConnectionError

    client.post("/files", headers=announced(PACK))
    with pytest.raises(ConnectionError):
        client.patch(f"/files/pack/{PACK.id}", headers=patch(0) | {"Content-Length": str(len(STREAM))}, content=broken())
    until(lambda: client.head(f"/files/pack/{PACK.id}", headers=TUS).headers["Upload-Offset"] == str(cut))
    assert here(school) == [True, False, False]
    missing = client.post("/v1/missing", json={"files": [file.sha256 for file in PACK.files]}).json()["files"]
    assert [one["offset"] for one in missing] == [5000, 0]
    answer = client.patch(f"/files/pack/{PACK.id}", headers=patch(cut), content=STREAM[cut:])
    assert (answer.status_code, all(here(school))) == (204, True)


def test_what_is_here_already_is_passed_over(school: Wiring, client: httpx.Client) -> None:
    upload(client, FILES["a.jpg"])
    client.post("/files", headers=announced(PACK))
    client.patch(f"/files/pack/{PACK.id}", headers=patch(0), content=STREAM[:10])
    assert begin(client).headers["Upload-Offset"] == str(len(STREAM))  # sent blindly from the start
    assert all(here(school))
    again = client.post("/files", headers=announced(PACK))
    assert again.headers["Upload-Offset"] == str(len(STREAM))


def test_one_wrong_file_is_named_and_those_before_it_count(school: Wiring, client: httpx.Client) -> None:
    wrong = dict(FILES, **{"a.jpg": b"no picture" * 30})
    pack = packed(wrong)
    answer = begin(client, pack, b"".join(wrong.values()))
    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_wrong")
    assert answer.json()["sha256"] == sha256(wrong["a.jpg"])
    assert here(school) == [True, False, False]
    broken = bytearray(STREAM)
    broken[len(FILES["s.json"]) + 50] ^= 1
    answer = begin(client, PACK, bytes(broken))
    assert (answer.status_code, answer.json()["code"], answer.json()["sha256"]) == (
        460, "file_hash_wrong", PACK.files[1].sha256)  # fmt: skip
    assert begin(client).status_code == 201 and all(here(school))


def test_lies_about_a_pack_are_refused(client: httpx.Client) -> None:
    for said, status in [
        (announced(PACK) | {"Upload-Length": "5"}, 400),
        (TUS | {"Upload-Length": "5", "Upload-Metadata": "pack W10="}, 400),
        (announced(Pack((PackedFile("a" * 64, 40 * 2**20, "image/jpeg"),))), 413),
        (announced(Pack((PackedFile("a" * 64, 40, "application/x-msdownload"),))), 415),
    ]:
        assert client.post("/files", headers=said).status_code == status
    assert client.head("/files/pack/" + "d" * 64, headers=TUS).status_code == 404
    assert client.patch("/files/pack/nothing", headers=patch(0), content=b"x").status_code == 400
    assert begin(client, PACK, STREAM + b"more").status_code == 413


def test_the_newest_connection_takes_over_every_file_of_a_pack(school: Wiring) -> None:
    school.uploads.announce_pack(SCHOOL, PACK)
    old = school.uploads.open_pack(SCHOOL, PACK, 0)
    old.write(STREAM[:10])
    alone = PACK.files[2]
    school.uploads.announce(SCHOOL, alone.sha256, Announcement(alone.size, alone.type))
    new = school.uploads.open(SCHOOL, alone.sha256, 0)
    old.write(STREAM[10 : PACK.starts[2]])
    with pytest.raises(FileBusy):
        old.write(STREAM[PACK.starts[2] :])
    new.write(FILES["b.jpg"])
    assert new.close().offset == alone.size
    old.stop()
    assert school.uploads.progress_of(SCHOOL, PACK).offset == PACK.size


def test_a_checksum_that_does_not_hold_throws_the_piece_away(school: Wiring, client: httpx.Client) -> None:
    client.post("/files", headers=announced(PACK))
    url = f"/files/pack/{PACK.id}"
    client.patch(url, headers=patch(0), content=STREAM[:100])
    for name in ("sha1", "sha256"):
        right = base64.b64encode(hashlib.new(name, STREAM[100:]).digest()).decode()
        wrong = client.patch(url, headers=patch(100) | {"Upload-Checksum": f"{name} {right}"}, content=STREAM[100:-1] + b"!")
        assert wrong.status_code == 460
        assert client.head(url, headers=TUS).headers["Upload-Offset"] == "100"
    assert client.patch(url, headers=patch(100) | {"Upload-Checksum": "md5 AAAA"}, content=b"x").status_code == 400
    good = client.patch(url, headers=patch(100) | {"Upload-Checksum": f"sha256 {right}"}, content=STREAM[100:])
    assert (good.status_code, all(here(school))) == (204, True)


def test_an_unfinished_upload_says_until_when_it_is_kept(school: Wiring, client: httpx.Client) -> None:
    answer = client.post("/files", headers=announced(PACK))
    assert answer.headers["Upload-Expires"].endswith(" GMT")
    assert "Upload-Expires" not in begin(client).headers


def test_quotas_are_told_before_anything_is_written(tmp_path: Path) -> None:
    school = make_school(tmp_path, device_day_bytes=len(STREAM) + 10)
    try:
        school.uploads.announce_pack(SCHOOL, PACK, "phone")
        writing = school.uploads.open_pack(SCHOOL, PACK, 0, "phone")
        writing.write(STREAM)
        writing.close()
        other = Pack((PackedFile("e" * 64, 500, "image/jpeg"),))
        with pytest.raises(DeviceQuota):
            school.uploads.announce_pack(SCHOOL, other, "phone")
        assert school.uploads.announce_pack(SCHOOL, other, "another phone").offset == 0
        full = build(school.settings.model_copy(update={"school_bytes": len(STREAM) + 400}))
        with pytest.raises(SchoolQuota):
            full.uploads.announce_pack(SCHOOL, other, "third")
        full.close()
    finally:
        school.close()


def test_many_visits_that_end_together_share_a_wait_for_the_disk(
    school: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs, commits, gate = [], [], threading.Event()
    real_keep, real_tx = Blobs.keep_all, Store.run_tx
    monkeypatch.setattr(Blobs, "keep_all", lambda self, parts: (gate.wait(5), syncs.append(len(parts)), real_keep(self, parts)))
    monkeypatch.setattr(Store, "run_tx", lambda self, work: (commits.append(1), real_tx(self, work))[1])
    contents = [{f"{n}.jpg": jpeg(n, 40), f"{n}b.jpg": jpeg(n + 50, 40)} for n in range(12)]

    def bring(files: dict[str, bytes]) -> None:
        pack = packed(files)
        school.uploads.announce_pack(SCHOOL, pack)
        writing = school.uploads.open_pack(SCHOOL, pack, 0)
        writing.write(b"".join(files.values()))
        assert writing.close().offset == pack.size

    threads = [threading.Thread(target=bring, args=(files,)) for files in contents]
    for thread in threads:
        thread.start()
    until(lambda: len(school.uploads._together._waiting) == len(contents) - 1)
    gate.set()
    for thread in threads:
        thread.join()
    assert sum(syncs) == 24 and len(syncs) == len(commits) == 2


def test_a_file_the_disk_refuses_does_not_spoil_those_it_shared_the_wait_with() -> None:
    from sync_server.together import Together

    done: list[int] = []

    def work(numbers: list[int]) -> None:
        if 3 in numbers:
            raise FileHashWrong(sha256="3")
        done.extend(numbers)

    together, errors = Together(work), []

    def ask(number: int) -> None:
        try:
            together.do(number)
        except FileHashWrong:
            errors.append(number)

    with together._turn:
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        until(lambda: len(together._waiting) == 6)
    for thread in threads:
        thread.join()
    assert (sorted(done), errors) == ([0, 1, 2, 4, 5], [3])


@pytest.mark.parametrize("by_disk", [True, False])
def test_files_are_durable_before_they_count_with_or_without_a_sync_of_the_whole_disk(
    by_disk: bool, school: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_disk and not durable.can_sync_disk():
        pytest.skip("this system syncs file by file")
    order: list[str] = []
    place = sys.modules.get("sync_server.store.filestore") or sys.modules["sync_server.store.blobs"]
    monkeypatch.setattr(place, "can_sync_disk", lambda: by_disk)
    for name in ("sync_disk", "sync_folder"):
        real = getattr(durable, name)
        monkeypatch.setattr(place, name, lambda path, n=name, r=real: (order.append(n), r(path)))
    monkeypatch.setattr("sync_server.store.files.add_all", lambda *_: order.append("counts"))
    writing = opened(school.uploads)
    writing.write(STREAM)
    writing.stop()
    assert order[-1] == "counts" and set(order[:-1]) == {"sync_disk" if by_disk else "sync_folder"}
    assert len(order) == 2 if by_disk else len(order) >= 4


def opened(uploads: Uploads):  # type: ignore[no-untyped-def]
    uploads.announce_pack(SCHOOL, PACK)
    return uploads.open_pack(SCHOOL, PACK, 0)
