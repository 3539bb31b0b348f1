"""Checks the times: between which signed checkpoints a record must have been written, and whether it claims so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from casebook.verify.findings import Code, Finding, Findings
from casebook.verify.log import Log, time_of
from casebook.verify.seals import Opened

#: Clocks that differ by less agree.
TOLERANCE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Bounds:
    """A record says it was finished at `claimed`; it cannot be older than `earliest` nor newer than `latest`."""

    rid: str
    claimed: dt.datetime
    earliest: dt.datetime | None
    latest: dt.datetime | None


def bounds_of(opened: list[Opened], log: Log) -> list[Bounds]:
    """The bounds of all records, oldest claim first.

    A record is not older than the checkpoint it quotes, nor than what its device wrote before it.
    """
    floors: dict[tuple[str, int], dt.datetime] = {}
    found = []
    for one in sorted(opened, key=lambda one: one.record.seq):
        chain = one.record.dev, one.record.ep
        earliest = max((at for at in (floors.get(chain), _quoted(one, log)) if at), default=None)
        if earliest:
            floors[chain] = earliest
        latest = log.logged_before(one.index) if one.index is not None else None
        found.append(Bounds(one.rid, dt.datetime.fromisoformat(one.record.at.ended), earliest, latest))
    return sorted(found, key=lambda bounds: bounds.claimed)


def check_times(bounds: Iterable[Bounds]) -> Findings:
    """Records that claim a time outside their bounds."""
    findings: Findings = []
    for one in bounds:
        if one.earliest and one.claimed + TOLERANCE < one.earliest:
            facts = {"claimed": _text(one.claimed), "bound": _text(one.earliest)}
            findings.append(Finding(Code.BACK_DATED, one.rid, facts))
        if one.latest and one.claimed - TOLERANCE > one.latest:
            findings.append(Finding(Code.AHEAD, one.rid, {"claimed": _text(one.claimed), "bound": _text(one.latest)}))
    return findings


def check_receipts(opened: Iterable[Opened], log: Log) -> Findings:
    """Receipts whose time does not fit the checkpoints before and after the record came into the log."""
    findings: Findings = []
    for one in opened:
        if one.receipt is None or one.index is None:
            continue
        told = _instant(one.receipt.received_at)
        after, before = log.logged_after(one.index), log.logged_before(one.index)
        early = told is not None and after is not None and told + TOLERANCE < after
        late = told is not None and before is not None and told - TOLERANCE > before
        if told is None or early or late:
            findings.append(Finding(Code.RECEIPT_TIME, one.rid, {"claimed": one.receipt.received_at}))
    return findings


def _quoted(one: Opened, log: Log) -> dt.datetime | None:
    """The time of the checkpoint that the record quotes: as the school signed it, else as the device wrote it down."""
    seen = one.record.seen
    if not isinstance(seen, dict):
        return None
    named = (seen.get("gen"), seen.get("size"), seen.get("root"))
    signed = [time_of(known) for known in log.signed if (known.gen, known.size, known.root.hex()) == named]
    return min(signed) if signed else _instant(seen.get("time"))


def _instant(text: object) -> dt.datetime | None:
    try:
        instant = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.utcoffset() is not None else None


def _text(instant: dt.datetime) -> str:
    return instant.isoformat(" ", "seconds")
