"""Everything the phone keeps, opened together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fieldapp.store import uploads
from fieldapp.store.drafts import Drafts
from fieldapp.store.foreseen import Foreseen
from fieldapp.store.records import Records
from fieldapp.store.roster import Roster
from fieldapp.store.settings import Settings
from fieldapp.store.store import Store
from fieldapp.store.vault import Vault


@dataclass(frozen=True)
class Books:
    """The store and its shelves."""

    store: Store
    settings: Settings
    roster: Roster
    records: Records
    drafts: Drafts
    foreseen: Foreseen

    @classmethod
    def open(cls, folder: Path, vault: Vault | None = None) -> Books:
        """Opens the store in `folder` and clears away what an earlier kill left behind.

        Raises StorageFull, StoreDamaged, StorageError.
        """
        store = Store(folder, vault)
        vault = store.vault
        books = cls(store, Settings(vault), Roster(vault), Records(vault), Drafts(vault), Foreseen(vault))
        books.drop_unnamed_files()
        store.files.sweep(uploads.named(store.db))
        return books

    def drop_unnamed_files(self) -> None:
        """Deletes the files that no draft or record names any more."""
        with self.store.filing:
            with self.store.write() as db:
                gone = uploads.forget_unnamed(db)
            for sha256 in gone:
                self.store.files.remove(sha256)
