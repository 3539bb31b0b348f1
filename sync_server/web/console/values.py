"""Values of case properties in words: codes by their domain list, days as days."""

from __future__ import annotations

import re
from typing import Any

from casebook.wording import Wording
from sync_server.web.console.dates import Dates

#: What is asked first about a child stands first; what is not named here follows.
ORDER = (
    "state", "incident_state", "absent_since", "last_present", "seen", "excuse", "back_on", "sign_level",
    "whereabouts", "whereabouts_detail", "whereabouts_confidence", "reasons_guardian", "reasons_student",
    "reasons_judged", "attitude", "will", "outcome", "promise_date", "next_action", "next_date", "needs", "situation",
    "protection_note", "teacher_reason", "guardian_phone", "caretaker_name", "caretaker_relation", "home_address",
    "home_landmark", "case_no", "case_opened_on", "episode",
)  # fmt: skip

#: Properties whose codes come from a list of another name (domain 4.9 to 4.11).
LISTS = {
    "whereabouts_confidence": "confidence", "reasons_guardian": "reason", "reasons_student": "reason",
    "reasons_judged": "reason", "caretaker_relation": "relation", "incident_state": "state",
    "lessons": "mark", "peers": "mark", "mood": "mark", "home_support": "mark", "chores_hours": "hours",
    "screen_hours": "hours", "study_place": "yes_no", "study_light": "yes_no", "key_flags_proposed": "key_flag",
    "family_flags_proposed": "certificate", "aid_gap": "aid_kind",
}  # fmt: skip


_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


def name_of(wording: Wording, prop: str) -> str:
    """What a property is called; one that only a newer form knows is called as it is written."""
    key = f"console.prop.{prop}"
    return wording(key) if wording.has(key) else prop


def rank(prop: str) -> int:
    """Where a property stands in a list of them."""
    return ORDER.index(prop) if prop in ORDER else len(ORDER)


def value_in_words(wording: Wording, dates: Dates, prop: str, value: Any) -> str:
    """The value as a person reads it; a code that no list names is shown as it is."""
    text = "" if value is None else str(value)
    if _DAY.match(text):
        return dates.day(text)
    codes = text.split()
    known = [code for code in codes if wording.has(_key(prop, code))]
    if codes and len(known) == len(codes):
        return wording("console.list_comma").join(wording(_key(prop, code)) for code in codes)
    return text


def _key(prop: str, code: str) -> str:
    name = LISTS.get(prop, prop)
    return f"console.state.{code}" if name == "state" else f"console.value.{name}.{code}"
