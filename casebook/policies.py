"""How the values of a case property live together: one table."""

from __future__ import annotations

from enum import Enum


class Policy(Enum):
    """How the values of a property live together."""

    APPEND = "append"  # every value stays: attempts, needs
    LATEST = "latest"  # an observation: the newest is shown, older ones are history and no conflict
    CONTACT = "contact"  # of the household; several values are a conflict for the office; the old one shows until then
    OFFICE = "office"  # state, numbers, registry: only the office writes them
    RESTRICTED = "restricted"  # protection notes, teacher-caused reasons: shown to few


_PROPERTIES: dict[Policy, tuple[str, ...]] = {
    Policy.OFFICE: (
        "state", "case_no", "episode", "incident_state", "absent_since", "last_present", "case_opened_on",
        "notice_no", "return_by", "roll_status",
    ),
    Policy.CONTACT: ("guardian_phone", "home_address", "home_landmark", "caretaker_name", "caretaker_relation"),
    Policy.RESTRICTED: ("protection_note", "teacher_reason", "key_flags_private"),
    Policy.APPEND: ("needs",),
}  # fmt: skip
POLICY: dict[str, Policy] = {prop: policy for policy, props in _PROPERTIES.items() for prop in props}


def policy_of(prop: str) -> Policy:
    """The policy of a property; what the table does not name is an observation."""
    return POLICY.get(prop, Policy.LATEST)


def is_of_home(prop: str) -> bool:
    """Whether a property belongs to the household, so that brothers and sisters share it (domain §10.3)."""
    return policy_of(prop) is Policy.CONTACT
