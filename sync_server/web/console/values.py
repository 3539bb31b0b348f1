"""Values of case properties in words: codes by their domain list, days as days."""

from __future__ import annotations

from typing import Any

from casebook.wording import Wording

#: Properties whose codes come from a list of another name (domain 4.9 to 4.11).
LISTS = {
    "whereabouts_confidence": "confidence", "reasons_guardian": "reason", "reasons_student": "reason",
    "reasons_judged": "reason", "caretaker_relation": "relation", "incident_state": "state",
}  # fmt: skip


def value_in_words(wording: Wording, prop: str, value: Any) -> str:
    """The value as a person reads it; a code that no list names is shown as it is."""
    text = "" if value is None else str(value)
    codes = text.split()
    known = [code for code in codes if wording.has(_key(prop, code))]
    if codes and len(known) == len(codes):
        return wording("console.list_comma").join(wording(_key(prop, code)) for code in codes)
    return text


def _key(prop: str, code: str) -> str:
    name = LISTS.get(prop, prop)
    return f"console.state.{code}" if name == "state" else f"console.value.{name}.{code}"
