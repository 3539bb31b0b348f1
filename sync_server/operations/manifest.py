"""What a backup says of itself: which schools, up to where, made when, and the hash of everything that is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = 1


class Unreadable(Exception):
    """This is no manifest, or one of a newer program."""


@dataclass(frozen=True)
class Manifest:
    """`sums` names every file of the backup's own folder with its SHA-256; `lacking` are files that were not good
    at school when the backup was made. `schools` maps id -> newest number of the log inside.
    """

    made_at: str
    migration: str
    schools: Mapping[str, int]
    sums: Mapping[str, str]
    files: int
    file_bytes: int
    keys_locked: bool = False
    lacking: tuple[str, ...] = field(default=())
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """The manifest as JSON that people can read, too."""
        said = {**self.__dict__, "lacking": list(self.lacking)}
        return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


def read(content: bytes) -> Manifest:
    """The manifest that `content` says. Raises Unreadable."""
    try:
        said = json.loads(content)
        if said["format"] != FORMAT:
            raise Unreadable()
        return Manifest(**{**said, "lacking": tuple(said["lacking"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable() from error
