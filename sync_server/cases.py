"""The children of the school and their case files, as far as each reader may see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook import home
from casebook.casefile import CaseFile, Entry, Shown, fold
from casebook.errors import AlreadyDecided, NoSuchCase
from casebook.feeds import CLASSES, STUDENTS
from casebook.policies import POLICY, Policy, is_of_home
from casebook.rules.lifecycle import Lifecycle
from sync_server import access, audit
from sync_server.access import Reach, Subject, Verb
from sync_server.answers import fellow_names, is_restricted
from sync_server.audit import Act
from sync_server.captures import plain_answers
from sync_server.lives import Lives
from sync_server.office import Office
from sync_server.seals import Examined, Seals
from sync_server.store import accounts, archive, homes, index, originals, rows, visit_lists, visits
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.visit_lists import Side
from sync_server.store.visits import VisitRow

Child = Mapping[str, Any]  # a row of the students feed

CARE = "key_flags_private"  # confidential categories: the counsellor of the child reads them too
UNREMARKABLE = ("none", "ended", "I1")
SIDE_BY_SIDE = tuple(prop for prop, policy in POLICY.items() if policy not in (Policy.APPEND, Policy.LATEST))


@dataclass(frozen=True)
class ChildLine:
    """A child in a list: roster row, state of the case, day of the last visit, and whether the case file opens."""

    child: Child
    state: str
    last_visit: str | None
    may_open: bool


@dataclass(frozen=True)
class CaseView:
    """A child's case file with every record examined, oldest first, and the names of those who wrote.

    `home`: record -> the brother or sister in whose case file it stands, of those that speak of the home they share.
    """

    child: Child
    subject: Subject
    file: CaseFile
    records: tuple[Examined, ...]
    visits: Mapping[str, VisitRow]
    names: Mapping[str, str]
    home: Mapping[str, Child]
    siblings: tuple[Child, ...]


class Cases:
    """Finds and opens the case files of one school. `clock` tells today's day."""

    def __init__(
        self, store: Store, school: str, seals: Seals, office: Office, clock: Callable[[], dt.datetime], lives: Lives
    ) -> None:
        self._store, self._school, self._seals = store, school, seals
        self._office, self._clock, self._lives = office, clock, lives

    def find(self, conn: Connection, account: Account, query: str, class_id: str) -> list[Child]:
        """Children whose name, pinyin, class or village matches, by class and name."""
        within = access.reach(account, Verb.LIST_STUDENTS)
        written = visits.listed(conn, self._school, author=account.id, limit=1000) if not within.whole_school else []
        single = {*within.cases, *(row.case for row in written)}
        wanted = query.strip().lower()
        found = [
            child
            for child in rows.of_feed(conn, self._school, STUDENTS).values()
            if (within.whole_school or child["class_id"] in within.classes or child["id"] in single)
            and (not class_id or child["class_id"] == class_id)
            and _matches(child, wanted)
        ]
        return sorted(found, key=lambda child: (child["class_id"], child.get("pinyin", ""), child["id"]))

    def lines(self, conn: Connection, account: Account, children: Sequence[Child]) -> list[ChildLine]:
        """What a list shows of these children."""
        ids = [child["id"] for child in children]
        lives = self._lives.some(conn, ids)
        last = visit_lists.newest_by_case(conn, self._school, ids)
        written = {row.case for row in visits.listed(conn, self._school, author=account.id, limit=1000)}
        return [
            ChildLine(
                child, _state_of(lives.get(child["id"])), last.get(child["id"]),
                child["id"] in written or access.allows(account, Verb.READ_CASE, _plain_subject(child)),
            )
            for child in children
        ]  # fmt: skip

    def classes(self, conn: Connection, account: Account) -> list[tuple[str, str]]:
        """Ids and names of the classes whose children the account may list."""
        within = access.reach(account, Verb.LIST_STUDENTS)
        every = rows.of_feed(conn, self._school, CLASSES)
        return [(id, one["name"]) for id, one in every.items() if within.whole_school or id in within.classes]

    def open(self, conn: Connection, case: str) -> CaseView:
        """Everything about a child. Raises NoSuchCase. Who may see it is for the caller to ask next."""
        child = rows.one(conn, self._school, STUDENTS, case)
        if child is None:
            raise NoSuchCase()
        examined = self._seals.open_all(conn, originals.of_case(conn, self._school, case))
        family = rows.of_feed(conn, self._school, STUDENTS, homes.siblings(child)) if homes.siblings(child) else {}
        told = homes.told(conn, self._school, family)
        file = fold(case, (entry for one in examined if (entry := _entry(one))), home.read(told))
        examined.sort(key=lambda one: (one.record.hlc, one.original.rid) if one.record else _arrival(one))
        names = accounts.names(conn, self._school)
        subject = _subject(child, examined, names)
        listed = {row.visit: row for row in visits.listed(conn, self._school, cases=[case], limit=1000)}
        of_home = {one["rid"]: family[one["case"]] for one in told}
        return CaseView(child, subject, file, tuple(examined), listed, names, of_home, tuple(family.values()))

    def conflicts(self, conn: Connection, account: Account) -> list[Side]:
        """Properties with several values side by side, among the children the account may read; of a home once."""
        return sides(conn, self._school, account, access.reach(account, Verb.READ_CASE))

    def resolve(self, account: Account, case: str, prop: str, rid: str) -> None:
        """Lets the value that record `rid` set stand; the others are replaced, and stay in the records.

        Raises NotAllowed, NoSuchCase, or AlreadyDecided when the value does not stand in a conflict (any more).
        """
        self._store.run_tx(lambda conn: self._resolve(conn, account, case, prop, rid))

    def _resolve(self, conn: Connection, account: Account, case: str, prop: str, rid: str) -> None:
        access.require(account, Verb.RESOLVE_CONFLICT)
        if rows.class_of(conn, self._school, case) is None:
            raise NoSuchCase()
        standing = self.standing(conn, case, prop)
        chosen = next((shown for shown in standing if shown.rid == rid), None)
        if chosen is None or len(standing) < 2:
            raise AlreadyDecided()
        _require_readable(account, chosen)
        over = [shown.rid for shown in standing]
        outcome = self._office.settle(conn, account, case, rid, (prop, chosen.value), over)
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, account, at, Act.RESOLVE, f"case:{case}", prop=prop, kept=rid, rid=outcome.rid)


    def standing(self, conn: Connection, case: str, prop: str) -> list[Shown]:
        """The values that stand side by side: in the child's own file, or in those of its whole home."""
        if not is_of_home(prop):
            return index.values(conn, self._school, case).get(prop, [])
        entries = archive.of_case(conn, self._school, case)
        return fold(case, entries, homes.effects(conn, self._school, case)).values(prop)


