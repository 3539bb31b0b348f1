"""Small things the app remembers: enrolment, the sync cursor, the last screen, preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldapp.store.vault import Vault, open_json, seal_json

if TYPE_CHECKING:
    from fieldapp.store.store import Database


class Settings:
    """JSON values by name."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, db: Database, name: str, default: Any = None) -> Any:
        """The value kept under `name`."""
        row = db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return default if row is None else open_json(self._vault, f"setting:{name}", row[0])

    def put(self, db: Database, **values: Any) -> None:
        """Keeps each value under its name, as part of the caller's transaction."""
        rows = [(name, seal_json(self._vault, f"setting:{name}", value)) for name, value in values.items()]
        db.conn.executemany("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", rows)
