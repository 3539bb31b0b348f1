"""What the server does by itself once a night (or as soon as it is switched on again): one list, one thread."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from sync_server import treelog
from sync_server.logs import trace
from sync_server.operations import keeping
from sync_server.operations.faults import OperationFailed
from sync_server.store import nights, schools
from sync_server.store.engine import Connection
from sync_server.wiring import Wiring

log = structlog.get_logger()

#: After the start people come first: they want to see their page.
GRACE_SECONDS = 600.0
LOOK_SECONDS = 60.0
RETRY, AT_ONCE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
DAILY, WEEKLY = dt.timedelta(days=1), dt.timedelta(days=7)


@dataclass(frozen=True)
class Job:
    """Something to do every night or every so many nights; `work` returns facts to remember, ids and numbers only.

    It may be killed at any moment and tried again, and in a county it is one process of several that does it. A
    `backup` is of all schools at once, so it is due for the oldest alone, and not at all where it is made elsewhere.
    """

    name: str
    every: dt.timedelta
    work: Callable[[Wiring], Mapping[str, object]]
    backup: bool = False


#: In this order. Whatever else is to be done at night is added here.
NIGHTLY: tuple[Job, ...] = (
    Job("tidy", DAILY, keeping.tidy),
    Job("checkpoint", DAILY, treelog.close_day),
    Job(keeping.BACKUP, DAILY, keeping.back_up, backup=True),
    Job(keeping.REHEARSAL, WEEKLY, keeping.rehearse, backup=True),
)


def is_due(now: dt.datetime, done: dt.datetime | None, every: dt.timedelta, at: dt.time) -> bool:
    """Whether a job that last came off at `done` is to be done again; its hour of the day is `at`."""
    hour = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if hour > now:
        hour -= DAILY
    return done is None or done < hour - (every - DAILY)


def attempt(wiring: Wiring, job: Job) -> bool:
    """Does the job if it is due and nobody is at it, and notes what came of it. Whether it was tried."""
    if job.backup and wiring.settings.backup_elsewhere:
        return False
    now, school = wiring.clock(), wiring.school.id
    with wiring.store.read() as conn:
        if job.backup and schools.oldest(conn) != school:
            return False
        before = nights.one(conn, school, job.name)
    done = dt.datetime.fromisoformat(before.done_at) if before and before.done_at else None
    if not is_due(now, done, job.every, wiring.settings.nightly_at):
        return False
    if not wiring.store.run_tx(lambda conn: nights.claim(conn, school, job.name, wiring.now(), now - RETRY)):
        return False
    _do_quietly(wiring, job)
    return True


def begin(wiring: Wiring, job: Job) -> None:
    """Begins the job now in a thread of its own, unless somebody has just begun it."""
    limit = wiring.clock() - AT_ONCE
    if wiring.store.run_tx(lambda conn: nights.claim(conn, wiring.school.id, job.name, wiring.now(), limit)):
        threading.Thread(target=_do_quietly, args=(wiring, job), name=job.name, daemon=True).start()


def _do_quietly(wiring: Wiring, job: Job) -> None:
    with suppress(Exception):  # noted and logged
        do(wiring, job)


def do(wiring: Wiring, job: Job) -> Mapping[str, object]:
    """Does the job now, notes what came of it, and gives its facts. Raises what the job raises."""
    school = wiring.school.id
    try:
        facts = job.work(wiring)
    except Exception as error:
        code, way = (error.code, {}) if isinstance(error, OperationFailed) else ("unforeseen", trace(error))
        log.error("job failed", job=job.name, code=code, **way)
        wiring.meter.count("jobs", job=job.name, result="failed")
        wiring.store.run_tx(lambda conn: _note_failed(conn, wiring, job, code))
        raise
    log.info("job done", job=job.name)
    wiring.meter.count("jobs", job=job.name, result="done")
    wiring.store.run_tx(lambda conn: nights.note_done(conn, school, job.name, wiring.now(), facts))
    return facts


def _note_failed(conn: Connection, wiring: Wiring, job: Job, code: str) -> None:
    whose = [school.id for school in schools.all_of(conn)] if job.backup else [wiring.school.id]
    for school in whose:
        nights.note_failed(conn, school, job.name, wiring.now(), code)


def job_named(name: str) -> Job:
    """One job of the list."""
    return next(job for job in NIGHTLY if job.name == name)


class Nightwatch:
    """A thread that looks every minute whether something is due. The process may end at any moment without it.

    `wirings` gives the schools to look after, one after the other.
    """

    def __init__(self, wirings: Callable[[], Iterable[Wiring]], jobs: Sequence[Job] = NIGHTLY) -> None:
        self._wirings, self._jobs = wirings, jobs
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="nightwatch", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the watch; a job under way ends with the process."""
        self._ended.set()
        self._thread.join(timeout=0.5)

    def _watch(self) -> None:
        pause = GRACE_SECONDS
        while not self._ended.wait(pause):
            pause = LOOK_SECONDS
            self._look()

    def _look(self) -> None:
        try:
            for wiring in self._wirings():
                wiring.seen.keep()
                for job in self._jobs:
                    attempt(wiring, job)
        except Exception as error:  # such as a database that is locked: the next look tries again
            if not self._ended.is_set():
                log.error("night watch failed", **trace(error))
