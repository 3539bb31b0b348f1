"""The school calendar: terms, days off and make-up days, kept as rows that flow to the phones (domain 3.3)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import assets
from casebook.errors import NoSuchPage
from casebook.feeds import CALENDAR, SCHOOL_SCOPE
from casebook.rules.calendar import SchoolCalendar, Term
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.store import audit as lines
from sync_server.store import rows
from sync_server.store.accounts import Account
from sync_server.store.audit import Line
from sync_server.store.engine import Connection, Store
from sync_server.store.rows import ScopedRow

TERM_ID = re.compile(r"(\d{4})-(\d{4})-([12])\Z")
LONGEST = dt.timedelta(days=250)
SATURDAY = 5
_DAY = dt.timedelta(days=1)
_SPAN = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:~(\d{4}-\d{1,2}-\d{1,2}))?\Z")
_TO_SPACES = str.maketrans(dict.fromkeys("、，,;；", " ") | dict.fromkeys("/.", "-") | dict.fromkeys("～至", "~"))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a calendar: a wording key and its facts."""

    sentence: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Draft:
    """A term as somebody types it."""

    term: str
    first: str
    last: str
    off: str
    on: str

    @property
    def sha256(self) -> str:
        """Tells whether it is still what somebody looked at."""
        return hashlib.sha256("\n".join((self.term, self.first, self.last, self.off, self.on)).encode()).hexdigest()


@dataclass(frozen=True)
class Holidays:
    """The public holidays of one year; not `announced`: only the days that the law itself names."""

    year: int
    announced: bool
    source: str
    off: tuple[dt.date, ...]
    on: tuple[dt.date, ...]


@dataclass(frozen=True)
class Effect:
    """What a change does: school days before and after, days that become free and days that become school days."""

    before: int
    after: int
    freed: tuple[dt.date, ...]
    added: tuple[dt.date, ...]


@cache
def holidays() -> Mapping[int, Holidays]:
    """The years that ship with the program."""
    found = {}
    for file in assets.root().joinpath("rules", "holidays").iterdir():
        if file.name.endswith(".json"):
            said = json.loads(file.read_text(encoding="utf-8"))
            days = {
                kind: tuple(sorted(dt.date.fromisoformat(day) for one in said["holidays"] for day in one[kind]))
                for kind in ("off", "on")
            }
            found[said["year"]] = Holidays(said["year"], said["announced"], said["source"], days["off"], days["on"])
    return dict(sorted(found.items()))


