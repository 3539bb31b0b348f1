"""class_survey 开学摸底: a class was looked through in the first week for children who need attention (R43)."""

from __future__ import annotations

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, day_of, text_of, texts_of
from casebook.records import Record

TYPE = "class_survey"
WAYS = ("cadres", "pupils", "questionnaire", "families")  # whom the class teacher asked


def check(record: Record) -> None:
    """Body: class, day (on which it was done), how (WAYS, at least one), found (what was found, in a few words; may be
    empty, and names no child). Raises RecordMalformed.
    """
    text_of(record, "class", longest=64)
    day_of(record, "day")
    text_of(record, "found", longest=400)
    if not set(texts_of(record, "how")) <= set(WAYS):
        raise RecordMalformed(field="body.how")


KIND = Kind(TYPE, check, office_only=True)
