"""The lives of the school's children under the rules, worked out once and kept until something changes them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from casebook.errors import NoSuchCase
from casebook.rules.absence import World
from casebook.rules.deadlines import deadlines
from casebook.rules.duties import Duty, child_duties, class_duties, school_duties
from casebook.rules.facts import Chronicle, Deed
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.replay import Episode
from casebook.rules.turning import holds, next_turn
from sync_server.access import Reach
from sync_server.memory import SCHOOL, Memory
from sync_server.store import numbers, rooms, schools, visits
from sync_server.store.engine import Connection, is_writing

Wanted = Callable[[Lifecycle], bool]

OF_ONE_AUTHOR = 10_000
LOOKS_BACK = 3  # moments of the past whose lives are kept


@dataclass(frozen=True)
class Worked:
    """A life as it was worked out in a version of the memory; its deadlines wait until somebody looks again."""

    life: Lifecycle
    told: Chronicle
    version: int

    @cached_property
    def turn(self) -> dt.datetime:
        """Until which moment it holds."""
        return next_turn(self.life, self.told)

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        """What it asks."""
        return tuple(child_duties(self.life))


@dataclass
class _Course:
    """The memory of one course of time, what was worked out from it, and when it was looked at last.

    There is the present, whose moment moves on, and a few moments of the past that somebody looks back to.
    """

    memory: Memory
    kept: dict[str, Worked]
    seen_at: dt.datetime


@dataclass(frozen=True)
class _Sight:
    """What one request sees: a memory, its moment, what was kept, and whether what is worked out may be kept too."""

    conn: Connection
    memory: Memory
    now: dt.datetime
    kept: dict[str, Worked]
    keep: bool

    @property
    def world(self) -> World:
        return self.memory.world(self.now)


class Lives:
    """Lives of one school. `clock` gives aware times in the school's zone. Safe to share between threads.

    A moment `now` may be given everywhere: then all is worked out as it had been captured by then.
    """

    def __init__(self, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._school, self._clock = school, clock
        self._lock = threading.RLock()
        self._present: _Course | None = None
        self._past: dict[dt.datetime, _Course] = {}

    def world(self, conn: Connection, now: dt.datetime | None = None) -> World:
        """Calendar, rules, headcounts and the moment."""
        with self._sight(conn, now) as sight:
            return sight.world

    def classes(self, conn: Connection) -> dict[str, str]:
        """Child -> its class now, of every child that has a row."""
        with self._sight(conn, None) as sight:
            return dict(sight.memory.class_of)

    def of(self, conn: Connection, case: str, now: dt.datetime | None = None) -> Lifecycle:
        """One child's life. Raises NoSuchCase."""
        with self._sight(conn, now) as sight:
            if case not in sight.memory.children:
                raise NoSuchCase()
            return next(self._lives(sight, [case]))

    def some(self, conn: Connection, cases: Iterable[str], now: dt.datetime | None = None) -> dict[str, Lifecycle]:
        """The lives of these children, by id; whom nobody knows is left out."""
        with self._sight(conn, now) as sight:
            known = [case for case in cases if case in sight.memory.children]
            return dict(zip(known, self._lives(sight, known), strict=True))

    def all(self, conn: Connection, now: dt.datetime | None = None) -> list[Lifecycle]:
        """Every child of whom any record or headcount says something, and every key student; by id."""
        with self._sight(conn, now) as sight:
            return list(self._lives(sight, _told_of(sight.memory)))

    def within(
        self, conn: Connection, within: Reach, now: dt.datetime | None = None, wanted: Wanted | None = None
    ) -> list[Lifecycle]:
        """Those of them that a list of this reach may hold and that are wanted."""
        with self._sight(conn, now) as sight:
            return list(self._lives(sight, self._reached(sight, within), wanted))

    def child_duties(self, conn: Connection, within: Reach, now: dt.datetime | None = None) -> list[Duty]:
        """What is to be done for the children within reach, kept like their lives; child by child."""
        with self._sight(conn, now) as sight:
            return [duty for one in self._worked(sight, self._reached(sight, within)) for duty in one.duties]

    def class_duties(self, conn: Connection, within: Reach, now: dt.datetime | None = None) -> list[Duty]:
        """What the classes within reach owe today (R20, R19, R43); one without children owes nothing."""
        with self._sight(conn, now) as sight:
            today, children = sight.now.date(), sight.memory.children.values()
            taught = {*rooms.ids(conn, self._school)} & {child.class_on(today) for child in children}
            found = [one for one in sorted(taught) if within.whole_school or one in within.classes]
            return [duty for one in found for duty in class_duties(one, today, sight.world)]

    def school_duties(self, conn: Connection, now: dt.datetime | None = None) -> list[Duty]:
        """What the whole school owes (R47)."""
        with self._sight(conn, now) as sight:
            return school_duties(sight.world, self._deeds(sight))

    def school_deeds(self, conn: Connection, now: dt.datetime | None = None) -> list[Deed]:
        """Acts that belong to no child: the reports RE and RF; the oldest first."""
        with self._sight(conn, now) as sight:
            return self._deeds(sight)

    def episodes(self, conn: Connection, cases: Iterable[str] | None = None) -> list[tuple[str, Episode]]:
        """All episodes of these children, or of all, with the child; no deadline is worked out for that."""
        with self._sight(conn, None) as sight:
            known = _told_of(sight.memory) if cases is None else [one for one in cases if one in sight.memory.children]
            worked = self._worked(sight, known)
            return [(one.life.child.case, episode) for one in worked for episode in one.life.story.episodes]

    def case_no(self, conn: Connection, case: str) -> str:
        """The number of the child's newest episode; empty while the school has not given one."""
        episode = self.of(conn, case).episode
        return numbers.of_case(conn, self._school, case).get(episode.number, "") if episode else ""

    def _deeds(self, sight: _Sight) -> list[Deed]:
        told = sight.memory.facts_of(sight.conn, [SCHOOL])[SCHOOL]
        return list(told.until(sight.now).deeds)

    def _reached(self, sight: _Sight, within: Reach) -> list[str]:
        found = _told_of(sight.memory)
        if within.whole_school:
            return found
        single = {*within.cases, *self._visited(sight.conn, within.author)}
        return [case for case in found if case in single or sight.memory.class_of.get(case) in within.classes]

    def _visited(self, conn: Connection, author: str) -> set[str]:
        listed = visits.listed(conn, self._school, author=author, limit=OF_ONE_AUTHOR) if author else []
        return {row.case for row in listed}

    @contextmanager
    def _sight(self, conn: Connection, asked: dt.datetime | None) -> Iterator[_Sight]:
        """What `conn` sees: the shared memory, brought up to date, or a copy where that would not hold for others."""
        upto = schools.size(conn, self._school)
        with self._lock:
            now = asked or self._clock()  # in its turn: who waited for another is not of another time
            course = self._now(now) if asked is None else self._then(asked)
            shared = course.memory
            if upto < shared.upto or (upto > shared.upto and is_writing(conn)):
                memory = shared.copy()  # an older snapshot, or records that are not committed yet
                memory.follow(conn, upto, now)
                yield _Sight(conn, memory, now, course.kept, keep=False)
                return
            shared.follow(conn, upto, now)
            course.seen_at = now
            yield _Sight(conn, shared, now, course.kept, keep=True)

    def _now(self, now: dt.datetime) -> _Course:
        """The present; a clock that was set back begins anew."""
        if self._present is None or now < self._present.seen_at:
            self._present = _Course(Memory(self._school, now.tzinfo or dt.UTC), {}, now)
        return self._present

    def _then(self, moment: dt.datetime) -> _Course:
        """A moment of the past, begun with what the present remembers; the one looked at last is kept longest."""
        course = self._past.pop(moment, None)
        if course is None:
            known = self._present.memory.as_of(moment) if self._present else None
            course = _Course(known or Memory(self._school, moment.tzinfo or dt.UTC), {}, moment)
            while len(self._past) >= LOOKS_BACK:
                self._past.pop(next(iter(self._past)))
        self._past[moment] = course
        return course

    def _lives(self, sight: _Sight, cases: Iterable[str], wanted: Wanted | None = None) -> Iterator[Lifecycle]:
        """Lives at the moment of the request, whenever they were worked out."""
        world = sight.world
        for one in self._worked(sight, cases):
            deadlines(one.life)  # the life remembers them, and so does every copy
            if wanted is None or wanted(one.life):
                yield replace(one.life, world=world)

    def _worked(self, sight: _Sight, cases: Iterable[str]) -> list[Worked]:
        wanted = list(cases)
        lacking = [case for case in wanted if not self._holds(sight, case)]
        fresh = dict(_work_out(sight, lacking))
        found = [fresh.get(case) or sight.kept[case] for case in wanted]
        if sight.keep:
            sight.kept.update(fresh)
        return found

    def _holds(self, sight: _Sight, case: str) -> bool:
        """Whether what is kept of a child is what would be worked out now."""
        kept, memory = sight.kept.get(case), sight.memory
        if kept is None or kept.version < memory.era or kept.version < memory.children_touched.get(case, 0):
            return False
        if not holds(kept.life, kept.turn, sight.now):
            return False
        facts = kept.life.facts
        begun = kept.life.days or case in memory.attendance.missing or facts.absences or facts.done("returned")
        stays = kept.life.child.stays if begun or kept.life.child.key else ()
        return all(memory.classes_touched.get(stay.class_id, 0) <= kept.version for stay in stays)


def _told_of(memory: Memory) -> list[str]:
    keys = {case for case, child in memory.children.items() if child.key}
    return sorted((memory.cases | memory.attendance.missing.keys() | keys) & memory.children.keys())


def _work_out(sight: _Sight, cases: Collection[str]) -> Iterator[tuple[str, Worked]]:
    memory, world = sight.memory, sight.world
    for case, told in memory.facts_of(sight.conn, cases).items():
        yield case, Worked(lifecycle(memory.children[case], told, world), told, memory.version)
