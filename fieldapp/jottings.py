"""What is half said on a screen that is no visit: the ticks of a headcount, the words of a leave or of a step.

Each is kept under its own key as soon as it is said, and goes in the very transaction that seals it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from fieldapp.store.store import Database

NAME = "jottings"
KEPT_DAYS = 14  # what nobody has gone on with for so long is forgotten


def jotted(work: Workspace, key: str) -> dict[str, Any]:
    """What was said under `key`; empty when nothing was."""
    said: dict[str, Any] = _all(work, work.db).get(key, {}).get("said", {})
    return said


def jot(work: Workspace, key: str, said: Mapping[str, Any]) -> None:
    """Keeps JSON values durably in place of what was said before. Raises StorageFull."""
    today = work.today()
    with work.books.store.write() as db:
        kept = {name: one for name, one in _all(work, db).items() if _is_fresh(one, today)}
        work.books.settings.put(db, **{NAME: kept | {key: {"on": today.isoformat(), "said": dict(said)}}})


def forget(work: Workspace, db: Database, key: str) -> None:
    """Throws away what was said under `key`, as part of the caller's transaction."""
    kept = _all(work, db)
    if kept.pop(key, None) is not None:
        work.books.settings.put(db, **{NAME: kept})


def _all(work: Workspace, db: Database) -> dict[str, Any]:
    kept: dict[str, Any] = work.books.settings.get(db, NAME, {})
    return kept


def _is_fresh(one: Mapping[str, Any], today: dt.date) -> bool:
    return today - dt.date.fromisoformat(one["on"]) <= dt.timedelta(days=KEPT_DAYS)
