"""visit 家访: a filled form with its photos and signatures. A supplement is a new visit record that amends the old."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, need_case, text_of
from casebook.records import Record

MAX_INSTANCE_CHARS = 200_000


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


def _check_signatures(record: Record) -> None:
    """A signature without its strokes among the attachments proves nothing."""
    signatures = record.body.get("signatures", [])
    attached = {attachment.sha256 for attachment in record.att}
    if not isinstance(signatures, list):
        raise RecordMalformed(field="body.signatures")
    for signature in signatures:
        if not isinstance(signature, dict) or signature.get("sha256") not in attached:
            raise RecordMalformed(field="body.signatures")


KIND = Kind("visit", check)
