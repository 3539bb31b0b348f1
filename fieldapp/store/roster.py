"""What the school told this phone about children, classes, staff, villages and the calendar.

Rows are sealed on disk and live in memory while the app runs: a search over 2,000 students is a scan of short
strings. Only rows that changed since the last look are read again.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook import feeds
from casebook.comparing import NOT_COMPARED, row_mark
from fieldapp.store.vault import Vault, open_json, seal_json

if TYPE_CHECKING:
    from casebook.protocol import Row
    from fieldapp.store.store import Database


@dataclass(frozen=True)
class Searchable:
    """A student as the search sees it. In `text` each of name, pinyin and initials follows a line break."""

    id: str
    order: tuple[str, str, str]
    text: str


class Roster:
    """The feed rows of this phone, newest value per key. `refresh` before reading."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        self._rev = -1
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}
        self._searchable: list[Searchable] | None = None

    def refresh(self, db: Database) -> None:
        """Reads the rows that changed since the last call."""
        with self._lock:
            changed = db.execute(
                "SELECT feed, key, value, rev FROM feed_row WHERE rev > ? ORDER BY rev", [self._rev]
            ).fetchall()
            for feed, key, value, _ in changed:
                self._take(feed, key, value)
            if changed:
                self._rev = changed[-1][3]
                self._searchable = None

    @property
    def revision(self) -> int:
        """Changes whenever a row does."""
        return self._rev

    def row(self, feed: str, key: str) -> dict[str, Any] | None:
        """The row of a feed."""
        return self._rows.get(feed, {}).get(key)

    def rows(self, feed: str) -> list[dict[str, Any]]:
        """All rows of a feed."""
        return list(self._rows.get(feed, {}).values())

    def student(self, student_id: str) -> dict[str, Any] | None:
        """The child's row of the roster."""
        return self.row(feeds.STUDENTS, student_id)

    def staff_name(self, account: str) -> str:
        """A colleague's name, empty when unknown here."""
        return str((self.row(feeds.STAFF, account) or {}).get("name", ""))

    def search(self, query: str, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Students whose name, pinyin, initials, class or village hold every word of `query`, and how many do.

        Those whose name, pinyin or initials begin with the first word come first; then by class and pinyin.
        """
        words, hits = folded(query).split(), self._index()
        for word in words:
            hits = [entry for entry in hits if word in entry.text]
        first = [entry for entry in hits if f"\n{words[0]}" in entry.text] if words else hits
        if len(first) < min(limit, len(hits)):
            begins = set(first)
            first = first + [entry for entry in hits if entry not in begins]
        students = self._rows.get(feeds.STUDENTS, {})
        return [students[entry.id] for entry in first[:limit]], len(hits)

    def _take(self, feed: str, key: str, value: bytes | None) -> None:
        rows = self._rows.setdefault(feed, {})
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = {"id": key} | open_json(self._vault, f"feed:{feed}:{key}", value)

    def _index(self) -> list[Searchable]:
        """What is searched, in its order; made for the first search after a change."""
        with self._lock:
            if self._searchable is None:
                students = self._rows.get(feeds.STUDENTS, {}).values()
                self._searchable = sorted((_searchable(row) for row in students), key=lambda entry: entry.order)
            return self._searchable


def put_rows(db: Database, vault: Vault, rows: Iterable[Row], revision: int) -> int:
    """Keeps rows that came down (None: gone), as part of the caller's transaction; how many."""
    stored = [
        {
            "feed": row.feed,
            "key": row.key,
            "value": None if row.value is None else seal_json(vault, f"feed:{row.feed}:{row.key}", row.value),
            "rev": revision,
        }
        for row in rows
    ]
    if stored:
        db.table("feed_row").upsert_all(stored, pk=("feed", "key"))
    return len(stored)


def forget_rows(db: Database, revision: int) -> None:
    """Marks every row as gone: the school's feeds are about to be read from the start."""
    db.execute("UPDATE feed_row SET value = NULL, rev = ?", [revision])


def forget_untold(db: Database, since: int, revision: int) -> None:
    """Marks rows as gone that were not told again since revision `since`."""
    db.execute("UPDATE feed_row SET value = NULL, rev = ? WHERE rev <= ? AND value IS NOT NULL", [revision, since])


def marks(db: Database, vault: Vault) -> dict[str, list[str]]:
    """Feed -> a mark of each of its rows, as phone and school compare them."""
    found: dict[str, list[str]] = {}
    for feed, key, value in db.execute("SELECT feed, key, value FROM feed_row WHERE value IS NOT NULL"):
        if feed not in NOT_COMPARED:
            found.setdefault(feed, []).append(row_mark(key, open_json(vault, f"feed:{feed}:{key}", value)))
    return found


def folded(text: str) -> str:
    """Text as a search compares it: one width, one case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _searchable(row: Mapping[str, Any]) -> Searchable:
    names = [folded(str(row.get(name) or "")) for name in ("name", "pinyin", "initials")]
    places = [folded(str(row.get(name) or "")) for name in ("class_name", "village_name")]
    text = "".join(f"\n{name}" for name in names) + "".join(f"\t{place}" for place in places)
    return Searchable(row["id"], (places[0], names[1], row["id"]), text)
