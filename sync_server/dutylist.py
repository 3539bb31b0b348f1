"""What is to be done today, by whom, until when and why: each person's own duties, and what waits for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from casebook.feeds import CLASSES, STUDENTS, VILLAGES
from casebook.rules.due import URGENCIES
from casebook.rules.duties import LEADER, SERVERS, VISITOR, Duty
from casebook.rules.states import CLASS_TEACHER, DIRECTOR, PRINCIPAL
from sync_server import access
from sync_server.access import Reach, Subject, Verb
from sync_server.cases import Child, sides
from sync_server.lives import Lives
from sync_server.store import accounts, class_lists, rows, visit_lists
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.store.visit_lists import RETURNED

BURNING = ("overdue", "today")
MOST_RETURNED = 200
SETTLE_AID, REPORT_MONTH, SURVEY, NAME_DIRECTOR = "settle_aid", "report_month", "survey", "name_director"
_BY_CHILD = (VISITOR, SERVERS)


@dataclass(frozen=True)
class DutyLine:
    """A duty as a person reads it: about which child or class, and the people whose duty it is."""

    duty: Duty
    child: Child | None
    class_id: str
    class_name: str
    people: tuple[str, ...]
    mine: bool

    @property
    def address(self) -> str:
        """Where it is done."""
        if self.duty.kind == "complete_visit":
            return f"/visits/{self.duty.facts['visit']}"
        if self.duty.kind == SETTLE_AID and self.mine:
            return "/aid"
        if self.child is not None:
            leaves = "/leaves" if self.duty.kind == "check_leave" else ""
            return f"/cases/{self.child['id']}{leaves}"
        of_class = f"/attendance/{self.class_id}" if self.class_id else ""
        places = {SURVEY: f"{of_class}/start", NAME_DIRECTOR: "/staff", REPORT_MONTH: "/papers"}
        return places.get(self.duty.kind, of_class) if self.mine else of_class


class DutyList:
    """The duties of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, school: str, lives: Lives, clock: Callable[[], dt.datetime]) -> None:
        self._school, self._lives, self._clock = school, lives, clock

    def lines(self, conn: Connection, account: Account) -> list[DutyLine]:
        """Everything to be done within the account's reach, the most urgent first."""
        within = access.reach(account, Verb.READ_CASE)
        found = [*self._lives.child_duties(conn, within), *self._of_files(conn, account, within)]
        heads = access.reach(account, Verb.READ_HEADCOUNT)
        if access.allows(account, Verb.LIST_STUDENTS) or heads.classes:
            found += self._lives.class_duties(conn, heads)
        of_school = self._lives.school_duties(conn)
        found += [duty for duty in of_school if within.whole_school or is_mine(account, duty, Subject(""))]
        if not within.whole_school and access.allows(account, Verb.READ_AID):
            every = self._lives.child_duties(conn, access.reach(account, Verb.READ_AID))
            found += [duty for duty in every if duty.kind == SETTLE_AID and duty not in found]
        found += self._of_grades(conn) if access.allows(account, Verb.KEEP_STAFF) else ()
        lines = list(self._drawn(conn, account, found))
        return sorted(lines, key=lambda line: _order(line.duty))

    def _of_files(self, conn: Connection, account: Account, within: Reach) -> Iterator[Duty]:
        """Returned visits (R28) and values side by side (R44), from the lists that the store keeps of them."""
        today = self._clock().date()
        for visit in visit_lists.visits(conn, self._school, within, RETURNED, limit=MOST_RETURNED):
            facts = {"visit": visit.visit, "author": visit.author}
            yield Duty("complete_visit", visit.case, today, "today", (VISITOR,), "R28", visit.head, facts=facts)
        for side in sides(conn, self._school, account, within):
            facts = {"property": side.prop}
            yield Duty("answer_conflict", side.case, None, "soon", ("academic_office",), "R44", facts=facts)

    def _of_grades(self, conn: Connection) -> Iterator[Duty]:
        """Classes that no grade director reaches, where the school has directors (R04): so it is when a year begins."""
        directors = [one for one in accounts.all_of(conn, self._school) if one.active and DIRECTOR in one.roles]
        directed = {class_id for one in directors for class_id in one.classes}
        for class_id, size in sorted(class_lists.sizes(conn, self._school).items()):
            if directors and size and class_id not in directed:
                yield Duty(NAME_DIRECTOR, class_id, None, "soon", (PRINCIPAL,), "R04")

    def _drawn(self, conn: Connection, account: Account, duties: Sequence[Duty]) -> Iterator[DutyLine]:
        children = rows.of_feed(conn, self._school, STUDENTS, {duty.subject for duty in duties})
        rooms = rows.of_feed(conn, self._school, CLASSES)
        areas = rows.of_feed(conn, self._school, VILLAGES)
        staff = _Staff(accounts.all_of(conn, self._school), rooms)
        for duty in duties:
            child = children.get(duty.subject)
            class_id = str(child["class_id"]) if child else duty.subject if duty.subject in rooms else ""
            name = str(rooms.get(class_id, {}).get("name", ""))
            about = Subject(duty.subject if child else "", class_id)
            area = areas.get(str(child.get("village")), {}) if child and LEADER in duty.roles else {}
            leader = str(area.get("leader_id", ""))
            mine = is_mine(account, duty, about) or leader == account.id
            yield DutyLine(duty, child, class_id, name, staff.of(duty, about, leader), mine)


