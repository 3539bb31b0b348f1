"""Who wins: the verdict over one arriving record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casebook.kinds import is_for_office
from casebook.policies import Policy, policy_of
from casebook.records import Record


class Verdict(StrEnum):
    """What became of a record that arrived."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(frozen=True)
class Standing:
    """Whom a key belongs to and whether it still may speak."""

    account: str
    school: str
    active: bool = True
    office: bool = False


@dataclass(frozen=True)
class Known:
    """What the server knows before it judges: is the record here, whose key signed it, is the case known and open.

    `roles` are those that the author holds (None: not asked), `may_count` whether the author may count this class,
    `names_own` whether all children it names are, or were, of this class, `may_act` whether the author may take this
    step with this child, or keep its leaves.
    """

    stored: bool
    device: Standing | None
    case_known: bool = True
    case_open: bool = True
    roles: frozenset[str] | None = None
    may_count: bool = True
    may_act: bool = True
    names_own: bool = True


@dataclass(frozen=True)
class Judgement:
    """A verdict and, where a person must look or the phone must tell, its stable code."""

    verdict: Verdict
    code: str | None = None


def classify(record: Record, known: Known) -> Judgement:
    """The verdict over a properly sealed record.

    Refused is only what can never be right (the key is a stranger's). Everything else that is properly signed
    enters the log; what a person must look at waits in quarantine with its reason.
    """
    if known.device is None:
        return Judgement(Verdict.REFUSED, "unknown_key")
    if known.stored:
        return Judgement(Verdict.DUPLICATE)
    code = _quarantine_reason(record, known, known.device)
    return Judgement(Verdict.QUARANTINED, code) if code else Judgement(Verdict.STORED)


def _quarantine_reason(record: Record, known: Known, device: Standing) -> str | None:
    reasons = (
        (record.school != device.school, "wrong_school"),
        (not device.active, "device_revoked"),
        (record.author != device.account and not device.office, "wrong_author"),
        (not device.office and _touches_office(record), "office_only"),
        (not known.case_known, "unknown_case"),
        (not known.case_open and not device.office, "closed_case"),
        (record.type == "act" and not _holds_role(record, known), "role_not_held"),
        (record.type in ("act", "leave") and not (known.may_act or device.office), "not_your_child"),
        (record.type == "headcount" and not (known.may_count or device.office), "not_your_class"),
        (record.type == "headcount" and not (known.names_own or device.office), "not_of_class"),
    )
    return next((code for holds, code in reasons if holds), None)


def _holds_role(record: Record, known: Known) -> bool:
    """Whether the author acts in a role that is really the author's (domain §1)."""
    return known.roles is None or record.body.get("role") in known.roles


def _touches_office(record: Record) -> bool:
    return is_for_office(record) or any(policy_of(prop) is Policy.OFFICE for prop in record.set)
