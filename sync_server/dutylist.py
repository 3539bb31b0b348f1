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
    """A duty within a person's reach: about which child (`case`, else empty) or class, and whether it is `mine`.

    `leader` is who leads the child's village, where that matters.
    """

    duty: Duty
    case: str
    class_id: str
    class_name: str
    leader: str
    mine: bool

    @property
    def address(self) -> str:
        """Where it is done."""
        if self.duty.kind == "complete_visit":
            return f"/visits/{self.duty.facts['visit']}"
        if self.duty.kind == SETTLE_AID and self.mine:
            return "/aid"
        if self.case:
            leaves = "/leaves" if self.duty.kind == "check_leave" else ""
            return f"/cases/{self.case}{leaves}"
        of_class = f"/attendance/{self.class_id}" if self.class_id else ""
        places = {SURVEY: f"{of_class}/start", NAME_DIRECTOR: "/staff", REPORT_MONTH: "/papers"}
        return places.get(self.duty.kind, of_class) if self.mine else of_class


@dataclass(frozen=True)
class DrawnDuty(DutyLine):
    """The same as a person reads it: the child's row, and the names of those whose duty it is."""

    child: Child | None
    people: tuple[str, ...]


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
        return sorted(self._lines(conn, account, found), key=lambda line: _order(line.duty))

    def drawn(self, conn: Connection, lines: Collection[DutyLine]) -> list[DrawnDuty]:
        """These lines with names: for the few that a page shows."""
        children = rows.of_feed(conn, self._school, STUDENTS, {line.case for line in lines if line.case})
        staff = _Staff(accounts.all_of(conn, self._school), rows.of_feed(conn, self._school, CLASSES))
        return [DrawnDuty(**vars(line), child=children.get(line.case), people=staff.of(line)) for line in lines]

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

    def _lines(self, conn: Connection, account: Account, duties: Sequence[Duty]) -> Iterator[DutyLine]:
        class_of = self._lives.classes(conn)
        rooms = rows.of_feed(conn, self._school, CLASSES)
        leaders = self._leaders(conn, {duty.subject for duty in duties if LEADER in duty.roles})
        for duty in duties:
            case = duty.subject if duty.subject in class_of else ""
            class_id = class_of[case] if case else duty.subject if duty.subject in rooms else ""
            name = str(rooms.get(class_id, {}).get("name", ""))
            leader = leaders.get(case, "") if LEADER in duty.roles else ""
            mine = is_mine(account, duty, Subject(case, class_id)) or leader == account.id
            yield DutyLine(duty, case, class_id, name, leader, mine)

    def _leaders(self, conn: Connection, cases: Collection[str]) -> dict[str, str]:
        """Child -> who leads its village."""
        children = rows.of_feed(conn, self._school, STUDENTS, cases) if cases else {}
        areas = rows.of_feed(conn, self._school, VILLAGES) if children else {}
        return {case: str(areas.get(str(child.get("village")), {}).get("leader_id", ""))
                for case, child in children.items()}  # fmt: skip


class _Staff:
    """Who holds which duty, by name."""

    def __init__(self, every: Iterable[Account], rooms: Mapping[str, Mapping[str, object]]) -> None:
        self._every, self._rooms = [one for one in every if one.active], rooms

    def of(self, line: DutyLine) -> tuple[str, ...]:
        """The people of the first role that anybody holds, and the leader of the child's village (R03)."""
        if line.duty.kind == "complete_visit":
            return tuple(one.name for one in self._every if one.id == line.duty.facts["author"])
        found = next((found for role in line.duty.roles if (found := tuple(self._find(role, line)))), ())
        leading = (one.name for one in self._every if line.leader and one.id == line.leader)
        return tuple(dict.fromkeys((*found, *leading)))

    def _find(self, role: str, line: DutyLine) -> Iterator[str]:
        if role == CLASS_TEACHER:
            name = str(self._rooms.get(line.class_id, {}).get("teacher_name", ""))
            yield from (name,) if name else ()
        elif role in _BY_CHILD:
            yield from (one.name for one in self._every if line.case and line.case in one.cases)
        elif role == DIRECTOR:
            yield from (one.name for one in self._every if role in one.roles and line.class_id in one.classes)
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
