"""Closing a school year: done whole, once, as it was seen; the years before stay as they were."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from casebook import feeds
from casebook.errors import NotAllowed
from casebook.rules.absence import child_from
from sync_server import founding
from sync_server.attendance import AttendanceDesk
from sync_server.figures import Statistics
from sync_server.lives import Lives
from sync_server.roster import lookback, register
from sync_server.roster.figures import Figures
from sync_server.roster.roll import GRADUATE, KINDS, PROMOTE, STAY, possible
from sync_server.roster.rollbook import Entry, RollBook
from sync_server.roster.yearclosing import Outlook, YearClosing
from sync_server.roster.yearend import Choices
from sync_server.settings import Settings
from sync_server.store import accounts, archive, class_lists, roll_events, rows, typed
from sync_server.wiring import Wiring
from tests.sync_server.roster.sheets import PEOPLE, SCHOOL, ZONE, load, settle
from tests.sync_server.roster.test_yearend import OTHER, ROOMS, SIZE, pupil

OLD, NEW = "2025-2026-1", "2026-2027-1"
TERMS = (
    (OLD, "2025-09-01", "2026-01-23"), ("2025-2026-2", "2026-02-23", "2026-07-10"), (NEW, "2026-09-01", "2027-01-22"),
)  # fmt: skip
BEGINS, SUMMER, SEPTEMBER = (dt.datetime(*day, 9, 0, tzinfo=ZONE) for day in ((2025, 8, 20), (2026, 8, 20), (2026, 9, 1)))
REGISTRAR, TEACHER = PEOPLE["registrar"], PEOPLE["teacher"]


@dataclass
class Clock:
    """The school's clock, moved by hand."""

    now: dt.datetime = BEGINS

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class School:
    wiring: Wiring
    clock: Clock

    def closing(self) -> YearClosing:
        wiring = self.wiring
        return YearClosing(wiring.store, SCHOOL, wiring.office, wiring.lives, self.clock)

    def look(self, **choices: str) -> Outlook:
        return self.closing().look(REGISTRAR, Choices(choices))

    def close(self, **choices: str) -> Outlook:
        """Looks, then does what was seen."""
        seen = self.look(**choices)
        assert seen.plan is not None and seen.may_go_on, seen.faults
        done, found = self.closing().close(REGISTRAR, Choices(choices), seen.plan.sha256)
        assert done
        return found

    def names(self, class_id: str) -> list[str]:
        """Who is on the list of a class, as phones have it."""
        with self.wiring.store.read() as conn:
            return [str(one["id"]) for one in class_lists.of_class(conn, SCHOOL, class_id)]

    def freeze(self, term: str) -> int:
        return Figures(self.wiring.store, SCHOOL, self.clock).freeze(REGISTRAR, term, list(load(self.wiring).classes))

    def figures(self, term: str, cutoff: str):  # type: ignore[no-untyped-def]
        wiring = self.wiring
        use = Statistics(wiring.store, SCHOOL, wiring.lives, self.clock)
        with wiring.store.read() as conn:
            found = next(one for one in wiring.lives.world(conn).calendar.terms if one.term == term)
            return use.year(conn, found, dt.date.fromisoformat(cutoff))

    def sees(self, account: str) -> set[str]:
        """The children whose rows flow to a person's phone."""
        from sync_server.store import reach

        with self.wiring.store.read() as conn:
            who = accounts.by_id(conn, SCHOOL, account)
            assert who is not None
            found = rows.after(conn, SCHOOL, 0, 10**9, 10**6, reach.rows_for(who))
        return {one.key for one in found if one.feed == feeds.STUDENTS and one.value is not None}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    clock = Clock()
    wiring = founding.found(Settings(data=tmp_path / "data"), SCHOOL, "石桥镇学校", clock=clock)

    def fill(conn) -> None:  # type: ignore[no-untyped-def]
        for person in (*PEOPLE.values(), OTHER):
            accounts.add(conn, person, "", wiring.now())
        terms = [{"term": term, "first": first, "last": last, "off": [], "on": []} for term, first, last in TERMS]
        rows.put(conn, SCHOOL, [rows.ScopedRow(feeds.CALENDAR, str(one["term"]), feeds.SCHOOL_SCOPE, one) for one in terms], wiring.now())

    wiring.store.run_tx(fill)
    settle(wiring, *ROOMS, *(pupil(f"{room.id}-{n}", room.id) for room in ROOMS for n in range(SIZE)))
    clock.now = SUMMER
    yield School(wiring, clock)
    wiring.close()


