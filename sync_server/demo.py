"""A school to try: plants the sample once, and runs the teacher's app beside the server."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sync_server import founding, logs
from sync_server.settings import Settings
from sync_server.store import accounts
from sync_server.wiring import Wiring, build

#: The field app as its own process. It ends when our end of its standard input closes, however we ended.
FIELD_APP = """
import os, threading
def _end_with_parent():
    while os.read(0, 1):
        pass
    os._exit(0)
threading.Thread(target=_end_with_parent, daemon=True).start()
from fieldapp.ui.app import run
run()
"""
CODE_LIFE = dt.timedelta(hours=24)
STOP_SECONDS = 5
LOGINS = "demo.json"
TEACHER = "class_teacher"


class NotTheSample(Exception):
    """The folder holds a school that is no demo; it is left alone."""


@dataclass(frozen=True)
class Login:
    """Someone to log in as; `role` is a role name of the access table."""

    login: str
    password: str
    role: str
    name: str


def sample_school(settings: Settings) -> tuple[Wiring, list[Login]]:
    """The wired sample school and its logins; made on the first call, kept ever after. Raises NotTheSample."""
    kept = settings.data / LOGINS
    if not kept.exists():
        if settings.data.exists() and any(settings.data.iterdir()):
            raise NotTheSample()
        _plant(settings)
    logins = [Login(**one) for one in json.loads(kept.read_text("utf-8"))]
    founding.upgrade(settings)
    return build(settings), logins


def enrol_code(wiring: Wiring, logins: list[Login]) -> tuple[str, str]:
    """A code for a class teacher's phone that holds for a day, and the teacher's login."""
    login = next((one.login for one in logins if one.role == TEACHER), logins[0].login)
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, wiring.school.id, login)
    assert account is not None, login
    code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account, CODE_LIFE))
    return code.text, login


def _plant(settings: Settings) -> None:
    """Made under another name and renamed when whole: a half-planted school is never taken for a real one."""
    from sync_server import sample

    fresh = settings.data.absolute().with_name(settings.data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    wiring = founding.found(settings.model_copy(update={"data": fresh}), sample.SCHOOL_ID, sample.SCHOOL_NAME)
    logs.silence()  # what the sample's past would log is nobody's news
    try:
        planted = sample.plant(wiring, wiring.clock().date())
    finally:
        wiring.close()
    logins = [Login(*one).__dict__ for one in planted.logins]
    (fresh / LOGINS).touch(mode=0o600)
    (fresh / LOGINS).write_text(json.dumps(logins, ensure_ascii=False, indent=1), "utf-8")
    if settings.data.exists():
        settings.data.rmdir()
    os.replace(fresh, settings.data)


class FieldApp:
    """The teacher's app in web mode, as a child process."""

    def __init__(self, folder: Path, port: int, server_url: str) -> None:
        self._folder = folder
        self.log = folder / "fieldapp.log"
        self.port = port
        self._server_url = server_url
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    @property
    def url(self) -> str:
        """Where the app opens in a browser."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self, on_crash: Callable[[int], None]) -> None:
        """Starts the app; `on_crash` gets its exit code if it ends before it is stopped."""
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {
            "JIAFANG_DATA": str(self._folder.absolute()), "JIAFANG_PORT": str(self.port),
            "JIAFANG_SERVER": self._server_url,
        }  # fmt: skip
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-c", FIELD_APP], stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, "FLET_WEB_NO_CDN": "1", **told},
                start_new_session=True,  # Ctrl-C is for us: we stop the app ourselves, in order
            )  # fmt: skip
        threading.Thread(target=self._watch, args=(self._child, on_crash), daemon=True).start()

    def stop(self) -> None:
        """Ends the app; every answer typed is already on its disk."""
        self._stopping = True
        child = self._child
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _watch(self, child: subprocess.Popen[bytes], on_crash: Callable[[int], None]) -> None:
        code = child.wait()
        if not self._stopping:
            on_crash(code)
