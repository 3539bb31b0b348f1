"""Several files on their way as one stream: what is in it, in which order, and which byte belongs to which file."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from casebook.errors import RequestMalformed
from casebook.records import MAX_ATTACHMENTS

#: What goes before everything else: without it a visit proves little, and it is small.
FIRST_ROLE = "signature"
MAX_TYPE = 100
MAX_SIZE = 2**40


@dataclass(frozen=True)
class PackedFile:
    """One file of a pack: hash of its bytes, how many they are, media type."""

    sha256: str
    size: int
    type: str


@dataclass(frozen=True)
class Pack:
    """Files one after the other, without anything between them."""

    files: tuple[PackedFile, ...]

    @cached_property
    def manifest(self) -> str:
        """The list as it travels."""
        return json.dumps([[file.sha256, file.size, file.type] for file in self.files], separators=(",", ":"))

    @cached_property
    def id(self) -> str:
        """SHA-256 of the manifest (hex): the same list in the same order is the same pack."""
        return hashlib.sha256(self.manifest.encode()).hexdigest()

    @cached_property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The place at which each file begins."""
        return tuple(accumulate((file.size for file in self.files[:-1]), initial=0))

    def spread(self, offset: int, size: int) -> Iterator[tuple[PackedFile, int, int]]:
        """Which files `size` bytes from `offset` on belong to: each with the place inside it, and how many bytes."""
        end, place = offset + size, bisect_right(self.starts, offset) - 1
        while place < len(self.files) and self.starts[place] < end:
            start, file = self.starts[place], self.files[place]
            first, last = max(offset, start), min(end, start + file.size)
            if first < last:
                yield file, first - start, last - first
            place += 1


def read_pack(manifest: str) -> Pack:
    """The pack that a manifest lists. Raises RequestMalformed."""
    try:
        listed = json.loads(manifest)
        files = tuple(PackedFile(sha256, size, type_) for sha256, size, type_ in listed)
    except (ValueError, TypeError, RecursionError) as error:
        raise RequestMalformed(field="pack") from error
    hashes = {file.sha256 for file in files if _is_right(file)}
    if not 0 < len(hashes) == len(files) <= MAX_ATTACHMENTS:
        raise RequestMalformed(field="pack")
    return Pack(files)


def in_order(files: Iterable[tuple[str, PackedFile]]) -> tuple[PackedFile, ...]:
    """Files with their roles as they are best sent: strokes first, small before large."""
    first = sorted(files, key=lambda one: (one[0] != FIRST_ROLE, one[1].size, one[1].sha256))
    return tuple(file for _, file in first)


def is_hash(text: object) -> bool:
    """Whether it can be the SHA-256 of something in hex: nothing else may come near a file's name."""
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


def _is_right(file: PackedFile) -> bool:
    numbered = type(file.size) is int and 0 < file.size < MAX_SIZE
    return is_hash(file.sha256) and numbered and isinstance(file.type, str) and len(file.type) <= MAX_TYPE
