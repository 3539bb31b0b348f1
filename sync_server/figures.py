"""The figures of a school year at a cut-off, by stage and class, and of a month: heads before percentages (9.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from casebook.rules.absence import World
from casebook.rules.calendar import SchoolCalendar, Term
from casebook.rules.deadlines import same_day_visits
from casebook.rules.due import MET
from casebook.rules.enrolment import IN_SCHOOL, Enrolment, Resident, enrolment
from casebook.rules.figures import ClassView, Rate, Roll, Verdict, class_view, coverage, judge
from casebook.rules.lifecycle import LEDGER_NONE, Lifecycle
from casebook.rules.rulebook import Rules
from casebook.rules.school_deadlines import daily_reports
from casebook.rules.tallies import Tally, by_ledger, tally
from casebook.rules.termstart import key_visit, season
from sync_server.lives import Lives
from sync_server.roster import register
from sync_server.roster.figures import ADDED, MOVED, UNEXPLAINED, Figures, Reckoning
from sync_server.roster.lookback import as_of
from sync_server.roster.roll import GRADUATE
from sync_server.store import roll_events
from sync_server.store.engine import Connection, Store

SCHOOL = "school"
STAGES = ("primary", "junior")
PARTS = ("joined", "left", "died", "suspended", "withdrew", "graduated", "other_gain")
# What an event of the roll is in the figures (domain 6.1): who was put off or left unexplained has left the list.
_OUT = {"transfer_out": "left", "go_abroad": "left", "death": "died", "suspend": "suspended", "defer": "withdrew",
        GRADUATE: "graduated", MOVED: "left", UNEXPLAINED: "withdrew"}  # fmt: skip
_CAME = {"transfer_in": "joined", "enrol": "joined", MOVED: "joined", ADDED: "joined", "return": "other_gain"}


@dataclass(frozen=True)
class Group:
    """A stage, a class or the whole school: its roll, the children behind each number, and what the targets say."""

    name: str
    roll: Roll
    people: Mapping[str, tuple[str, ...]]
    verdicts: tuple[Verdict, ...] = ()
    view: ClassView | None = None
    frozen: bool = True

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates of the roll, each with its heads and its base."""
        return self.roll.net_dropout, self.roll.gross_dropout, self.roll.loss, self.roll.retention


@dataclass(frozen=True)
class YearFigures:
    """Everything at one cut-off, counted from the first day of the school year."""

    term: str
    first: dt.date
    cutoff: dt.date
    groups: tuple[Group, ...]
    classes: tuple[Group, ...]
    tally: Tally
    late_visits: tuple[str, ...]
    key_visits: Rate | None
    enrolment: tuple[Enrolment, ...] = ()

    @property
    def children(self) -> set[str]:
        """Every child that stands behind a number, but for those of whom there is nothing to say."""
        parts = [*(one.people for one in self.groups), *(one.parts for one in self.enrolment), self.tally.by_ledger]
        named = (ids for part in parts for name, ids in part.items() if name not in (IN_SCHOOL, LEDGER_NONE))
        return {*self.late_visits, *chain.from_iterable(named)}


@dataclass(frozen=True)
class MonthFigures:
    """What a month's report rests on (R47): reports made of those owed, absences, visits, cases, children back."""

    month: dt.date
    days: int
    owed: int
    made: int
    in_time: int
    checks: int
    absences: tuple[tuple[str, str], ...]
    confirmed: tuple[str, ...]
    back: tuple[str, ...]
    by_ledger: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def reported(self) -> Rate:
        """Headcounts made of those owed."""
        return Rate("reported", self.made, self.owed)

    @property
    def punctual(self) -> Rate:
        """Headcounts in time of those owed."""
        return Rate("reported_by_the_hour", self.in_time, self.owed)

    @property
    def visited(self) -> Rate:
        """Absences answered on their day."""
        return Rate("visited_same_day", sum(status == MET for _, status in self.absences), len(self.absences))


