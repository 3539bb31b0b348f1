"""Counting a class: the sheet that is being ticked, its seal, what stands already, and the days before (R18-R24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from casebook import feeds
from casebook.kinds.headcount import AWAY_KINDS, LESSON
from casebook.rules.absence import World
from casebook.rules.attendance import ROLL_SESSIONS, Count, Discrepancy
from casebook.rules.school_deadlines import daily_reports
from fieldapp import jottings
from fieldapp.bearer import WHOLE_SCHOOL, Bearer
from fieldapp.counted import Counted, counted
from fieldapp.sealing import seal_own, unsealed
from fieldapp.workspace import Workspace

LESSONS = 8  # lessons that a day may have
DAYS_BACK = 5  # school days before today that can still be counted or corrected from the list
ROLL = "roll"
_OFF_LIST = "suspended"  # on the roll, and on no list of a class until the child is back
_AT_HOME = {"home_teaching": "home_taught"}  # standing on the roll -> kind of absence


@dataclass(frozen=True)
class Which:
    """One headcount: a class, a day ("YYYY-MM-DD") and a session: am, noon, pm, or "lesson-3"."""

    class_id: str
    session: str
    day: str

    @property
    def kind(self) -> str:
        """The session as records name it."""
        return self.session.split("-")[0]

    @property
    def lesson(self) -> str:
        """Which lesson, "" when it is none."""
        return self.session.partition("-")[2]

    @property
    def key(self) -> str:
        """Under which it is kept until it is sealed."""
        return f"headcount/{self.class_id}/{self.session}/{self.day}"


@dataclass(frozen=True)
class Tally:
    """What is ticked: child -> kind of absence, how it is known, by whom, why it is corrected.

    `heads` are the heads counted in a lesson, None when they are what the ticks say.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    source: str = ROLL
    reporter: str = ""
    reason: str = ""
    heads: int | None = None


@dataclass(frozen=True)
class Seat:
    """A child of the class; `known` is the kind of absence that is known before the count (a running leave)."""

    id: str
    name: str
    known: str = ""


@dataclass(frozen=True)
class CountSheet:
    """Everything the screen of one headcount shows. `begun` when ticks are kept that are not sealed yet.

    `base` is the class's base figure, None when this phone does not know it; `gap` heads of another count.
    """

    which: Which
    class_name: str
    seats: tuple[Seat, ...]
    tally: Tally
    begun: bool
    standing: Counted | None = None
    base: int | None = None
    gaps: tuple[Discrepancy, ...] = ()

    @property
    def expected(self) -> int:
        """Heads that should be there: of an earlier count as it was then, else of the roster."""
        return self.standing.expected if self.standing else len(self.seats)

    def present(self, tally: Tally) -> int:
        """Heads that are there, by these ticks."""
        return self._seen(tally) - self.unnamed(tally)

    def unnamed(self, tally: Tally) -> int:
        """Heads that are missing in a lesson and that nobody has named."""
        if tally.heads is None or self.which.kind != LESSON:
            return 0
        return max(0, self._seen(tally) - tally.heads)

    def _seen(self, tally: Tally) -> int:
        return self.expected - sum(kind in AWAY_KINDS for kind in tally.marks.values())


@dataclass(frozen=True)
class SessionCard:
    """A session of a day: how many were there, None while nobody has counted; `by` is the hour it is due ("08:30").

    `status` is the deadline's (met, met_late, open, warned, overdue), "" when none runs.
    """

    which: Which
    present: int | None = None
    expected: int | None = None
    author_name: str = ""
    by: str = ""
    status: str = ""
    begun: bool = False


@dataclass(frozen=True)
class ClassCard:
    """A class this teacher may count, with today's sessions; `own` when it is the teacher's own class."""

    id: str
    name: str
    own: bool
    sessions: tuple[SessionCard, ...]


@dataclass(frozen=True)
class ClassDay:
    """A class today: its sessions, its lessons, and the sessions of the school days before, newest first."""

    id: str
    name: str
    day: str
    school_day: bool
    sessions: tuple[SessionCard, ...]
    lessons: tuple[SessionCard, ...]
    earlier: tuple[SessionCard, ...]


