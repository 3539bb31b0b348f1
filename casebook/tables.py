"""Lets many rows of a page travel as tables, where both sides know them: about half the bytes of single rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casebook.columns import Spellings, packed, unpacked
from casebook.feeds import FORMS
from casebook.protocol import PullReply, Row

TABLE_FROM = 50  # rows of a feed; of fewer, columns are not shorter
FORMS_FROM = 2  # forms are long, and much of one stands in the others


def with_tables(reply: PullReply, spellings: Mapping[str, Spellings]) -> PullReply:
    """The same page, the many rows of a feed as a table; `spellings` by feed."""
    latest = {(row.feed, row.key): row for row in reply.rows}
    feeds: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in sorted(latest.values(), key=_class_of):
        if row.value is not None:
            feeds[row.feed][row.key] = row.value
    many = {feed: rows for feed, rows in feeds.items() if len(rows) >= _table_from(feed)}
    if not many:
        return reply
    single = [row for row in latest.values() if row.value is None or row.feed not in many]
    return replace(reply, rows=single, tables=[packed(feed, rows, spellings.get(feed)) for feed, rows in many.items()])


def _table_from(feed: str) -> int:
    return FORMS_FROM if feed == FORMS else TABLE_FROM


def _class_of(row: Row) -> str:
    """Children of one class have much in common: together they take less."""
    return str((row.value or {}).get("class_id", ""))


def without_tables(reply: PullReply) -> PullReply:
    """The same page, every row alone. Raises RequestMalformed."""
    if reply.tables is None:
        return reply
    rows = [Row(table.feed, key, value) for table in reply.tables for key, value in unpacked(table).items()]
    return replace(reply, rows=[*rows, *reply.rows], tables=None)
