"""The phone's store: all of a transaction or nothing, and never a row without its file."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import FileDamaged, NoSuchFile, StorageError, StorageFull, StoreDamaged
from fieldapp.store.books import Books
from fieldapp.store.uploads import know_file


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    books = Books.open(tmp_path)
    yield books
    books.store.close()


def fill_disk(monkeypatch: pytest.MonkeyPatch, room: int = 0) -> None:
    """From now on only `room` more bytes can be written by the app itself."""
    real, left = os.write, [room]

    def write(descriptor: int, data: bytes) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "no space left")
        written = real(descriptor, bytes(data)[: left[0]])
        left[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)


def test_settings_survive_reopening(books: Books, tmp_path: Path) -> None:
    with books.store.write() as db:
        books.settings.put(db, cursor=7, school={"id": "3199000001", "name": "示例中学"})
    books.store.close()
    again = Books.open(tmp_path)
    assert again.settings.get(again.store.db, "cursor") == 7
    assert again.settings.get(again.store.db, "school")["name"] == "示例中学"
    assert again.settings.get(again.store.db, "unknown", "default") == "default"
    again.store.close()


def test_database_is_durable_and_strict(books: Books) -> None:
    db = books.store.db
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert all(db.table(name).strict for name in db.whole.table_names() if not name.startswith("_"))


def test_raising_inside_a_transaction_keeps_nothing_of_it(books: Books) -> None:
    with pytest.raises(RuntimeError), books.store.write() as db:
        books.settings.put(db, one=1)
        raise RuntimeError
    assert books.settings.get(books.store.db, "one") is None
    with books.store.write() as db:
        books.settings.put(db, two=2)
    assert books.settings.get(books.store.db, "two") == 2


def test_transactions_of_several_threads_wait_for_each_other(books: Books) -> None:
    with books.store.write() as db:
        books.settings.put(db, count=0)

    def count_up() -> None:
        for _ in range(25):
            with books.store.write() as db:
                books.settings.put(db, count=books.settings.get(db, "count") + 1)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert books.settings.get(books.store.db, "count") == 100


def test_full_database_is_said_and_nothing_is_half_written(books: Books) -> None:
    with books.store.write() as db:
        books.settings.put(db, kept="before")
    pages = books.store.db.execute("PRAGMA page_count").fetchone()[0]
    books.store.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    with pytest.raises(StorageFull), books.store.write() as db:
        books.settings.put(db, kept="after", large="x" * 200_000)
    assert books.settings.get(books.store.db, "kept") == "before"
    books.store.db.execute("PRAGMA max_page_count = 1000000").fetchone()
    with books.store.write() as db:
        books.settings.put(db, kept="after")
    assert books.settings.get(books.store.db, "kept") == "after"


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "fieldapp.db").write_bytes(b"no database at all, only some text" * 100)
    with pytest.raises(StoreDamaged):
        Books.open(tmp_path)


def test_file_is_named_by_its_content_and_kept_once(books: Books) -> None:
    sha256 = books.store.files.put(b"strokes")
    assert sha256 == hashlib.sha256(b"strokes").hexdigest()
    assert books.store.files.put(b"strokes") == sha256
    assert books.store.files.get(sha256) == b"strokes"
    with pytest.raises(NoSuchFile):
        books.store.files.get("0" * 64)


def test_changed_file_is_called_damaged(books: Books, tmp_path: Path) -> None:
    sha256 = books.store.files.put(b"photo")
    (tmp_path / "files" / sha256).write_bytes(b"another")
    with pytest.raises(FileDamaged):
        books.store.files.get(sha256)


@pytest.mark.parametrize("room", [0, 1, 4999])
def test_full_disk_leaves_no_half_file(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    fill_disk(monkeypatch, room)
    with pytest.raises(StorageFull):
        books.store.files.put(b"p" * 5000)
    assert list((tmp_path / "files").iterdir()) == []


def test_file_written_in_small_pieces_is_whole(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    content = bytes(range(256)) * 3
    assert books.store.files.get(books.store.files.put(content)) == content


def test_opening_sweeps_old_orphans_and_never_a_named_file(tmp_path: Path) -> None:
    books = Books.open(tmp_path)
    named, orphan, young = (books.store.files.put(text) for text in (b"named", b"orphan", b"young"))
    (tmp_path / "files" / f"{orphan}.12ab.part").write_bytes(b"half")
    with books.store.write() as db:
        know_file(db, named, 5, "image/jpeg")
        db.execute("INSERT INTO record (rid, type, own, payload, sig, keyid, rev) VALUES ('r', 'visit', 1, x'', x'', '', 1)")
        db.execute(
            "INSERT INTO record_file (rid, position, sha256, role, size) VALUES ('r', 0, ?, 'photo', 5)", [named]
        )
    long_ago = time.time() - 7200
    for path in (tmp_path / "files").iterdir():
        if path.name != young:
            os.utime(path, (long_ago, long_ago))
    books.store.close()
    again = Books.open(tmp_path)
    assert {path.name for path in (tmp_path / "files").iterdir()} == {named, young}
    again.store.close()


def test_a_row_cannot_name_a_file_that_is_not_known(books: Books) -> None:
    draft = "INSERT INTO draft (id, case_id, visit, form_id, session, started_at) VALUES ('d', 'c', 'v', 'f', x'00', 't')"
    names = "INSERT INTO draft_file (draft_id, ref, sha256, size, type, role) VALUES ('d', '/r', 'missing', 1, 't', 'photo')"
    with pytest.raises(StorageError) as refused, books.store.write() as db:
        db.execute(draft)
        db.execute(names)
    assert isinstance(refused.value.__cause__, sqlite3.IntegrityError)
    assert books.drafts.all(books.store.db) == []
