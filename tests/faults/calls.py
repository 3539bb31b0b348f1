"""What a program asks the system to do with the files of a folder, as strace writes it down (-f -y -xx)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

OPENED = ("open", "openat", "creat")
RENAMED = ("rename", "renameat", "renameat2")
GONE = ("unlink", "unlinkat", "rmdir")
MADE = ("mkdir", "mkdirat")
SYNCED = ("fsync", "fdatasync")
ALL_SYNCED = ("sync", "syncfs")
#: What would change files in ways that nobody here understands: a test must not pass because it looked away.
STRANGE = ("writev", "pwritev", "pwritev2", "sendfile", "copy_file_range", "truncate", "link", "linkat", "symlink",
           "symlinkat")  # fmt: skip
WATCHED = (*OPENED, "write", "pwrite64", "lseek", "ftruncate", *RENAMED, *GONE, *MADE, *SYNCED, *ALL_SYNCED, *STRANGE)

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (\d+)(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_UNFINISHED = " <unfinished ...>"
_HEX = r"(?:\\x[0-9a-f]{2})*"
_TEXT = re.compile(rf'(?:(?:\d+|AT_FDCWD)<({_HEX})>, )?"({_HEX})"(\.\.\.)?')  # a text, and the folder it is relative to
_FILE = re.compile(rf"(\d+)<({_HEX})>")
_DELETED = " (deleted)"
AT_END = -1


@dataclass(frozen=True)
class Call:
    """One call that came off. `does`: create, cut, write, sync, sync all, rename, remove, folder or say.

    `place` is where bytes are written (or AT_END), or to how many bytes a file is cut; `old` the name before a rename.
    """

    does: str
    path: str = ""
    data: bytes = b""
    place: int = 0
    old: str = ""


def calls(lines: Iterable[str], folder: str) -> Iterator[Call]:
    """What was done below `folder`, and said on the standard output, in the order in which it came off."""
    at: dict[str, int] = {}  # how far each open file was written
    for name, said, result, opened in _whole(lines):
        for call in _meant(name, said, result, opened, at):
            if call.does in ("say", "sync all") or call.path.startswith(folder + "/") or call.path == folder:
                assert name not in STRANGE, f"{name} is not understood: {call.path}"
                yield call


def _whole(lines: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
    """Calls that came off: name, arguments, result and what strace says of the result."""
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, text = line.rstrip("\n").partition(" ")
        text = text.lstrip()
        if text.endswith(_UNFINISHED):
            begun[thread] = text.removesuffix(_UNFINISHED)
            continue
        if resumed := _RESUMED.match(text):
            text = begun.pop(thread) + resumed[1]
        if found := _CALL.match(text):
            yield found[1], found[2], int(found[3]), found[4]


def _meant(name: str, said: str, result: int, opened: str, at: dict[str, int]) -> Iterator[Call]:
    if name in OPENED:
        yield from _opened(said, _plain(opened.strip().strip("<>")), at)
    elif name in RENAMED:
        old, new = _names(said)
        yield Call("rename", new, old=old)
    elif name in GONE or name in MADE:
        yield Call("remove" if name in GONE else "folder", *_names(said))
    elif name in ALL_SYNCED:
        yield Call("sync all")
    elif name in STRANGE:
        yield from (Call("strange", path) for path in [*_names(said), *(_plain(found[2]) for found in _FILE.finditer(said))])
    elif (file := _FILE.match(said)) and not (path := _plain(file[2])).endswith(_DELETED):
        yield from _with_file(name, said, result, path, int(file[1]), at)


def _opened(said: str, path: str, at: dict[str, int]) -> Iterator[Call]:
    at[path] = AT_END if "O_APPEND" in said else 0
    if "O_CREAT" in said:
        yield Call("create", path)
    if "O_TRUNC" in said:
        yield Call("cut", path)


def _with_file(name: str, said: str, result: int, path: str, number: int, at: dict[str, int]) -> Iterator[Call]:
    """A call about an open file."""
    if name == "lseek":
        at[path] = AT_END if at.get(path) == AT_END else result
    elif name == "ftruncate":
        yield Call("cut", path, place=int(said.rpartition(", ")[2]))
    elif name in SYNCED:
        yield Call("sync", path)
    elif name == "pwrite64":
        yield Call("write", path, _data(said)[:result], int(said.rpartition(", ")[2]))
    elif number == 1:
        yield Call("say", data=_data(said))
    else:
        place = at.get(path, 0)
        yield Call("write", path, _data(said)[:result], place)
        at[path] = place if place == AT_END else place + result


def _data(said: str) -> bytes:
    found = _TEXT.search(said)
    assert found and not found[3], "strace has left bytes out"
    return _bytes(found[2])


def _names(said: str) -> list[str]:
    return [os.path.join(_plain(folder or ""), _plain(name)) for folder, name, _ in _TEXT.findall(said)]


def _plain(text: str) -> str:
    return os.fsdecode(_bytes(text))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
