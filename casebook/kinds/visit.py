"""visit 家访: a filled form with its photos and signatures. A supplement is a new visit record that amends the old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, need_case, text_of
from casebook.records import Record

MAX_INSTANCE_CHARS = 200_000
GUARDIAN_SIGNATURE = "guardian_signature"  # the question; every other signature is a teacher's, witness's or cadre's


def check(record: Record) -> None:
    """Body: visit (id shared by all versions), purposes, instance (XForm XML), signatures. Raises RecordMalformed."""
    need_case(record)
    text_of(record, "visit", longest=64)
    text_of(record, "instance", longest=MAX_INSTANCE_CHARS)
    if record.form is None:
        raise RecordMalformed(field="form")
    purposes = record.body.get("purposes")
    if not isinstance(purposes, list) or not all(isinstance(purpose, str) for purpose in purposes):
        raise RecordMalformed(field="body.purposes")
    _check_signatures(record)


def outing_of(record: Record) -> str:
    """The outing a visit belongs to: the id of its first visit. Without one the visit is an outing of its own."""
    said = record.body.get("outing")
    return said if isinstance(said, str) and said else str(record.body.get("visit", ""))


def is_guardians(question: str | None) -> bool:
    """Whether a signature question, by its reference, is the guardian's; an attachment that names none counts as it."""
    return question is None or question.rsplit("/", 1)[-1] == GUARDIAN_SIGNATURE


def arrived_of(record: Record) -> str:
    """When the outing's first visit was begun; what cannot be read or lies after this visit's start counts as it."""
    said = record.body.get("arrived")
    try:
        early = dt.datetime.fromisoformat(str(said)) <= dt.datetime.fromisoformat(record.at.started)
    except (ValueError, TypeError):
        return record.at.started
    return str(said) if early else record.at.started


def carried_of(record: Record) -> Mapping[str, Mapping[str, str]]:
    """Reference -> `visit` and `answered` of every answer that was taken over from another visit of the outing."""
    said = record.body.get("carried")
    entries = said.items() if isinstance(said, dict) else ()
    return {
        ref: {name: str(origin.get(name, "")) for name in ("visit", "answered")}
        for ref, origin in entries
        if isinstance(origin, dict)
    }


def _check_signatures(record: Record) -> None:
    """A signature without its strokes among the attachments proves nothing."""
    signatures = record.body.get("signatures", [])
    attached = {attachment.sha256 for attachment in record.att}
    if not isinstance(signatures, list):
        raise RecordMalformed(field="body.signatures")
    for signature in signatures:
        if not isinstance(signature, dict) or str(signature.get("sha256")) not in attached:
            raise RecordMalformed(field="body.signatures")


KIND = Kind("visit", check)
