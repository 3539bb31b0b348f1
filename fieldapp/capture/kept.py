"""A file on its way into a record, whatever it is: what is kept of it, and what its original said about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kept:
    """The bytes to keep, as what (`role`, media `type`, `suffix`), and where they came from.

    `said` is what the original claimed: of a photo where it was taken (`lat`, `lng` in 1e-7 degrees), of a sound how
    long it is (`length_ms`), of a paper its name. It proves nothing.
    """

    role: str
    content: bytes
    type: str
    suffix: str
    taken_at: str | None = None
    src_sha256: str | None = None
    dhash: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
