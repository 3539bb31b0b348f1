"""Cuts the power of a school's computer where nobody may mount disks: its calls to the system are written down, and
disks are made of them on which what nobody had asked to sync is missing, there, or there in parts.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from casebook.packs import Pack, PackedFile
from casebook.protocol import PushRequest, sealed_to_wire
from casebook.sealing import Sealed
from sync_server.settings import Settings
from sync_server.wiring import Wiring, build
from tests.conformance.direct import DirectConversation
from tests.faults.calls import WATCHED, calls
from tests.faults.came import Came
from tests.faults.disk import Disk
from tests.faults.kills import deliver
from tests.faults.little import pictures
from tests.faults.power import acknowledged, lost
from tests.sync_server.schoolhouse import Phone, attachment, make_school, sha256

ROOT = Path(__file__).parent.parent.parent
VISITS = 4
LONGEST = 1 << 20  # bytes of one write that are written down


def power_cut(folder: Path, cuts: int, seed: int) -> Came:
    """The school takes in some visits; the power goes right after each was acknowledged, and at some calls besides."""
    dice, token = random.Random(seed), _school(folder)
    data = str((folder / "data").resolve())
    disk = Disk.of(folder / "data", data)
    done = list(calls(_written_down(folder, data, token), data))
    said = [number for number, call in enumerate(done, 1) if call.data.startswith(b"done ")]
    moments = {*said, *dice.sample(range(1, len(done)), max(0, cuts - len(said)))}
    came, heard = Came(visits=len(said), points=len(done)), ""
    for number, call in enumerate(done, 1):
        disk.take(call)
        heard += call.data.decode() if call.does == "say" else ""
        if number in moments:
            came.struck += 1
            came.wrong += [f"call {number}: {wrong}" for wrong in _found(folder / "after", disk, heard, dice)]
    return came


def take_visits_in(data: Path, token: str) -> None:
    """Takes in visits, their files by turns one by one and as one stream, and says what it has acknowledged."""
    wiring, phone = build(Settings(data=data, reserve_bytes=0)), Phone()
    for number in range(VISITS):
        content = pictures(2)
        record = phone.visit(f"v{number}", content)
        if number % 2:
            _deliver_packed(wiring, token, record, content)
        else:
            deliver(wiring, token, record, content, lambda said: None)
        os.write(1, f"done v{number} {record.rid}\n".encode())


def _school(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    wiring = make_school(folder)
    token = Phone().enrol(wiring).token
    wiring.close()
    return token


def _written_down(folder: Path, data: str, token: str) -> list[str]:
    """What the school asked the system to do while it took visits in."""
    log = folder / "calls"
    watched = ["strace", "-f", "-q", "-y", "-xx", "-s", str(LONGEST), "--seccomp-bpf", "-e", f"trace={','.join(WATCHED)}", "-o", log]
    subprocess.run([*watched, sys.executable, "-m", "tests.faults.unsynced", data, token], check=True, cwd=ROOT,
                   stdout=subprocess.PIPE)  # fmt: skip
    return log.read_text().splitlines()


def _deliver_packed(wiring: Wiring, token: str, record: Sealed, content: dict[str, bytes]) -> None:
    school = DirectConversation(wiring, token)
    school.push(PushRequest([sealed_to_wire(record)]))
    named = [(attachment(name, one), one) for name, one in content.items()]
    pack = Pack(tuple(PackedFile(sha256(one), len(one), att.type) for att, one in named))
    assert school.send_pack(pack, 0, [one for _, one in named], True) == pack.size


def _found(folder: Path, disk: Disk, heard: str, dice: random.Random) -> Iterator[str]:
    """What is lost on the disks that may be found when the power comes back."""
    for survives in (lambda: False, lambda: dice.random() < 0.5, lambda: True):
        disk.leave(folder, survives)
        wiring = build(Settings(data=folder))
        yield from lost(wiring, acknowledged(heard))
        wiring.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    take_visits_in(Path(sys.argv[1]), sys.argv[2])
