"""A real PostgreSQL for tests: one cluster a test run, on a free port of this computer, gone when the run is over.

`python -m tests.postgres` finds the server, or installs it from the system's packages where that is allowed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.e2e.chromium import may_install

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")
HINT = (
    "The store's tests need PostgreSQL 14 or newer. Install it (Debian/Ubuntu: apt-get install postgresql) "
    "or put initdb and postgres on the PATH."
)
OWNER, ACCOUNTS = "jiafang", ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "127.0.0.1", "max_connections": "200", "shared_buffers": "64MB", "fsync": "on",
    "synchronous_commit": "on", "full_page_writes": "on", "log_min_messages": "panic",
}  # fmt: skip
START_SECONDS, LOOK_SECONDS = 60, 0.3


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL to test with; the text says what to install."""


def programs() -> Path:
    """The folder of initdb and postgres, the newest version first. Raises PostgresMissing."""
    found = [Path(path).resolve().parent for path in [shutil.which("postgres")] if path]
    for place in PLACES:
        found += sorted(Path("/").glob(place.lstrip("/")), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissing(HINT)


@dataclass(frozen=True)
class Postgres:
    """A running server; everybody on this computer may enter, there is nothing in it but tests."""

    port: int

    def url(self, database: str) -> str:
        """What a school's settings name."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database: an empty one, or a copy of one that nobody is using."""
        name = f"t{uuid.uuid4().hex}"
        with self.speak() as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever uses it."""
        with self.speak() as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def speak(self, database: str = "postgres") -> Iterator[Any]:
        """A connection of one's own, every statement by itself."""
        import psycopg

        with psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}", autocommit=True) as conn:
            yield conn


def of_this_run(notes: Path) -> Postgres:
    """The server that all workers of a run share; `notes` is a folder that they share too. Raises PostgresMissing."""
    told = notes / "postgres.port"
    with FileLock(notes / "postgres.lock"):
        if not told.exists():
            run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
            _start_keeper(run, told)
    return Postgres(int(told.read_text()))


def _start_keeper(run: int, told: Path) -> None:
    """Starts the process that keeps the cluster, waits until it serves."""
    programs()
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "keep", str(run), str(told)], start_new_session=True,
        cwd=Path(__file__).parent.parent, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + START_SECONDS
    while not told.exists():
        if keeper.poll() is not None or time.monotonic() > end:
            keeper.terminate()
            raise PostgresMissing(f"PostgreSQL did not start:\n{(keeper.communicate()[1] or '')[-3000:]}")
        time.sleep(0.05)


def keep(run: int, told: Path) -> None:
    """Keeps a cluster until the process `run` is gone, however it ended; its port is written to `told`."""
    folder = Path(tempfile.mkdtemp(prefix="jiafang-postgres-"))
    try:
        server = _serve(folder, port := _free_port())
        _wait_for(server, Postgres(port))
        fresh = told.with_suffix(".new")
        fresh.write_text(str(port))
        fresh.rename(told)
        while server.poll() is None and _lives(run):
            time.sleep(LOOK_SECONDS)
        server.send_signal(2)  # fast: sessions that are left are ended
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server of one's own, to be killed. Raises PostgresMissing."""
    folder = Path(tempfile.mkdtemp(prefix="jiafang-cluster-"))
    try:
        _make(folder)
        own = Cluster(folder, Postgres(_free_port()))
        own.start()
        yield own
        own.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A server that can be stopped as by a fault, and started again over what its disk has; `server` is its process."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.folder, self.postgres = folder, postgres
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serves when this returns; first it repairs what a crash left."""
        self.server = _start(self.folder, self.postgres.port)
        _wait_for(self.server, self.postgres)

    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does: every process ends where it is, nothing is written down."""
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(20)
            self.server = None


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    _make(folder)
    return _start(folder, port)


def _make(folder: Path) -> None:
    """An empty cluster. PostgreSQL refuses to run as root: then its own account runs it."""
    whose = _account()
    if whose:
        shutil.chown(folder, whose["user"], whose["group"])
    folder.chmod(0o700)
    initdb = programs() / "initdb"
    made = [initdb, "-D", folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder, **whose)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    said = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [programs() / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, *said]
    return subprocess.Popen(command, cwd=folder, **_account())


def _account() -> dict[str, Any]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import grp
    import pwd

    for name in ACCOUNTS:
        with suppress(KeyError):
            known = pwd.getpwnam(name)
            return {"user": name, "group": grp.getgrgid(known.pw_gid).gr_name, "extra_groups": []}
    raise PostgresMissing("PostgreSQL does not run as root, and there is no account 'postgres' to run it as.")


def _wait_for(server: subprocess.Popen[bytes], postgres: Postgres) -> None:
    import psycopg

    while server.poll() is None:
        with suppress(psycopg.OperationalError), postgres.speak() as conn:
            conn.execute("SELECT 1")
            return
        time.sleep(0.05)
    raise PostgresMissing("PostgreSQL ended at once.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def install(prefix: list[str]) -> None:
    """Installs the server; a failing update alone is not fatal. No cluster of the system's own is made or started."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, check=False)
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"]
    subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Says where PostgreSQL is, installing it first when that is possible; 0 also when it stays missing.

    The tests themselves fail without it, so nothing is skipped silently and all others still run.
    """
    try:
        with suppress(PostgresMissing):
            print(f"== PostgreSQL: {programs()}")
            return 0
        prefix = may_install()
        if prefix is not None:
            print("== PostgreSQL is missing; installing it from the system's packages")
            install(prefix)
        print(f"== PostgreSQL: {programs()}")
    except PostgresMissing as missing:
        print(missing, file=sys.stderr)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["keep"]:
        keep(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
