"""Checks the log: who signed its checkpoints, whether each continues the one before, and whether records are in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from casebook.errors import CasebookError, RequestMalformed
from casebook.protocol import unb64
from casebook.sealing import Verifier
from casebook.translog.checkpoints import Checkpoint, open_checkpoint
from casebook.translog.tree import extends, includes, leaf_hash
from casebook.verify.bundle import Bundle, BundledCheckpoint
from casebook.verify.findings import Code, Finding, Findings
from casebook.verify.seals import Opened


@dataclass(frozen=True)
class Log:
    """The log as the bundle proves it: `newest`, what it continues (`proven`), and everything the school signed."""

    newest: Checkpoint | None
    proven: list[Checkpoint] = field(default_factory=list)
    signed: list[Checkpoint] = field(default_factory=list)

    def logged_after(self, index: int) -> dt.datetime | None:
        """When leaf `index` was certainly not there yet."""
        return max((time_of(one) for one in self.proven if one.size <= index), default=None)

    def logged_before(self, index: int) -> dt.datetime | None:
        """When leaf `index` was certainly there."""
        return min((time_of(one) for one in self.proven if one.size > index), default=None)


def time_of(checkpoint: Checkpoint) -> dt.datetime:
    """The instant that the school put on a checkpoint."""
    return dt.datetime.fromisoformat(checkpoint.time)


def open_log(bundle: Bundle, key: bytes, verifier: Verifier) -> tuple[Log, Findings]:
    """The log behind the bundle's checkpoints, and what is wrong with them."""
    findings: Findings = []
    opened: list[tuple[BundledCheckpoint, Checkpoint]] = []
    for number, bundled in enumerate(bundle.checkpoints, 1):
        try:
            opened.append((bundled, open_checkpoint(bundled.note, bundle.school.id, key, verifier)))
        except CasebookError:
            findings.append(Finding(Code.CHECKPOINT, str(number)))
    if not opened:
        return Log(None), findings or [Finding(Code.CHECKPOINT, "1")]
    newest = opened[-1][1]
    proven = []
    for bundled, checkpoint in opened:
        if _continues(checkpoint, newest, bundled.proof):
            proven.append(checkpoint)
        else:
            findings.append(_broken(checkpoint, newest))
    return Log(newest, proven, [checkpoint for _, checkpoint in opened]), findings


def check_outside(notes: Iterable[str], school: str, key: bytes, log: Log, verifier: Verifier) -> Findings:
    """What checkpoints that were kept outside the school say about the log."""
    findings: Findings = []
    for number, note in enumerate(notes, 1):
        try:
            outside = open_checkpoint(note, school, key, verifier)
        except CasebookError:
            findings.append(Finding(Code.CHECKPOINT, f"outside {number}"))
            continue
        findings += _compared(outside.gen, outside.size, outside.root, log)
    return findings


def check_quote(opened: Opened, log: Log) -> Findings:
    """Whether the log is what the record's device saw of it: every record carries a checkpoint to the outside."""
    seen = opened.record.seen
    if not isinstance(seen, dict) or not isinstance(seen.get("size"), int) or seen["size"] == 0:
        return []
    if log.newest is None or seen.get("gen") != log.newest.gen:  # of a former life: it bounds the time, no more
        return []
    if opened.index is not None and opened.index < seen["size"]:  # it quotes what came after it
        return [Finding(Code.REWRITTEN, opened.rid, {"size": seen["size"]})]
    try:
        root = bytes.fromhex(str(seen.get("root")))
    except ValueError:
        root = b""
    found = _compared(log.newest.gen, seen["size"], root, log)
    return [Finding(one.code, opened.rid, one.facts) for one in found]


def place(opened: list[Opened], log: Log) -> tuple[list[Opened], Findings]:
    """The records, those with their leaf that are proven to be in the log, and what is said of the others."""
    placed: list[Opened] = []
    findings: Findings = []
    for one in opened:
        code = _logged(one, log)
        placed.append(one if code else replace(one, index=one.bundled.index))
        findings += [Finding(code, one.rid)] if code else []
    return placed, findings


def _logged(opened: Opened, log: Log) -> Code | None:
    bundled, newest = opened.bundled, log.newest
    if bundled.index is None or newest is None or bundled.index >= newest.size:
        return Code.NOT_LOGGED
    leaf = leaf_hash(opened.sealed.payload + opened.sealed.signature)
    proof = _hashes(bundled.proof)
    if proof is None or not includes(bundled.index, newest.size, leaf, proof, newest.root):
        return Code.NOT_IN_LOG
    return None


def _compared(gen: str, size: int, root: bytes, log: Log) -> Findings:
    """One state of the log that somebody saw, against those that the bundle proves."""
    facts = {"size": size}
    if log.newest is not None and size > log.newest.size and gen == log.newest.gen:
        return [Finding(Code.UNPROVEN, str(size), facts | {"newest": log.newest.size})]
    if any(one.tree == (size, root) for one in log.signed):  # one that does not fit is a finding already
        return []
    if any((one.gen, one.size) == (gen, size) for one in log.proven):
        return [Finding(Code.REWRITTEN, str(size), facts)]
    return [Finding(Code.UNPROVEN, str(size), facts)]


def _broken(checkpoint: Checkpoint, newest: Checkpoint) -> Finding:
    same_life = checkpoint.gen == newest.gen
    facts = {"size": checkpoint.size, "time": checkpoint.time}
    return Finding(Code.REWRITTEN if same_life else Code.OTHER_LIFE, str(checkpoint.size), facts)


def _continues(old: Checkpoint, newest: Checkpoint, proof: list[str]) -> bool:
    hashes = _hashes(proof)
    return hashes is not None and extends(old.tree, newest.tree, hashes)


def _hashes(proof: list[str]) -> list[bytes] | None:
    try:
        return [unb64(text) for text in proof]
    except RequestMalformed:
        return None
