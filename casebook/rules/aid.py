"""What aid surveys say of a child: what it should get and does not (R53), and being poor and weak at school (R42)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from casebook.rules.facts import Chronicle, Contact, Deed

AID = "aid"
GRANTED, REFUSED = "aid_granted", "aid_refused"
AID_ACTS = (GRANTED, REFUSED)
POOR, WEAK, BOTH = "KS02", "KS03", "KS04"
POVERTY = frozenset({"FM01", "FM02", "FM03", "FM04"})  # registered poor, monitored, minimum living aid, hardship aid


@dataclass(frozen=True)
class Asked:
    """A survey that asked about aid: what it found missing, and what the aid officer has settled of that since."""

    survey: Contact
    deeds: tuple[Deed, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """The kinds of aid that the child should get, does not, and that nobody has granted or refused."""
        settled = {kind for deed in self.deeds for kind in deed.body["kinds"]}
        return tuple(kind for kind in self.survey.codes("aid_gap") if kind not in settled)


def asked(facts: Chronicle) -> Asked | None:
    """The newest survey that asked about aid; one in which the family left the aid out settles nothing (R53)."""
    told = [contact for contact in facts.contacts if AID in contact.purposes and contact.text("aid_count")]
    if not told:
        return None
    survey = told[-1]
    return Asked(survey, tuple(deed for deed in facts.done(*AID_ACTS) if deed.text("survey") == survey.visit))


def proposed_flags(facts: Chronicle) -> tuple[str, ...]:
    """The family's circumstances by the certificates that the newest survey saw."""
    seen = (contact.codes("family_flags_proposed") for contact in reversed(facts.contacts) if AID in contact.purposes)
    return next((codes for codes in seen if codes), ())


def flags_with_both(key_flags: Collection[str], family_flags: Collection[str]) -> tuple[str, ...]:
    """The flags of a key student; who is poor and weak at school is both (双困), whatever was typed (R42)."""
    poor = POOR in key_flags or not POVERTY.isdisjoint(family_flags)
    return (*key_flags, *((BOTH,) if poor and WEAK in key_flags and BOTH not in key_flags else ()))
