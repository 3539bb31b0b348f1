"""The contact card: what the register says of a child's home, under the names that records use for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def on_card(child: Mapping[str, Any]) -> dict[str, str]:
    """The register's own contact data of a child's row; what it does not know is empty.

    The telephone is that of the legal guardian named first; a caretaker is named only if it is somebody else.
    """
    adults = child.get("guardians") or [{}]
    guardian = next((one for one in adults if one.get("legal")), adults[0])
    caretaker = next((one for one in adults if one.get("caretaker")), guardian)
    other = caretaker if caretaker is not guardian else {}
    said = {
        "guardian_phone": guardian.get("phone"), "home_address": child.get("home_address"),
        "home_landmark": child.get("home_landmark"), "caretaker_name": other.get("name"),
        "caretaker_relation": other.get("relation"),
    }  # fmt: skip
    return {prop: str(value or "") for prop, value in said.items()}