class Headcounts:
    """The headcounts of one teacher's phone."""

    def __init__(self, work: Workspace) -> None:
        self._work = work

    def which(self, class_id: str, session: str, day: str = "") -> Which:
        """The headcount of that session; of today unless a day is named."""
        return Which(class_id, session, day or self._work.today().isoformat())

    def classes(self) -> list[ClassCard]:
        """The classes that this phone knows whole, the teacher's own first, with the sessions of today."""
        here, ids = self._work.world(), self._in_reach()
        found = [ClassCard(id, self._name(id), self._is_own(id), tuple(self._sessions(id, here.today, here)))
                 for id in ids]  # fmt: skip
        return sorted(found, key=lambda one: (not one.own, one.id))

    def day(self, class_id: str) -> ClassDay:
        """The class today and on the school days before."""
        here = self._work.world()
        today = here.today
        lessons = [Which(class_id, f"{LESSON}-{number}", today.isoformat()) for number in range(1, LESSONS + 1)]
        before = [day for day in here.calendar.between(today - dt.timedelta(days=3 * DAYS_BACK), today) if day < today]
        return ClassDay(
            class_id, self._name(class_id), today.isoformat(), here.calendar.is_school_day(today),
            tuple(self._sessions(class_id, today, here)),
            tuple(self._card(which, self._standing(which, here)) for which in lessons),
            tuple(card for day in reversed(before[-DAYS_BACK:]) for card in self._sessions(class_id, day, here)),
        )  # fmt: skip

    def sheet(self, which: Which) -> CountSheet:
        """The headcount as it is ticked, or as it stands. Raises ValueError for a day that is none."""
        work, here, day = self._work, self._work.world(), dt.date.fromisoformat(which.day)
        count = self._standing(which, here)
        seats = self._seats(which.class_id, day)
        kept = jottings.jotted(work, which.key)
        known = count.kinds if count else {seat.id: seat.known for seat in seats if seat.known}
        tally = Tally(**kept) if kept else Tally(known, count.source if count else ROLL)
        return CountSheet(
            which, self._name(which.class_id), seats, tally, bool(kept), counted(work, count) if count else None,
            self._base(which.class_id), tuple(here.attendance.discrepancies(which.class_id, day)),
        )  # fmt: skip

    def jot(self, which: Which, tally: Tally) -> None:
        """Keeps the ticks durably. Raises StorageFull."""
        jottings.jot(self._work, which.key, asdict(tally))

    def forget(self, which: Which) -> None:
        """Throws the ticks away; what is sealed stays."""
        with self._work.books.store.write() as db:
            jottings.forget(self._work, db, which.key)

    def seal(self, which: Which, tally: Tally) -> str:
        """Seals the headcount, or the correction of the one that stands, which needs its reason; the record's rid.

        Raises RecordMalformed (no reason), NotEnrolled, StorageFull.
        """
        work, sheet = self._work, self.sheet(which)
        standing = sheet.standing
        amends = (standing.rid, *standing.rivals_rids) if standing else ()
        record = unsealed(work, "headcount", None, _body(sheet, tally), amends=amends)
        return seal_own(work, record, lambda db, *_: jottings.forget(work, db, which.key))

    def _in_reach(self) -> set[str]:
        """Classes of which all children are here; of others the school may have told single ones."""
        bearer, rows = Bearer.of(self._work), self._work.books.roster.rows(feeds.STUDENTS)
        known = {str(row.get("class_id") or "") for row in rows} - {""}
        return known if not bearer.classes or bearer.roles & WHOLE_SCHOOL else known & bearer.classes

    def _sessions(self, class_id: str, day: dt.date, here: World) -> Iterator[SessionCard]:
        """The sessions that the rules ask for, and those that somebody counted besides."""
        dues = {due.key.rpartition("_")[2]: due for due in daily_reports(class_id, day, here)}
        asked, done = here.book.on(day).codes("report_sessions"), here.attendance.of(class_id, day)
        for session in (one for one in ROLL_SESSIONS if one in asked or one in done):
            due = dues.get(session)
            by = f"{due.at:%H:%M}" if due and due.at else ""
            which = Which(class_id, session, day.isoformat())
            yield self._card(which, done.get(session), by, due.status(here.now) if due else "")

    def _card(self, which: Which, count: Count | None, by: str = "", status: str = "") -> SessionCard:
        begun = bool(jottings.jotted(self._work, which.key))
        if count is None:
            return SessionCard(which, by=by, status=status, begun=begun)
        author = self._work.books.roster.staff_name(count.author)
        return SessionCard(which, count.present, count.expected, author, by, status, begun)

    def _standing(self, which: Which, here: World) -> Count | None:
        """What stands of a headcount; of a lesson only what this teacher counted."""
        day = dt.date.fromisoformat(which.day)
        if which.kind != LESSON:
            return here.attendance.of(which.class_id, day).get(which.session)
        mine, lessons = self._work.account().get("id"), here.attendance.lessons.get((which.class_id, day), ())
        return next((one for one in lessons if (one.author, one.lesson) == (mine, which.lesson)), None)

    def _seats(self, class_id: str, day: dt.date) -> tuple[Seat, ...]:
        rows = [row for row in self._work.books.roster.rows(feeds.STUDENTS)
                if row.get("class_id") == class_id and row.get("roll_status") != _OFF_LIST]  # fmt: skip
        rows.sort(key=lambda row: (str(row.get("pinyin") or ""), row["id"]))
        return tuple(Seat(row["id"], str(row.get("name") or ""), self._known(row, day)) for row in rows)

    def _known(self, row: Mapping[str, Any], day: dt.date) -> str:
        """The kind of a running leave, or of being taught at home."""
        asked = self._work.case_file(row["id"]).of_type("leave")
        leaves = self._work.life(row["id"]).facts.leaves if asked else ()
        leave = next((leave for leave in leaves if leave.covers(day)), None)
        return leave.kind if leave else _AT_HOME.get(str(row.get("roll_status") or ""), "")

    def _name(self, class_id: str) -> str:
        return str((self._work.books.roster.row(feeds.CLASSES, class_id) or {}).get("name") or class_id)

    def _is_own(self, class_id: str) -> bool:
        row = self._work.books.roster.row(feeds.CLASSES, class_id) or {}
        return row.get("teacher_id") == self._work.account().get("id")

    def _base(self, class_id: str) -> int | None:
        base = (self._work.books.roster.row(feeds.CLASSES, class_id) or {}).get("base")
        return base if isinstance(base, int) else None


def _body(sheet: CountSheet, tally: Tally) -> dict[str, Any]:
    which = sheet.which
    body: dict[str, Any] = {
        "class": which.class_id, "day": which.day, "session": which.kind, "expected": sheet.expected,
        "present": sheet.present(tally), "source": tally.source,
        "absent": [{"student": student, "kind": kind} for student, kind in sorted(tally.marks.items())],
    }  # fmt: skip
    more = {"lesson": which.lesson, "reporter": tally.reporter.strip(), "reason": tally.reason.strip()}
    return body | {name: value for name, value in more.items() if value}
