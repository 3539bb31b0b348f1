"""A start of the phone's app as far as its first screen, in a process of its own: prints CPU milliseconds as JSON."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path

from fieldapp.desk import Desk
from fieldapp.platform.clock import CHINA


class Standing:
    """A clock that stands."""

    tz = CHINA

    def __init__(self, now: str) -> None:
        self._now = dt.datetime.fromisoformat(now)

    def now(self) -> dt.datetime:
        return self._now

    def monotonic_ms(self) -> int:
        return 0


def main() -> None:
    """Arguments: the phone's folder, and what its clock says."""
    folder, now = Path(sys.argv[1]), sys.argv[2]
    loaded = time.process_time()
    desk = Desk.open(folder, clock=Standing(now))
    opened = time.process_time()
    today = desk.today()
    shown = time.process_time()
    told = {"load": loaded, "open": opened - loaded, "today": shown - opened}
    print(json.dumps({name: seconds * 1000 for name, seconds in told.items()} | {"tasks": len(today.tasks)}))
    desk.close()


if __name__ == "__main__":
    main()
