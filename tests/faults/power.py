"""Cuts the power of the school's computer: its data lie on a disk image, which is copied while nothing was asked to sync.

What the file system still had in memory is not in the copy, as it is not on a disk whose power is gone.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_server.settings import Settings
from sync_server.store import archive, visits
from sync_server.wiring import Wiring, build
from tests.faults.came import Came
from tests.faults.kills import deliver
from tests.faults.little import pictures
from tests.sync_server.schoolhouse import SCHOOL, Phone, make_school

IMAGE_BYTES = 48 * 1024 * 1024


def possible(folder: Path) -> bool:
    """Whether this computer lets us mount images."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        return False
    image = _image(folder / "try.img")
    try:
        with _mounted(image, folder / "try"):
            return True
    except subprocess.CalledProcessError:
        return False


def power_cut(folder: Path, cuts: int, seed: int) -> Came:
    """The school takes in visit after visit; `cuts` times the power goes and what is on the disk is looked at."""
    came, dice = Came(), random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    image = _image(folder / "disk.img")
    with _mounted(image, folder / "disk") as disk:
        wiring = make_school(disk)
        phone = Phone().enrol(wiring)
        wiring.close()
        os.sync()
        reading, pid = _busy_school(disk / "data", phone)
        heard = ""
        try:
            for number in range(cuts):
                heard += _more(reading)
                time.sleep(dice.random() * 0.3)
                os.kill(pid, signal.SIGSTOP)
                copy = folder / f"copy{number}.img"
                subprocess.run(["cp", "--sparse=always", image, copy], check=True)
                heard += _waiting(reading)
                os.kill(pid, signal.SIGCONT)
                came.struck += 1
                came.wrong += _looked_at(folder, copy, heard)
                copy.unlink()
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(reading)
    came.visits = heard.count("done ")
    return came


def _more(reading: int) -> str:
    """What the school says next, as soon as it says something. Raises AssertionError when it stays silent."""
    ready, _, _ = select.select([reading], [], [], 120)
    said = _waiting(reading) if ready else ""
    assert said, "the school has died"
    return said


def _waiting(reading: int) -> str:
    """What the school has said and nobody has heard yet."""
    ready, _, _ = select.select([reading], [], [], 0)
    return os.read(reading, 1 << 20).decode() if ready else ""


def _busy_school(data: Path, phone: Phone) -> tuple[int, int]:
    """A process that takes in visits for ever and says what it has acknowledged; where it says it, and its number."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            wiring, number = build(Settings(data=data, reserve_bytes=0)), 0
            while True:
                content, number = pictures(), number + 1
                record = phone.visit(f"v{number}", content)
                deliver(wiring, phone.token, record, content, lambda said: None)
                os.write(writing, f"done v{number} {record.rid}\n".encode())
        finally:
            os._exit(1)
    os.close(writing)
    return reading, pid


def _looked_at(folder: Path, copy: Path, heard: str) -> list[str]:
    """What had been acknowledged and is not on the disk after the power came back."""
    with _mounted(copy, folder / "after") as disk:
        wiring = build(Settings(data=disk / "data"))
        wrong = lost(wiring, acknowledged(heard))
        wiring.close()
    return wrong


def acknowledged(heard: str) -> list[tuple[str, str]]:
    """The visits, each with the id of its record, that a school has said it has."""
    lines = [line.split() for line in heard.splitlines() if line.count(" ") == 2]
    return [(visit, rid) for _, visit, rid in lines]


def lost(wiring: Wiring, told: list[tuple[str, str]]) -> list[str]:
    """Which of these visits are not whole at school."""
    return [f"{visit} is lost" for visit, rid in told if not _whole(wiring, visit, rid)]


def _whole(wiring: Wiring, visit: str, rid: str) -> bool:
    """Whether record, place in the list and all files are there."""
    with wiring.store.read() as conn:
        filed, row = archive.one(conn, SCHOOL, rid), visits.one(conn, SCHOOL, visit)
    files = filed.record.att if filed else ()
    return bool(filed and row) and all(wiring.blobs.holds(file.sha256, file.size) for file in files)


def _image(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as image:
        image.truncate(IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
    return path


@contextmanager
def _mounted(image: Path, where: Path) -> Iterator[Path]:
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, where], check=True, capture_output=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", where], check=True)
