"""A county to measure: schools on one real PostgreSQL, their phones, and as many server processes as are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from casebook.ed25519 import Ed25519Signer
from casebook.protocol import EnrolRequest, b64
from casebook.records import Record
from sync_server import founding
from sync_server.registry import SchoolClass, class_row
from sync_server.settings import Settings
from sync_server.store import accounts, rows
from sync_server.store.accounts import Account
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring
from tests.bench.server import Telephone
from tests.bench.visits import parcels
from tests.postgres import Cluster
from tests.sync_server.schoolhouse import student_row
from tests.whole.processes import Service

SCHOOLS, CHILDREN = 8, 40
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
COUNTED = """
    SELECT (SELECT wal_sync FROM pg_stat_wal), pg_current_wal_lsn() - '0/0',
    (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)
"""


@dataclass(frozen=True)
class Counted:
    """What the database has done so far: syncs of its log, bytes of its log, bytes of all tables with their indexes."""

    syncs: int
    log: int
    size: int


class Process(Service):
    """One server process of several over the same database and data folder."""

    first_page = "/healthz"

    def __init__(self, settings: Settings, number: int) -> None:
        told = {f"JIAFANG_{name.upper()}": value for name, value in _told(settings).items()}
        super().__init__(f"server{number}", [], settings.data.parent, PYTHONDONTWRITEBYTECODE="", **told)
        self.command = ["-m", "sync_server", "serve", "--data", str(settings.data), "--port", str(self.port)]

    def cpu(self) -> float:
        """CPU seconds used so far."""
        times = self._seen().cpu_times()
        return times.user + times.system

    def memory(self) -> float:
        """MiB that only this process uses."""
        return float(self._seen().memory_full_info().uss) / 2**20

    def _seen(self) -> psutil.Process:
        assert self.process is not None
        return psutil.Process(self.process.pid)


@dataclass(frozen=True)
class District:
    """The database's server and the settings of the deployment."""

    database: Cluster
    settings: Settings

    @contextmanager
    def serving(self, count: int) -> Iterator[list[Process]]:
        """So many processes, which have compiled everything before."""
        processes = [Process(self.settings, number) for number in range(count)]
        try:
            for process in processes:
                process.start()
            yield processes
        finally:
            for process in processes:
                process.stop()

    def database_cpu(self) -> float:
        """CPU seconds of the database's server so far, with its processes that have ended."""
        assert self.database.server is not None
        server = psutil.Process(self.database.server.pid)
        own = server.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for process in server.children():
            times = process.cpu_times()
            total += times.user + times.system
        return float(total)

    def tidy(self) -> None:
        """Does now what the database would do by itself some time after many new rows."""
        with self.speak() as conn:
            conn.execute("VACUUM ANALYZE")
            conn.execute("CHECKPOINT")

    def counted(self) -> Counted:
        """As the database itself tells it."""
        with self.speak() as conn:
            return Counted(*map(int, conn.execute(COUNTED).fetchone()))

    def connections(self) -> int:
        """How many there are now, but for the one that asks."""
        with self.speak() as conn:
            return int(conn.execute(CONNECTIONS).fetchone()[0])

    def speak(self) -> AbstractContextManager[Any]:
        """A connection of one's own to its database, every statement by itself."""
        return self.database.postgres.speak(str(self.settings.database_url).rsplit("/", 1)[-1])


def founded(folder: Path, database: Cluster, bucket: Mapping[str, Any]) -> tuple[District, list[Wiring]]:
    """Schools without a past, each with one teacher and a class."""
    postgres = database.postgres
    settings = Settings(data=folder / "data", database_url=postgres.url(postgres.create()), **bucket)
    schools = []
    for number in range(SCHOOLS):
        make = founding.join if number else founding.found
        wiring = make(settings, f"31990001{number:02}", f"School {number}")
        teacher = Account(f"{number:032x}", wiring.school.id, "teacher", "T", ("class_teacher",))
        room = SchoolClass("k1", "k1", 8, "junior", teacher.id)
        children = [student_row(f"{number:016x}{child:016x}", room.id) for child in range(CHILDREN)]
        news = [ScopedRow("classes", room.id, "school", class_row(room, "T")), *children]

        def fill(conn: Any, wiring: Wiring = wiring, teacher: Account = teacher, news: list[ScopedRow] = news) -> None:
            accounts.add(conn, teacher, "", wiring.now())
            rows.put(conn, wiring.school.id, news, wiring.now())

        wiring.store.run_tx(fill)
        schools.append(wiring)
    return District(database, settings), schools


def telephones(wiring: Wiring, port: int, count: int, pattern: Record) -> Iterator[Telephone]:
    """Phones of the school's teacher with visits to send, each of them signed already."""
    with wiring.store.read() as conn:
        teacher = accounts.by_login(conn, wiring.school.id, "teacher")
        children = sorted(rows.of_feed(conn, wiring.school.id, "students"))
    assert teacher is not None
    own = replace(pattern, school=wiring.school.id, author=teacher.id)
    for number in range(count):
        signer = Ed25519Signer.generate()
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, teacher)).text
        token = wiring.enrolment.enrol(EnrolRequest(code, b64(signer.public_key), "bench", "linux", "0")).token
        yield Telephone(port, token, list(parcels(own, signer, int(wiring.school.id[-2:]) * count + number, children)))


def _told(settings: Settings) -> dict[str, str]:
    names = ("database_url", "files_url", "files_endpoint", "files_region", "files_key")
    plain = {name: str(value) for name in names if (value := getattr(settings, name))}
    secret = settings.files_secret.get_secret_value()
    return plain | ({"files_secret": secret} if secret else {})
