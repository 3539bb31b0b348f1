"""What people read of a school that a story was played in: every page of the console, as each of them may open it."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
import uuid
from collections.abc import Iterable

from starlette.testclient import TestClient

from sync_server.play.stage import Stage
from sync_server.store import sessions
from sync_server.store.sessions import Session
from sync_server.web.app import create_app

ADDRESS = re.compile(r'(?:href|src|action)="(/[^"]*)"')
LEFT_OUT = ("/static/", "/logout", "/forms/", "/calendar/", "/rulebook/")  # they say nothing of any child
MOST_OF_A_KIND = 5
NUMBERS = re.compile(r"[0-9a-f]{16,}|\d+")


class Reader(TestClient):
    """A person of the story at the console."""

    def __init__(self, stage: Stage, person: str) -> None:
        super().__init__(create_app(stage.wiring), base_url="http://sync.local", follow_redirects=False)
        account, now = stage.account(person), stage.clock.now
        token = uuid.uuid4().hex
        until = (now + dt.timedelta(hours=12)).isoformat(timespec="seconds")
        session = Session(
            stage.school, hashlib.sha256(token.encode()).hexdigest(), account.id, now.isoformat(), now.isoformat(), until
        )
        stage.wiring.store.run_tx(lambda conn: sessions.add(conn, session))
        self.cookies.set("jiafang_session", token)
        self.cookies.set("jiafang_lang", "zh")

    def page(self, path: str) -> str:
        """The page as it is sent, with its marks."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def words(self, path: str) -> str:
        """What stands on a page."""
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.page(path))))

    def all_pages(self, seeds: Iterable[str] = ()) -> dict[str, bytes]:
        """Address -> content of everything that links lead to, from the first page and `seeds`; of many alike a few."""
        given: dict[str, bytes] = {}
        waiting, alike = ["/", *seeds], dict[str, int]()
        while waiting:
            path = html.unescape(waiting.pop(0)).partition("#")[0]
            kind = NUMBERS.sub("0", path)
            if path in given or path.startswith(LEFT_OUT) or alike.get(kind, 0) >= MOST_OF_A_KIND or "lang=" in path:
                continue
            alike[kind] = alike.get(kind, 0) + 1
            answer = self.get(path)
            given[path] = answer.content
            if answer.headers.get("content-type", "").startswith("text/html"):
                waiting += ADDRESS.findall(answer.text)
        return given
