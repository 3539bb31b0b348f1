"""What aid surveys say of a child: what it should get and does not (R53), and being poor and weak at school (R42)."""

from __future__ import annotations

from collections.abc import Collection

from casebook.rules.facts import Chronicle, Contact

AID = "aid"
POOR, WEAK, BOTH = "KS02", "KS03", "KS04"
POVERTY = frozenset({"FM01", "FM02", "FM03", "FM04"})  # registered poor, monitored, minimum living aid, hardship aid


def unpaid(facts: Chronicle) -> Contact | None:
    """The newest survey that asked about aid, if it found something that the child should get and does not.

    A survey in which the family left the aid out settles nothing.
    """
    asked = [contact for contact in facts.contacts if AID in contact.purposes and contact.text("aid_count")]
    return asked[-1] if asked and asked[-1].codes("aid_gap") else None


def proposed_flags(facts: Chronicle) -> tuple[str, ...]:
    """The family's circumstances by the certificates that the newest survey saw."""
    seen = (contact.codes("family_flags_proposed") for contact in reversed(facts.contacts) if AID in contact.purposes)
    return next((codes for codes in seen if codes), ())


def flags_with_both(key_flags: Collection[str], family_flags: Collection[str]) -> tuple[str, ...]:
    """The flags of a key student; who is poor and weak at school is both (双困), whatever was typed (R42)."""
    poor = POOR in key_flags or not POVERTY.isdisjoint(family_flags)
    return (*key_flags, *((BOTH,) if poor and WEAK in key_flags and BOTH not in key_flags else ()))
