"""Says a report in words, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.verify.bundle import Bundle
from casebook.verify.examining import Report, Trust
from casebook.verify.findings import Finding
from casebook.verify.times import Bounds
from casebook.wording import Wording

SHORT = 12  # of an id: enough to find it in the bundle with a text editor


def tell(bundle: Bundle, trust: Trust, report: Report, say: Wording) -> Iterator[str]:
    """What was checked, against what, every record with its times, every finding, and the sum."""
    yield say("verify.title", school=bundle.school.name, case=bundle.case)
    yield say("verify.key.given" if trust.key else "verify.key.own", voucher=report.key)
    newest = report.log.newest
    if newest:
        yield say("verify.log", size=newest.size, time=newest.time, count=len(bundle.checkpoints))
    outside = len(trust.outside)
    yield say("verify.outside.some", count=outside) if outside else say("verify.outside.none")
    files = {att.sha256 for one in report.opened for att in one.record.att}
    yield say("verify.records", count=len(bundle.records), files=len(files))
    types = {one.rid: one.record.type for one in report.opened}
    for bounds in report.bounds:
        yield _line(bounds, types[bounds.rid], say)
    for finding in report.findings:
        yield _found(finding, say)
    yield say("verify.found", count=len(report.findings)) if report.findings else say("verify.clean")


def _line(bounds: Bounds, type: str, say: Wording) -> str:
    unknown = say("verify.time.unknown")
    earliest = bounds.earliest.isoformat(" ", "minutes") if bounds.earliest else unknown
    latest = bounds.latest.isoformat(" ", "minutes") if bounds.latest else unknown
    claimed = bounds.claimed.isoformat(" ", "minutes")
    kind = say(f"verify.type.{type}") if say.has(f"verify.type.{type}") else type  # later programs know more kinds
    return say("verify.record", rid=bounds.rid[:SHORT], type=kind, claimed=claimed, earliest=earliest, latest=latest)


def _found(finding: Finding, say: Wording) -> str:
    named = str(finding.facts.get("named_by", ""))
    facts = {**finding.facts, "subject": finding.subject[:SHORT], "named_by": named[:SHORT] or say("verify.listed")}
    if "dev" in facts:
        facts["dev"] = str(facts["dev"])[:SHORT]
    name, told = say(f"verify.name.{finding.code}"), say(f"verify.finding.{finding.code}", **facts)
    return say("verify.finding", name=name, told=told)
