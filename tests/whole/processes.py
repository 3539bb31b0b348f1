"""Real processes on free loopback ports: the school's server and the teacher's app, started, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 40.0


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether something speaks HTTP there."""
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Service:
    """A program of the project in its own process, with its output kept in a file."""

    #: A small page: it answers once the program serves, and costs it next to nothing.
    first_page = "/"

    def __init__(self, name: str, command: list[str], folder: Path, **environment: str) -> None:
        self.name, self.command, self.folder = name, command, folder
        self.environment = environment
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers. Raises AssertionError with its output when it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "FLET_WEB_NO_CDN": "1", **self.environment}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.command], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url + self.first_page):
            ended = self.process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"{self.name} did not start:\n{self.said()[-3000:]}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a dead battery would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C would; kill it after ten seconds."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def said(self) -> str:
        """All it has printed so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def calm(self) -> bool:
        """Whether its output shows no unhandled error."""
        return "Traceback" not in self.said()