def sides(conn: Connection, school: str, account: Account, within: Reach) -> list[Side]:
    """Conflicts that the account may read, `within` children: those of one child, and those of a home once."""
    restricted = access.allows(account, Verb.READ_RESTRICTED)
    props = [prop for prop in SIDE_BY_SIDE if restricted or not is_restricted(prop)]
    found = visit_lists.sides(conn, school, within, [prop for prop in props if not is_of_home(prop)])
    return [*found, *_of_homes(conn, school, within, props)]


def _of_homes(conn: Connection, school: str, within: Reach, props: Sequence[str]) -> Iterator[Side]:
    """Of each contested property of a home one line, at the child in reach whose record says the newest value."""
    contested = homes.contested(conn, school, props)
    children = rows.of_feed(conn, school, STUDENTS, {case for one in contested for case in one.cases})
    for one in contested:
        known = [children[case] for case in one.cases if case in children]
        child = next((child for child in known if _in_reach(child, within)), None)
        if child is not None:
            names = tuple(str(other["name"]) for other in known if other is not child)
            yield Side(child["id"], one.prop, one.values, child["name"], child["class_name"], names)


def _in_reach(child: Child, within: Reach) -> bool:
    return within.whole_school or child["class_id"] in within.classes or child["id"] in within.cases


def _state_of(life: Lifecycle | None) -> str:
    """The state as a list shows it: nothing where there is nothing to look after."""
    return "" if life is None or life.state in UNREMARKABLE else life.state


def may_read(account: Account, shown: Shown, subject: Subject) -> bool:
    """Whether a child's value may be shown: restricted ones only to few, and to who wrote them."""
    if not is_restricted(shown.prop):
        return True
    if shown.prop == CARE and access.allows(account, Verb.READ_CARE, subject):
        return True
    return access.allows(account, Verb.READ_RESTRICTED, Subject("", written_by=frozenset({shown.author})))


def _require_readable(account: Account, shown: Shown) -> None:
    if is_restricted(shown.prop):
        access.require(account, Verb.READ_RESTRICTED, Subject("", written_by=frozenset({shown.author})))


def _subject(child: Child, examined: Sequence[Examined], names: Mapping[str, str]) -> Subject:
    records = [one.record for one in examined if one.record and one.record.type == "visit"]
    joined = {name for record in records for name in fellow_names(plain_answers(record))}
    went_along = frozenset(account for account, name in names.items() if name in joined)
    return Subject(child["id"], child["class_id"], frozenset(record.author for record in records), went_along)


def _plain_subject(child: Child) -> Subject:
    return Subject(child["id"], child["class_id"])


def _entry(one: Examined) -> Entry | None:
    original = one.original
    return Entry(original.rid, one.record, original.received_at, original.sseq) if one.record else None


def _arrival(one: Examined) -> tuple[tuple[int, int], str]:
    """A broken record has no clock of its own any more: it stands where it arrived."""
    arrived = dt.datetime.fromisoformat(one.original.received_at)
    return (int(arrived.timestamp() * 1000), 0), one.original.rid


def _matches(child: Child, wanted: str) -> bool:
    texts = (child["name"].lower(), child.get("pinyin", ""), child.get("class_name", ""), child.get("village_name", ""))
    return not wanted or any(wanted in text for text in texts) or child.get("initials", "").startswith(wanted)