class SchoolYear:
    """The calendar of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def terms(self, conn: Connection) -> list[Term]:
        """All terms, the oldest first."""
        return list(SchoolCalendar.from_rows(rows.of_feed(conn, self._school, CALENDAR).values()).terms)

    def history(self, conn: Connection, term: str) -> list[Line]:
        """Who changed a term when, the newest first."""
        return lines.about(conn, self._school, f"term:{term}")

    def read(self, conn: Connection, draft: Draft) -> tuple[Term | None, list[Fault]]:
        """The term of a draft, or everything that is wrong with it."""
        term, faults = _read(draft)
        if term is not None:
            for other in self.terms(conn):
                if other.term != term.term and other.first <= term.last and term.first <= other.last:
                    faults.append(Fault("calendar.fault.overlap", {"other": other.term}))
        return (None if faults else term), faults

    def effect(self, conn: Connection, after: Term) -> Effect:
        """What saving this term would change."""
        known = self.terms(conn)
        before = SchoolCalendar(tuple(known))
        changed = SchoolCalendar((*(one for one in known if one.term != after.term), after))
        old = next((one for one in known if one.term == after.term), after)
        days = _days(min(old.first, after.first), max(old.last, after.last))
        freed = tuple(day for day in days if before.is_school_day(day) and not changed.is_school_day(day))
        added = tuple(day for day in days if changed.is_school_day(day) and not before.is_school_day(day))
        return Effect(sum(map(before.is_school_day, days)), sum(map(changed.is_school_day, days)), freed, added)

    def save(self, actor: Account, draft: Draft) -> list[Fault]:
        """Publishes a term; phones get it with their next sync. Nothing is saved when something is wrong.

        Raises NotAllowed.
        """
        access.require(actor, Verb.EDIT_CALENDAR)

        def write(conn: Connection) -> list[Fault]:
            term, faults = self.read(conn, draft)
            if term is None:
                return faults
            before = rows.one(conn, self._school, CALENDAR, term.term)
            value = row_of(term)
            now = self._clock().isoformat(timespec="seconds")
            if rows.put(conn, self._school, [ScopedRow(CALENDAR, term.term, SCHOOL_SCOPE, value)], now):
                facts: dict[str, Any] = {"before": before, "after": value}
                audit.note(conn, actor, now, Act.CHANGE_CALENDAR, f"term:{term.term}", **facts)
            return []

        return self._store.run_tx(write)

    def draft(self, conn: Connection, term: str, with_holidays: bool = False) -> Draft:
        """A term as it stands, or an empty one; with the public holidays of its years filled in. Raises NoSuchPage."""
        if not TERM_ID.match(term):
            raise NoSuchPage()
        known = next((one for one in self.terms(conn) if one.term == term), None)
        if known is None:
            return Draft(term, "", "", "", "")
        off, on = set(known.off), set(known.on)
        if with_holidays:
            years = [one for year, one in holidays().items() if known.first.year <= year <= known.last.year]
            off |= {day for one in years for day in one.off if known.first <= day <= known.last}
            on |= {day for one in years for day in one.on if known.first <= day <= known.last}
        return Draft(term, known.first.isoformat(), known.last.isoformat(), _text(off), _text(on - off))


def row_of(term: Term) -> dict[str, object]:
    """A term as a row of the calendar feed."""
    days = {name: sorted(day.isoformat() for day in getattr(term, name)) for name in ("off", "on")}
    return {"term": term.term, "first": term.first.isoformat(), "last": term.last.isoformat(), **days}


def _read(draft: Draft) -> tuple[Term | None, list[Fault]]:
    faults: list[Fault] = []
    named = TERM_ID.match(draft.term)
    if named is None or int(named[2]) != int(named[1]) + 1:
        faults.append(Fault("calendar.fault.term", {}))
    first, last = _one_day(draft.first), _one_day(draft.last)
    if first is None or last is None:
        return None, [*faults, Fault("calendar.fault.ends", {})]
    if not first < last or last - first > LONGEST:
        faults.append(Fault("calendar.fault.length", {}))
    if named is not None and not int(named[1]) <= first.year <= last.year <= int(named[2]):
        faults.append(Fault("calendar.fault.year", {}))
    off, on = _day_list(draft.off, faults), _day_list(draft.on, faults)
    for day in sorted((off | on) - set(_days(first, last))):
        faults.append(Fault("calendar.fault.outside", {"day": day.isoformat()}))
    for day in sorted(off & on):
        faults.append(Fault("calendar.fault.both", {"day": day.isoformat()}))
    for day in sorted(on - off):
        if day.weekday() < SATURDAY:
            faults.append(Fault("calendar.fault.no_weekend", {"day": day.isoformat()}))
    return Term(draft.term, first, last, frozenset(off), frozenset(on)), faults


def _day_list(text: str, faults: list[Fault]) -> set[dt.date]:
    """Days and spans ("2026-10-01~2026-10-07"), one after another."""
    found: set[dt.date] = set()
    for word in text.translate(_TO_SPACES).split():
        span = _SPAN.match(word)
        first = _one_day(span[1]) if span else None
        last = _one_day(span[2]) if span and span[2] else first
        if first is None or last is None or last < first or last - first > LONGEST:
            faults.append(Fault("calendar.fault.day", {"text": word[:40]}))
        else:
            found.update(_days(first, last))
    return found


def _one_day(text: str) -> dt.date | None:
    try:
        year, month, day = (int(part) for part in text.strip().split("-"))
        return dt.date(year, month, day)
    except ValueError:
        return None


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + n * _DAY for n in range((last - first).days + 1)]


def _text(days: set[dt.date]) -> str:
    """Days as they are typed: neighbours as a span, one a line."""
    spans: list[list[dt.date]] = []
    for day in sorted(days):
        if spans and spans[-1][-1] + _DAY == day:
            spans[-1].append(day)
        else:
            spans.append([day])
    return "\n".join(f"{span[0]}~{span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)
