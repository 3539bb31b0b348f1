"""Counts what the server does, and says it in the text format that Prometheus reads; no names, no ids of people."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PREFIX = "jiafang"
#: Upper bounds of request durations in seconds.
BOUNDS = (0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0)
COUNTERS = {
    "requests": "Requests answered, by door and status.",
    "received_bytes": "Bytes of request bodies, by door.",
    "records_offered": "Records that phones pushed, by verdict and code.",
    "jobs": "Jobs of the night, by name and result.",
    "unforeseen": "Errors that nobody foresaw.",
}
GAUGES = {
    "up_seconds": "Seconds since the server started.",
    "records": "Records in the archive, by verdict.",
    "log_size": "Newest number of the school's log.",
    "files": "Complete files.",
    "file_bytes": "Bytes of complete files.",
    "free_bytes": "Free space on the disk of the data folder.",
    "reserve_bytes": "Free space below which nothing is taken in.",
    "job_age_seconds": "Seconds since a job of the night last came off.",
    "job_failed": "Whether the last try of a job failed.",
    "phones": "Phones in use: all, silent for a week, silent with known unsent work.",
}


@dataclass(frozen=True)
class Gauge:
    """One figure as it stands now."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Meter:
    """Counts since the start. Threads may call it at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], float] = {}
        self._took: dict[str, list[int]] = {}
        self._spent: dict[str, float] = {}

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Adds to a counter, one of COUNTERS."""
        key = (name, _labels(labels))
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + by

    def took(self, door: str, seconds: float) -> None:
        """A request at this door was answered after so long."""
        with self._lock:
            self._took.setdefault(door, [0] * (len(BOUNDS) + 1))[bisect_left(BOUNDS, seconds)] += 1
            self._spent[door] = self._spent.get(door, 0.0) + seconds

    def text(self, gauges: Iterable[Gauge]) -> str:
        """Everything as one page."""
        with self._lock:
            counts, took, spent = dict(self._counts), {door: [*n] for door, n in self._took.items()}, dict(self._spent)
        lines = []
        for name, about in COUNTERS.items():
            lines += _head(f"{name}_total", "counter", about)
            lines += [f"{PREFIX}_{name}_total{labels} {_number(n)}" for (one, labels), n in sorted(counts.items())
                      if one == name]  # fmt: skip
        lines += _head("request_seconds", "histogram", "How long requests took, by door.")
        for door, hits in sorted(took.items()):
            lines += _histogram(door, hits, spent[door])
        now = list(gauges)
        for name, about in GAUGES.items():
            lines += _head(name, "gauge", about)
            lines += [f"{PREFIX}_{name}{_labels(one.labels)} {_number(one.value)}" for one in now if one.name == name]
        return "\n".join(lines) + "\n"


def _histogram(door: str, hits: list[int], spent: float) -> list[str]:
    name, lines, so_far = f"{PREFIX}_request_seconds", [], 0
    for bound, count in zip((*(str(bound) for bound in BOUNDS), "+Inf"), hits, strict=True):
        so_far += count
        lines.append(f"{name}_bucket{_labels({'door': door, 'le': bound})} {so_far}")
    own = _labels({"door": door})
    return [*lines, f"{name}_sum{own} {spent:.6f}", f"{name}_count{own} {so_far}"]


def _head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP {PREFIX}_{name} {about}", f"# TYPE {PREFIX}_{name} {kind}"]


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}" if labels else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"
