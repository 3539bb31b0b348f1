"""Every finding, by forging exactly that; an honest bundle has none."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assets import load_wording
from casebook.ed25519 import Ed25519Signer
from casebook.errors import RequestMalformed
from casebook.kinds import KINDS
from casebook.protocol import ReceiptWire, SealedWire, make_receipt, sealed_to_wire
from casebook.records import Span
from casebook.translog.checkpoints import sign_checkpoint
from casebook.translog.notes import Voucher
from casebook.verify.bundle import (
    DEVICE_TYPE,
    Bundle,
    BundledCheckpoint,
    BundledRecord,
    Statement,
    read_bundle,
    state,
    write_bundle,
)
from casebook.verify.examining import Trust
from casebook.verify.findings import Code
from casebook.verify.telling import _line, tell
from casebook.verify.times import Bounds
from tests.casebook.builders import SCHOOL
from tests.casebook.verify.little_log import (
    PHOTO,
    LittleSchool,
    a_month,
    check,
    codes,
    later,
    moment,
    with_record,
)

MONTH = a_month()
HONEST = MONTH.bundle()
STRANGER = Ed25519Signer.from_bytes(bytes([1]) * 32)


def test_an_honest_bundle_has_no_findings_and_bounds_every_record() -> None:
    report = check(HONEST, MONTH.voucher, MONTH.notes, files={PHOTO: PHOTO})
    assert report.findings == []
    assert len(report.bounds) == len(HONEST.records) == 14
    for bounds in report.bounds[2:]:
        assert bounds.earliest is not None and bounds.latest is not None
        assert bounds.earliest < bounds.claimed < bounds.latest
        assert (bounds.latest - bounds.earliest).days <= 3


def test_a_report_names_every_kind_of_record_in_words_and_one_it_does_not_know_as_it_is() -> None:
    words = load_wording("zh_CN")
    assert [kind for kind in KINDS if not words.has(f"verify.type.{kind}")] == []
    told = tell(HONEST, Trust(MONTH.voucher), check(HONEST, MONTH.voucher, MONTH.notes), words)
    assert sum("  observation  自述" in line for line in told) == 14


def test_a_report_says_visit_in_words() -> None:
    bounds = Bounds("0" * 32, dt.datetime.fromisoformat(moment(3)), None, None)
    assert "  家访  自述" in _line(bounds, "visit", load_wording("zh_CN"))


def test_a_bundle_comes_back_from_its_file_as_it_was() -> None:
    assert read_bundle(write_bundle(HONEST)) == HONEST


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", write_bundle(HONEST)[:-400], b"[" * 100_000])
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(RequestMalformed):
        read_bundle(content)


def test_a_later_format_is_not_guessed_at() -> None:
    with pytest.raises(RequestMalformed):
        read_bundle(write_bundle(replace(HONEST, v=2)))


# -- one record is forged


def _payload(old: str, new: str) -> Callable[[Bundle], Bundle]:
    def forge(bundle: Bundle) -> Bundle:
        wire = bundle.records[4].sealed
        assert old in wire.payload
        return with_record(bundle, 4, sealed=replace(wire, payload=wire.payload.replace(old, new)))

    return forge


def _of(place: int, **changes: Any) -> Callable[[Bundle], Bundle]:
    return lambda bundle: with_record(bundle, place, **changes)


def _without(place: int) -> Callable[[Bundle], Bundle]:
    return lambda bundle: replace(bundle, records=[*bundle.records[:place], *bundle.records[place + 1 :]])


def _bundle(**changes: Any) -> Callable[[Bundle], Bundle]:
    return lambda bundle: replace(bundle, **changes)


def _device(statement: Statement) -> Callable[[Bundle], Bundle]:
    return lambda bundle: replace(bundle, devices=[statement, bundle.devices[1]])


def _receipt(**changes: Any) -> ReceiptWire:
    told = MONTH.receipts[MONTH.log[0].rid]
    return make_receipt(replace(told, **changes), MONTH.key)


def _forged_record(bundle: Bundle) -> Bundle:
    """A phone that the school never knew writes into the case."""
    school = a_month()
    sealed = LittleSchool().phone(99).write(8)
    return replace(bundle, records=[*bundle.records, BundledRecord(sealed_to_wire(sealed))], devices=school.bundle().devices)


SIGNED_BY_STRANGER = state(DEVICE_TYPE, MONTH.certificate(MONTH.phones[0]), STRANGER)
FORGERIES: dict[str, tuple[Callable[[Bundle], Bundle], set[Code]]] = {
    "a word of a record": (_payload('"note":8', '"note":9'), {Code.ALTERED, Code.MISSING}),
    "a record that is no JSON": (_payload("{", ""), {Code.ALTERED, Code.MISSING}),
    "a signature": (_of(4, sealed=replace(HONEST.records[4].sealed, sig=HONEST.records[5].sealed.sig)), {Code.ALTERED, Code.MISSING}),
    "a record left out": (_without(3), {Code.MISSING}),
    "a record that the school denies, although another one amends it": (lambda _: MONTH.bundle(leave_out=MONTH.log[5].rid), {Code.MISSING}),
    "a record of an unknown phone": (_forged_record, {Code.UNKNOWN_DEVICE}),
    "a certificate by somebody else": (_device(SIGNED_BY_STRANGER), {Code.CERTIFICATE, Code.UNKNOWN_DEVICE, Code.MISSING}),
    "a certificate changed": (
        _device(replace(HONEST.devices[0], payload=HONEST.devices[0].payload.replace("示例老师", "别的老师"))),
        {Code.CERTIFICATE, Code.UNKNOWN_DEVICE, Code.MISSING},
    ),
    "a receipt of another record": (_of(4, receipt=_receipt()), {Code.RECEIPT}),
    "a receipt by somebody else": (_of(0, receipt=make_receipt(MONTH.receipts[MONTH.log[0].rid], STRANGER)), {Code.RECEIPT}),
    "a receipt dated back": (_of(0, receipt=_receipt(received_at=moment(1))), set()),  # nothing was signed before it
    "a receipt dated forward": (_of(0, receipt=_receipt(received_at=moment(20))), {Code.RECEIPT_TIME}),
    "the list of contents changed": (
        _bundle(contents=replace(HONEST.contents, payload=HONEST.contents.payload.replace('"size":21', '"size":20'))),
        {Code.CONTENTS, Code.FILE_NOT_ARRIVED},
    ),
    "the list of contents of another child": (
        _bundle(contents=MONTH.bundle("d" * 32).contents), {Code.CONTENTS, Code.FILE_NOT_ARRIVED},
    ),
    "another child's record put in": (
        lambda bundle: replace(bundle, records=[*bundle.records, MONTH.bundle("d" * 32).records[0]]), {Code.FOREIGN, Code.UNLISTED},
    ),
    "no proof given": (_of(4, index=None, proof=[]), {Code.NOT_LOGGED}),
    "a leaf that is not there yet": (_of(4, index=21, proof=[]), {Code.NOT_LOGGED}),
    "another leaf's proof": (_of(4, index=HONEST.records[5].index, proof=HONEST.records[5].proof), {Code.NOT_IN_LOG}),
    "a proof cut short": (_of(4, proof=HONEST.records[4].proof[:-1]), {Code.NOT_IN_LOG}),
    "a proof that is no base64": (_of(4, proof=["!"]), {Code.NOT_IN_LOG}),
    "a negative leaf": (_of(4, index=-1), {Code.NOT_IN_LOG}),
    "a photo that has not arrived": (lambda _: MONTH.bundle(arrived=False), {Code.FILE_NOT_ARRIVED}),
    "no receipt": (_of(4, receipt=None), {Code.RECEIPT}),
    "another name of the school": (_bundle(school=replace(HONEST.school, name="别的中学")), {Code.CONTENTS, Code.FILE_NOT_ARRIVED}),
    "no checkpoint": (_bundle(checkpoints=[]), {Code.CHECKPOINT, Code.NOT_LOGGED}),
    "a school's flag of a fork": (lambda _: MONTH.bundle(flags={MONTH.log[6].rid: ["fork"]}), {Code.FORKED}),
    "another school's key": (_bundle(key=str(Voucher("jiafang/3199000002", MONTH.key.public_key))), {Code.WRONG_KEY}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_part_is_named(name: str) -> None:
    forge, expected = FORGERIES[name]
    assert codes(check(forge(HONEST), MONTH.voucher)) == expected


def test_the_finding_says_which_record_and_who_named_it() -> None:
    """The record of the 7th is on the list of contents, and that of the 10th amends it."""
    found = check(_without(3)(HONEST)).findings
    assert {one.subject for one in found} == {MONTH.log[5].rid}
    assert [one.facts["named_by"] for one in found] == ["", MONTH.log[8].rid]


def test_files_in_a_folder_are_checked_too() -> None:
    assert codes(check(HONEST, files={})) == {Code.FILE_MISSING}
    assert codes(check(HONEST, files={PHOTO: "0" * 64})) == {Code.FILE_ALTERED}


# -- times


def test_a_visit_that_quotes_a_later_checkpoint_than_it_claims_is_back_dated() -> None:
    """The clock of a phone is put back by two weeks before it writes: what it has seen of the log betrays it."""
    def put_back(day: int, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | {"at": Span(moment(6), moment(6, 9), "+08:00", 1)} if day == 20 else fields

    report = check(a_month(put_back).bundle())
    (found,) = report.findings
    assert (found.code, found.facts["claimed"][:10]) == (Code.BACK_DATED, "2025-10-06")
    assert found.facts["bound"][:10] == "2025-10-19"  # the evening before


def test_a_visit_that_quotes_nothing_is_held_by_what_its_phone_wrote_before() -> None:
    def put_back(day: int, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | {"at": Span(moment(6), moment(6, 9), "+08:00", 1), "seen": None} if day == 20 else fields

    (found,) = check(a_month(put_back).bundle()).findings
    assert found.code is Code.BACK_DATED
    assert found.facts["bound"][:10] in ("2025-10-15", "2025-10-17", "2025-10-18")


def test_a_quote_counts_even_if_the_checkpoint_is_not_in_the_bundle() -> None:
    def put_back(day: int, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | {"at": Span(moment(6), moment(6, 9), "+08:00", 1)} if day == 20 else fields

    bundle = a_month(put_back).bundle()
    assert codes(check(replace(bundle, checkpoints=bundle.checkpoints[-1:]))) == {Code.BACK_DATED, Code.UNPROVEN}


def test_a_clock_that_runs_ahead_is_named() -> None:
    def ahead(day: int, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | {"at": Span(moment(28), moment(28, 9), "+08:00", 1)} if day == 14 else fields

    assert codes(check(a_month(ahead).bundle())) == {Code.AHEAD}


def test_a_few_minutes_are_no_finding() -> None:
    def off(day: int, fields: dict[str, Any]) -> dict[str, Any]:
        at = later(moment(13, 11), minutes=-9)  # the phone saw the checkpoint of eleven o'clock
        return fields | {"at": Span(at, at, "+08:00", 1)} if day == 14 else fields

    assert check(a_month(off).bundle()).findings == []


def test_a_school_that_dates_a_receipt_back_is_named() -> None:
    school = a_month()
    rid = school.log[-1].rid
    school.receipts[rid] = replace(school.receipts[rid], received_at=moment(3))
    assert codes(check(school.bundle())) == {Code.RECEIPT_TIME}


# -- a device's chain


def test_two_records_in_one_place_of_the_chain_are_named() -> None:
    """A phone was cloned: both go on from the same place."""
    school = LittleSchool()
    phone = school.phone()
    school.take(phone.write(2), 2)
    clone = dataclasses.replace(phone)
    school.take(phone.write(3, body={"note": 1}), 3)
    school.take(clone.write(3, body={"note": 2}), 3)
    school.sign(3)
    report = check(school.bundle())
    assert codes(report) == {Code.FORKED}
    assert {one.subject for one in report.findings} == {one.rid for one in school.log[1:]}


def test_a_chain_that_leads_to_another_predecessor_is_named() -> None:
    school = LittleSchool()
    phone = school.phone()
    school.take(phone.write(2), 2)
    phone.prev = "e" * 64
    school.take(phone.write(3), 3)
    school.sign(3)
    assert codes(check(school.bundle())) == {Code.FORKED}


# -- the log


def _changed(day: int, fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"body": {"note": "never happened"}} if day == 8 else fields


def _dropped(school: LittleSchool) -> LittleSchool:
    """The whole history again without one record, all of it sealed and signed anew with everybody's keys."""
    rewritten, phones = LittleSchool(), {}
    for phone in school.phones:
        phones[phone.dev] = rewritten.phone(phone.signer.to_bytes()[0])
    for day, sealed in enumerate(school.log, 2):
        if day == 7:
            continue
        told = json.loads(sealed.payload)
        fields = {"case": told["case"], "body": told["body"]}
        rewritten.take(phones[told["dev"]].write(day, **fields), day)
        rewritten.sign(day)
    return rewritten


