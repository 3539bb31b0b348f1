"""Records for tests, with good defaults: say only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from casebook.casefile import Entry
from casebook.ed25519 import Ed25519Signer
from casebook.records import FormRef, Record, Span, encode, rid_of
from casebook.sealing import device_id

SIGNER = Ed25519Signer.from_bytes(bytes(range(32)))
DEVICE = device_id(SIGNER.public_key)
SCHOOL = "3199000001"
TEACHER = "t" * 32
CASE = "c" * 32


def at(moment: str = "2025-10-09T16:20:00+08:00") -> Span:
    """A span that starts and ends at `moment`."""
    return Span(moment, moment, "+08:00", 60_000)


def make_record(**fields: Any) -> Record:
    """An `observation` record of an unknown kind unless the test says otherwise."""
    plain = Record(
        type="observation", school=SCHOOL, author=TEACHER, dev=DEVICE, ep=1, seq=1, prev="", hlc=(1, 0), at=at(), case=CASE
    )  # fmt: skip
    return replace(plain, **fields)


def entry(record: Record) -> Entry:
    """The record as it stands in an archive."""
    return Entry(rid_of(encode(record)), record)


def make_visit(visit: str = "v1", purposes: tuple[str, ...] = ("absence",), **fields: Any) -> Record:
    """A visit with a form and no attachments."""
    body = {"visit": visit, "purposes": list(purposes), "instance": "<data/>", "signatures": []}
    return make_record(type="visit", body=body, form=FormRef("absence_visit", "1", "a" * 64), **fields)


def make_review(of: Entry, decision: str = "accepted", remark: str = "", **fields: Any) -> Record:
    """The principal's decision about one version."""
    body = {"visit": of.record.body["visit"], "version": of.rid, "decision": decision, "remark": remark}
    return make_record(type="review", body=body, author="p" * 32, **fields)


def make_incident(absent_on: str = "2025-10-09", **fields: Any) -> Record:
    """An open absence incident."""
    body = {"incident": "i1", "absent_on": absent_on}
    values = {"incident_state": "I0", "absent_since": absent_on}
    return make_record(type="incident", body=body, set=values, **fields)
