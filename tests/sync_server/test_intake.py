"""Records come in: once, whole, in spite of repetition, strangers, altered bytes and bad neighbours in the batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from casebook.casefile import fold
from casebook.ed25519 import Ed25519Verifier
from casebook.merging import Verdict
from casebook.protocol import PushRequest, ReceiptWire, read_receipt, sealed_to_wire
from casebook.sealing import Sealed
from sync_server.store import archive, devices, index, schema, schools, visits
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import CHILD, NEIGHBOUR, SCHOOL, Phone, make_school, push_body, served


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


@pytest.fixture
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


def push(school: Wiring, phone: Phone, *records: Sealed):
    with school.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    return school.intake.push(device, PushRequest([sealed_to_wire(record) for record in records])).outcomes


def count(school: Wiring) -> int:
    with school.store.read() as conn:
        return conn.execute(select(func.count()).select_from(schema.record)).scalar_one()


def test_a_record_is_stored_with_a_receipt_that_the_schools_key_signed(school: Wiring, phone: Phone) -> None:
    record = phone.visit()
    (outcome,) = push(school, phone, record)
    assert (outcome.verdict, outcome.code) == (Verdict.STORED, None)
    assert outcome.receipt is not None
    receipt = read_receipt(outcome.receipt, school.keys.receipt.public_key, Ed25519Verifier())
    assert (receipt.rid, receipt.sseq, receipt.gen) == (record.rid, outcome.sseq, school.school.gen)


def test_the_bytes_in_the_archive_are_the_bytes_that_were_signed(school: Wiring, phone: Phone) -> None:
    record = phone.visit()
    push(school, phone, record)
    with school.store.read() as conn:
        filed = archive.one(conn, SCHOOL, record.rid)
    assert filed is not None
    assert filed.sealed == record


def test_the_same_push_ten_times_at_once_gives_one_record_and_ten_equal_receipts(school: Wiring, phone: Phone) -> None:
    body = push_body(phone.visit(), phone.visit("v2"))
    answers: list[list[dict]] = []
    with served(school) as url:

        def send() -> None:
            answer = httpx.post(f"{url}/v1/push", json=body, headers=phone.headers)
            assert answer.status_code == 200, answer.text
            answers.append(answer.json()["outcomes"])

        threads = [threading.Thread(target=send) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert count(school) == 2
    receipts = {tuple((o["receipt"]["payload"], o["receipt"]["sig"]) for o in outcomes) for outcomes in answers}
    assert len(answers) == 10
    assert len(receipts) == 1
    assert sum(outcome["verdict"] == "stored" for outcomes in answers for outcome in outcomes) == 2


def test_one_altered_byte_is_refused_and_never_enters_the_log(school: Wiring, phone: Phone) -> None:
    record = phone.visit()
    altered = replace(record, payload=record.payload.replace(b'"monotonic":1', b'"monotonic":2'))
    (outcome,) = push(school, phone, altered)
    assert (outcome.verdict, outcome.code, outcome.receipt) == (Verdict.REFUSED, "seal_broken", None)
    assert count(school) == 0


def test_a_strangers_key_is_refused(school: Wiring, phone: Phone) -> None:
    (outcome,) = push(school, phone, Phone(seed=9).visit())
    assert (outcome.verdict, outcome.code) == (Verdict.REFUSED, "unknown_key")


def test_ten_thousand_characters_are_kept_to_the_last_one(school: Wiring, phone: Phone) -> None:
    text = "家" * 10_000
    record = phone.seal(body={"remark": text})
    assert push(school, phone, record)[0].verdict == Verdict.STORED
    with school.store.read() as conn:
        filed = archive.one(conn, SCHOOL, record.rid)
    assert filed is not None
    assert filed.record.body["remark"] == text


def test_one_bad_record_never_blocks_the_rest(school: Wiring, phone: Phone) -> None:
    good, late = phone.visit("v1"), phone.visit("v2")
    nonsense = Sealed(b"{}", phone.signer.sign(b"x"), phone.dev)
    too_large = Sealed(b'"' + b"x" * 300_000 + b'"', b"", phone.dev)
    outcomes = push(school, phone, good, nonsense, too_large, late)
    assert [o.verdict for o in outcomes] == ["stored", "refused", "refused", "stored"]
    assert count(school) == 2


def test_a_failure_nobody_foresaw_stays_with_its_own_record(
    school: Wiring, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = phone.visit("v1"), phone.visit("v2")
    true_apply = index.apply

    def apply(conn, school_id, entry):
        if entry.rid == first.rid:
            raise ValueError("planted")
        true_apply(conn, school_id, entry)

    monkeypatch.setattr(index, "apply", apply)
    outcomes = push(school, phone, first, second)
    assert [(o.verdict, o.code) for o in outcomes] == [("refused", "server_fault"), ("stored", None)]
    monkeypatch.undo()
    assert push(school, phone, first)[0].verdict == Verdict.STORED


def test_what_a_person_must_look_at_waits_in_quarantine_and_changes_nothing(school: Wiring, phone: Phone) -> None:
    strange = phone.seal(case="9" * 32, set={"will": "yes"})
    office = phone.seal(set={"state": "C7"})
    other = phone.seal(author=NEIGHBOUR)
    outcomes = push(school, phone, strange, office, other)
    assert [(o.verdict, o.code) for o in outcomes] == [
        ("quarantined", "unknown_case"), ("quarantined", "office_only"), ("quarantined", "wrong_author"),
    ]  # fmt: skip
    assert all(o.receipt for o in outcomes)
    with school.store.read() as conn:
        assert len(archive.in_quarantine(conn, SCHOOL)) == 3
        assert archive.of_case(conn, SCHOOL, CHILD) == []
        assert index.values(conn, SCHOOL, CHILD) == {}


def test_what_a_revoked_phone_still_held_is_kept_for_a_person_to_look_at(school: Wiring, phone: Phone) -> None:
    school.store.run_tx(lambda conn: devices.revoke(conn, SCHOOL, phone.dev, school.now()))
    (outcome,) = push(school, phone, phone.visit())
    assert (outcome.verdict, outcome.code) == (Verdict.QUARANTINED, "device_revoked")


def test_the_index_agrees_with_the_case_file_in_any_order_of_arrival(school: Wiring, phone: Phone) -> None:
    first = phone.seal(set={"will": "no", "home_address": "A"})
    second = phone.seal(set={"will": "yes"}, base={"will": (first.rid,)})
    rival = Phone(NEIGHBOUR, seed=8).enrol(school)
    third = rival.seal(set={"home_address": "B"})
    push(school, phone, second)
    push(school, rival, third)
    push(school, phone, first)
    with school.store.read() as conn:
        held = index.values(conn, SCHOOL, CHILD)
        case = fold(CHILD, archive.of_case(conn, SCHOOL, CHILD))
        assert held == {prop: case.values(prop) for prop in case.properties()}
        assert set(case.conflicts()) == {"home_address"}
        assert index.holding(conn, SCHOOL, "will") == {CHILD: "yes"}


def test_filing_costs_the_same_however_many_records_the_case_has(school: Wiring, phone: Phone) -> None:
    def statements(record: Sealed) -> int:
        seen: list[str] = []
        from sqlalchemy import event

        def note(_conn, _cursor, statement, *_rest):
            seen.append(statement)

        event.listen(school.store.engine, "before_cursor_execute", note)
        push(school, phone, record)
        event.remove(school.store.engine, "before_cursor_execute", note)
        return len(seen)

    few = statements(phone.seal(set={"will": "a"}))
    push(school, phone, *[phone.seal(set={f"p{n}": n}) for n in range(100)])
    assert statements(phone.seal(set={"attitude": "b"})) <= few + 1


def test_a_supplement_becomes_the_head_and_a_review_sets_the_status(school: Wiring, phone: Phone) -> None:
    first = phone.visit()
    push(school, phone, first)
    principal = school.store.run_tx(lambda conn: _account(conn, "principal"))
    review = {"visit": "v1", "version": first.rid, "decision": "returned", "remark": "photo missing"}
    school.store.run_tx(lambda conn: school.office.write(conn, principal, "review", CHILD, body=review))
    with school.store.read() as conn:
        row = visits.one(conn, SCHOOL, "v1")
        assert row is not None
        assert (row.head, row.status, row.versions) == (first.rid, "returned", 1)
    second = phone.visit(amends=(first.rid,))
    push(school, phone, second)
    with school.store.read() as conn:
        row = visits.one(conn, SCHOOL, "v1")
        assert row is not None
        assert (row.head, row.status, row.versions) == (second.rid, "submitted", 2)


def test_the_chain_of_a_phone_shows_holes_forks_and_swaps(school: Wiring, phone: Phone) -> None:
    first, second, third = (phone.seal() for _ in range(3))
    push(school, phone, first, third)
    assert flags(school, third) == ("gap",)
    push(school, phone, second)
    assert flags(school, third) == flags(school, second) == ()
    phone.seq, phone.prev = 1, first.rid
    twin = phone.seal(body={"twin": True})
    push(school, phone, twin)
    assert flags(school, twin) == ("fork",)
    phone.seq, phone.prev = 3, first.rid
    swapped = phone.seal()
    push(school, phone, swapped)
    assert flags(school, swapped) == ("swapped",)


def test_a_form_version_the_school_never_published_is_kept_and_flagged(school: Wiring, phone: Phone) -> None:
    record = phone.visit()
    assert push(school, phone, record)[0].verdict == Verdict.STORED
    assert flags(school, record) == ("form_unknown",)


def test_office_records_go_through_the_same_door(school: Wiring) -> None:
    principal = school.store.run_tx(lambda conn: _account(conn, "principal"))
    values = {"state": "C1", "case_opened_on": "2025-10-11"}
    body = {"act": "open", "rule": "R27", "remark": ""}

    def open_case(conn):
        return school.office.write(conn, principal, "case", CHILD, body=body, set=values)

    outcome = school.store.run_tx(open_case)
    again = school.store.run_tx(open_case)
    assert outcome.verdict == again.verdict == Verdict.STORED
    with school.store.read() as conn:
        filed = archive.one(conn, SCHOOL, again.rid)
        assert filed is not None
        assert (filed.record.seq, filed.record.prev, filed.flags) == (2, outcome.rid, ())
        assert filed.record.base["state"] == (outcome.rid,)
        assert filed.record.hlc > archive.one(conn, SCHOOL, outcome.rid).record.hlc


def test_a_phones_far_future_clock_does_not_drag_the_school_along(school: Wiring, phone: Phone) -> None:
    far = 4_000_000_000_000
    push(school, phone, phone.seal(hlc=(far, 0)))
    with school.store.read() as conn:
        assert schools.clock(conn, SCHOOL)[0] < far


def test_an_altered_receipt_does_not_verify(school: Wiring, phone: Phone) -> None:
    receipt = push(school, phone, phone.visit())[0].receipt
    assert receipt is not None
    forged = ReceiptWire(receipt.payload.replace('"sseq":', '"sseq":1'), receipt.sig)
    with pytest.raises(Exception, match="seal_broken"):
        read_receipt(forged, school.keys.receipt.public_key, Ed25519Verifier())


def flags(school: Wiring, record: Sealed) -> tuple[str, ...]:
    with school.store.read() as conn:
        return archive.flags_of(conn, SCHOOL, record.rid)


def _account(conn, login: str):
    from sync_server.store import accounts

    return accounts.by_login(conn, SCHOOL, login)
