"""Brings back the files of visits that must be supplemented, where another phone of the teacher recorded them."""

from __future__ import annotations

import hashlib

from casebook.casefile import Entry
from casebook.errors import FileDamaged, LookupFailed
from casebook.records import Attachment
from fieldapp.store import uploads
from fieldapp.sync.exchange import Exchange


def fetch_files(exchange: Exchange) -> None:
    """Fetches what the wanted visits name and this phone lacks; a file the school does not give is noted."""
    for visit in exchange.wanted():
        missing = [file for file in visit.record.att if not exchange.books.store.files.has(file.sha256)]
        if not missing:
            continue
        fetched = [content for file in missing if (content := _fetch(exchange, file)) is not None]
        with exchange.books.store.filing:
            for content in fetched:
                exchange.books.store.files.put(content)
            _name(exchange, visit)


def _fetch(exchange: Exchange, file: Attachment) -> bytes | None:
    try:
        content = exchange.patiently(exchange.conversation.fetch_file, file.sha256, file.size)
    except LookupFailed as error:
        exchange.note(error)
        return None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        exchange.note(FileDamaged(sha256=file.sha256))
        return None
    return content


def _name(exchange: Exchange, visit: Entry) -> None:
    """The record names its files from now on; the school has them all."""
    with exchange.books.store.write() as db:
        if not uploads.is_named(db, visit.rid):
            uploads.name_files(db, visit.rid, visit.record.att)
            uploads.keep_arrived(db, [file.sha256 for file in visit.record.att])
