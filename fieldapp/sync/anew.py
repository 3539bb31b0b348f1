"""Begins again with the school: its store was restored, or this phone's copy is not what the school has.

Nothing is deleted: records and files stay, and are offered again where the school lacks them. Rows that the school
does not tell again are gone when everything has been read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldapp.store import forms, roster
from fieldapp.store.store import next_revision, revision
from fieldapp.sync.exchange import Exchange

if TYPE_CHECKING:
    from fieldapp.store.store import Database


class SchoolRestored(Exception):
    """The school's store is another one than when this conversation began: begin it again."""


def begin_again(exchange: Exchange, db: Database) -> None:
    """The school may lack what it once had: everything is read from the start, and offered again."""
    read_anew(exchange, db)
    exchange.books.settings.put(db, offer_again=True, compared=None)


def read_anew(exchange: Exchange, db: Database) -> None:
    """The feeds are read from the start, as part of the caller's transaction."""
    exchange.books.settings.put(db, cursor=0, anew_since=revision(db))


def is_reading_anew(exchange: Exchange) -> bool:
    """Whether reading from the start has not come to its end yet."""
    return exchange.books.settings.get(exchange.books.store.db, "anew_since") is not None


def end_reading(exchange: Exchange, db: Database) -> None:
    """Everything was told again; what was not is gone. Part of the transaction that keeps the last page."""
    since = exchange.books.settings.get(db, "anew_since")
    if since is not None:
        now = next_revision(db)
        roster.forget_untold(db, since, now)
        forms.withdraw_untold(db, since, now)
        exchange.books.settings.put(db, anew_since=None)


def stop_if_restored(exchange: Exchange) -> None:
    """Raises SchoolRestored when the answers so far have shown that everything must be offered again."""
    if exchange.books.settings.get(exchange.books.store.db, "offer_again", False):
        raise SchoolRestored
