"""`flet build apk` accepts the project: checked up to the point where it would call Flutter."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bundle import ROOT, pyproject

NEEDED_PERMISSIONS = {
    "android.permission.INTERNET": True,
    "android.permission.CAMERA": True,
    "android.permission.RECORD_AUDIO": True,
    "android.permission.ACCESS_FINE_LOCATION": True,
    "android.permission.READ_EXTERNAL_STORAGE": False,
    "android.permission.WRITE_EXTERNAL_STORAGE": False,
}


class Reached(Exception):
    """The packager is about to start the tool that this machine need not have."""


@pytest.fixture(scope="module")
def preflight(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The packaging call and the template values that `flet build apk` would use."""
    with pytest.MonkeyPatch.context() as patch:
        manifest = tmp_path_factory.mktemp("manifest") / "python.json"
        abis = ["arm64-v8a", "armeabi-v7a", "x86_64"]
        release = {"full_version": "3.14.6", "pyodide_version": "314.0.7", "android_abis": abis}
        manifest.write_text(json.dumps({"default_python_version": "3.14", "pythons": {"3.14": release}}))
        patch.setenv("FLET_PYTHON_BUILD_MANIFEST", str(manifest))
        project = tmp_path_factory.mktemp("project")  # the packager leaves a build folder behind
        shutil.copy(ROOT / "pyproject.toml", project)
        shutil.copy(ROOT / "main.py", project)
        return _drive(patch, project)


def _drive(patch: pytest.MonkeyPatch, project: Path) -> SimpleNamespace:
    from flet_cli.commands import build, build_base, flutter_base

    seen = SimpleNamespace(call=None, template=None)
    base = flutter_base.BaseFlutterCommand
    for name, answer in {
        "find_flutter_batch": "/bin/true", "flutter_version_valid": True, "install_jdk": None,
        "install_android_sdk": None, "_confirm_android_sdk_installation": True,
    }.items():  # fmt: skip
        patch.setattr(base, name, lambda *args, answer=answer: answer)

    def template(self: Any, second_pass: bool = False) -> bool:
        seen.template = dict(self.template_data)
        return False

    def run(self: Any, args: list[str], cwd: str, env: Any = None, capture_output: bool = True) -> SimpleNamespace:
        if "serious_python:main" in args:
            seen.call = args
            raise Reached
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    patch.setattr(build.Command, "create_flutter_project", template)
    patch.setattr(build_base.BaseBuildCommand, "run", run)
    command = build.Command(parser := argparse.ArgumentParser())
    options = parser.parse_args(["apk", str(project), "--yes", "--no-rich-output"])
    options.verbose = 0
    with pytest.raises(Reached):
        command.handle(options)
    return seen


def after(call: list[str], flag: str) -> set[str]:
    return {call[n + 1] for n, word in enumerate(call) if word == flag}


def test_the_packager_accepts_entry_point_and_identity(preflight: SimpleNamespace) -> None:
    assert preflight.template["python_module_name"] == "main"
    assert preflight.template["bundle_id"] == "org.jiafang.fieldapp"
    assert preflight.template["product_name"] == "家访"


def test_the_package_installs_exactly_what_the_phone_needs(preflight: SimpleNamespace) -> None:
    wanted = {text.split(">=")[0].split("==")[0] for text in pyproject()["project"]["dependencies"]}
    plugins = {text.split(">=")[0] for text in pyproject()["tool"]["flet"]["android"]["dependencies"]}
    assert {text.split()[0] for text in after(preflight.call, "-r")} == wanted | plugins


def test_server_tests_and_local_data_stay_at_home(preflight: SimpleNamespace) -> None:
    assert {"sync_server", "tests", "docs", "demo-data", "data"} <= after(preflight.call, "--exclude")


def test_the_app_asks_for_no_more_permissions_than_it_uses(preflight: SimpleNamespace) -> None:
    asked = preflight.template["options"]["android_permissions"]
    assert asked == NEEDED_PERMISSIONS


def test_the_three_phone_architectures_are_built(preflight: SimpleNamespace) -> None:
    assert after(preflight.call, "--arch") == {"arm64-v8a,armeabi-v7a,x86_64"}
