"""Records and rows flow down: each phone gets its own children, one cursor misses nothing, what left is taken away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.errors import DeviceRevoked
from casebook.feeds import account_scope, case_scope, class_scope
from casebook.protocol import PullReply, PushRequest, Row, sealed_to_wire
from casebook.sealing import Sealed
from sync_server import handout
from sync_server.store import devices, forms, reach, rows, schools
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import (
    CHILD,
    NEIGHBOUR,
    OTHER_CHILD,
    PRINCIPAL,
    SCHOOL,
    TEACHER,
    Phone,
    make_school,
    student_row,
)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


@pytest.fixture
def teacher(school: Wiring) -> Phone:
    return Phone().enrol(school)


@pytest.fixture
def neighbour(school: Wiring) -> Phone:
    return Phone(NEIGHBOUR, 8).enrol(school)


def push(school: Wiring, phone: Phone, *records: Sealed) -> None:
    school.intake.push(device(school, phone), PushRequest([sealed_to_wire(record) for record in records]))


def device(school: Wiring, phone: Phone) -> devices.Device:
    return school.enrolment.device_of(phone.token)


def pull(school: Wiring, phone: Phone, after: int = 0, limit: int = 500) -> PullReply:
    return school.handout.pull(device(school, phone), after, limit)


def everything(school: Wiring, phone: Phone, after: int = 0, limit: int = 2) -> PullReply:
    """All pages, as a phone would fetch them."""
    records, down = [], []
    while True:
        page = pull(school, phone, after, limit)
        records += page.records
        down += page.rows
        assert page.next > after or not page.more
        after = page.next
        if not page.more:
            return PullReply(records, down, after, False, page.gen)


def rids(reply: PullReply) -> list[str]:
    from casebook.protocol import sealed_from_wire

    return [sealed_from_wire(one.sealed).rid for one in reply.records]


def keys(reply: PullReply, feed: str) -> dict[str, object]:
    return {row.key: row.value for row in reply.rows if row.feed == feed}


def put(school: Wiring, *down: ScopedRow) -> None:
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, down, school.now()))


def test_a_class_teacher_gets_own_children_only(school: Wiring, teacher: Phone, neighbour: Phone) -> None:
    mine, theirs = teacher.visit("v1"), neighbour.visit("v2", case=OTHER_CHILD)
    push(school, teacher, mine)
    push(school, neighbour, theirs)
    assert rids(pull(school, teacher)) == [mine.rid]
    assert set(keys(pull(school, teacher), "students")) == {CHILD}
    assert rids(pull(school, neighbour)) == [theirs.rid]


def test_the_principal_gets_the_whole_school_but_no_private_rows(school: Wiring, teacher: Phone) -> None:
    put(school, ScopedRow("me", TEACHER, account_scope(TEACHER), {"id": TEACHER}))
    push(school, teacher, teacher.visit())
    reply = pull(school, Phone(PRINCIPAL, 9).enrol(school))
    assert len(reply.records) == 1
    assert set(keys(reply, "students")) == {CHILD, OTHER_CHILD}
    assert set(keys(reply, "me")) == {PRINCIPAL}
    assert set(keys(pull(school, teacher), "me")) == {TEACHER}


def test_a_visit_to_a_strangers_child_stays_with_its_author(school: Wiring, teacher: Phone) -> None:
    joint = teacher.visit(case=OTHER_CHILD)
    push(school, teacher, joint)
    assert rids(pull(school, teacher)) == [joint.rid]


def test_nothing_new_is_an_empty_page_at_the_same_cursor(school: Wiring, teacher: Phone) -> None:
    first = pull(school, teacher)
    again = pull(school, teacher, first.next)
    assert (again.records, again.rows, again.next, again.more) == ([], [], first.next, False)


def test_the_cursor_moves_over_what_this_phone_may_not_see(school: Wiring, teacher: Phone, neighbour: Phone) -> None:
    before = pull(school, teacher).next
    push(school, neighbour, *[neighbour.visit(f"v{n}", case=OTHER_CHILD) for n in range(5)])
    reply = pull(school, teacher, before)
    assert (reply.records, reply.more) == ([], False)
    assert reply.next == before + 5


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_small_pages_and_one_big_page_say_the_same(school: Wiring, teacher: Phone, limit: int) -> None:
    push(school, teacher, *[teacher.visit(f"v{n}") for n in range(5)])
    put(school, *[ScopedRow("villages", f"{n}", "school", {"n": n}) for n in range(4)])
    whole, paged = everything(school, teacher, limit=500), everything(school, teacher, limit=limit)
    assert paged == whole
    assert len(whole.records) == 5


def test_a_page_of_many_rows_reads_only_so_many_records(
    school: Wiring, teacher: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handout, "RECORDS_AT_ONCE", 2)
    for n in range(5):
        put(school, ScopedRow("villages", f"{n}", "school", {"n": n}))
        push(school, teacher, teacher.visit(f"v{n}"))
    pages = [pull(school, teacher)]
    while pages[-1].more:
        pages.append(pull(school, teacher, pages[-1].next))
    assert [len(page.records) for page in pages] == [2, 2, 1]
    told = [keys(page, "villages") for page in pages]
    assert [name for page in told for name in page] == [f"{n}" for n in range(5)]
    assert everything(school, teacher, limit=3).records == [record for page in pages for record in page.records]


def test_a_heavy_page_ends_early(school: Wiring, teacher: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    push(school, teacher, *[teacher.visit(f"v{n}") for n in range(5)])
    monkeypatch.setattr(handout, "PAGE_BYTES", 10)
    assert len(pull(school, teacher).records) + len(pull(school, teacher).rows) == 1
    assert len(everything(school, teacher, limit=500).records) == 5


def test_a_row_published_again_unchanged_is_not_sent_again(school: Wiring, teacher: Phone) -> None:
    before = pull(school, teacher).next
    put(school, student_row(CHILD, "k1"))
    assert pull(school, teacher, before).rows == []
    put(school, replace(student_row(CHILD, "k1"), value={"id": CHILD, "name": "New", "class_id": "k1"}))
    assert keys(pull(school, teacher, before), "students")[CHILD] == {"id": CHILD, "name": "New", "class_id": "k1"}


def test_a_row_taken_back_arrives_as_a_tombstone(school: Wiring, teacher: Phone) -> None:
    put(school, ScopedRow("villages", "1", "school", {"n": 1}))
    before = pull(school, teacher).next
    school.store.run_tx(lambda conn: rows.take_back(conn, SCHOOL, "villages", ["1", "unknown"]))
    assert pull(school, teacher, before).rows == [Row("villages", "1", None)]


def test_a_child_that_changes_class_leaves_one_phone_and_arrives_whole_on_the_other(
    school: Wiring, teacher: Phone, neighbour: Phone
) -> None:
    visit = teacher.visit()
    push(school, teacher, visit)
    old, new = pull(school, teacher).next, pull(school, neighbour).next
    put(school, student_row(CHILD, "k2"))
    assert keys(pull(school, teacher, old), "students") == {CHILD: None}
    reply = everything(school, neighbour, new)
    assert rids(reply) == [visit.rid]
    assert keys(reply, "students")[CHILD] is not None


def test_an_assignment_brings_what_was_there_before_it_page_by_page(
    school: Wiring, teacher: Phone, neighbour: Phone
) -> None:
    visits = [teacher.visit(f"v{n}") for n in range(5)]
    push(school, teacher, *visits)
    before = pull(school, neighbour).next
    school.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, NEIGHBOUR, case_scope(CHILD), school.now()))
    reply = everything(school, neighbour, before, limit=1)
    assert sorted(rids(reply)) == sorted(visit.rid for visit in visits)
    assert set(keys(reply, "students")) == {CHILD}
    school.store.run_tx(lambda conn: reach.revoke(conn, SCHOOL, NEIGHBOUR, case_scope(CHILD)))
    assert keys(pull(school, neighbour, reply.next), "students") == {CHILD: None}
    assert rids(everything(school, neighbour)) == []


def test_a_new_class_teacher_takes_over_from_the_old_one(school: Wiring, teacher: Phone, neighbour: Phone) -> None:
    push(school, teacher, teacher.visit())
    cursors = pull(school, teacher).next, pull(school, neighbour).next
    put(school, ScopedRow("classes", "k1", "school", {"id": "k1", "name": "k1", "teacher_id": NEIGHBOUR}))
    assert keys(pull(school, teacher, cursors[0]), "students") == {CHILD: None}
    gained = everything(school, neighbour, cursors[1])
    assert CHILD in keys(gained, "students")
    assert len(gained.records) == 1
    with school.store.read() as conn:
        assert not reach.may_see_evidence(conn, _owner(school, TEACHER), CHILD)
        assert reach.may_see_evidence(conn, _owner(school, NEIGHBOUR), CHILD)


def _owner(school: Wiring, account: str):
    from sync_server.store import accounts

    with school.store.read() as conn:
        return accounts.by_id(conn, SCHOOL, account)


def test_a_published_form_reaches_every_phone_and_never_changes(school: Wiring, teacher: Phone) -> None:
    before = pull(school, teacher).next
    form = forms.PublishedForm("absence_visit", "1", "e" * 64, b"<h/>", {"zh": "F", "en": "F"}, ("absence",), "")
    assert school.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, form, school.now()))
    assert not school.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, form, school.now()))
    value = keys(pull(school, teacher, before), "forms")["absence_visit@1"]
    assert value["xml"] == "<h/>"
    with pytest.raises(ValueError, match="other content"):
        school.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, replace(form, sha256="f" * 64), school.now()))


def test_a_revoked_phone_is_told_and_gets_nothing(school: Wiring, teacher: Phone) -> None:
    assert school.handout.hello(device(school, teacher)).standing == "active"
    school.store.run_tx(lambda conn: devices.revoke(conn, SCHOOL, teacher.dev, school.now()))
    assert school.handout.hello(device(school, teacher)).standing == "revoked"
    with pytest.raises(DeviceRevoked):
        pull(school, teacher)


def test_a_reader_misses_nothing_while_others_write(school: Wiring, teacher: Phone) -> None:
    """Numbers become visible in their order, so a cursor never runs ahead of a commit that is still under way."""
    writers = [Phone(TEACHER, seed).enrol(school) for seed in range(20, 24)]
    batches = {phone: [phone.visit(f"{phone.dev[:8]}-{n}") for n in range(8)] for phone in writers}

    def write(phone: Phone) -> None:
        for record in batches[phone]:
            push(school, phone, record)

    threads = [threading.Thread(target=write, args=(phone,)) for phone in writers]
    for thread in threads:
        thread.start()
    seen, cursor = [], 0
    while True:
        done = not any(thread.is_alive() for thread in threads)
        page = pull(school, teacher, cursor, 7)
        seen += rids(page)
        cursor = page.next
        if done and not page.more:
            break
    assert sorted(seen) == sorted(record.rid for batch in batches.values() for record in batch)
    with school.store.read() as conn:
        assert schools.size(conn, SCHOOL) == cursor


def test_class_scope_rows_reach_the_class_only(school: Wiring, teacher: Phone, neighbour: Phone) -> None:
    put(school, ScopedRow("calendar", "k1", class_scope("k1"), {"x": 1}))
    assert "k1" in keys(pull(school, teacher), "calendar")
    assert "k1" not in keys(pull(school, neighbour), "calendar")