@pytest.mark.parametrize("rewritten", [a_month(_changed), _dropped(MONTH)], ids=["edited", "deleted"])
def test_a_history_made_anew_by_everybody_is_betrayed_only_by_a_checkpoint_kept_outside(rewritten: LittleSchool) -> None:
    bundle = rewritten.bundle()
    assert check(bundle, MONTH.voucher).findings == []  # all keys agreed to lie
    for note in (MONTH.notes[6], MONTH.notes[15]):
        (found,) = check(bundle, MONTH.voucher, [note]).findings
        assert found.code in (Code.REWRITTEN, Code.UNPROVEN)
    assert codes(check(bundle, MONTH.voucher, [MONTH.notes[15]])) == {Code.REWRITTEN}
    assert check(bundle, MONTH.voucher, [MONTH.notes[2]]).findings == []  # from before: it says nothing


def test_a_school_that_rewrites_cannot_keep_what_phones_have_sealed() -> None:
    """The school alone edits nothing: it lacks the phones' keys. It drops a record, and others quote what was."""
    school = LittleSchool()
    for phone in MONTH.phones:
        school.phones.append(dataclasses.replace(phone))
    for day, sealed in enumerate(MONTH.log, 2):
        if day != 7:
            school.take(sealed, day)
        school.sign(day)
    found = codes(check(school.bundle(), MONTH.voucher))
    assert Code.REWRITTEN in found


