"""Where the app lives: its folder, its key, its clock, its name."""

from __future__ import annotations

import gc
import os
import stat
import tomllib
from pathlib import Path

import pytest

from casebook.errors import StorageFull, StoreDamaged
from fieldapp.platform.clock import CHINA, SystemClock, instant, offset_text
from fieldapp.platform.collector import collector_at_rest
from fieldapp.platform.device import APP_VERSION, device_name, platform_name
from fieldapp.platform.folders import data_folder
from fieldapp.platform.signer import FileSignerStore
from tests.fieldapp.test_store import fill_disk


def test_folder_is_the_one_asked_for_then_the_packaged_apps_own(tmp_path: Path) -> None:
    asked, packaged = tmp_path / "asked" / "deep", tmp_path / "packaged"
    both = {"JIAFANG_DATA": str(asked), "FLET_APP_STORAGE_DATA": str(packaged)}
    assert data_folder(both) == asked and asked.is_dir()
    assert data_folder({"FLET_APP_STORAGE_DATA": str(packaged)}) == packaged and packaged.is_dir()


def test_key_is_made_once_and_only_this_user_may_read_it(tmp_path: Path) -> None:
    first = FileSignerStore(tmp_path).load_or_create()
    assert FileSignerStore(tmp_path).load_or_create().public_key == first.public_key
    (key,) = tmp_path.iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name == "nt"


def test_half_a_key_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        fill_disk(patched)
        with pytest.raises(StorageFull):
            FileSignerStore(tmp_path).load_or_create()
    assert list(tmp_path.iterdir()) == []
    assert len(FileSignerStore(tmp_path).load_or_create().public_key) == 32


def test_something_else_in_the_keys_place_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "device.key").write_bytes(b"short")
    with pytest.raises(StoreDamaged):
        FileSignerStore(tmp_path).load_or_create()


def test_clock_tells_local_time_to_the_second_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == CHINA.utcoffset(None) and clock.now().microsecond == 0
    assert instant(clock.now()).endswith("+08:00") and offset_text(clock.tz) == "+08:00"
    passed = [clock.monotonic_ms() for _ in range(100)]
    assert passed == sorted(passed) and passed[0] >= 0


def test_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == APP_VERSION
    assert platform_name() in device_name()


def test_the_collector_rests_and_is_then_as_it_was() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), collector_at_rest():
        with collector_at_rest():
            pass
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()
