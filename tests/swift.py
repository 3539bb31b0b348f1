"""A real object store for tests that speaks S3: OpenStack Swift of the system's packages, all of it on this computer.

`python -m tests.swift` finds its programs, or installs them from the system's packages where that is allowed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from string import Template
from typing import Any

from tests.bucket import S3
from tests.e2e.chromium import may_install

#: What keeps accounts, buckets and files; the proxy in front of them speaks S3 and remembers in memcached.
KEEPERS = ("account", "container", "object")
SERVERS = (*KEEPERS, "proxy")
PACKAGES = ("memcached", *(f"swift-{name}" for name in SERVERS))
PROGRAMS = ("memcached", "swift-ring-builder", *(f"swift-{name}-server" for name in SERVERS))
HINT = f"Swift is missing here. Install it (Debian/Ubuntu: apt-get install {' '.join(PACKAGES)})."
START_SECONDS, STOP_SECONDS = 60, 10
#: Debian's programs run under Debian's Python, and read swift.conf in /etc unless told otherwise before they begin.
PYTHON = "/usr/bin/python3"
BEGIN = (
    "import runpy, sys; from swift.common import utils; utils.set_swift_dir(sys.argv[1]); "
    "del sys.argv[:2]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
HASHES = "[swift-hash]\nswift_hash_path_suffix = tests\n"
COMMON = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
user = $account
swift_dir = $folder
"""
KEEPER = """devices = $folder/devices
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#$name
"""
PIPELINE = "catch_errors gatekeeper healthcheck cache bulk s3api tempauth slo versioned_writes"
PROXY = f"""[pipeline:main]
pipeline = {PIPELINE} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$memcached
[filter:tempauth]
use = egg:swift#tempauth
user_test_test = test .admin
""" + "".join(
    f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in PIPELINE.split() if name not in ("cache", "tempauth")
)


class SwiftMissing(RuntimeError):
    """There is no Swift to test with; the text says what to do."""


@contextmanager
def swift_server() -> Iterator[S3]:
    """Starts one with one copy of everything, and stops it; also when this process is killed. Raises SwiftMissing."""
    needed()
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.swift", "keep"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent, start_new_session=True,
    )  # fmt: skip
    assert keeper.stdin is not None and keeper.stdout is not None
    try:
        endpoint = keeper.stdout.readline().strip()
        if not endpoint:
            raise SwiftMissing(f"Swift did not start:\n{keeper.communicate()[1][-3000:]}")
        yield S3(endpoint, key="test:test", secret="test")
    finally:
        keeper.stdin.close()
        keeper.wait(len(PROGRAMS) * STOP_SECONDS)


def needed() -> str:
    """The version of the programs, all of which are here. Raises SwiftMissing."""
    if any(shutil.which(program) is None for program in PROGRAMS):
        raise SwiftMissing(HINT)
    said = subprocess.run([PYTHON, "-c", "import swift; print(swift.__version__)"], capture_output=True, text=True)
    if said.returncode:
        raise SwiftMissing(HINT)
    return said.stdout.strip()


def keep() -> None:
    """Says where Swift listens, and keeps it until there is nobody any more who could close the standard input."""
    folder = Path(tempfile.mkdtemp(prefix="jiafang-swift-"))
    try:
        with ExitStack() as running:
            print(_started(folder, running), flush=True)
            sys.stdin.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, running: ExitStack) -> str:
    whose = _account()
    _lay_out(folder, ports := {name: _free_port() for name in (*SERVERS, "memcached")}, whose)
    commands = {"memcached": ["memcached", "-l", "127.0.0.1", "-p", str(ports["memcached"]), "-U", "0"]}
    for name in SERVERS:
        program = str(shutil.which(f"swift-{name}-server"))
        commands[name] = [PYTHON, "-c", BEGIN, str(folder), program, str(folder / f"{name}.conf"), "-v"]
    said = running.enter_context((folder / "said").open("w+"))
    servers = []
    for command in commands.values():
        server = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **whose)
        running.callback(_stop, server)
        servers.append(server)
    endpoint, end = f"http://127.0.0.1:{ports['proxy']}", time.monotonic() + START_SECONDS
    while not (_answers(f"{endpoint}/healthcheck") and all(_listens(port) for port in ports.values())):
        if time.monotonic() > end or any(server.poll() is not None for server in servers):
            raise SwiftMissing((folder / "said").read_text("utf-8", "replace")[-2000:])
        time.sleep(0.1)
    return endpoint


def _lay_out(folder: Path, ports: dict[str, int], whose: dict[str, Any]) -> None:
    """Settings, rings of one device each, and the folder that is the device."""
    facts = {**ports, "folder": folder, "account": whose.get("user") or _own_name()}
    (folder / "swift.conf").write_text(HASHES)
    for name in SERVERS:
        text = Template(COMMON + (KEEPER if name in KEEPERS else PROXY))
        (folder / f"{name}.conf").write_text(text.substitute(facts, name=name, port=ports[name]))
    (folder / "devices" / "disk").mkdir(parents=True)
    try:
        os.setxattr(folder, "user.jiafang", b"1")
    except (OSError, AttributeError) as error:
        raise SwiftMissing(f"{folder} keeps no extended attributes; set TMPDIR to a folder on ext4 or XFS.") from error
    for path in (folder, *folder.rglob("*")) if whose else ():
        shutil.chown(path, whose["user"], whose["group"])
    for name in KEEPERS:
        device = f"r1z1-127.0.0.1:{ports[name]}/disk"
        for order in (["create", "4", "1", "0"], ["add", device, "1"], ["rebalance"]):
            command = ["swift-ring-builder", str(folder / f"{name}.builder"), *order]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **whose)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _account() -> dict[str, Any]:
    """Nothing of it runs as root: then the account that its packages made runs it."""
    if os.geteuid() != 0:
        return {}
    return {"user": "swift", "group": "swift", "extra_groups": []}


def _own_name() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def install(prefix: list[str]) -> None:
    """Installs the packages; a failing update alone is not fatal."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, check=False)
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Says which Swift there is, installing it first when that is possible; 1 when it stays missing."""
    try:
        with suppress(SwiftMissing):
            print(f"== Swift: {needed()}")
            return 0
        prefix = may_install()
        if prefix is not None:
            print("== Swift is missing; installing it from the system's packages")
            install(prefix)
        print(f"== Swift: {needed()}")
    except SwiftMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["keep"]:
        keep()
    else:
        sys.exit(main())
