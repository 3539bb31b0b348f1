"""The figures of the school year: domain 9.3 counted from registers, events and lives, with the names behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from casebook.rules.tallies import Tally
from sync_server.figures import SCHOOL, Counted, groups_of
from sync_server.registry import SchoolClass
from sync_server.roster.figures import Happened, Reckoning, reckon
from sync_server.roster.register import Register
from sync_server.rulebook import default_book
from sync_server.store.base_figures import BaseFigure
from sync_server.store.roll_events import DONE, RollEvent
from tests.sync_server.roster.sheets import child

AT, DAY = "2025-09-01T09:00:00+08:00", "2025-10-20"
RULES = default_book().on(dt.date(2026, 1, 23))
ROOMS = [SchoolClass(f"p{n}", f"小{n}", 1 + n % 6, "primary", "") for n in range(12)]
ROOMS += [SchoolClass(f"j{n}", f"初{n}", 7 + n % 3, "junior", "") for n in range(12)]
SIZES = {"primary": 46, "junior": 54}
GONE = {"transfer_out": "left", "suspend": "suspended", "death": "deceased", "defer": "exempt"}


def school_of(happened: Mapping[str, tuple[str, str]]) -> list[Reckoning]:
    """552 + 648 children, and what happened to some: id -> (kind of event, class); new ids are new children."""
    students = {f"{room.id}-{n}": child(f"{room.id}-{n}", class_id=room.id, roll_status="enrolled")
                for room in ROOMS for n in range(SIZES[room.stage])}  # fmt: skip
    bases = {room.id: base_of(room, [id for id in students if id.startswith(f"{room.id}-")]) for room in ROOMS}
    events = []
    for student, (kind, room) in happened.items():
        status = GONE.get(kind, "enrolled")
        known = students.get(student) or child(student, class_id=room, roll_status="enrolled")
        students[student] = replace(known, roll_status=status, class_id=room)
        if kind != "moved":
            events.append(RollEvent(f"e-{student}", student, kind, DONE, room, DAY, None, "", "", AT, decided_at=f"{DAY}T10:00:00+08:00"))
    now = Register(students, {room.id: room for room in ROOMS})
    return [reckon(now, room, Happened(events, bases)) for room in ROOMS]


def base_of(room: SchoolClass, ids: list[str]) -> BaseFigure:
    return BaseFigure("2025-2026-1", room.id, room.name, len(ids), tuple(ids), "", AT)


def counted(happened: Mapping[str, tuple[str, str]], later: frozenset[str] = frozenset()) -> Counted:
    ever, still = ("j1-1", "j2-2", "j3-3"), ("j3-3",)  # B, one more, and K who is still away
    rooms = {id: id.partition("-")[0] for id in ever}
    return Counted(school_of(happened), later, Tally(ever, still, {}, ()), rooms)


TERM = {
    "p0-0": ("transfer_out", "p0"), "p1-1": ("transfer_out", "p1"), "new-p": ("transfer_in", "p2"),
    **{f"j{n}-0": ("transfer_out", f"j{n}") for n in range(4)}, "new-j": ("transfer_in", "j5"),
    "new-k": ("transfer_in", "j6"), "j7-0": ("suspend", "j7"),
}  # fmt: skip


def test_the_term_end_figures_of_the_sample_school() -> None:
    primary, junior, whole = groups_of(counted(TERM), RULES)
    assert (primary.roll.base, junior.roll.base, whole.roll.base) == (552, 648, 1200)
    assert (primary.roll.left, primary.roll.joined, junior.roll.left, junior.roll.joined) == (2, 1, 4, 2)
    assert (primary.roll.present, junior.roll.present, whole.roll.present) == (551, 644, 1195)
    assert junior.roll.net_dropout.rounded(3) == "0.154"
    assert junior.roll.gross_dropout.rounded(3) == "0.463"
    assert junior.roll.loss.rounded(3) == "0.617"
    assert (junior.roll.retention.heads, junior.roll.retention.base) == (645, 646)
    assert junior.roll.retention.rounded() == "99.85"
    assert whole.roll.net_dropout.rounded(3) == "0.083"
    assert [(one.verdicts[0].allowed, one.verdicts[0].kept) for one in (primary, junior)] == [(2, True), (9, True)]
    assert whole.verdicts == ()


def test_every_number_has_its_names() -> None:
    primary, junior, _ = groups_of(counted(TERM), RULES)
    assert primary.people["left"] == ("p0-0", "p1-1")
    assert junior.people["joined"] == ("new-j", "new-k")
    assert junior.people["suspended"] == ("j7-0",)
    assert (junior.people["dropped_ever"], junior.people["dropped_still"]) == (("j1-1", "j2-2", "j3-3"), ("j3-3",))
    for group in (primary, junior):
        assert {part: len(ids) for part, ids in group.people.items()} == {
            part: getattr(group.roll, part) for part in group.people
        }


def test_who_changed_class_has_left_one_and_joined_another_but_not_the_school() -> None:
    found = counted({"j0-5": ("moved", "j1"), "p0-5": ("moved", "j2")})
    primary, junior, whole = groups_of(found, RULES)
    one = found.group("j0", [each for each in found.reckonings if each.room.id == "j0"], RULES)
    assert one.people["left"] == ("j0-5",)
    assert (junior.people["left"], junior.people["joined"], primary.people["left"]) == ((), ("p0-5",), ("p0-5",))
    assert whole.people["left"] == whole.people["joined"] == ()


def test_what_takes_effect_after_the_cut_off_changes_nothing_yet() -> None:
    primary, *_ = groups_of(counted(TERM, frozenset({"e-p0-0"})), RULES)
    assert primary.people["left"] == ("p1-1",)


def test_a_class_is_judged_by_heads() -> None:
    found = counted({})
    rooms = {room: found.group(room, [one for one in found.reckonings if one.room.id == room], RULES) for room in ("j3", "j4")}
    view = rooms["j3"].view
    assert view is not None
    assert (view.dropout.heads, view.dropout.base, view.dropout.rounded(), view.meets, view.veto) == (1, 54, "1.85", True, False)
    assert rooms["j4"].roll.dropped_still == 0
    whole = groups_of(found, RULES)[-1]
    assert (whole.name, whole.view) == (SCHOOL, None)
