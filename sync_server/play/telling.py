"""Says what a story has come to: children, classes, the school, as plain JSON with names instead of ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from assets import load_wording
from casebook.casefile import CaseFile, fold
from casebook.kinds.visit import outing_of
from casebook.rules.absence import World
from casebook.rules.deadlines import deadlines
from casebook.rules.duties import Duty, file_duties
from casebook.rules.evidence import points
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.outline import duty_outline, life_outline, plain
from casebook.rules.reading import stamp_of
from casebook.rules.tallies import quota
from casebook.rules.weekly import week
from casebook.rules.words import explained
from sync_server.access import Reach
from sync_server.figures import Statistics, YearFigures
from sync_server.outings import one_going
from sync_server.play.figures import group_outline, year_of, year_outline
from sync_server.play.phonebook import PhoneBook
from sync_server.play.stage import Stage
from sync_server.store import archive, homes, schools
from sync_server.store.engine import Connection
from sync_server.visits import Visits

SCHOOL = "school"
_FOLLOWS = ("state", "ledger", "missing", "absent_days", "attempts", "voices", "unmet", "silent_days", "incidents")
_WHOLE = Reach(whole_school=True)


class Teller:
    """Tells what there is now, as the school would compute it."""

    def __init__(self, stage: Stage, opened: Visits, phones: PhoneBook) -> None:
        self._stage, self._visits, self._phones = stage, opened, phones
        self._lives = stage.wiring.lives
        self._figures: tuple[object, YearFigures | None] = (None, None)
        self._desk = Statistics(stage.wiring.store, stage.school, self._lives, stage.clock)

    def subject(self, name: str) -> dict[str, Any] | None:
        """A child, a class, a phone or the school by its name in the story; None when there is none."""
        self._stage.wiring.numbers.look()  # as the school does every minute
        with self._stage.wiring.store.read() as conn:
            found = self._told(conn, name)
        return self._named(found) if found is not None else None

    def everything(self, children: Iterable[str]) -> dict[str, Any]:
        """These children, their classes, and the school."""
        self._stage.wiring.numbers.look()
        with self._stage.wiring.store.read() as conn:
            told = [name for name in children if name in self._stage.students]
            rooms = dict.fromkeys(self._stage.cast.children[name].room for name in told)
            found: dict[str, Any] = self._named({
                "at": self._stage.clock.now.isoformat(timespec="minutes"),
                "children": {name: self._child(conn, name) for name in told},
                "classes": {room: self._room(conn, room) for room in rooms}, SCHOOL: self._school(conn),
            })  # fmt: skip
        return found

    def _year(self, conn: Connection, world: World) -> YearFigures | None:
        """The figures of the year, worked out once for one moment of the school's log."""
        moment = (schools.size(conn, self._stage.school), world.now)
        if self._figures[0] != moment:
            self._figures = moment, year_of(conn, self._desk, world.calendar, world.today)
        return self._figures[1]

    def _told(self, conn: Connection, name: str) -> dict[str, Any] | None:
        if name in self._stage.students:
            return self._child(conn, name)
        if name in self._stage.rooms:
            return self._room(conn, name)
        return self._school(conn) if name == SCHOOL else self._phones.outline(name)

    # -- a child

    def _child(self, conn: Connection, name: str) -> dict[str, Any]:
        case, school = self._stage.students[name], self._stage.school
        life = self._lives.of(conn, case)
        outline = life_outline(life)
        file = fold(case, archive.of_case(conn, school, case), homes.effects(conn, school, case))
        child = self._stage.student(name)
        asked = [duty_outline(duty) for duty in file_duties(file, life.world.today)]
        visited = quota(life, _year_begins(life.world.calendar.terms, life.world.today))
        return {name: outline[name] for name in _FOLLOWS} | {
            "class": child.class_id, "roll_status": child.roll_status, "case_no": self._lives.case_no(conn, case),
            "episode": life.episode.number if life.episode else 0, "path": _path(life),
            "steps": outline["history"], "states": {step.state: step.day.isoformat() for step in life.story.steps},
            "deadlines": _deadlines(life, outline), "duties": [*outline["duties"], *map(plain, asked)],
            "values": {prop: file.text(prop) for prop in file.properties()}, "conflicts": sorted(file.conflicts()),
            "visits": self._visits_of(conn, life, file), "quota": {"made": visited.heads, "needed": visited.base},
            "rules": {key: life.rules.rule(key).value for key in ("document.N1", "quota.all", "quota.key")},
        }  # fmt: skip

    def _visits_of(self, conn: Connection, life: Lifecycle, file: CaseFile) -> dict[str, Any]:
        """Visits and calls by their names, the oldest first, with the times that count and what speaks for them."""
        ids = [visit.visit for visit in file.visits]
        parts = self._visits.parts_of(conn, ids, [file.case]) if ids else {}
        contacts = {contact.visit: contact for contact in life.facts.contacts}
        told = {}
        for visit in reversed(file.visits):
            contact, (made, most) = contacts.get(visit.visit), points(parts.get(visit.visit, ()))
            stamp = contact.stamp if contact else stamp_of(visit.versions[0], {})
            row, subject = self._visits.subject(conn, visit.visit)
            told[visit.visit] = {
                "form": row.form_id, "by": row.author, "with": sorted(subject.joined_by), "status": visit.status,
                "versions": len(visit.versions), "files": f"{row.files_present}/{row.files_total}",
                "captured": stamp.captured.isoformat(timespec="minutes"),
                "corrected": stamp.at.isoformat(timespec="minutes"),
                "received": row.received_at[:16], "clock_minutes": round(stamp.offset / 60),
                "flagged": stamp.off_by_more_than(life.rules.number("clock_offset_flag")),
                "outing": outing_of(visit.versions[0].record), "evidence": made, "evidence_of": most,
                "going": [one.visit for one in one_going(conn, self._stage.school, self._visits, row)],
                "parts": {part.name: part.points for part in parts.get(visit.visit, ())},
            }  # fmt: skip
        return told

    # -- a class

    def _room(self, conn: Connection, room: str) -> dict[str, Any]:
        class_id, world = self._stage.rooms[room], self._lives.world(conn)
        today = world.today
        year = self._year(conn, world)
        group = next((one for one in year.classes if one.name == class_id), None) if year else None
        counted = world.attendance.of(class_id, today)
        within = Reach(False, (class_id,))
        monday = today - dt.timedelta(days=today.weekday())
        leaves = {life.child.case: life.facts.leaves for life in self._lives.within(conn, within)}
        found = week(class_id, monday, world.attendance, world.calendar, leaves)
        return {
            "children": self._stage.on_list(room), "duties": _duties(self._lives.class_duties(conn, within)),
            "counts": {session: {"expected": count.expected, "present": count.present, "kinds": dict(count.kinds),
                                 "former": len(count.former), "reason": count.reason}
                       for session, count in counted.items()},
            "week": {"first": monday, "totals": dict(found.totals), "unchanged": found.unchanged,
                     "days": {one.day.isoformat(): _class_day(one) for one in found.days}},
            "figures": group_outline(group) if group else None,
        }  # fmt: skip

    # -- the school

    def _school(self, conn: Connection) -> dict[str, Any]:
        world = self._lives.world(conn)
        held = archive.in_quarantine(conn, self._stage.school)
        year = self._year(conn, world)
        owed = [*self._lives.child_duties(conn, _WHOLE), *self._lives.school_duties(conn)]
        counts: dict[str, int] = {}
        for duty in owed:
            counts[duty.kind] = counts.get(duty.kind, 0) + 1
        return {
            "duties": _duties(self._lives.school_duties(conn)), "duty_counts": counts,
            "quarantine": [{"record": one.rid, "type": one.record.type, "code": one.code} for one in held],
            "conflicts": [
                {"property": one.prop, "children": list(one.cases), "values": one.values}
                for one in sorted(homes.contested(conn, self._stage.school, homes.PROPS), key=lambda one: one.prop)
            ],
            "files": self._stage.files_kept(), "figures": year_outline(year) if year else None,
        }  # fmt: skip

    def _named(self, value: Any) -> Any:
        """The value with names of the story where ids of the school stand."""
        if isinstance(value, Mapping):
            return {self._name(str(key)): self._named(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._named(part) for part in value]
        return self._name(value) if isinstance(value, str) else plain(value)

    def _name(self, text: str) -> str:
        return self._stage.names.get(text, text)


def _path(life: Lifecycle) -> list[str]:
    return [f"{step.state} {step.day.isoformat()}" for step in life.story.steps]


def _deadlines(life: Lifecycle, outline: Mapping[str, Any]) -> dict[str, Any]:
    """By key; the second of a key is `key.2`. `why` are the sentences behind `because`."""
    say, found = load_wording(), {}
    for due, told in zip(deadlines(life), outline["deadlines"], strict=True):
        name, number = due.key, 1
        while name in found:
            number += 1
            name = f"{due.key}.{number}"
        found[name] = told | {"why": explained(due, say)}
    return found


def _duties(found: Iterable[Duty]) -> list[Any]:
    return [plain(duty_outline(duty)) for duty in found]


def _class_day(one: Any) -> dict[str, Any]:
    return {
        "reported": one.reported, "expected": one.expected, "present": one.present, "kinds": dict(one.kinds or {}),
        "unexcused": list(one.unexcused),
        "changes": [{"student": change.student, "was": change.was, "now": change.now, "reason": change.reason,
                     "author": change.author} for change in one.changes],
        "discrepancies": [{"code": two.code, "class_heads": two.class_heads, "other_heads": two.other_heads}
                          for two in one.discrepancies],
    }  # fmt: skip


def _year_begins(terms: Iterable[Any], today: dt.date) -> dt.date:
    return max((term.first for term in terms if term.first <= today), default=today)
