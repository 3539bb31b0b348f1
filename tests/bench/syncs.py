"""Counts how often a process waits for the disk, as the system sees it (strace)."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

CALLS = ("fsync", "fdatasync", "syncfs", "sync", "sync_file_range", "msync")


class Syncs:
    """While open, counts the calls of a running process and all its threads; `total` afterwards."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.total = 0

    @staticmethod
    def can_count() -> bool:
        """Whether this machine lets one process look at another."""
        return shutil.which("strace") is not None

    def __enter__(self) -> Syncs:
        self._log = Path(tempfile.mkdtemp(prefix="syncs-")) / "calls"
        command = ["strace", "-f", "-q", "-e", f"trace={','.join(CALLS)}", "-o", str(self._log), "-p", str(self._pid)]
        self._tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 10
        while not _is_traced(self._pid):
            assert self._tracer.poll() is None and time.monotonic() < deadline, "strace may not attach"
            time.sleep(0.02)
        time.sleep(0.3)  # the other threads
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._tracer.send_signal(signal.SIGINT)
        self._tracer.wait(10)
        begun = [line for line in self._log.read_text().splitlines() if "resumed>" not in line and "(" in line]
        self.total = len(begun)
        shutil.rmtree(self._log.parent)


def _is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()
