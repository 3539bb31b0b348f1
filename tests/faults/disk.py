"""A disk that keeps what it was asked to sync, and of the rest whatever chance leaves of it.

The rules are the strict ones: the bytes of a file are safe once it was synced, its name once its folder was.
A rename happens as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults.calls import AT_END, Call

SECTOR = 512
REBUILT = "-shm"  # SQLite's index of its log: in memory, made anew at every start

Survives = Callable[[], bool]


@dataclass
class File:
    """What a file (or folder) holds for those who read it; what of it is safe; what was done to it since."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    since: list[Call] = field(default_factory=list)
    is_folder: bool = False

    def take(self, call: Call) -> None:
        """Writes, or cuts it to a length."""
        call = replace(call, place=len(self.now)) if call.place == AT_END else call
        _apply(self.now, call)
        self.since.append(call)

    def sync(self) -> None:
        """All of it is safe now."""
        self.safe, self.since = bytes(self.now), []

    def left(self, survives: Survives) -> bytes:
        """What is found of it afterwards; what survives may be torn at a sector."""
        found = bytearray(self.safe)
        for call in self.since:
            if survives():
                whole = survives() or len(call.data) < SECTOR
                _apply(found, call, None if whole else len(call.data) // 2 // SECTOR * SECTOR)
        return bytes(found)


@dataclass(frozen=True)
class Renaming:
    """A change of names: what has this name from now on, if anything, and which name is gone."""

    path: str = ""
    file: File | None = None
    gone: str = ""

    def apply(self, names: dict[str, File]) -> None:
        """Makes it."""
        names.pop(self.gone, None)
        if self.file is not None:
            names[self.path] = self.file

    def concerns(self, folder: str) -> bool:
        """Whether it happened in this folder."""
        return folder in {path.rpartition("/")[0] for path in (self.path, self.gone) if path}


@dataclass
class Disk:
    """The folder `root` and everything below it."""

    root: str
    names: dict[str, File] = field(default_factory=dict)
    safe_names: dict[str, File] = field(default_factory=dict)
    since: list[Renaming] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, root: str) -> Disk:
        """A disk on which, under the name `root`, lies safely what `folder` holds."""
        disk = cls(root, {root: File(is_folder=True)})
        for path in folder.rglob("*"):
            content = b"" if path.is_dir() else path.read_bytes()
            disk.names[f"{root}/{path.relative_to(folder)}"] = File(bytearray(content), content, [], path.is_dir())
        disk.safe_names = {**disk.names}
        return disk

    def take(self, call: Call) -> None:
        """Something is done to it."""
        if call.does == "sync all":
            for file in self.names.values():
                file.sync()
            self._names_are_safe(lambda change: True)
        elif call.does in ("write", "cut") and call.path in self.names:
            self.names[call.path].take(call)
        elif call.does == "sync" and call.path in self.names:
            self._sync(call.path)
        elif call.does == "rename":
            self._change(Renaming(call.path, self.names.get(call.old), call.old))
        elif call.does == "remove":
            self._change(Renaming(gone=call.path))
        elif call.does in ("create", "folder") and call.path not in self.names:
            self._change(Renaming(call.path, File(is_folder=call.does == "folder")))

    def leave(self, folder: Path, survives: Survives) -> None:
        """Puts into `folder` what is found when the power comes back; `survives` is asked about all that is not safe."""
        names = {**self.safe_names}
        for change in self.since:
            if survives():
                change.apply(names)
        for path, file in sorted(names.items()):
            place = folder / path.removeprefix(self.root).lstrip("/")
            if file.is_folder and (place.parent.is_dir() or path == self.root):
                place.mkdir()
            elif not file.is_folder and place.parent.is_dir() and not path.endswith(REBUILT):
                place.write_bytes(file.left(survives))

    def _sync(self, path: str) -> None:
        self.names[path].sync()
        if self.names[path].is_folder:
            self._names_are_safe(lambda change: change.concerns(path))

    def _change(self, change: Renaming) -> None:
        change.apply(self.names)
        self.since.append(change)

    def _names_are_safe(self, concerned: Callable[[Renaming], bool]) -> None:
        for change in self.since:
            if concerned(change):
                change.apply(self.safe_names)
        self.since = [change for change in self.since if not concerned(change)]


def _apply(content: bytearray, call: Call, most: int | None = None) -> None:
    if call.does == "cut":
        content[call.place :] = bytes(max(0, call.place - len(content)))
        return
    data = call.data[:most]
    content.extend(bytes(max(0, call.place - len(content))))
    content[call.place : call.place + len(data)] = data
