"""What time it is on this phone: a wall clock (testimony) and a clock that cannot be set (order)."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol

CHINA = dt.timezone(dt.timedelta(hours=8))


class Clock(Protocol):
    """The phone's clocks; tests bring their own."""

    @property
    def tz(self) -> dt.timezone:
        """The time zone in which people here read times."""

    def now(self) -> dt.datetime:
        """The wall clock, aware, in `tz`."""

    def monotonic_ms(self) -> int:
        """Milliseconds since the app started; never goes back."""


class SystemClock:
    """The real clocks. The zone is given, because Python on a phone does not always know it."""

    def __init__(self, tz: dt.timezone = CHINA) -> None:
        self._tz = tz
        self._started = time.monotonic()

    @property
    def tz(self) -> dt.timezone:
        """The time zone in which people here read times."""
        return self._tz

    def now(self) -> dt.datetime:
        """The wall clock, to the second."""
        return dt.datetime.now(self._tz).replace(microsecond=0)

    def monotonic_ms(self) -> int:
        """Milliseconds since this clock was made."""
        return round((time.monotonic() - self._started) * 1000)


class StandingClock:
    """A clock that stands: for looking at another moment."""

    def __init__(self, moment: dt.datetime) -> None:
        self._moment = moment

    @property
    def tz(self) -> dt.timezone:
        """The moment's time zone."""
        return dt.timezone(self._moment.utcoffset() or dt.timedelta())

    def now(self) -> dt.datetime:
        """The moment."""
        return self._moment

    def monotonic_ms(self) -> int:
        """Nothing passes."""
        return 0


def instant(moment: dt.datetime) -> str:
    """An instant as records write it: ISO 8601 with offset, whole seconds."""
    return moment.isoformat(timespec="seconds")


def offset_text(tz: dt.timezone) -> str:
    """A zone as records write it: "+08:00"."""
    return dt.datetime(2000, 1, 1, tzinfo=tz).isoformat()[-6:]
