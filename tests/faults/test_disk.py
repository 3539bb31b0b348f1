"""The disk whose power is cut keeps what was synced, and nothing else for certain; calls are read as strace writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.calls import AT_END, Call, calls
from tests.faults.disk import Disk

ROOT = "/d"


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def found(disk: Disk, folder: Path, survives: bool) -> dict[str, bytes]:
    """The files on the disk when the power comes back."""
    disk.leave(folder, lambda: survives)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def after(tmp_path: Path, *done: Call) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What is there at least, and at most, after these calls on a disk with one file `a`."""
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "a").write_bytes(b"old")
    disk = Disk.of(tmp_path / "before", ROOT)
    for call in done:
        disk.take(call)
    return found(disk, tmp_path / "least", False), found(disk, tmp_path / "most", True)


def test_bytes_are_safe_once_their_file_was_synced(tmp_path: Path) -> None:
    write, sync = Call("write", "/d/a", b"new", 0), Call("sync", "/d/a")
    assert after(tmp_path, write, sync, Call("write", "/d/a", b"er", 3)) == ({"a": b"new"}, {"a": b"newer"})


def test_what_is_appended_comes_after_what_is_there(tmp_path: Path) -> None:
    write, sync = Call("write", "/d/a", b"er", AT_END), Call("sync", "/d/a")
    assert after(tmp_path, write, sync, write) == ({"a": b"older"}, {"a": b"olderer"})


def test_a_name_is_safe_once_its_folder_was_synced(tmp_path: Path) -> None:
    made = [Call("create", "/d/b"), Call("write", "/d/b", b"x"), Call("sync", "/d/b"), Call("rename", "/d/a", old="/d/b")]
    least, most = after(tmp_path, *made)
    assert (least, most) == ({"a": b"old"}, {"a": b"x"})


def test_a_synced_folder_keeps_a_rename_but_not_the_bytes(tmp_path: Path) -> None:
    made = [Call("create", "/d/b"), Call("write", "/d/b", b"x"), Call("rename", "/d/a", old="/d/b"), Call("sync", "/d")]
    assert after(tmp_path, *made) == ({"a": b""}, {"a": b"x"})


def test_what_lies_in_a_folder_without_a_safe_name_is_lost(tmp_path: Path) -> None:
    made = [Call("folder", "/d/f"), Call("create", "/d/f/b"), Call("sync", "/d/f/b"), Call("sync", "/d/f")]
    assert after(tmp_path, *made) == ({"a": b"old"}, {"a": b"old", "f/b": b""})


def test_a_synced_disk_has_everything(tmp_path: Path) -> None:
    made = [Call("folder", "/d/f"), Call("create", "/d/f/b"), Call("cut", "/d/a", place=1), Call("remove", "/d/c"), Call("sync all")]
    least, most = after(tmp_path, *made)
    assert least == most == {"a": b"o", "f/b": b""}


LOG = f"""\
10 openat(AT_FDCWD<{hexed("/")}>, "{hexed("/d/b")}", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 7<{hexed("/d/b")}>
10 write(7<{hexed("/d/b")}>, "{hexed("ab")}", 2) = 2
10 openat(AT_FDCWD<{hexed("/")}>, "{hexed("/d/e")}", O_WRONLY|O_APPEND|O_CLOEXEC) = 12<{hexed("/d/e")}>
10 write(12<{hexed("/d/e")}>, "{hexed("more")}", 4) = 4
11 pwrite64(8<{hexed("/d/a")}>, "{hexed("q")}", 1, 4096 <unfinished ...>
10 write(7<{hexed("/d/b")}>, "{hexed("c")}", 1) = 1
11 <... pwrite64 resumed>) = 1
10 write(9<{hexed("/elsewhere")}>, "{hexed("c")}", 1) = 1
10 mkdir("{hexed("/d/f")}", 0777) = -1 EEXIST (File exists)
10 rename("{hexed("/d/b")}", "{hexed("/d/f/c")}") = 0
10 fdatasync(8<{hexed("/d/a")}>) = 0
10 write(1<{hexed("pipe:[5]")}>, "{hexed("done")}", 4) = 4
10 +++ exited with 0 +++
"""


def test_calls_are_read_in_the_order_in_which_they_came_off() -> None:
    assert list(calls(LOG.splitlines(), ROOT)) == [
        Call("create", "/d/b"), Call("cut", "/d/b"), Call("write", "/d/b", b"ab", 0),
        Call("write", "/d/e", b"more", AT_END), Call("write", "/d/b", b"c", 2),
        Call("write", "/d/a", b"q", 4096), Call("rename", "/d/f/c", old="/d/b"), Call("sync", "/d/a"), Call("say", data=b"done"),
    ]  # fmt: skip


def test_a_call_that_nobody_understands_is_not_passed_over() -> None:
    line = f'10 copy_file_range(7<{hexed("/d/a")}>, NULL, 8<{hexed("/d/b")}>, NULL, 9, 0) = 9'
    with pytest.raises(AssertionError, match="copy_file_range"):
        list(calls([line], ROOT))
