"""Remembers when each phone last spoke with the school; written down now and then, so that no sync waits for it."""

from __future__ import annotations

import datetime as dt
import threading

from sync_server.store import devices
from sync_server.store.engine import Store

EXACT_TO = dt.timedelta(hours=1)


class Seen:
    """What was heard of phones since the last `keep`. Threads may call it at the same time."""

    def __init__(self, store: Store, school: str) -> None:
        self._store, self._school = store, school
        self._lock = threading.Lock()
        self._kept: dict[str, dt.datetime] = {}
        self._news: dict[str, dt.datetime] = {}

    def note(self, dev: str, at: dt.datetime) -> None:
        """A phone speaks."""
        with self._lock:
            if dev not in self._kept or at - self._kept[dev] >= EXACT_TO:
                self._news[dev] = at

    def keep(self) -> None:
        """Writes down what is new."""
        with self._lock:
            news, self._news = self._news, {}
        if news:
            seen = {dev: at.isoformat(timespec="seconds") for dev, at in news.items()}
            self._store.run_tx(lambda conn: devices.note_seen(conn, self._school, seen))
            self._kept |= news
