"""Headcounts of a class: what stands, what was changed, who is missing, and whether the heads agree (R18-R24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from casebook.casefile import Entry
from casebook.kinds import class_survey
from casebook.kinds.headcount import AWAY_KINDS, LESSON
from casebook.rules.facts import CHINA, Fact
from casebook.rules.reading import heads, stamp_of

UNEXCUSED = frozenset({"unexcused", "not_registered"})
NOT_EXPECTED = frozenset({"suspended", "home_taught"})  # known to be elsewhere: neither present nor missing
ROLL_SESSIONS = ("am", "noon", "pm")


@dataclass(frozen=True)
class Count(Fact):
    """One headcount as it stands: who is absent and of what kind, and its former versions, oldest first.

    `rivals` are other headcounts of the same session that were not written as a correction of this one; `lesson`
    says which lesson was counted, "" when it was none.
    """

    class_id: str
    day: dt.date
    session: str
    expected: int
    present: int
    kinds: Mapping[str, str]
    source: str = "roll"
    reason: str = ""
    lesson: str = ""
    former: tuple[Count, ...] = ()
    rivals: tuple[Count, ...] = ()

    @property
    def away(self) -> int:
        """Heads missing."""
        return self.expected - self.present

    @cached_property
    def misses(self) -> frozenset[str]:
        """The children that it, or a rival, names as away."""
        named = (item for one in (*self.rivals, self) for item in one.kinds.items())
        return frozenset(student for student, kind in named if kind in AWAY_KINDS)

    @property
    def versions(self) -> tuple[Count, ...]:
        """The report as it was first made, which is on time or late; then every correction, the newest last (R23)."""
        return (*self.former, self)

    def changes(self, before: Count) -> list[tuple[str, str, str]]:
        """Whose kind of absence differs from `before`: child, was, now; "" for in class."""
        pairs = ((one, before.kinds.get(one, ""), self.kinds.get(one, "")) for one in {**before.kinds, **self.kinds})
        return sorted(change for change in pairs if change[1] != change[2])


@dataclass(frozen=True)
class Discrepancy:
    """Two headcounts of one class and day that do not agree: heads of a lesson against the class (R19, R71)."""

    code: str
    class_id: str
    day: dt.date
    class_heads: int
    other_heads: int
    source: str


@dataclass(frozen=True)
class Attendance:
    """All headcounts of a school, or of the classes that a phone knows, and who surveyed which class on which day."""

    counts: Mapping[tuple[str, dt.date], Mapping[str, Count]] = field(default_factory=dict)
    lessons: Mapping[tuple[str, dt.date], tuple[Count, ...]] = field(default_factory=dict)
    surveys: Mapping[tuple[str, dt.date], Fact] = field(default_factory=dict)

    def of(self, class_id: str, day: dt.date) -> Mapping[str, Count]:
        """The headcounts of a class that stand, by session; lessons are apart."""
        return self.counts.get((class_id, day), {})

    def surveyed_on(self, class_id: str, first: dt.date, last: dt.date) -> dt.date | None:
        """The first day from one to another on which the class was surveyed (R43)."""
        return min((day for room, day in self.surveys if room == class_id and first <= day <= last), default=None)

    @cached_property
    def missing(self) -> Mapping[str, Mapping[dt.date, Mapping[str, Count]]]:
        """Per child and day, the sessions in which a headcount names it as away.

        Where two headcounts stand side by side, the one that misses the child counts until a person has decided.
        """
        return _missing(self.counts, sorted(self.counts))

    def replacing(self, rooms: Iterable[tuple[str, dt.date]], fresh: Attendance) -> Attendance:
        """The same, but these classes and days say what `fresh` says; who is missing is not gathered anew."""
        gone = set(rooms)
        found = Attendance(
            {key: of for key, of in self.counts.items() if key not in gone} | {**fresh.counts},
            {key: of for key, of in self.lessons.items() if key not in gone} | {**fresh.lessons},
            {key: of for key, of in self.surveys.items() if key not in gone} | {**fresh.surveys},
        )
        if "missing" in vars(self):
            vars(found)["missing"] = self._missing_but(gone | fresh.counts.keys(), found)
        return found

    def _missing_but(
        self, rooms: Collection[tuple[str, dt.date]], now: Attendance
    ) -> Mapping[str, Mapping[dt.date, Mapping[str, Count]]]:
        """Who is missing in `now`, which says something else of these classes and days only."""
        changed = {day for _, day in rooms}
        after = _missing(now.counts, sorted(key for key in now.counts if key[1] in changed))
        named = {student for key in rooms for count in self.counts.get(key, {}).values()
                 for one in (count, *count.rivals) for student in one.kinds}  # fmt: skip
        found = dict(self.missing)
        for student in named | after.keys():
            days = {day: of for day, of in found.pop(student, {}).items() if day not in changed}
            days |= after.get(student, {})
            if days:
                found[student] = days
        return found

    def discrepancies(self, class_id: str, day: dt.date) -> Iterator[Discrepancy]:
        """Where a lesson counted other heads than the class, and where heads left between morning and noon."""
        counts = self.of(class_id, day)
        roll = [counts[session] for session in ROLL_SESSIONS if session in counts]
        if not roll:
            return
        for lesson in self.lessons.get((class_id, day), ()):
            if lesson.present not in {count.present for count in roll}:
                yield Discrepancy("lesson", class_id, day, roll[0].present, lesson.present, lesson.rid)
        for one, other in pairwise(roll):
            if other.present < one.present:
                yield Discrepancy("left_school", class_id, day, one.present, other.present, other.rid)
        for count in roll:
            yield from (Discrepancy("two_counts", class_id, day, count.present, rival.present, rival.rid)
                        for rival in count.rivals if rival.kinds != count.kinds)  # fmt: skip


def _missing(
    counts: Mapping[tuple[str, dt.date], Mapping[str, Count]], rooms: Iterable[tuple[str, dt.date]]
) -> dict[str, dict[dt.date, dict[str, Count]]]:
    found: dict[str, dict[dt.date, dict[str, Count]]] = {}
    for key in rooms:
        for session, standing in counts[key].items():
            for count in (standing, *standing.rivals) if standing.rivals else (standing,):
                for student, kind in count.kinds.items():
                    if kind in AWAY_KINDS:
                        found.setdefault(student, {}).setdefault(key[1], {}).setdefault(session, count)
    return found


def attendance(
    entries: Iterable[Entry], offsets: Mapping[str, int] | None = None, zone: dt.tzinfo = CHINA
) -> Attendance:
    """The headcounts and surveys of classes among these records, whatever their order: of each session the newest
    headcount that stands, of each day the first survey.
    """
    told = {entry.rid: entry for entry in entries}
    kept = {rid: entry for rid, entry in told.items() if entry.record.type == "headcount"}
    groups: dict[tuple[str, str, str, str], list[Entry]] = {}
    for entry in sorted(kept.values(), key=lambda entry: entry.order):
        body = entry.record.body
        one_lesson = entry.record.author + str(body.get("lesson", "")) if body["session"] == LESSON else ""
        groups.setdefault((body["class"], body["day"], body["session"], one_lesson), []).append(entry)
    counts: dict[tuple[str, dt.date], dict[str, Count]] = {}
    lessons: dict[tuple[str, dt.date], tuple[Count, ...]] = {}
    for (class_id, day, session, _), chain in groups.items():
        key, count = (class_id, dt.date.fromisoformat(day)), _standing(chain, offsets or {}, zone)
        if session == LESSON:
            lessons[key] = (*lessons.get(key, ()), count)
        else:
            counts.setdefault(key, {})[session] = count
    ordered = {key: tuple(sorted(of, key=lambda one: one.order)) for key, of in lessons.items()}
    return Attendance(counts, ordered, dict(_surveys(told.values(), offsets or {}, zone)))


def _surveys(
    entries: Iterable[Entry], offsets: Mapping[str, int], zone: dt.tzinfo
) -> Iterator[tuple[tuple[str, dt.date], Fact]]:
    """Class and day of each survey, the newest first: the first one of a day stands."""
    found = [entry for entry in entries if entry.record.type == class_survey.TYPE]
    for entry in sorted(found, key=lambda entry: entry.order, reverse=True):
        body = entry.record.body
        fact = Fact(entry.rid, entry.record.author, stamp_of(entry, offsets, zone))
        yield (body["class"], dt.date.fromisoformat(body["day"])), fact


def _standing(chain: list[Entry], offsets: Mapping[str, int], zone: dt.tzinfo) -> Count:
    """The newest head with its own former versions; other heads stand beside it as rivals."""
    if len(chain) == 1:
        return _count(chain[0], offsets, zone)
    *rivals, head = heads(chain)
    by_rid = {entry.rid: entry for entry in chain}
    return _count(head, offsets, zone, _former(head, by_rid), tuple(rivals))


def _former(head: Entry, by_rid: Mapping[str, Entry]) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    waiting = list(head.record.amends)
    while waiting:
        entry = by_rid.get(waiting.pop())
        if entry is not None and entry.rid not in found:
            found[entry.rid] = entry
            waiting.extend(entry.record.amends)
    return tuple(sorted(found.values(), key=lambda entry: entry.order))


def _count(
    entry: Entry, offsets: Mapping[str, int], zone: dt.tzinfo, former: tuple[Entry, ...] = (),
    rivals: tuple[Entry, ...] = (),
) -> Count:  # fmt: skip
    body = entry.record.body
    return Count(
        entry.rid, entry.record.author, stamp_of(entry, offsets, zone), class_id=body["class"],
        day=dt.date.fromisoformat(body["day"]), session=body["session"], expected=body["expected"],
        present=body["present"], kinds={one["student"]: one["kind"] for one in body["absent"]}, source=body["source"],
        reason=body.get("reason", ""), lesson=str(body.get("lesson", "")),
        former=tuple(_count(one, offsets, zone) for one in former),
        rivals=tuple(_count(one, offsets, zone) for one in rivals),
    )  # fmt: skip
