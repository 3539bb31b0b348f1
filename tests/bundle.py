"""Copies what the phone's package would carry and starts Python on nothing else."""

from __future__ import annotations

import compileall
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LEFT_OUT_ANYWAY = {"build"}  # by the packager itself, with hidden entries and virtual environments

# Runs before the code under test: only the listed top-level names and the standard library can be imported.
ONLY = """
import json, sys
path, allowed = json.loads(sys.argv[1])
sys.path[:0] = path
class Gate:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if not (top in allowed or top in sys.stdlib_module_names or top.startswith("_sysconfigdata")):
            raise ModuleNotFoundError(f"not packaged: {name}", name=name)
sys.meta_path.insert(0, Gate())
"""


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def carried() -> list[Path]:
    """The top-level entries that `flet build apk` would copy, by its rules and our exclude list."""
    excluded = set(pyproject()["tool"]["flet"]["app"]["exclude"]) | LEFT_OUT_ANYWAY
    kept = [entry for entry in ROOT.iterdir() if entry.name not in excluded and not entry.name.startswith(".")]
    return sorted(entry for entry in kept if entry.name != "__pycache__" and not entry.name.endswith(".egg-info"))


def make_bundle(folder: Path) -> Path:
    """Copy, compile to .pyc beside the sources and delete the sources, as the packager does."""
    for entry in carried():
        if entry.is_dir():
            shutil.copytree(entry, folder / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(entry, folder / entry.name)
    assert compileall.compile_dir(folder, legacy=True, quiet=1)
    for source in folder.rglob("*.py"):
        source.unlink()
    return folder


def closure(requirements: list[str]) -> dict[str, list[Requirement]]:
    """Every distribution that `requirements` pull in, by normalised name, with all that is asked of it."""
    asked: dict[str, list[Requirement]] = {}
    todo = [Requirement(text) for text in requirements]
    while todo:
        requirement = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = normalised(requirement.name)
        known = name in asked
        asked.setdefault(name, []).append(requirement)
        if not known:
            todo += [Requirement(text) for text in metadata.requires(name) or []]
    return asked


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def top_level_names(distributions: set[str]) -> set[str]:
    """The importable names that these distributions bring."""
    return {name for name, owners in metadata.packages_distributions().items()
            if {normalised(owner) for owner in owners} & distributions}  # fmt: skip


def run_on(path: list[Path], allowed: set[str], code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` isolated: no site-packages hooks, no environment, only `allowed` top-level names."""
    site = Path(sysconfig.get_path("purelib"))
    arguments = json.dumps([[str(entry) for entry in [*path, site]], sorted(allowed)])
    command = [sys.executable, "-I", "-S", "-c", ONLY + code, arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
