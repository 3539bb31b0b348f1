"""How a figure is taken and shown: always with the raw limit of the same run beside it."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured thing: `value` in `unit`, the raw `limit` (same unit) it is compared with, and the budget.

    `budget` is a bound on `value`, `ratio_budget` one on value / limit; None where the design names none.
    """

    name: str
    value: float
    unit: str
    limit: float
    limit_is: str
    budget: float | None = None
    ratio_budget: float | None = None
    subject: str = ""

    @property
    def ratio(self) -> float:
        """How many times the raw limit."""
        return self.value / self.limit if self.limit else float("inf")

    @property
    def kept(self) -> bool:
        """Whether it is within its budgets."""
        within = self.budget is None or self.value <= self.budget
        return within and (self.ratio_budget is None or self.ratio <= self.ratio_budget)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def median_seconds(work: Callable[[], object], repeat: int = 7) -> float:
    """Median wall time of several calls; the first is warm-up and does not count."""
    work()
    gc.collect()
    return statistics.median(seconds(work) for _ in range(repeat))


def p95(samples: Sequence[float]) -> float:
    """The value that 95 of 100 samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned text."""
    head = ("measure", "value", "unit", "raw limit", "ratio", "budget", "", "compared with")
    lines = [head]
    for figure in figures:
        lines.append((
            figure.name, short(figure.value), figure.unit, short(figure.limit), short(figure.ratio),
            bounds(figure), "ok" if figure.kept else "OVER", figure.limit_is,
        ))  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)  # fmt: skip


def save(figures: Sequence[Figure], path: Path, machine: dict[str, object]) -> None:
    """Write everything as JSON, for comparing runs; of a former run the subjects that were not measured again stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text("utf-8"))["figures"] if path.exists() else []
    anew = {figure.subject for figure in figures}
    rows = [row for row in before if row.get("subject") not in anew | {None}]
    rows += [{**asdict(figure), "ratio": figure.ratio, "kept": figure.kept} for figure in figures]
    path.write_text(json.dumps({"machine": machine, "figures": rows}, indent=1) + "\n", "utf-8")


def short(value: float) -> str:
    """Three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def bounds(figure: Figure) -> str:
    """The budgets in words."""
    parts = [] if figure.budget is None else [f"≤ {short(figure.budget)}"]
    parts += [] if figure.ratio_budget is None else [f"≤ {short(figure.ratio_budget)}x"]
    return " and ".join(parts) or "-"
