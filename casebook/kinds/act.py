"""act 办理: an official step in a case, by a person in a role. Whether it may be done is for `rules.states` to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.errors import RecordMalformed
from casebook.kinds.kind import Kind, day_of, need_case, text_of, texts_of
from casebook.records import Record

Check = Callable[[Record, str], object]
LONGEST = 2_000  # characters of a part that people write freely

CLOSING_CODES = tuple(f"Z{n}" for n in range(1, 12))
CASE_REPORTS = ("RA", "RB", "RC", "RD")
SCHOOL_REPORTS = ("RE", "RF")
NOTICES = ("N1", "N2", "N3")
EXTERNAL_DOCUMENTS = ("N4", "N5")
OFFICE_WAYS = ("post", "electronic", "committee", "posted")


@dataclass(frozen=True)
class Act:
    """What an act must say; `teachers` may write it on their own phones, all other acts are the office's."""

    fields: Mapping[str, Check] = field(default_factory=dict)
    teachers: bool = False


def _text(record: Record, name: str) -> object:
    if not text_of(record, name, longest=LONGEST).strip():
        raise RecordMalformed(field=f"body.{name}")
    return None


def _one_of(*codes: str) -> Check:
    return lambda record, name: text_of(record, name, among=frozenset(codes))


ACTS: dict[str, Act] = {
    "opened": Act({"because": _text}, teachers=True),
    "declared_leaving": Act({"by": _one_of("student", "guardian")}, teachers=True),
    "marked": Act({"mark": _text, "on": day_of}),
    "proposed": Act({"what": _one_of("confirmed", "ineffective"), "because": _text}),
    "confirmed": Act({"basis": texts_of}),
    "notice_issued": Act({"notice": _one_of(*NOTICES), "no": _text, "addressee": _text, "on": day_of}),
    "served": Act({"no": _text, "way": _one_of(*OFFICE_WAYS), "on": day_of}),
    "letter": Act({"village": _text, "receiver": _text, "on": day_of}),
    "ineffective": Act({"because": _text}),
    "reported": Act({
        "report": _one_of(*CASE_REPORTS, *SCHOOL_REPORTS), "no": _text, "addressees": texts_of, "on": day_of,
        "way": _text, "proof": _text,
    }),
    "external": Act({"document": _one_of(*EXTERNAL_DOCUMENTS), "no": _text, "issuer": _text, "on": day_of}),
    "returned": Act({"on": day_of}, teachers=True),
    "return_confirmed": Act({"returned": _text}),
    "struck_off": Act({"no": _text, "on": day_of}),
    "closing": Act({"code": _one_of(*CLOSING_CODES), "papers": texts_of}),
    "closed": Act({"closing": _text}),
    "roll_moved": Act({"on": day_of}),
    "refuted": Act({"because": _text}),
    "police_report": Act({"no": _text, "on": day_of}),
    "aid_granted": Act({"survey": _text, "kinds": texts_of, "given": _text, "from_on": day_of}),
    "aid_refused": Act({"survey": _text, "kinds": texts_of, "because": _text}),
}  # fmt: skip


def check(record: Record) -> None:
    """Body: act, role (in which the person acts), and what ACTS demands of it. Raises RecordMalformed."""
    name = text_of(record, "act", among=frozenset(ACTS))
    text_of(record, "role", longest=64)
    if record.body.get("report") not in SCHOOL_REPORTS:
        need_case(record)
    for part, fits in ACTS[name].fields.items():
        fits(record, part)


def lacks(name: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the parts that this act must say and does not."""
    return tuple(part for part in ACTS[name].fields if not body.get(part))


def for_the_office(record: Record) -> bool:
    """Whether only the office writes this act."""
    named = ACTS.get(str(record.body.get("act")))
    return named is None or not named.teachers


KIND = Kind("act", check, office_when=for_the_office)
