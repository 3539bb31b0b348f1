"""Checks the records by themselves: seals, receipts, the devices' chains, and that none is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.errors import CasebookError
from casebook.protocol import Receipt, read_receipt, sealed_from_wire, unb64
from casebook.records import Record, reread
from casebook.sealing import RECORD_TYPE, Sealed, Verifier, device_id, pae
from casebook.verify.bundle import CONTENTS_TYPE, DEVICE_TYPE, Bundle, BundledRecord, Certificate, Contents, hear
from casebook.verify.findings import Code, Finding, Findings

#: What a record's body calls the record it is about.
NAMED_IN_BODY = ("version", "kept")
#: What the school noted when such a record arrived, although its other branch may be another child's.
FORK_FLAGS = frozenset({"fork", "swapped"})


@dataclass(frozen=True)
class Opened:
    """A record whose seal holds; `receipt` only if it is the school's and about it, `index` only if proven."""

    bundled: BundledRecord
    sealed: Sealed
    record: Record
    receipt: Receipt | None
    index: int | None = None

    @property
    def rid(self) -> str:
        """The record's id."""
        return self.sealed.rid


def certificates(bundle: Bundle, key: bytes, verifier: Verifier) -> tuple[dict[str, Certificate], Findings]:
    """The devices whose keys the school has certified."""
    found: dict[str, Certificate] = {}
    findings: Findings = []
    for number, statement in enumerate(bundle.devices, 1):
        try:
            certificate = hear(DEVICE_TYPE, Certificate, statement, key, verifier)
            named = device_id(unb64(certificate.public_key))
        except CasebookError:
            findings.append(Finding(Code.CERTIFICATE, str(number)))
            continue
        if named != certificate.dev or certificate.school != bundle.school.id:
            findings.append(Finding(Code.CERTIFICATE, str(number)))
            continue
        found[named] = certificate
    return found, findings


def open_records(
    bundle: Bundle, known: dict[str, Certificate], key: bytes, verifier: Verifier
) -> tuple[list[Opened], Findings]:
    """The records that can be read, and what is wrong with seals and receipts; no other check uses an unsealed one."""
    opened: list[Opened] = []
    findings: Findings = []
    for number, bundled in enumerate(bundle.records, 1):
        try:
            sealed = sealed_from_wire(bundled.sealed)
            record = reread(sealed.payload)
        except (CasebookError, ValueError, TypeError, RecursionError):
            findings.append(Finding(Code.ALTERED, str(number)))
            continue
        broken = _seal_findings(sealed, record, known.get(sealed.keyid), verifier)
        findings += broken
        if not broken:
            receipt, wrong = _receipt(bundled, sealed, bundle.school.id, key, verifier)
            findings += wrong
            opened.append(Opened(bundled, sealed, record, receipt))
            if (record.school, record.case) != (bundle.school.id, bundle.case):
                findings.append(Finding(Code.FOREIGN, sealed.rid))
    return opened, findings


def check_contents(
    bundle: Bundle, opened: list[Opened], key: bytes, verifier: Verifier
) -> tuple[Contents | None, Findings]:
    """Whether the bundle holds what the school says it holds."""
    try:
        contents = hear(CONTENTS_TYPE, Contents, bundle.contents, key, verifier)
    except CasebookError:
        return None, [Finding(Code.CONTENTS)]
    if (contents.school, contents.name, contents.case) != (bundle.school.id, bundle.school.name, bundle.case):
        return None, [Finding(Code.CONTENTS)]
    here = {one.rid for one in opened}
    listed = set(contents.rids)
    missing = [Finding(Code.MISSING, rid, {"named_by": ""}) for rid in sorted(listed - here)]
    return contents, missing + [Finding(Code.UNLISTED, rid) for rid in sorted(here - listed)]


def check_references(opened: list[Opened], elsewhere: frozenset[str]) -> Findings:
    """Every record that another one refers to is here, or is said to belong to another child."""
    here = {one.rid for one in opened}
    named = {rid: one.rid for one in opened for rid in named_by(one.record)}
    gone = sorted(named.keys() - here - elsewhere)
    return [Finding(Code.MISSING, rid, {"named_by": named[rid]}) for rid in gone]


def check_chains(opened: list[Opened], flags: Mapping[str, Any]) -> Findings:
    """No device has two records in one place, and neighbours name each other; `flags` is what the school noted."""
    findings: Findings = []
    places: dict[tuple[str, int, int], list[Opened]] = defaultdict(list)
    for one in opened:
        places[one.record.dev, one.record.ep, one.record.seq].append(one)
    for (dev, ep, seq), held in sorted(places.items()):
        rids = {one.rid for one in held}
        before = {one.rid for one in places.get((dev, ep, seq - 1), ())}
        facts = {"dev": dev, "ep": ep, "seq": seq}
        for one in held:
            astray = bool(before) and one.record.prev not in before
            if len(rids) > 1 or astray or FORK_FLAGS & _flags(flags, one.rid):
                findings.append(Finding(Code.FORKED, one.rid, facts))
    return findings


def _flags(flags: Mapping[str, Any], rid: str) -> set[str]:
    noted = flags.get(rid)
    return {str(flag) for flag in noted} if isinstance(noted, list) else set()


def _seal_findings(sealed: Sealed, record: Record, certificate: Certificate | None, verifier: Verifier) -> Findings:
    if certificate is None:
        return [Finding(Code.UNKNOWN_DEVICE, sealed.rid, {"dev": sealed.keyid})]
    sound = verifier.verify(unb64(certificate.public_key), pae(RECORD_TYPE, sealed.payload), sealed.signature)
    return [] if sound and record.dev == sealed.keyid else [Finding(Code.ALTERED, sealed.rid)]


def _receipt(
    bundled: BundledRecord, sealed: Sealed, school: str, key: bytes, verifier: Verifier
) -> tuple[Receipt | None, Findings]:
    if bundled.receipt is None:
        return None, [] if bundled.index is None else [Finding(Code.RECEIPT, sealed.rid)]
    try:
        receipt = read_receipt(bundled.receipt, key, verifier)
    except (CasebookError, UnicodeEncodeError):
        return None, [Finding(Code.RECEIPT, sealed.rid)]
    if (receipt.rid, receipt.school) != (sealed.rid, school):
        return None, [Finding(Code.RECEIPT, sealed.rid)]
    return receipt, []


def named_by(record: Record) -> Iterator[str]:
    """The ids of the records that a record refers to, its predecessor in the chain left out."""
    yield from record.amends
    for rids in record.base.values():
        yield from rids
    for name in NAMED_IN_BODY:
        rid = record.body.get(name)
        if isinstance(rid, str) and len(rid) == 64:
            yield rid
