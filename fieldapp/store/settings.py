"""Small things the app remembers: enrolment, the sync cursor, the last screen, preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldapp.store.vault import Vault, open_json, seal_json

if TYPE_CHECKING:
    from sqlite_utils import Database


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
        rows = [{"name": name, "value": seal_json(self._vault, f"setting:{name}", v)} for name, v in values.items()]
        db.table("setting").upsert_all(rows, pk="name")
