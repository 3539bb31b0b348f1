"""The sample school for measurements: planted once per run, copied for each subject, served by a real process."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from types import TracebackType

import psutil

from tests.whole.story import SchoolServer, plant_template


@cache
def template() -> Path:
    """The planted sample."""
    return plant_template(Path(tempfile.mkdtemp(prefix="bench-school-")))


class BenchSchool:
    """A running school; `server` is its process."""

    def __init__(self, folder: Path) -> None:
        self.server = SchoolServer(template(), folder)
        self.server.environment["PYTHONDONTWRITEBYTECODE"] = ""  # as wherever it is installed: compiled once
        self.start_seconds = 0.0

    def __enter__(self) -> BenchSchool:
        if not self.start_seconds:
            self.server.start()  # compiles
            self.server.stop()
        start = time.perf_counter()
        self.server.start()
        self.start_seconds = time.perf_counter() - start
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.server.stop()

    def cpu(self) -> float:
        """CPU seconds the server has used so far."""
        if sys.platform == "linux":  # counts in nanoseconds, psutil in hundredths of a second
            return time.clock_gettime(_cpu_clock(self._process().pid))
        times = self._process().cpu_times()
        return times.user + times.system

    def memory(self) -> float:
        """MiB that only the server uses (what would be freed if it ended)."""
        return self._process().memory_full_info().uss / 2**20

    def _process(self) -> psutil.Process:
        assert self.server.process is not None
        return psutil.Process(self.server.process.pid)


def _cpu_clock(pid: int) -> int:
    """What `clock_getcpuclockid` says, which Python does not offer: the clock of another process's CPU time."""
    return (~pid << 3) | 2