def test_the_year_is_closed_once_and_leaves_its_record(school: School) -> None:
    found = school.close(**{"k81-0": STAY})
    assert found.plan is not None
    with school.wiring.store.read() as conn:
        sealed = [entry.record.body for entry in typed.of_type(conn, SCHOOL, "year")]
        events = Counter((one.kind, one.status) for one in roll_events.of_school(conn, SCHOOL))
        told = [entry.record.body["kind"] for entry in archive.of_case(conn, SCHOOL, "k91-0")]
    assert [(one["year"], one["promoted"], one["graduated"], one["stayed"]) for one in sealed] == [("2025-2026", 8, 3, 1)]
    assert events == {("graduate", "done"): 3, ("stay_down", "done"): 1}
    assert told == ["graduate"]
    again = school.look()
    assert (again.plan, again.faults, again.closed[0].year) == (None, ("yearend.fault.done",), "2025-2026")
    done, _ = school.closing().close(REGISTRAR, Choices(), found.plan.sha256)
    assert not done


def test_the_lists_are_right_on_the_first_day_of_the_new_year(school: School) -> None:
    school.close(**{"k81-0": STAY})
    school.clock.now = SEPTEMBER
    now = load(school.wiring)
    by_name = {now.classes[id].name: school.names(id) for id in now.classes if not now.classes[id].closed}
    assert by_name == {
        "七年级(1)班": [], "八年级(1)班": ["k71-0", "k71-1", "k71-2", "k81-0"], "八年级(2)班": [],
        "九年级(1)班": ["k81-1", "k81-2"], "九年级(2)班": ["k82-0", "k82-1", "k82-2"],
    }  # fmt: skip
    with school.wiring.store.read() as conn:
        told = rows.of_feed(conn, SCHOOL, feeds.STUDENTS)
        assert "k91" not in rows.of_feed(conn, SCHOOL, feeds.CLASSES)
        owing = {duty.subject for duty in school.wiring.lives.class_duties(conn, all_of_it()) if duty.kind == "headcount"}
    assert (told["k71-0"]["class_name"], told["k71-0"]["grade"]) == ("八年级(1)班", 8)
    assert owing == {"k71", "k81", "k82"}
    desk = AttendanceDesk(school.wiring.store, SCHOOL, school.wiring.lives, school.wiring.office, school.clock)
    with school.wiring.store.read() as conn:
        shown = {one.room["id"]: one.size for one in desk.day(conn, PEOPLE["office"], SEPTEMBER.date())}
    assert shown == {"k71": 4, "k81": 2, "k82": 3}
    assert now.students["k91-0"].roll_status == "graduated"


def all_of_it():  # type: ignore[no-untyped-def]
    from sync_server.access import Reach

    return Reach(True)


def test_old_headcounts_are_read_with_the_old_class(school: School) -> None:
    school.close(**{"k81-0": STAY})
    with school.wiring.store.read() as conn:
        told = rows.of_feed(conn, SCHOOL, feeds.STUDENTS)
    stayed, gone, moved = (child_from(told[id]) for id in ("k81-0", "k91-0", "k71-0"))
    june, september = dt.date(2026, 6, 1), dt.date(2026, 9, 1)
    assert [stayed.class_on(day) for day in (june, september)] == ["k81", "k71"]
    assert [gone.class_on(day) for day in (june, dt.date(2026, 7, 10), dt.date(2026, 7, 11))] == ["k91", "k91", None]
    assert [moved.class_on(day) for day in (june, september)] == ["k71", "k71"]


def test_sight_follows_the_new_teacher_sees_and_the_old_one_no_longer(school: School) -> None:
    settle(school.wiring, replace(ROOMS[3], teacher_id=REGISTRAR.id))
    assert school.sees(TEACHER.id) == {"k81-0", "k81-1", "k81-2"}
    school.close(**{"k81-0": STAY})
    assert school.sees(TEACHER.id) == {"k81-1", "k81-2"}
    assert school.sees(OTHER.id) == {"k71-0", "k71-1", "k71-2", "k81-0"}
    with school.wiring.store.read() as conn:
        assert accounts.who_reaches(conn, SCHOOL, ["class:k91"]) == set()


def test_base_figures_of_the_old_year_stay_and_the_new_year_gets_its_own(school: School) -> None:
    school.clock.now = dt.datetime(2025, 9, 1, 18, 0, tzinfo=ZONE)
    assert school.freeze(OLD) == 4
    school.clock.now = SUMMER
    before = school.figures(OLD, "2026-07-10")
    school.close(**{"k81-0": STAY})
    school.clock.now = SEPTEMBER
    after = school.figures(OLD, "2026-07-10")
    assert (after.groups, after.classes, after.enrolment) == (before.groups, before.classes, before.enrolment)
    assert [(one.name, one.roll.base, one.roll.enrolled) for one in before.groups] == [("junior", 12, 12), ("school", 12, 12)]
    with school.wiring.store.read() as conn:
        assert [row.get("base") for row in rows.of_feed(conn, SCHOOL, feeds.CLASSES).values()] == [None] * 5
    assert school.freeze(NEW) == 5
    fresh = school.figures(NEW, "2026-09-01")
    assert fresh.groups[-1].roll.base == fresh.groups[-1].roll.present == 9
    assert fresh.groups[-1].roll.retention.heads == 9
    with school.wiring.store.read() as conn:
        assert {row["name"]: row.get("base") for row in rows.of_feed(conn, SCHOOL, feeds.CLASSES).values()}["八年级(1)班"] == 4