class _Staff:
    """Who holds which duty, by name."""

    def __init__(self, every: Iterable[Account], rooms: Mapping[str, Mapping[str, object]]) -> None:
        self._every, self._rooms = [one for one in every if one.active], rooms
        self._known: dict[tuple[str, str, str], tuple[str, ...]] = {}

    def of(self, duty: Duty, about: Subject, leader: str = "") -> tuple[str, ...]:
        """The people of the first role that anybody holds, and the leader of the child's village (R03)."""
        if duty.kind == "complete_visit":
            return tuple(one.name for one in self._every if one.id == duty.facts["author"])
        found = next((found for role in duty.roles if (found := self._holding(role, about))), ())
        leading = (one.name for one in self._every if leader and one.id == leader)
        return tuple(dict.fromkeys((*found, *leading)))

    def _holding(self, role: str, about: Subject) -> tuple[str, ...]:
        case = about.case if role in _BY_CHILD else ""
        key = (role, case, about.class_id)
        if key not in self._known:
            self._known[key] = tuple(self._find(role, about))
        return self._known[key]

    def _find(self, role: str, about: Subject) -> Iterator[str]:
        if role == CLASS_TEACHER:
            name = str(self._rooms.get(about.class_id, {}).get("teacher_name", ""))
            yield from (name,) if name else ()
        elif role in _BY_CHILD:
            yield from (one.name for one in self._every if about.case and about.case in one.cases)
        elif role == DIRECTOR:
            yield from (one.name for one in self._every if role in one.roles and about.class_id in one.classes)
        elif role != LEADER:
            yield from (one.name for one in self._every if role in one.roles)


def is_mine(account: Account, duty: Duty, about: Subject) -> bool:
    """Whether the duty is the account's own, by role and by child or class."""
    if duty.kind == "complete_visit":
        return bool(duty.facts["author"] == account.id)
    in_class = not about.class_id or about.class_id in account.classes
    if LEADER in duty.roles and not about.case and account.villages:
        return True
    for role in duty.roles:
        if role in _BY_CHILD and about.case and about.case in account.cases:
            return True
        if role in account.roles and (in_class or role not in (CLASS_TEACHER, DIRECTOR)):
            return True
    return False


def counts(lines: Collection[DutyLine]) -> Mapping[str, int]:
    """How many of each urgency."""
    return {urgency: sum(line.duty.urgency == urgency for line in lines) for urgency in URGENCIES}


def _order(duty: Duty) -> tuple[int, dt.date, str, str]:
    return URGENCIES.index(duty.urgency), duty.due or dt.date.max, duty.kind, duty.subject