class Statistics:
    """The figures of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, lives: Lives, clock: Callable[[], dt.datetime]) -> None:
        self._school, self._lives, self._clock = school, lives, clock
        self._bases = Figures(store, school, clock)

    def year(self, conn: Connection, term: Term, cutoff: dt.date) -> YearFigures:
        """From the base figure of the school year that `term` lies in to `cutoff` (today at the latest)."""
        calendar = self._lives.world(conn).calendar
        first = year_start(calendar, term)
        cutoff = min(cutoff, self._clock().date())
        lives = self._at(conn, cutoff)
        reckonings = self._reckonings(conn, first, term)
        counted = Counted(reckonings, self._later(conn, cutoff), tally(lives, first.first), _rooms(lives, cutoff))
        rules = self._lives.world(conn).book.on(cutoff)
        return YearFigures(
            term.term, first.first, cutoff, tuple(groups_of(counted, rules)),
            tuple(counted.group(one.room.id, [one], rules) for one in reckonings), counted.tally,
            _late(lives, first.first), key_visits(lives, term, self._lives.world(conn)),
            self._enrolment(conn, first.first, cutoff, counted.tally.not_back),
        )  # fmt: skip

    def month(self, conn: Connection, month: dt.date, class_ids: Iterable[str]) -> MonthFigures:
        """The month in which `month` lies, up to today, of these classes."""
        first = month.replace(day=1)
        last = min((first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1), self._clock().date())
        return month_figures(self._at(conn, last), self._lives.world(conn), first, last, list(class_ids))

    def _enrolment(
        self, conn: Connection, first: dt.date, cutoff: dt.date, lost: Collection[str]
    ) -> tuple[Enrolment, ...]:
        """入学率 of each stage that the school has, and of the whole school, as the roll stood at the cut-off."""
        then = as_of(conn, self._school, register.load(conn, self._school), cutoff, origin="")
        rules, eve = self._lives.world(conn).book.on(cutoff), first - dt.timedelta(days=1)
        residents = [
            Resident(one.id, one.birth, one.roll_status, then.classes[one.class_id].stage)
            for one in then.students.values() if one.class_id in then.classes
        ]  # fmt: skip
        stages = [stage for stage in STAGES if any(one.stage == stage for one in residents)]
        by_stage = [(stage, [one for one in residents if one.stage == stage]) for stage in stages]
        return tuple(enrolment(stage, mine, eve, rules, lost) for stage, mine in [*by_stage, (SCHOOL, residents)])

    def _at(self, conn: Connection, day: dt.date) -> list[Lifecycle]:
        now = self._clock()
        if day >= now.date():
            return self._lives.all(conn)
        return self._lives.all(conn, dt.datetime.combine(day, dt.time(23, 59, 59), now.tzinfo))

    def _reckonings(self, conn: Connection, first: Term, term: Term) -> list[Reckoning]:
        """From the base of the year's first term; where nobody froze one, from that of the term itself."""
        now = register.load(conn, self._school)
        found = self._bases.reckonings(conn, now, first.term)
        later = self._bases.reckonings(conn, now, term.term)
        return [one if one.base or not other.base else other for one, other in zip(found, later, strict=True)]

    def _later(self, conn: Connection, cutoff: dt.date) -> frozenset[str]:
        """Events that took effect after the cut-off: they change nothing yet."""
        events = roll_events.of_school(conn, self._school)
        return frozenset(event.event for event in events if event.on_day > cutoff.isoformat())


