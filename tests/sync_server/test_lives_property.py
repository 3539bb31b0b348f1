"""Whatever arrives, in whatever order: lives that were followed up say what lives worked out from nothing say."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from casebook.kinds.headcount import AWAY_KINDS
from casebook.rules.deadlines import deadlines
from casebook.sealing import Sealed
from sync_server.access import Reach
from sync_server.lives import Lives
from sync_server.settings import Settings
from sync_server.store import rows
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring, build
from tests.sync_server.rollcall import Clock, act, call, give_calendar, headcount, push
from tests.sync_server.schoolhouse import CHILD, OTHER_CHILD, PRINCIPAL, SCHOOL, Phone, make_school, student_row

EVERYBODY = Reach(whole_school=True)
START = "2025-10-14 12:00"
DAYS = ("2025-10-10", "2025-10-13", "2025-10-14")
CLASSES, CHILDREN = ("k1", "k2"), (CHILD, OTHER_CHILD)
KINDS = st.sampled_from(("", "unexcused", "sick"))


@dataclass
class Stage:
    """A school and a phone that may count every class; `counted` are the headcounts so far, by class, day and session."""

    school: Wiring
    clock: Clock
    phone: Phone
    counted: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    visited: dict[str, Sealed] = field(default_factory=dict)

    def count(self, room: str, day: str, session: str, kinds: tuple[str, str], amending: bool, hour: int) -> None:
        """A headcount: a correction of the last one, or another one beside it; `hour` may lie ahead."""
        absent = {child: kind for child, kind in zip(CHILDREN, kinds, strict=True) if kind}
        former = self.counted.setdefault((room, day, session), [])
        more: dict[str, Any] = {"amends": (former[-1],)} if amending and former else {}
        body: dict[str, Any] = {"present": 10 - sum(kind in AWAY_KINDS for kind in absent.values())}
        body |= {"reason": "counted again"} if more else {}
        record = headcount(self.phone, day, absent, class_id=room, session=session, time=f"{hour:02}:30", body=body, **more)
        former.append(record.rid)
        assert push(self.school, self.phone, record)[0].verdict == "stored"

    def visit(self, child: str, day: str, reached: bool, amending: bool) -> None:
        """Somebody went there, or says more of the last time."""
        said = {"contact_result": "met_guardian" if reached else "no_one_home", "excuse": "none"}
        former = self.visited.get(child) if amending else None
        self.visited[child] = call(self.phone, f"{day} 17:00", "absence", case=child, amending=former, **said)
        assert push(self.school, self.phone, self.visited[child])[0].verdict == "stored"

    def note(self, child: str, day: str) -> None:
        """The child is said to have left school."""
        push(self.school, self.phone, act(self.phone, f"{day} 18:00", "opened", "principal", case=child, because="left"))

    def move(self, child: str, room: str) -> None:
        """The register changes."""
        self.school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [placed(child, room)], self.school.now()))

    def close(self, day: str) -> None:
        """A day of the term becomes a holiday."""
        def write(conn: Any) -> None:
            (key, term), *_ = rows.of_feed(conn, SCHOOL, "calendar").items()
            value = {**term, "off": sorted({*term["off"], day})}
            rows.put(conn, SCHOOL, [ScopedRow("calendar", key, "school", value)], self.school.now())

        self.school.store.run_tx(write)

    def wait(self, hours: int) -> None:
        """Time goes on."""
        self.clock.now += dt.timedelta(hours=hours)


def placed(child: str, room: str) -> ScopedRow:
    """A child in a class that has been in both long ago: so either class may name it still."""
    row = student_row(child, room)
    long_ago = [["k1", "2020-01-01", "2020-01-02"], ["k2", "2020-01-03", "2020-01-04"]]
    return replace(row, value={**row.value, "stays": [*long_ago, [room, "2020-01-05", None]]})


DAY, ROOM, WHO = st.sampled_from(DAYS), st.sampled_from(CLASSES), st.sampled_from(CHILDREN)
COUNTS: st.SearchStrategy[Callable[[Stage], None]] = st.builds(
    lambda *said: lambda stage: stage.count(*said), ROOM, DAY, st.sampled_from(("am", "am", "pm")), st.tuples(KINDS, KINDS),
    st.sampled_from((True, True, False)), st.sampled_from((7, 13, 19)),
)  # fmt: skip
EVENTS: st.SearchStrategy[Callable[[Stage], None]] = st.one_of(
    COUNTS, COUNTS, COUNTS, COUNTS,
    st.builds(lambda *said: lambda stage: stage.visit(*said), WHO, DAY, st.booleans(), st.booleans()),
    st.builds(lambda *said: lambda stage: stage.note(*said), WHO, DAY),
    st.builds(lambda *said: lambda stage: stage.move(*said), WHO, ROOM),
    st.builds(lambda day: lambda stage: stage.close(day), DAY),
    st.builds(lambda hours: lambda stage: stage.wait(hours), st.sampled_from((1, 8, 24, 72))),
)  # fmt: skip


def told(lives: Lives, wiring: Wiring, moment: dt.datetime | None = None) -> dict[str, object]:
    """Everything that lives say, at the present or at a moment of the past."""
    with wiring.store.read() as conn:
        world = lives.world(conn, moment)
        return {
            "counts": dict(world.attendance.counts), "lessons": dict(world.attendance.lessons),
            "missing": {child: dict(days) for child, days in world.attendance.missing.items()},
            "children": lives.child_duties(conn, EVERYBODY, moment), "classes": lives.class_duties(conn, EVERYBODY, moment),
            "lives": [(one.child, one.state, one.days, one.incidents, one.story, deadlines(one)) for one in lives.all(conn, moment)],
        }  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    make_school(folder).close()
    return folder / "data"


@pytest.fixture(scope="module")
def stages(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Stage]]:
    """Fresh schools, one for every example."""
    opened: list[Wiring] = []

    def fresh() -> Stage:
        folder, clock = tmp_path_factory.mktemp("stage") / "data", Clock(START)
        shutil.copytree(template, folder)
        opened.append(build(Settings(data=folder), clock=clock))
        give_calendar(opened[-1])
        stage = Stage(opened[-1], clock, Phone(PRINCIPAL).enrol(opened[-1]))
        for child, room in zip(CHILDREN, CLASSES, strict=True):
            stage.move(child, room)
        return stage

    yield fresh
    for wiring in opened:
        wiring.close()


@given(events=st.lists(EVENTS, min_size=5, max_size=12), look=st.sampled_from(DAYS))
@settings(max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # each example is a school of its own
def test_followed_up_is_the_same_as_from_nothing(
    stages: Callable[[], Stage], events: list[Callable[[Stage], None]], look: str
) -> None:
    stage = stages()
    wiring = stage.school
    past = dt.datetime.fromisoformat(f"{look}T23:59:59+08:00")
    told(wiring.lives, wiring)
    for event in events:
        event(stage)
        found = {moment: told(wiring.lives, wiring, moment) for moment in (None, past)}
    for moment, said in found.items():
        assert said == told(Lives(SCHOOL, stage.clock), wiring, moment)
