"""Bounds what one phone may send in a day and what one school may keep, so that nobody can fill the disk for all."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from casebook.errors import DeviceQuota, SchoolQuota
from sync_server.store import files
from sync_server.store.engine import Store

#: What a school keeps is added up so often; between that, what comes in is counted.
FRESH_FOR = dt.timedelta(minutes=10)


class Quotas:
    """What was sent today and what is kept; 0 means no bound. Threads may call it at the same time.

    The day's account of a phone is kept in memory: it is there against a stolen or broken phone, not for billing.
    """

    def __init__(
        self, store: Store, clock: Callable[[], dt.datetime], device_day_bytes: int = 0, school_bytes: int = 0
    ) -> None:
        self._store, self._clock = store, clock
        self._device_day_bytes, self._school_bytes = device_day_bytes, school_bytes
        self._lock = threading.Lock()
        self._day: dt.date | None = None
        self._sent: dict[str, int] = {}
        self._kept: dict[str, tuple[dt.datetime, int]] = {}

    def ask(self, school: str, dev: str, size: int) -> None:
        """Whether `size` more bytes may come. Raises DeviceQuota or SchoolQuota."""
        with self._lock:
            if self._device_day_bytes and self._sent_today(dev) + size > self._device_day_bytes:
                raise DeviceQuota(limit=self._device_day_bytes)
        if self._school_bytes and self._kept_by(school) + size > self._school_bytes:
            raise SchoolQuota(limit=self._school_bytes)

    def note(self, school: str, dev: str, size: int) -> None:
        """So many bytes have come."""
        if self._device_day_bytes:
            with self._lock:
                self._sent[dev] = self._sent_today(dev) + size
        if school in self._kept:
            since, kept = self._kept[school]
            self._kept[school] = since, kept + size

    def _sent_today(self, dev: str) -> int:
        today = self._clock().date()
        if today != self._day:
            self._day, self._sent = today, {}
        return self._sent.get(dev, 0)

    def _kept_by(self, school: str) -> int:
        now = self._clock()
        known = self._kept.get(school)
        if known is None or now - known[0] > FRESH_FOR:
            with self._store.read() as conn:
                known = now, files.amount(conn, school)[1]
            self._kept[school] = known
        return known[1]