def test_a_checkpoint_that_the_newest_does_not_continue_is_named() -> None:
    forged = a_month(_changed)
    broken = [*HONEST.checkpoints[:-1], BundledCheckpoint(forged.notes[15]), HONEST.checkpoints[-1]]
    assert codes(check(replace(HONEST, checkpoints=broken))) == {Code.REWRITTEN}


def test_a_checkpoint_of_the_life_before_a_restore_is_told_apart() -> None:
    lost = a_month(_changed)
    lost.gen = "before"
    old = sign_checkpoint(replace(lost.states[15], gen="before"), MONTH.key)
    broken = [BundledCheckpoint(old), *HONEST.checkpoints]
    assert codes(check(replace(HONEST, checkpoints=broken))) == {Code.OTHER_LIFE}


def test_a_checkpoint_kept_outside_must_be_the_schools() -> None:
    forged = sign_checkpoint(MONTH.states[3], STRANGER)
    assert codes(check(HONEST, MONTH.voucher, [forged, "nothing"])) == {Code.CHECKPOINT}


def test_a_bundle_older_than_the_checkpoint_kept_outside_proves_nothing() -> None:
    grown = a_month()
    grown.take(grown.phones[0].write(24), 24)
    grown.sign(24)
    assert codes(check(HONEST, MONTH.voucher, [grown.notes[-1]])) == {Code.UNPROVEN}


