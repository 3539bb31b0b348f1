"""rule 规则: a row of the rulebook is proposed for this school, and confirmed or refused by a second person."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, text_of
from casebook.records import Record
from casebook.rules.rulebook import Rule, RuleBroken

PROPOSED, CONFIRMED, REFUSED = "proposed", "confirmed", "refused"
STEPS = frozenset({PROPOSED, CONFIRMED, REFUSED})


def check(record: Record) -> None:
    """Body: step; with the proposal row (as the rulebook reads it) and because; with the answer proposal (its record)
    and remark. Raises RecordMalformed.
    """
    if text_of(record, "step", among=STEPS) != PROPOSED:
        text_of(record, "proposal", longest=64)
        text_of(record, "remark", longest=2_000)
        return
    if not text_of(record, "because", longest=2_000).strip():
        raise RecordMalformed(field="body.because")
    row = record.body.get("row")
    try:
        if not isinstance(row, dict) or not {"scope", "effective_from"} <= row.keys():
            raise RecordMalformed(field="body.row")
        Rule.from_row(row)
    except RuleBroken as error:
        raise RecordMalformed(field="body.row") from error


KIND = Kind("rule", check, office_only=True)
