"""Events of the roll and base figures: right papers, right people, nothing overwritten, and 74 - 5 + 2 = 71."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text as sql

from casebook import feeds
from casebook.errors import AlreadyDecided, NoSuchPage, NotAllowed
from sync_server.registry import SchoolClass
from sync_server.roster.figures import ADDED, MOVED, UNEXPLAINED, Figures, Reckoning
from sync_server.roster.roll import KINDS, possible
from sync_server.roster.rollbook import Entry, RollBook
from sync_server.store import archive, roll_events, rows
from sync_server.store import register as kept
from sync_server.wiring import Wiring
from tests.sync_server.roster.sheets import PEOPLE, SCHOOL, child, load, schoolhouse, settle

TERM = {"term": "2025-2026-1", "first": "2025-09-01", "last": "2026-01-23", "off": [], "on": []}
TEXTS = {"other_school": "外县一中", "paper_no": "接收函 12 号", "approval_body": "县教体局", "approval_no": "教〔2025〕7号"}
ROOM = SchoolClass("k82", "八年级(2)班", 8, "junior", "")
OTHER_ROOM = SchoolClass("k81", "八年级(1)班", 8, "junior", "")
REGISTRAR, PRINCIPAL = PEOPLE["registrar"], PEOPLE["principal"]


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = schoolhouse(tmp_path)
    settle(wiring, ROOM, OTHER_ROOM, *(numbered(n) for n in range(74)))
    row = rows.ScopedRow(feeds.CALENDAR, TERM["term"], feeds.SCHOOL_SCOPE, TERM)
    wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, [row], wiring.now()))
    yield wiring
    wiring.close()


def numbered(n: int, **facts: object):  # type: ignore[no-untyped-def]
    return child(f"{n:032x}", name=f"学生{n}", id_no="", student_no="", village="", hukou_village="", **facts)


def book(wiring: Wiring) -> RollBook:
    return RollBook(wiring.store, SCHOOL, wiring.office, wiring.uploads, wiring.clock)


def entry(student: str, kind: str, **facts: object) -> Entry:
    return Entry(**{"student": student, "kind": kind, "on_day": "2025-09-01", "until": "2026-09-01", "texts": TEXTS} | facts)  # type: ignore[arg-type]


def happen(wiring: Wiring, n: int, kind: str) -> str:
    """Enters an event, and lets the principal approve it where that is needed."""
    event, faults = book(wiring).enter(REGISTRAR, entry(f"{n:032x}", kind))
    assert faults == []
    if KINDS[kind].principal:
        book(wiring).decide(PRINCIPAL, event, True, "同意")
    return event


def status(wiring: Wiring, n: int) -> str:
    return load(wiring).students[f"{n:032x}"].roll_status


def figures(wiring: Wiring) -> Figures:
    return Figures(wiring.store, SCHOOL, wiring.clock)


def test_nobody_comes_back_into_a_class_that_has_graduated(school: Wiring) -> None:
    happen(school, 3, "transfer_out")
    settle(school, replace(OTHER_ROOM, closed="2024-2025"), replace(load(school).students[f"{3:032x}"], class_id="k81"))
    assert book(school).enter(REGISTRAR, entry(f"{3:032x}", "transfer_in"))[1] == ["registry.event.fault.class_closed"]
    assert status(school, 3) == "left"
    settle(school, replace(load(school).students[f"{3:032x}"], class_id="k82"))
    happen(school, 3, "transfer_in")
    assert status(school, 3) == "enrolled"


def reckoned(wiring: Wiring, room: str = "k82") -> Reckoning:
    with wiring.store.read() as conn:
        return next(one for one in figures(wiring).reckonings(conn, load(wiring), TERM["term"]) if one.room.id == room)


def test_seventy_four_less_five_and_two_more_are_seventy_one(school: Wiring) -> None:
    figures(school).freeze(REGISTRAR, TERM["term"], ["k82", "k81"])
    for n in range(4):
        happen(school, n, "transfer_out")
    happen(school, 4, "suspend")
    settle(school, numbered(80, roll_status="not_enrolled"), numbered(81, roll_status="not_enrolled"))
    happen(school, 80, "transfer_in")
    happen(school, 81, "enrol")
    one = reckoned(school)
    assert one.base is not None
    assert (one.base.count, len(one.out), len(one.came), len(one.now)) == (74, 5, 2, 71)
    assert [step.reason for step in one.out] == ["transfer_out"] * 4 + ["suspend"]
    assert sorted(step.reason for step in one.came) == ["enrol", "transfer_in"]
    assert one.open_questions == 0


def test_phones_are_told_the_base_figure_of_a_class_and_keep_it(school: Wiring) -> None:
    def told() -> list[object]:
        with school.store.read() as conn:
            classes = rows.of_feed(conn, SCHOOL, feeds.CLASSES)
        return [classes[room].get("base") for room in ("k82", "k81")]

    assert told() == [None, None]
    figures(school).freeze(REGISTRAR, TERM["term"], ["k82"])
    assert told() == [74, None]
    settle(school, replace(load(school).classes["k82"], name="八年级2班"))
    assert told() == [74, None]


def test_the_base_figure_is_frozen_once_and_later_edits_do_not_touch_it(school: Wiring) -> None:
    assert figures(school).freeze(REGISTRAR, TERM["term"], ["k82"]) == 1
    settle(school, numbered(90), numbered(0, class_id="k81"), numbered(1, roll_status="left"))
    assert figures(school).freeze(PRINCIPAL, TERM["term"], ["k82", "nowhere"]) == 0
    one = reckoned(school)
    assert one.base is not None
    assert one.base.count == 74
    assert {step.reason for step in one.out} == {MOVED, UNEXPLAINED}
    assert [step.reason for step in one.came] == [ADDED]
    assert one.open_questions == 2
    assert figures(school).freeze(REGISTRAR, "1999-2000-1", ["k82"]) == 0


@pytest.mark.parametrize("login", ["teacher", "deputy"])
def test_only_the_office_freezes(school: Wiring, login: str) -> None:
    with pytest.raises(NotAllowed):
        figures(school).freeze(PEOPLE[login], TERM["term"], ["k82"])


def test_a_transfer_out_is_entered_by_the_registrar_and_takes_effect_by_the_principal(school: Wiring) -> None:
    event, _ = book(school).enter(REGISTRAR, entry(f"{1:032x}", "transfer_out"))
    assert status(school, 1) == "leaving"
    assert f"{1:032x}" in reckoned(school).now
    book(school).decide(PRINCIPAL, event, True, "同意")
    assert status(school, 1) == "left"
    with school.store.read() as conn:
        sealed = [one.record for one in archive.of_case(conn, SCHOOL, f"{1:032x}")]
        row = next(row for row in rows.after(conn, SCHOOL, 0, 10**9, 1000, sql("1 = 1")) if row.key == f"{1:032x}")
    assert [(one.type, one.author, one.body["step"], one.set["roll_status"]) for one in sealed] == [
        ("roll", REGISTRAR.id, "entered", "leaving"), ("roll", PRINCIPAL.id, "approved", "left"),
    ]  # fmt: skip
    assert sealed[0].body["other_school"] == "外县一中"
    assert row.scope == "office"


def test_a_refused_transfer_leaves_the_child_where_it_was(school: Wiring) -> None:
    event, _ = book(school).enter(REGISTRAR, entry(f"{1:032x}", "transfer_out"))
    book(school).decide(PRINCIPAL, event, False, "家长改变主意")
    assert status(school, 1) == "enrolled"
    with school.store.read() as conn:
        assert roll_events.one(conn, SCHOOL, event).status == "refused"  # type: ignore[union-attr]
    with pytest.raises(AlreadyDecided):
        book(school).decide(PRINCIPAL, event, True, "")


@pytest.mark.parametrize(("login", "may"), [("registrar", True), ("office", True), ("principal", True), ("teacher", False), ("deputy", False)])
def test_who_may_enter_an_event(school: Wiring, login: str, may: bool) -> None:
    if may:
        assert book(school).enter(PEOPLE[login], entry(f"{1:032x}", "transfer_out"))[1] == []
        return
    with pytest.raises(NotAllowed):
        book(school).enter(PEOPLE[login], entry(f"{1:032x}", "transfer_out"))
    assert status(school, 1) == "enrolled"


@pytest.mark.parametrize(("entered_by", "login", "may"), [
    ("registrar", "principal", True), ("registrar", "deputy", True), ("registrar", "registrar", False), ("registrar", "office", False),
    ("registrar", "teacher", False), ("principal", "principal", False), ("principal", "deputy", True),
])  # fmt: skip
def test_who_may_approve_and_nobody_the_own_entry(school: Wiring, entered_by: str, login: str, may: bool) -> None:
    event, _ = book(school).enter(PEOPLE[entered_by], entry(f"{1:032x}", "transfer_out"))
    if may:
        book(school).decide(PEOPLE[login], event, True, "")
        assert status(school, 1) == "left"
        return
    with pytest.raises(NotAllowed):
        book(school).decide(PEOPLE[login], event, True, "")
    assert status(school, 1) == "leaving"


@pytest.mark.parametrize(
    ("kind", "facts", "fault"),
    [
        ("transfer_out", {"texts": {**TEXTS, "other_school": " "}}, "other_school"), ("transfer_out", {"texts": {**TEXTS, "paper_no": ""}}, "paper"),
        ("suspend", {"until": ""}, "until"), ("suspend", {"until": "2025-08-01"}, "until_before"), ("defer", {"texts": {**TEXTS, "approval_no": ""}}, "approval_no"),
        ("suspend", {"texts": {**TEXTS, "approval_body": ""}}, "approval_body"), ("transfer_out", {"on_day": "2030-01-01"}, "on_day"),
        ("transfer_out", {"on_day": "soon"}, "on_day"), ("return", {}, "standing"), ("transfer_in", {}, "standing"), ("promote", {}, "standing"),
        ("transfer_out", {"paper": b"%PDF-1.7"}, "picture"),
    ],
)  # fmt: skip
def test_an_event_without_what_it_needs_is_refused_and_says_what_is_missing(school: Wiring, kind: str, facts: dict[str, object], fault: str) -> None:
    event, faults = book(school).enter(REGISTRAR, entry(f"{1:032x}", kind, **facts))
    assert (event, faults) == ("", [f"registry.event.fault.{fault}"])
    assert status(school, 1) == "enrolled"
    with school.store.read() as conn:
        assert roll_events.of_school(conn, SCHOOL) == []


def test_one_event_at_a_time(school: Wiring) -> None:
    book(school).enter(REGISTRAR, entry(f"{1:032x}", "suspend"))
    assert book(school).enter(REGISTRAR, entry(f"{1:032x}", "go_abroad"))[1] == ["registry.event.fault.waiting"]


def test_without_an_approval_number_a_child_stays_not_enrolled(school: Wiring) -> None:
    settle(school, numbered(80, roll_status="not_enrolled"))
    assert book(school).enter(REGISTRAR, entry(f"{80:032x}", "defer", texts={**TEXTS, "approval_no": ""}))[1]
    assert status(school, 80) == "not_enrolled"
    happen(school, 80, "defer")
    assert status(school, 80) == "exempt"


def test_suspension_and_return_bring_the_child_back_to_its_class(school: Wiring) -> None:
    figures(school).freeze(REGISTRAR, TERM["term"], ["k82"])
    happen(school, 1, "suspend")
    assert len(reckoned(school).now) == 73
    happen(school, 1, "return")
    one = reckoned(school)
    assert (len(one.now), one.out, one.came) == (74, (), ())


def test_a_photographed_paper_is_kept_like_any_photo(school: Wiring) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(drawn, "JPEG")
    only_photo = {**TEXTS, "paper_no": ""}
    for n in (1, 2):  # the same paper for two children is one file
        event, faults = book(school).enter(REGISTRAR, entry(f"{n:032x}", "transfer_out", paper=drawn.getvalue(), texts=only_photo))
        assert faults == []
    with school.store.read() as conn:
        sha256 = roll_events.one(conn, SCHOOL, event).facts["paper_sha256"]  # type: ignore[union-attr]
    assert school.blobs.path(sha256).read_bytes() == drawn.getvalue()


def test_nobody_enters_an_event_for_a_child_that_is_not_there(school: Wiring) -> None:
    with pytest.raises(NoSuchPage):
        book(school).enter(REGISTRAR, entry("f" * 32, "transfer_in"))
    with pytest.raises(NoSuchPage):
        book(school).decide(PRINCIPAL, "none", True, "")


def test_every_step_stays_in_the_history_of_the_register(school: Wiring) -> None:
    event = happen(school, 1, "transfer_out")
    with school.store.read() as conn:
        changes = kept.changes_of(conn, SCHOOL, "student", f"{1:032x}")
    assert [(one.origin, one.account, one.after["roll_status"]) for one in changes] == [
        (f"event:{event}", PRINCIPAL.id, "left"), (f"event:{event}", REGISTRAR.id, "leaving"), ("hand", REGISTRAR.id, "enrolled"),
    ]  # fmt: skip


def test_every_standing_of_the_table_can_be_reached_and_left() -> None:
    reached = {kind.after for kind in KINDS.values()} | {kind.meanwhile for kind in KINDS.values()}
    assert reached - {""} == {"enrolled", "graduated", "left", "suspended", "exempt", "abroad", "suspected", "dropped_out", "deceased", "leaving"}
    assert all(kind.principal for kind in KINDS.values() if kind.change < 0 and kind.by_hand)
    assert {kind.name for kind in possible("suspended")} == {"return", "death"}
    assert possible("deceased") == []
    assert dt.date.fromisoformat(TERM["first"]) < dt.date.fromisoformat(TERM["last"])