def test_a_forged_checkpoint_in_the_bundle_is_named() -> None:
    forged = replace(HONEST.checkpoints[3], note=sign_checkpoint(MONTH.states[3], STRANGER))
    broken = [*HONEST.checkpoints[:3], forged, *HONEST.checkpoints[4:]]
    assert Code.CHECKPOINT in codes(check(replace(HONEST, checkpoints=broken)))


def test_another_schools_bundle_does_not_pass_for_ours() -> None:
    theirs = LittleSchool(key=STRANGER)
    theirs.take(theirs.phone().write(2), 2)
    theirs.sign(2)
    assert check(theirs.bundle()).findings == []  # it agrees with itself
    assert {Code.WRONG_KEY, Code.CHECKPOINT, Code.CERTIFICATE, Code.CONTENTS} <= codes(check(theirs.bundle(), MONTH.voucher))


def test_a_wire_that_cannot_be_bytes_is_a_finding_not_a_crash() -> None:
    wire = SealedWire("\ud800", "AA==", MONTH.phones[0].dev)
    broken = replace(with_record(HONEST, 0, sealed=wire), contents=Statement("\ud800", "!"))
    assert {Code.ALTERED, Code.CONTENTS} <= codes(check(broken))
    assert SCHOOL in MONTH.voucher.name
