"""A sample school and telephones as real processes, for whole stories."""

from __future__ import annotations

import json
import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from tests.whole.processes import ROOT, Service

TEACHER = "teacher82"


def plant_template(folder: Path) -> Path:
    """A data folder with the sample school, made once; copy it for every story."""
    from sync_server.demo import sample_school
    from sync_server.settings import Settings

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    wiring, _ = sample_school(Settings(data=folder / "template"))
    wiring.close()
    return folder / "template"


@dataclass(frozen=True)
class Login:
    """Someone of the sample who may log in to the console."""

    login: str
    password: str
    role: str
    name: str


class SchoolServer(Service):
    """The school's computer over its own copy of the sample."""

    first_page = "/v1/hello"  # the console is built when a person asks for it

    def __init__(self, template: Path, folder: Path) -> None:
        self.data = folder / "school"
        shutil.copytree(template, self.data)
        super().__init__("server", [], folder)
        self.command = ["-m", "sync_server", "serve", "--data", str(self.data), "--port", str(self.port)]

    def login(self, login: str = "principal") -> Login:
        """Login name and password of a person."""
        known = [Login(**one) for one in json.loads((self.data / "demo.json").read_text("utf-8"))]
        return next(one for one in known if one.login == login)

    def enrol_code(self, login: str = TEACHER) -> str:
        """A fresh one-use code, written into the store beside the running server."""
        from sync_server.settings import Settings
        from sync_server.store import accounts
        from sync_server.wiring import build

        wiring = build(Settings(data=self.data))
        with wiring.store.read() as conn:
            account = accounts.by_login(conn, wiring.school.id, login)
        assert account is not None
        code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, account))
        wiring.close()
        return code.text

    def pulls(self) -> int:
        """How many pages of news have been handed out: the last step of every sync."""
        return self.said().count('"/v1/pull"')

    def wait_for_pull(self, before: int, seconds: float = 30.0) -> None:
        """Wait until a sync has come to its last step. Raises AssertionError."""
        deadline = time.monotonic() + seconds
        while self.pulls() <= before:
            assert time.monotonic() < deadline, f"no sync came through:\n{self.said()[-2000:]}"
            time.sleep(0.1)


class PhoneApp(Service):
    """A teacher's app in web mode with its own data folder."""

    def __init__(self, folder: Path, server_url: str, cache: Path, locale: str = "zh_CN") -> None:
        self.data = folder / "phone"
        super().__init__("phone", ["main.py"], folder)
        self.environment = {
            "JIAFANG_DATA": str(self.data), "JIAFANG_PORT": str(self.port), "JIAFANG_SERVER": server_url,
            "JIAFANG_CACHE": str(cache), "JIAFANG_LOCALE": locale,
        }  # fmt: skip

    def said(self) -> str:
        """What it printed, and the log that it keeps."""
        kept = self.data / "app.log"
        return super().said() + (kept.read_text("utf-8") if kept.exists() else "")

    def calm(self) -> bool:
        """Whether nothing of ours failed; a browser that leaves makes the web framework itself print a traceback."""
        own = (f'File "{ROOT / package}' for package in ("fieldapp", "casebook", "main.py"))
        return not any(place in self.said() for place in own)
