"""Answers for foreign programs to compare with: finds Node and Java, or installs them, and readies what runs on them.

JavaRosa, the engine of ODK Collect, lies inside the jar that pyxform brings along. The engine of ODK Web Forms comes
from npm, and so does a client of tus that sends files to our server. Everything made here goes to `build/differential`,
outside of version control.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tests.e2e.chromium import may_install

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / "build" / "differential"
PACKAGES = ("nodejs", "npm", "default-jdk-headless")
#: the web engine says it needs this Node; Debian's may be older, then one from npm runs it
LEAST_NODE = (20, 19)
NODE_FROM_NPM = "22"
HINT = (
    "The differential tests compare our form engine with ODK's two. They need Node 20.19 or newer with npm, and a Java "
    "compiler 17 or newer (Debian/Ubuntu: apt-get install nodejs npm default-jdk-headless). Missing: {missing}."
)


class OracleMissing(RuntimeError):
    """An engine to compare with cannot be run; the text says what to install."""


@dataclass(frozen=True)
class Command:
    """How an engine is started: its arguments and the folder it runs in."""

    arguments: tuple[str, ...]
    folder: Path


@functools.cache
def commands() -> dict[str, Command]:
    """The commands of `node` (ODK Web Forms) and `java` (JavaRosa), ready to run. Raises OracleMissing."""
    missing = [tool for tool in ("node", "npm", "java", "javac") if not _found(tool)]
    if missing:
        raise OracleMissing(HINT.format(missing=", ".join(missing)))
    return {"node": _web_forms(), "java": _javarosa()}


def _found(tool: str) -> str | None:
    if tool == "node" and not _new_enough(shutil.which("node")):
        return _node_of_npm() if shutil.which("npm") else None
    return shutil.which(tool)


def _new_enough(node: str | None) -> bool:
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    return version >= LEAST_NODE


@functools.cache
def _node_of_npm() -> str | None:
    """A Node of the wanted version that npm installs as a package; None where there is none for this machine."""
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine())
    folder = CACHE / f"node-{NODE_FROM_NPM}"
    name = f"node-{sys.platform}-{machine}"
    binary = folder / "node_modules" / name / "bin" / "node"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        _npm_install(folder, f"{name}@{NODE_FROM_NPM}", check=False)
    return str(binary) if binary.exists() else None


def _npm_install(folder: Path, *packages: str, check: bool = True) -> None:
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    command = [str(shutil.which("npm")), "install", *quiet, *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if check and done.returncode:
        raise OracleMissing(f"npm could not install {' '.join(packages) or folder.name}:\n{done.stderr[-2000:]}")


def tus_client() -> Command:
    """A client of tus that others wrote (npm's tus-js-client), ready to run. Raises OracleMissing."""
    if not (_found("node") and _found("npm")):
        raise OracleMissing("The test of uploads by a foreign client needs Node with npm (apt-get install nodejs npm).")
    return _of_npm(HERE.parent / "tus" / "node", "tus", "upload.mjs")


def _web_forms() -> Command:
    # much memory between collections: what the engine drops, it drops in large pieces
    return _of_npm(HERE / "node", "web-forms", "--max-semi-space-size=64", "drive.mjs")


def _of_npm(source: Path, name: str, *arguments: str) -> Command:
    """Scripts of ours beside the packages that they name; nothing is installed twice."""
    folder = CACHE / f"{name}-{_digest([source / 'package.json'])}"
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        shutil.copyfile(file, folder / file.name)
    if not (folder / "installed").exists():
        _npm_install(folder)
        (folder / "installed").touch()
    return Command((str(_found("node")), *arguments), folder)


def _javarosa() -> Command:
    jar = Path(str(files("pyxform"))) / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    sources = sorted((HERE / "java").glob("*.java"))
    folder = CACHE / f"javarosa-{_digest([*sources, jar])}"
    if not (folder / "compiled").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["javac", "-nowarn", "-encoding", "UTF-8", "-cp", str(jar), "-d", str(folder), *map(str, sources)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise OracleMissing(f"The driver of JavaRosa cannot be compiled:\n{done.stderr[-2000:]}")
        (folder / "compiled").touch()
    memory = ("-Xmx512m", "-Xss8m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    return Command(("java", *memory, "-cp", f"{jar}{os.pathsep}{folder}", "Driver"), folder)


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def install(prefix: list[str]) -> None:
    """Installs Node and Java from the system's packages; a failing update alone is not fatal."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, check=False)
    for package in PACKAGES:  # one by one: a Node from elsewhere brings its own npm and refuses Debian's
        command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Readies all of them, installing what is missing when that is possible; 0 also when something stays missing.

    The tests themselves fail without an engine, so nothing is skipped silently and all others still run.
    """
    try:
        missing = [tool for tool in ("node", "npm", "java", "javac") if not _found(tool)]
        prefix = may_install() if missing else None
        if prefix is not None:
            print(f"== Missing: {', '.join(missing)}; installing Node and Java from the system's packages")
            install(prefix)
        ready = {**commands(), "tus": tus_client()}
        print(f"== To compare with: {', '.join(command.arguments[0] for command in ready.values())}")
    except OracleMissing as problem:
        print(problem, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
