"""What the first screen will show, worked out before: each stretch of time beside the state that it was made from.

Never truth: a stretch says nothing once the store's revision is another, or whatever else it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldapp.store.store import revision
from fieldapp.store.vault import Vault, open_json, seal_json

if TYPE_CHECKING:
    from fieldapp.store.store import Database

_HOLDS = "made_of = ? AND revision = (SELECT value FROM counter WHERE name = 'revision')"


@dataclass(frozen=True)
class Stretch:
    """What holds from `since` until before `until` (seconds since 1970) if nobody writes anything: any JSON value."""

    since: int
    until: int
    value: Any


class Foreseen:
    """The stretches kept; what they say passes through the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def put(self, db: Database, stretches: Iterable[Stretch], made_of: str, at_revision: int) -> bool:
        """Keeps these instead of all others, in the caller's transaction; not if the store has moved on meanwhile."""
        if revision(db) != at_revision:
            return False
        db.execute("DELETE FROM foreseen")
        db.conn.executemany(
            "INSERT INTO foreseen (since, until, revision, made_of, value) VALUES (?, ?, ?, ?, ?)",
            [(one.since, one.until, at_revision, made_of, seal_json(self._vault, _label(one.since), one.value))
             for one in stretches],
        )  # fmt: skip
        return True

    def holding(self, db: Database, made_of: str, moment: int) -> tuple[int, int] | None:
        """Which stretch holds at a moment, by its beginning and the store's revision; None when none does."""
        found: tuple[int, int] | None = db.execute(
            f"SELECT since, revision FROM foreseen WHERE since <= ? AND until > ? AND {_HOLDS}",
            [moment, moment, made_of],
        ).fetchone()
        return found

    def value(self, db: Database, since: int, at_revision: int) -> Any:
        """What was foreseen from then on; None when it was replaced meanwhile."""
        row = db.execute("SELECT value FROM foreseen WHERE since = ? AND revision = ?", [since, at_revision]).fetchone()
        return None if row is None else open_json(self._vault, _label(since), bytes(row[0]))

    def reach(self, db: Database, made_of: str) -> int:
        """The end of the last stretch that may still hold, 0 when there is none."""
        row = db.execute(f"SELECT max(until) FROM foreseen WHERE {_HOLDS}", [made_of]).fetchone()
        return int(row[0] or 0)


def _label(since: int) -> str:
    return f"foreseen:{since}"
