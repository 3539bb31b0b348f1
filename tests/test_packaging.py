"""The phone's package and the wheel: complete without the checkout, and nothing in them that does not belong."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.version import Version

from tests.bundle import ROOT, carried, closure, make_bundle, pyproject, run_on, top_level_names

ON_THE_PHONE = {"main.py", "casebook", "fieldapp", "assets"}
# Compiled parts for Android come from recipes of the packager; these exist, in these versions.
MOBILE_RECIPES = {"pillow": "12.2.0", "cryptography": "48.0.0", "cffi": "2.0.0", "msgpack": "1.1.2"}
PURE_WHEEL_AS_WELL = {"charset-normalizer"}  # offers py3-none-any beside compiled wheels
PHONE_PLUGINS = {"flet_camera", "flet_geolocator", "flet_secure_storage", "flet_permission_handler",
                 "flet_audio_recorder", "flet_audio"}  # fmt: skip


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("phone"))


@pytest.fixture(scope="module")
def packaged_names() -> set[str]:
    dependencies = set(closure(pyproject()["project"]["dependencies"]))
    return top_level_names(dependencies) | {"main", "casebook", "fieldapp", "assets"} | PHONE_PLUGINS


def on_phone(phone: Path, names: set[str], code: str) -> str:
    ran = run_on([phone], names, code, phone)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_package_carries_nothing_unlisted() -> None:
    """A new top-level entry must be put into [tool.flet.app].exclude, or be wanted on the phone."""
    assert {entry.name for entry in carried()} == ON_THE_PHONE


def test_main_starts_the_app_from_compiled_files_alone(phone: Path, packaged_names: set[str]) -> None:
    code = (
        "import fieldapp.ui.app as app\n"
        "app.run = lambda: print('started')\n"
        "import main\n"
        "assert main.__file__.endswith('.pyc') and app.__file__.endswith('.pyc')\n"
    )
    assert on_phone(phone, packaged_names, code) == "started\n"


def test_every_module_of_the_package_imports(phone: Path, packaged_names: set[str]) -> None:
    code = (
        "import importlib, pkgutil\n"
        "for package in 'casebook', 'fieldapp', 'assets':\n"
        "    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + '.'):\n"
        "        importlib.import_module(module.name); print(module.name)\n"
    )
    imported = on_phone(phone, packaged_names, code).splitlines()
    shipped = {path.relative_to(phone).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
               for path in phone.rglob("*.pyc")}  # fmt: skip
    assert set(imported) == shipped - {"main", "casebook", "fieldapp", "assets"}


def test_the_server_is_not_on_the_phone(phone: Path, packaged_names: set[str]) -> None:
    code = "import importlib.util as u; print([n for n in ('sync_server', 'tests') if u.find_spec(n)])"
    assert on_phone(phone, packaged_names | {"sync_server", "tests"}, code) == "[]\n"


def test_words_and_kinds_are_found_on_the_phone(phone: Path, packaged_names: set[str]) -> None:
    """Code that looks for *.py files or opens paths beside itself finds nothing on a phone."""
    code = (
        "from assets import load_wording, root\n"
        "from casebook.kinds import KINDS\n"
        "print(len(KINDS), load_wording('zh_CN').has('error.unreachable'), load_wording('en').has('error.unreachable'),"
        " len(list(root().joinpath('forms').iterdir())))\n"
    )
    kinds, zh, en, forms = on_phone(phone, packaged_names, code).split()
    assert int(kinds) >= 5 and (zh, en) == ("True", "True") and int(forms) >= 2


def test_every_dependency_of_the_phone_can_be_installed_there() -> None:
    """Each is pure Python or has a recipe whose version satisfies everybody's bounds."""
    unfit = []
    for name, asked in closure(pyproject()["project"]["dependencies"]).items():
        if name in MOBILE_RECIPES:
            version = Version(MOBILE_RECIPES[name])
            unfit += [str(wanted) for wanted in asked if not wanted.specifier.contains(version)]
        elif name not in PURE_WHEEL_AS_WELL:
            wheel = metadata.distribution(name).read_text("WHEEL") or ""
            unfit += [] if "Tag: py3-none-any" in wheel or "Tag: py2.py3-none-any" in wheel else [name]
    assert unfit == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built and installed into an empty folder, far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return target


def run_installed(installed: Path, code: str) -> subprocess.CompletedProcess[str]:
    everything = set(metadata.packages_distributions()) | {"casebook", "fieldapp", "sync_server", "assets"}
    return run_on([installed], everything, code, installed.parent)


def test_the_wheel_works_outside_the_checkout(installed: Path) -> None:
    code = (
        "import assets, sync_server.wiring, fieldapp.ui.app\n"
        "from assets import load_wording, root\n"
        "from sync_server.forms import compile_form\n"
        "print(assets.__file__, load_wording('en')('error.unreachable'))\n"
        "print(compile_form(root().joinpath('forms', 'absence_visit')).form_id)\n"
    )
    ran = run_installed(installed, code)
    assert ran.returncode == 0, ran.stderr
    words, form = ran.stdout.splitlines()
    assert words.startswith(str(installed)) and "error.unreachable" not in words
    assert form == "absence_visit"


def test_the_wheel_carries_every_asset_and_template(installed: Path) -> None:
    packages = ("casebook", "fieldapp", "sync_server", "assets")
    wanted = {path.relative_to(ROOT).as_posix() for package in packages for path in (ROOT / package).rglob("*")
              if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    shipped = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert wanted - shipped == set()
    assert not any(name.startswith(("tests/", "docs/")) for name in shipped)


def test_the_wheel_brings_the_command_line(installed: Path) -> None:
    ran = run_installed(installed, "import runpy, sys\nsys.argv = ['sync_server', '--help']\n"
                                   "runpy.run_module('sync_server', run_name='__main__')")  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    for command in "init", "serve", "demo", "enrol":
        assert command in ran.stdout
