"""What a check can find, each with a name of its own; the catalogues say it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """The findings. None of them says why it is so: a wrong clock and a forged date look alike."""

    WRONG_KEY = "wrong_key"  # the bundle names another key than the one that is trusted
    ALTERED = "altered"  # not the bytes that were sealed
    UNKNOWN_DEVICE = "unknown_device"  # sealed by a key for which the school has no certificate
    FOREIGN = "foreign"  # of another school or child
    CERTIFICATE = "certificate"  # a device's certificate that the school has not sealed so
    RECEIPT = "receipt"  # a receipt that the school has not sealed so, or of another record
    CONTENTS = "contents"  # the list of contents is not the school's, or of another state of the log
    MISSING = "missing"  # listed or referred to, but not here
    UNLISTED = "unlisted"  # here, but not listed
    FORKED = "forked"  # a device's chain has two records in one place, or leads to another predecessor
    NOT_LOGGED = "not_logged"  # not in the log as of the newest checkpoint
    NOT_IN_LOG = "not_in_log"  # said to be in the log, but the proof does not lead there
    CHECKPOINT = "checkpoint"  # a checkpoint that the school has not signed so
    REWRITTEN = "rewritten"  # the log does not continue what it once was
    OTHER_LIFE = "other_life"  # a checkpoint from before a restore which the log does not continue
    UNPROVEN = "unproven"  # a checkpoint that the bundle says nothing about
    BACK_DATED = "back_dated"  # claims a time before what it quotes existed
    AHEAD = "ahead"  # claims a time after it was in the log already
    RECEIPT_TIME = "receipt_time"  # the school's time of receipt does not fit its log
    FILE_NOT_ARRIVED = "file_not_arrived"  # named by a record, not at school
    FILE_MISSING = "file_missing"  # should lie in the folder of files
    FILE_ALTERED = "file_altered"  # lies there with other content


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold; `subject` is a record's id, a device, a file or a checkpoint."""

    code: Code
    subject: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


Findings = list[Finding]
