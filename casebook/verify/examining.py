"""The whole check of a bundle, part by part, into one report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casebook.sealing import Verifier
from casebook.translog.checkpoints import origin_of
from casebook.translog.notes import Voucher, read_voucher
from casebook.verify.bundle import Bundle, Contents
from casebook.verify.findings import Code, Finding, Findings
from casebook.verify.log import Log, check_outside, check_quote, open_log, place
from casebook.verify.seals import (
    Opened,
    certificates,
    check_chains,
    check_contents,
    check_references,
    open_records,
)
from casebook.verify.times import Bounds, bounds_of, check_receipts, check_times


@dataclass(frozen=True)
class Trust:
    """What the examiner brings along: the school's key, checkpoints kept outside, hashes of the files that lie here.

    Without a key the bundle's own is used: then the check shows that the bundle agrees with itself, no more.
    `files` maps a file's name (its hash) to the hash of what lies under that name.
    """

    key: Voucher | None = None
    outside: Sequence[str] = ()
    files: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Report:
    """What was checked and what was found."""

    key: Voucher
    log: Log
    bounds: list[Bounds]
    opened: list[Opened]
    findings: Findings = field(default_factory=list)


def examine(bundle: Bundle, trust: Trust, verifier: Verifier) -> Report:
    """Checks everything that can be checked offline. Raises RequestMalformed when the bundle names no key."""
    named = read_voucher(bundle.key)
    key = trust.key or named
    findings: Findings = []
    if str(named) != str(key) or key.name != origin_of(bundle.school.id):
        findings.append(Finding(Code.WRONG_KEY, str(named)))
    known, wrong = certificates(bundle, key.public_key, verifier)
    findings += wrong
    opened, wrong = open_records(bundle, known, key.public_key, verifier)
    findings += wrong
    log, wrong = open_log(bundle, key.public_key, verifier)
    findings += wrong
    contents, wrong = check_contents(bundle, opened, key.public_key, verifier)
    findings += wrong + _misplaced(contents, log)
    findings += check_references(opened, frozenset(contents.elsewhere if contents else ()))
    findings += check_chains(opened, contents.flags if contents else {})
    opened, wrong = place(opened, log)
    findings += wrong + [found for one in opened for found in check_quote(one, log)]
    bounds = bounds_of(opened, log)
    findings += check_times(bounds) + check_receipts(opened, log)
    findings += check_outside(trust.outside, bundle.school.id, key.public_key, log, verifier)
    findings += _file_findings(opened, frozenset(contents.arrived if contents else ()), trust.files)
    return Report(key, log, bounds, opened, findings)


def _misplaced(contents: Contents | None, log: Log) -> Findings:
    """The list of contents is of exactly the state of the log that the proofs lead to."""
    if contents is None or log.newest is None:
        return []
    stated = (contents.gen, contents.size, contents.root)
    newest = (log.newest.gen, log.newest.size, log.newest.root.hex())
    return [] if stated == newest else [Finding(Code.CONTENTS)]


def _file_findings(opened: list[Opened], arrived: frozenset[str], lying: Mapping[str, str] | None) -> Findings:
    findings: Findings = []
    for sha256 in sorted({att.sha256 for one in opened for att in one.record.att}):
        if sha256 not in arrived:
            findings.append(Finding(Code.FILE_NOT_ARRIVED, sha256))
        elif lying is not None and lying.get(sha256) != sha256:
            findings.append(Finding(Code.FILE_ALTERED if sha256 in lying else Code.FILE_MISSING, sha256))
    return findings
