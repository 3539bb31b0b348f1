"""Can the server take work in: write rows and files, is there room? And its figures, for whoever watches it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from sync_server.logs import trace
from sync_server.operations import keeping
from sync_server.operations.metrics import Gauge
from sync_server.store import archive, durable, files, nights, schools

if TYPE_CHECKING:
    from sync_server.wiring import Wiring

log = structlog.get_logger()

#: Asked more often, the answer is the one before: every answer costs writes.
REMEMBERED_SECONDS = 5.0
PROBE = "ready.probe"
NOWHERE = "0" * 64
READINESS = "readiness"


@dataclass(frozen=True)
class Readiness:
    """What works. The age of the backup is told but is no reason to take nothing in: that would help nobody."""

    database: bool
    files: bool
    room: bool
    backup_hours: float | None

    @property
    def ready(self) -> bool:
        """Whether records and files can be taken in."""
        return self.database and self.files and self.room


class Health:
    """Answers for one process of a school's server."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._asked, self._answer = -REMEMBERED_SECONDS, Readiness(False, False, False, None)

    def readiness(self) -> Readiness:
        """Writes a row and a file to see whether that works."""
        with self._lock:
            if time.monotonic() - self._asked >= REMEMBERED_SECONDS:
                room = self._wiring.free_bytes() >= self._wiring.settings.reserve_bytes
                self._answer = Readiness(self._writes_rows(), self._writes_files(), room, self._backup_hours())
                self._asked = time.monotonic()
            return self._answer

    def gauges(self) -> list[Gauge]:
        """Every figure as it stands now."""
        wiring, school, now = self._wiring, self._wiring.school.id, self._wiring.clock()
        with wiring.store.read() as conn:
            verdicts = archive.count_by_verdict(conn, school)
            count, size = files.amount(conn, school)
            standing, log_size = keeping.standing(wiring, conn), schools.size(conn, school)
            jobs = nights.all_of(conn, school).values()
        silent = [one for one in standing.phones if now - dt.datetime.fromisoformat(one.seen_at) > keeping.SILENT]
        phones = {"all": len(standing.phones), "silent": len(silent), "silent_with_unsent": len(standing.silent)}
        found = [
            Gauge("up_seconds", time.monotonic() - self._begun), Gauge("log_size", log_size),
            Gauge("files", count), Gauge("file_bytes", size),
            Gauge("free_bytes", standing.free_bytes), Gauge("reserve_bytes", standing.reserve_bytes),
        ]  # fmt: skip
        found += [Gauge("records", number, {"verdict": verdict}) for verdict, number in sorted(verdicts.items())]
        found += [Gauge("phones", number, {"which": which}) for which, number in phones.items()]
        for job in jobs:
            if job.done_at is not None:
                age = (now - dt.datetime.fromisoformat(job.done_at)).total_seconds()
                found.append(Gauge("job_age_seconds", age, {"job": job.job}))
            found.append(Gauge("job_failed", int(job.fault is not None), {"job": job.job}))
        return found

    def _writes_rows(self) -> bool:
        wiring = self._wiring
        try:
            wiring.store.run_tx(lambda conn: nights.note_done(conn, wiring.school.id, READINESS, wiring.now(), {}))
        except Exception as error:
            log.error("not ready", part="database", **trace(error))
            return False
        return True

    def _writes_files(self) -> bool:
        probe = self._wiring.settings.data / PROBE
        try:
            durable.keep(probe, b"ready")
            probe.unlink()
            self._wiring.blobs.holds(NOWHERE, 0)  # whether it answers: a bucket may be out of reach
        except OSError as error:
            log.error("not ready", part="files", errno=error.errno)
            return False
        return True

    def _backup_hours(self) -> float | None:
        try:
            with self._wiring.store.read() as conn:
                night = nights.one(conn, self._wiring.school.id, keeping.BACKUP)
        except Exception as error:
            log.error("not ready", part="backup", **trace(error))
            return None
        if night is None or night.done_at is None:
            return None
        return round((self._wiring.clock() - dt.datetime.fromisoformat(night.done_at)).total_seconds() / 3600, 1)
