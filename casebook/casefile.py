"""A case file 一生一案 is what the records of one child add up to, the same in whatever order they arrive.

A property's values are all values set by records minus those named in another record's `base` (a multi-value
register). Visits never merge: a visit is a fact, and a supplement is a new version beside the old one. Contact data
belong to the household: of these the records of brothers and sisters count as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.kinds.review import ACCEPTED, RETURNED
from casebook.policies import Policy, is_of_home, policy_of
from casebook.records import Record

SUBMITTED = "submitted"


@dataclass(frozen=True)
class Entry:
    """A record in the archive: its id, and when and where in the school's log it arrived (None on the phone)."""

    rid: str
    record: Record
    received_at: str | None = None
    sseq: int | None = None

    @property
    def order(self) -> tuple[tuple[int, int], str]:
        """Hybrid clock, then id: a total order that every replica agrees on."""
        return self.record.hlc, self.rid


@dataclass(frozen=True)
class Shown:
    """A value with its provenance: which record set it, who, when by the device's clock."""

    prop: str
    value: Any
    rid: str
    author: str
    at: str
    hlc: tuple[int, int]


@dataclass(frozen=True)
class Effects:
    """What one record changes: the values it sets and, per property, the records it replaces."""

    sets: Mapping[str, Shown]
    supersedes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Visit:
    """One visit with all its versions, oldest first; `head` is the newest, `review` the decision about the head."""

    visit: str
    versions: tuple[Entry, ...]
    head: Entry
    review: Entry | None

    @property
    def status(self) -> str:
        """submitted, accepted or returned."""
        return self.review.record.body["decision"] if self.review else SUBMITTED

    @property
    def purposes(self) -> frozenset[str]:
        """What the visit was for (domain 4.5)."""
        return frozenset(self.head.record.body.get("purposes", ()))


def effects(entry: Entry) -> Effects:
    """What the record changes. The case file and the server's index apply the very same effects."""
    record = entry.record
    sets = {
        prop: Shown(prop, value, entry.rid, record.author, record.at.started, record.hlc)
        for prop, value in record.set.items()
    }
    return Effects(sets, record.base)


def live_values(values: Iterable[Shown], superseded: Iterable[str]) -> list[Shown]:
    """Values nobody has replaced, the one to show first at the front (greatest hybrid clock, then id)."""
    replaced = set(superseded)
    return sorted((v for v in values if v.rid not in replaced), key=lambda v: (v.hlc, v.rid), reverse=True)


@dataclass
class CaseFile:
    """The fold of one child's records. `add` is idempotent and commutative."""

    case: str
    _entries: dict[str, Entry] = field(default_factory=dict)
    _values: dict[str, dict[str, Shown]] = field(default_factory=dict)
    _superseded: dict[str, set[str]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Folds one record in; adding it again, or in another order, changes nothing."""
        self._entries[entry.rid] = entry
        self._take(effects(entry))

    def add_home(self, change: Effects) -> None:
        """Folds in what a brother's or sister's record says of their home; of anything else it says nothing here."""
        self._take(
            Effects(
                {prop: shown for prop, shown in change.sets.items() if is_of_home(prop)},
                {prop: rids for prop, rids in change.supersedes.items() if is_of_home(prop)},
            )
        )

    def _take(self, change: Effects) -> None:
        for prop, shown in change.sets.items():
            self._values.setdefault(prop, {})[shown.rid] = shown
        for prop, rids in change.supersedes.items():
            self._superseded.setdefault(prop, set()).update(rids)

    def values(self, prop: str) -> list[Shown]:
        """Every value nobody has replaced, the one to show first in front."""
        return live_values(self._values.get(prop, {}).values(), self._superseded.get(prop, ()))

    def value(self, prop: str) -> Shown | None:
        """The value to show. Contact data in conflict keeps showing what stood before until a person decides;
        None when that was never a record's (the roster's own value stands then).
        """
        values = self.values(prop)
        if values and is_of_home(prop) and _differ(values):
            return self._replaced(prop)
        return values[0] if values else None

    def _replaced(self, prop: str) -> Shown | None:
        """The newest value that later records have replaced."""
        gone = self._superseded.get(prop, set())
        replaced = [shown for rid, shown in self._values[prop].items() if rid in gone]
        return max(replaced, key=lambda shown: (shown.hlc, shown.rid), default=None)

    def is_own(self, shown: Shown) -> bool:
        """Whether one of the child's own records says it, not a brother's or sister's."""
        return shown.rid in self._entries

    def text(self, prop: str) -> str:
        """The shown value as text, empty when there is none."""
        shown = self.value(prop)
        return "" if shown is None or shown.value is None else str(shown.value)

    def properties(self) -> list[str]:
        """Names of all properties that hold a value, sorted."""
        return sorted(prop for prop in self._values if self.values(prop))

    def conflicts(self) -> dict[str, list[Shown]]:
        """Properties whose different values stand side by side until a person decides, with all their values."""
        found = {}
        for prop in self.properties():
            values = self.values(prop)
            if policy_of(prop) not in (Policy.LATEST, Policy.APPEND) and _differ(values):
                found[prop] = values
        return found

    def base_for(self, props: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The `base` of a new record that sets `props`: it replaces exactly the values its author could see."""
        return {prop: tuple(sorted(v.rid for v in self.values(prop))) for prop in props}

    def timeline(self) -> list[Entry]:
        """All records, oldest first."""
        return sorted(self._entries.values(), key=lambda entry: entry.order)

    def of_type(self, record_type: str) -> list[Entry]:
        """Records of one type, oldest first."""
        return [entry for entry in self.timeline() if entry.record.type == record_type]

    @property
    def incidents(self) -> list[Entry]:
        """Absence incidents, oldest first."""
        return self.of_type("incident")

    @property
    def visits(self) -> list[Visit]:
        """Visits, newest first by their head."""
        versions: dict[str, list[Entry]] = {}
        for entry in self.of_type("visit"):
            versions.setdefault(entry.record.body["visit"], []).append(entry)
        reviews = self.of_type("review")
        found = [_visit(visit, entries, reviews) for visit, entries in versions.items()]
        return sorted(found, key=lambda visit: visit.head.order, reverse=True)

    def visit(self, visit: str) -> Visit | None:
        """The visit with this id."""
        return next((found for found in self.visits if found.visit == visit), None)


def fold(case: str, entries: Iterable[Entry], home: Iterable[Effects] = ()) -> CaseFile:
    """The case file of `case`, with what the records of its brothers and sisters say of their `home`.

    The same for every order and repetition of both.
    """
    file = CaseFile(case)
    for entry in entries:
        file.add(entry)
    for change in home:
        file.add_home(change)
    return file


def _differ(values: list[Shown]) -> bool:
    return any(shown.value != values[0].value for shown in values)


def _visit(visit: str, entries: list[Entry], reviews: list[Entry]) -> Visit:
    amended = {rid for entry in entries for rid in entry.record.amends}
    heads = [entry for entry in entries if entry.rid not in amended] or entries
    head = max(heads, key=lambda entry: entry.order)
    decided = [r for r in reviews if r.record.body["version"] == head.rid and r.record.body["visit"] == visit]
    decided = [r for r in decided if r.record.body["decision"] in (ACCEPTED, RETURNED)]
    return Visit(visit, tuple(entries), head, decided[-1] if decided else None)
