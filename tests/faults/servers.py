"""The school's computer as a process that can be killed; forked off, because it is started a hundred times."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from sync_server import serving
from sync_server.settings import Settings
from sync_server.wiring import build
from tests.whole.processes import START_SECONDS, answers, free_port


class Server:
    """Serves the school in `folder`/data on a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        self._settings = Settings(data=folder / "data")
        self._port, self._pid = free_port(), 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._serve()
            finally:
                os._exit(1)
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{self.url}/v1/hello"):
            assert time.monotonic() < deadline, "the school does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _serve(self) -> None:
        listener = serving.listen("127.0.0.1", self._port)
        serving.server_of(build(self._settings)).run([listener])