def test_the_days_before_know_the_classes_by_their_old_names(school: School) -> None:
    before = load(school.wiring)
    school.close(**{"k81-0": STAY})
    with school.wiring.store.read() as conn:
        then = lookback.as_of(conn, SCHOOL, load(school.wiring), dt.date(2026, 7, 10))
        rooms = lookback.rooms_on(conn, SCHOOL, dt.date(2026, 7, 10))
        now = lookback.rooms_on(conn, SCHOOL, SEPTEMBER.date())
    assert (then.students, {id: one.name for id, one in then.classes.items()}) == (
        before.students, {id: one.name for id, one in before.classes.items()},
    )  # fmt: skip
    assert {id: row["name"] for id, row in rooms.items()} == {room.id: room.name for room in ROOMS}
    assert "k91" not in now and now["k71"]["name"] == "八年级(1)班"


def test_nothing_happens_when_the_roster_changed_after_the_look(school: School) -> None:
    seen = school.look()
    assert seen.plan is not None
    settle(school.wiring, pupil("new", "k71"))
    done, found = school.closing().close(REGISTRAR, Choices(), seen.plan.sha256)
    assert (done, found.may_go_on) == (False, True)
    assert load(school.wiring).classes["k71"].name == "七年级(1)班"
    assert school.look().closed == ()


def test_all_or_nothing(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, before = school.look(), load(school.wiring)
    assert seen.plan is not None

    def broken(*_: object) -> int:
        raise OSError

    monkeypatch.setattr(register, "write", broken)
    with pytest.raises(OSError):
        school.closing().close(REGISTRAR, Choices(), seen.plan.sha256)
    monkeypatch.undo()
    assert load(school.wiring) == before
    assert school.look().closed == ()
    with school.wiring.store.read() as conn:
        assert roll_events.of_school(conn, SCHOOL) == []


@pytest.mark.parametrize(("moment", "fault"), [
    ((2026, 7, 10), "running"), ((2026, 7, 11), None), ((2026, 10, 2), None), ((2026, 10, 3), "late"),
])  # fmt: skip
def test_a_year_is_closed_between_its_last_day_and_the_first_month_of_the_next(school: School, moment: tuple[int, ...], fault: str | None) -> None:
    school.clock.now = dt.datetime(*moment, 12, 0, tzinfo=ZONE)
    assert school.look().faults == ((f"yearend.fault.{fault}",) if fault else ())


def test_what_must_be_settled_first_is_said(school: School) -> None:
    book = RollBook(school.wiring.store, SCHOOL, school.wiring.office, school.wiring.uploads, school.clock)
    texts = {"other_school": "外县一中", "paper_no": "1"}
    assert book.enter(REGISTRAR, Entry("k71-0", "transfer_out", "2026-08-20", "", texts))[1] == []
    school.freeze(NEW)
    assert school.look().faults == ("yearend.fault.waiting", "yearend.fault.frozen")
    assert not school.look().may_go_on


def test_a_roster_that_came_after_the_year_needs_no_end_of_it(school: School, tmp_path: Path) -> None:
    clock = Clock(SUMMER)
    wiring = founding.found(Settings(data=tmp_path / "fresh"), SCHOOL, "新学校", clock=clock)
    fresh = School(wiring, clock)
    term = {"term": "2025-2026-2", "first": "2026-02-23", "last": "2026-07-10", "off": [], "on": []}
    wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [rows.ScopedRow(feeds.CALENDAR, "2025-2026-2", feeds.SCHOOL_SCOPE, term)], wiring.now()))
    settle(wiring, ROOMS[0])
    assert fresh.look().faults == ("yearend.fault.fresh",)
    wiring.close()


@pytest.mark.parametrize("login", ["teacher", "deputy"])
def test_only_the_office_closes_a_year(school: School, login: str) -> None:
    with pytest.raises(NotAllowed):
        school.closing().look(PEOPLE[login], Choices())
    with pytest.raises(NotAllowed):
        school.closing().close(PEOPLE[login], Choices(), "")


def test_nobody_graduates_by_hand(school: School) -> None:
    assert not {GRADUATE, STAY, PROMOTE} & {kind.name for kind in possible("enrolled")}
    book = RollBook(school.wiring.store, SCHOOL, school.wiring.office, school.wiring.uploads, school.clock)
    assert book.enter(REGISTRAR, Entry("k91-0", GRADUATE, "2026-07-11"))[1] == ["registry.event.fault.standing"]
    assert KINDS[GRADUATE].change == -1


def test_what_was_worked_out_before_holds_afterwards(school: School) -> None:
    """Lives in memory follow the log: a fresh process sees the same."""
    with school.wiring.store.read() as conn:
        school.wiring.lives.all(conn)
    school.close(**{"k81-0": STAY})
    school.clock.now = SEPTEMBER
    with school.wiring.store.read() as conn:
        assert school.wiring.lives.all(conn) == Lives(SCHOOL, school.clock).all(conn)
