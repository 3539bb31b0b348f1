"""Compares this phone's copy with the school, once a day and after every new beginning, and heals what differs.

Every difference is told to the teacher. What this phone lacks is read anew; what the school lacks is offered again.
"""

from __future__ import annotations

from casebook.comparing import PREFIX, RECORDS, Part, part_of
from casebook.protocol import COMPARE, CompareReply, CompareRequest, HelloReply, MissingRequest
from fieldapp.cards import Difference, Step
from fieldapp.store import forms, roster
from fieldapp.sync.anew import begin_again, read_anew
from fieldapp.sync.exchange import ASK_AT_ONCE, Exchange


def compare(exchange: Exchange, hello: HelloReply) -> bool:
    """Whether something is to be read again now. Does nothing where the school cannot compare, or has today."""
    settings, db = exchange.books.settings, exchange.books.store.db
    last = settings.get(db, "compared") or {}
    if COMPARE not in hello.offers or last.get("day") == hello.time[:10]:
        return False
    exchange.show(Step.COMPARE)
    parts = _parts(exchange)
    reply = exchange.patiently(exchange.conversation.compare, CompareRequest(list(parts.values())))
    if (reply.gen, reply.size) != (exchange.gen, settings.get(db, "cursor", 0)):
        return False  # something was written meanwhile: the next sync compares
    return _heal(exchange, parts, reply, hello.time[:10], last.get("differing", []))


def _heal(exchange: Exchange, parts: dict[str, Part], reply: CompareReply, day: str, before: list[list[str]]) -> bool:
    """Begins the healing; what did not help last time is told, but not tried again."""
    lacking, unknown = _apart(exchange, reply.rids)
    beyond = _beyond(exchange, unknown)
    lost = [rid for rid in unknown if rid not in beyond]
    apart = [part for part in reply.differing if part.name != RECORDS]
    now = [[part.name, part.sha256] for part in apart] + ([[RECORDS, *sorted(lacking)]] if lacking else [])
    again = bool(now) and now != before
    with exchange.books.store.write() as db:
        exchange.books.settings.put(db, compared={"day": day, "differing": now})
        if reply.rids is not None:
            exchange.books.settings.put(db, beyond=beyond)
        if again:
            read_anew(exchange, db)
        if lost:
            begin_again(exchange, db)
    for part in apart:
        exchange.differs(Difference(part.name, _count(parts, part.name), part.count))
    if lacking or lost:
        theirs = next((part.count for part in reply.differing if part.name == RECORDS), 0)
        exchange.differs(Difference(RECORDS, _count(parts, RECORDS), theirs))
    return again


def _parts(exchange: Exchange) -> dict[str, Part]:
    """Every part as this phone has it."""
    db, books = exchange.books.store.db, exchange.books
    marks = roster.marks(db, books.store.vault) | {"forms": forms.marks(db), RECORDS: _shared(exchange)}
    return {name: part_of(name, listed) for name, listed in marks.items()}


def _shared(exchange: Exchange) -> list[str]:
    """Records that the school has told or taken, but for those that it no longer shows this person."""
    books = exchange.books
    beyond = set(books.settings.get(books.store.db, "beyond", []))
    return [rid for rid in books.records.at_school(books.store.db) if rid not in beyond]


def _apart(exchange: Exchange, theirs: list[str] | None) -> tuple[set[str], list[str]]:
    """What of the school's records (by prefix) is not here, and what is here that the school does not show."""
    if theirs is None:
        return set(), []
    here = exchange.books.records.at_school(exchange.books.store.db)
    shown = set(theirs)
    return shown - {rid[:PREFIX] for rid in here}, [rid for rid in here if rid[:PREFIX] not in shown]


def _beyond(exchange: Exchange, unknown: list[str]) -> list[str]:
    """Those that the school has all the same: their children left this person's reach. They stay here, unshown."""
    missing: set[str] = set()
    for start in range(0, len(unknown), ASK_AT_ONCE):
        asked = MissingRequest(rids=unknown[start : start + ASK_AT_ONCE])
        missing |= set(exchange.patiently(exchange.conversation.missing, asked).rids)
    return [rid for rid in unknown if rid not in missing]


def _count(parts: dict[str, Part], name: str) -> int:
    return parts[name].count if name in parts else 0
