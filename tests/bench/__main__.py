"""`make bench`: measures, prints a table and writes JSON; with --strict it fails when a budget is broken."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import structlog

from tests.bench.measure import Figure, save, table

SUBJECTS = ("forms", "engines", "rules", "phone", "merging", "log", "wire", "weak", "server", "county", "ledgers", "pages")


def measure(subjects: list[str], folder: Path) -> list[Figure]:
    """Run the named subjects one after the other; each module has `figures(folder)`."""
    found: list[Figure] = []
    for subject in subjects:
        start = time.monotonic()
        module = importlib.import_module(f"tests.bench.{subject}")
        found += [replace(figure, subject=subject) for figure in module.figures(folder / subject)]
        print(f"== {subject}: {time.monotonic() - start:.1f} s", file=sys.stderr)
    return found


def main() -> int:
    """Exit code 1 when --strict and a figure is over its budget."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], help="only these (default: all)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--strict", action="store_true", help="fail when a budget is broken")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = measure(options.subjects or list(SUBJECTS), Path(folder))
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    save(figures, options.json, {**machine, "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None})
    print(table(figures))
    print(f"\n{options.json}")
    return int(options.strict and not all(figure.kept for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
