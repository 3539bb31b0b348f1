"""Why an operation was not done, in codes that have a sentence for people (operations.fault.<code>)."""

from __future__ import annotations

import errno

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class OperationFailed(Exception):
    """The operation was not done and nothing was changed; `facts` fill the sentence of its code."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def of_disk(error: OSError, place: object) -> OperationFailed:
    """The fault behind an error of the operating system."""
    return OperationFailed("disk_full" if error.errno in DISK_FULL else "disk_refused", place=place)
