"""Everything a form takes from outside: the clock, its zone, identifiers, chance, who fills it in on what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

CHINA = timezone(timedelta(hours=8))


class Env(NamedTuple):
    """`now` gives aware instants; days and times of day are counted in `tz`, never in the device's own zone."""

    now: Callable[[], datetime]
    uuid: Callable[[], str]
    random: Callable[[], float]
    tz: tzinfo = CHINA
    username: str = ""
    deviceid: str = ""


def present(env: Env) -> datetime:
    """The present instant in the zone of `env`."""
    return env.now().astimezone(env.tz)