@dataclass(frozen=True)
class Counted:
    """What all groups are counted from."""

    reckonings: Sequence[Reckoning]
    later: frozenset[str]
    tally: Tally
    room_of: Mapping[str, str]

    def group(self, name: str, reckonings: Sequence[Reckoning], rules: Rules, stage: str = "") -> Group:
        """One group of classes; who moved from one of them to another has neither come nor gone."""
        base = {id for one in reckonings for id in (one.base.students if one.base else one.now)}
        now = {id for one in reckonings for id in one.now}
        people: dict[str, list[str]] = {part: [] for part in PARTS}
        for names, steps, gone in ((_OUT, "out", base - now), (_CAME, "came", now - base)):
            for step in (step for one in reckonings for step in getattr(one, steps)):
                if step.student in gone and step.event not in self.later:
                    people[names.get(step.reason, "withdrew")].append(step.student)
        rooms = {one.room.id for one in reckonings}
        ever, still = (tuple(case for case in cases if self.room_of.get(case) in rooms)
                       for cases in (self.tally.confirmed, self.tally.not_back))  # fmt: skip
        roll = Roll(len(base), dropped_ever=len(ever), dropped_still=len(still),
                    **{part: len(ids) for part, ids in people.items()})  # fmt: skip
        named = {part: tuple(sorted(ids)) for part, ids in people.items()}
        named |= {"dropped_ever": ever, "dropped_still": still}
        view = None if stage else class_view(roll.base, roll.dropped_still, rules)
        frozen = all(one.base for one in reckonings)
        return Group(name, roll, named, _verdicts(roll, stage, rules), view, frozen)


def month_figures(
    lives: Iterable[Lifecycle], world: World, first: dt.date, last: dt.date, class_ids: Sequence[str]
) -> MonthFigures:
    """What happened from `first` to `last` in these classes; nothing here names a child but by its id."""
    mine = [life for life in lives if last_class(life, last) in class_ids]
    days = world.calendar.between(first, last)
    owed = [due for day in days for one in class_ids for due in daily_reports(one, day, world)]
    checks = sum(len(world.attendance.lessons.get((one, day), ())) for day in days for one in class_ids)
    absences = tuple((life.child.case, due.status(world.now)) for life in mine for due in same_day_visits(life)
                     if due.due and first <= due.due <= last)  # fmt: skip
    entered = tuple(life.child.case for life in mine
                    if any(step.state == "C3" and first <= step.day <= last for step in life.story.steps))  # fmt: skip
    back = tuple(life.child.case for life in mine for one in life.story.episodes
                 if one.returned_on and first <= one.returned_on <= last)  # fmt: skip
    made, in_time = sum(due.kept is not None for due in owed), sum(due.status(world.now) == MET for due in owed)
    return MonthFigures(first, len(days), len(owed), made, in_time, checks, absences, entered, back, by_ledger(mine))


def key_visits(lives: Iterable[Lifecycle], term: Term, world: World) -> Rate | None:
    """R41: key students visited at home around term start, of all; None where there are none."""
    around = season(world, term.first)
    owed = [due for life in lives if around and (due := key_visit(life, around))]
    return coverage(sum(due.status(world.now) == MET for due in owed), len(owed)) if owed else None


def year_start(calendar: SchoolCalendar, term: Term) -> Term:
    """The first term of the school year that a term belongs to."""
    year = term.term.rpartition("-")[0]
    return next(one for one in calendar.terms if one.term.rpartition("-")[0] == year)


def last_class(life: Lifecycle, day: dt.date) -> str:
    """The class of a child on a day, or the last one it was in."""
    return life.child.class_on(day) or (life.child.stays[-1].class_id if life.child.stays else "")


def groups_of(counted: Counted, rules: Rules) -> list[Group]:
    """The stages that the school has, then the whole school."""
    by_stage = [(stage, [one for one in counted.reckonings if one.room.stage == stage]) for stage in STAGES]
    stages = [counted.group(stage, mine, rules, stage) for stage, mine in by_stage if mine]
    return [*stages, counted.group(SCHOOL, counted.reckonings, rules, SCHOOL)]


def _verdicts(roll: Roll, stage: str, rules: Rules) -> tuple[Verdict, ...]:
    key = f"target.dropout.{stage}"
    return (judge(roll.net_dropout, rules.rule(key)),) if stage in STAGES and key in rules.by_key else ()


def _rooms(lives: Iterable[Lifecycle], day: dt.date) -> dict[str, str]:
    return {life.child.case: last_class(life, day) for life in lives}


def _late(lives: Iterable[Lifecycle], first: dt.date) -> tuple[str, ...]:
    """Children with an absence that was not answered on its day."""
    late = [life.child.case for life in lives for due in same_day_visits(life)
            if due.due and due.due >= first and due.status(life.world.now) != MET]  # fmt: skip
    return tuple(dict.fromkeys(late))

