"""A disk that is really full, on either side: a clear sentence, and nothing lost or half-written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.whole.handset import child_of, enrolled, record_visit
from tests.whole.processes import ROOT
from tests.whole.story import SchoolServer

# Runs as the only root of its own little world: mounts a small disk, fills it, works on it, tells what came of it.
ON_A_SMALL_DISK = """
import json, os, shutil, subprocess, sys
from pathlib import Path
source, disk, kilobytes = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)], check=True)
folder = disk / "phone"
shutil.copytree(source, folder)
from casebook.errors import CasebookError
from fieldapp.desk import Desk
from tests.whole.handset import child_of
from tests.whole.visits import photo
told = []
def attempt(name, work):
    try:
        return work()
    except CasebookError as error:
        told.append([name, error.code])
desk = Desk.open(folder)
draft = desk.open_draft(desk.start(child_of(desk), "absence_visit"))
draft.answer("/data/visit/mode", "door")
draft.answer("/data/meeting/contact_result", "met_guardian")
ballast = disk / "ballast"
with ballast.open("wb", buffering=0) as full:
    try:
        while True:
            full.write(bytes(4096))
    except OSError:
        pass
attempt("photo", lambda: draft.attach_photo("/data/photos/photos_1", Path(sys.argv[4]).read_bytes(), "gallery"))
for number in range(400):
    attempt("answer", lambda: draft.answer("/data/wrap_up/summary", "long " * 900 + str(number)))
    if told and told[-1][0] == "answer":
        break
half = [str(path) for path in (folder / "files").rglob("*") if path.is_file()]
desk.close()
ballast.unlink()
desk = Desk.open(folder)
(card,) = desk.today().drafts
draft = desk.open_draft(card.draft_id)
kept = {q.ref: q.value for page in draft.pages() for q in draft.questions(page.ref)}
draft.attach_photo("/data/photos/photos_1", Path(sys.argv[4]).read_bytes(), "gallery")
print(json.dumps({"told": told, "files": len(half), "mode": kept["/data/visit/mode"],
                  "met": kept["/data/meeting/contact_result"]}))
"""


def in_a_world_of_its_own(code: str, *arguments: str) -> dict:
    """Run `code` where it may mount a disk: as root, or as the root of a user namespace."""
    command = [sys.executable, "-c", code, *arguments]
    inside = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    ran = subprocess.run([*inside, *command], cwd=ROOT, capture_output=True, text=True, timeout=120,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="small disks are mounted with Linux tools")
def test_a_phone_whose_disk_is_full_says_so_and_keeps_every_acknowledged_answer(
    school: SchoolServer, tmp_path: Path
) -> None:
    from tests.whole.visits import photo

    school.start()
    enrolled(tmp_path / "phone", school).close()
    school.kill()
    disk = tmp_path / "disk"
    disk.mkdir()
    picture = photo(tmp_path / "photo.jpg", 1)
    size = sum(path.stat().st_size for path in (tmp_path / "phone").rglob("*") if path.is_file()) // 1024
    came = in_a_world_of_its_own(ON_A_SMALL_DISK, str(tmp_path / "phone"), str(disk), str(size + 3000), str(picture))
    assert ["photo", "storage_full"] in came["told"]
    assert all(code == "storage_full" for _, code in came["told"])
    assert (came["mode"], came["met"]) == ("door", "met_guardian")


def test_a_school_whose_disk_is_full_keeps_what_it_has_and_takes_the_rest_later(
    school: SchoolServer, tmp_path: Path
) -> None:
    school.start()
    desk = enrolled(tmp_path / "phone", school)
    school.stop()
    school.environment = {"JIAFANG_RESERVE_BYTES": str(shutil.disk_usage(tmp_path).total * 2)}  # room for nothing
    school.start()
    record_visit(desk, tmp_path, child=child_of(desk))
    report = desk.sync()
    assert report.problem is not None and report.problem.code == "server_fault"
    assert report.texts_left == 1 and report.files_left == 3
    school.stop()
    school.environment = {}
    school.start()
    assert desk.sync().complete
    desk.close()
