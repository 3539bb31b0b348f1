"""Long runs in parts: what a part came to is kept as soon as it ends, so that a run goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEPT = Path("build/reliability")
PLAYED = ("casebook", "fieldapp", "sync_server", "tests/faults", "tests/whole/link.py", "tests/sync_server/schoolhouse.py")

Figures = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A piece of a long run: its name, and what gives its figures when called with `given` in a process of its own."""

    name: str
    play: Callable[..., Figures]
    given: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Series:
    """A long run. Its parts count only for the sources, below these folders, that they were played with."""

    name: str
    sources: tuple[str, ...] = PLAYED

    def figures(self, parts: Sequence[Part], jobs: int = 1) -> Figures:
        """Plays the parts that were not played yet, `jobs` at a time; the sum of all is kept and given."""
        folder = KEPT / "parts" / self.name
        folder.mkdir(parents=True, exist_ok=True)
        of = fingerprint(self.sources)
        came = {part.name: kept for part in parts if (kept := _read(folder / f"{part.name}.json", of)) is not None}
        for name, figures in _played([part for part in parts if part.name not in came], jobs):
            _write(folder / f"{name}.json", {"of": of, "figures": figures})
            came[name] = figures
        whole = summed(came[part.name] for part in parts)
        _write(KEPT / f"{self.name}.json", whole)
        return whole


def summed(all_figures: Iterable[Mapping[str, Any]]) -> Figures:
    """Numbers and lists are added, what lies deeper as well."""
    whole: Figures = {}
    for figures in all_figures:
        for name, value in figures.items():
            if isinstance(value, Mapping):
                whole[name] = summed([whole.get(name, {}), value])
            else:
                whole[name] = whole[name] + value if name in whole else value
    return whole


def fingerprint(folders: Iterable[str]) -> str:
    """Changes with every source below these folders."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in _sources(ROOT / folder)):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(place: Path) -> Iterator[Path]:
    yield from [place] if place.is_file() else place.rglob("*.py")


def _played(parts: Sequence[Part], jobs: int) -> Iterator[tuple[str, Figures]]:
    """In processes of their own, each with how long it took, as they come."""
    if not parts:
        return
    with ProcessPoolExecutor(min(jobs, len(parts))) as pool:
        running = {pool.submit(_timed, part): part.name for part in parts}
        for ended in as_completed(running):
            yield running[ended], ended.result()


def _timed(part: Part) -> Figures:
    start = time.monotonic()
    try:
        figures = part.play(*part.given)
    except Exception as error:  # not every error can be sent from process to process
        raise RuntimeError(f"{part.name}: {error!r}\n{traceback.format_exc()}") from None
    return figures | {"seconds": round(time.monotonic() - start, 1)}


def _read(path: Path, of: str) -> Figures | None:
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return kept["figures"] if kept.get("of") == of else None


def _write(path: Path, value: Figures) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, indent=1, sort_keys=True), "utf-8")
    fresh.replace(path)
