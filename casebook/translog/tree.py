"""The Merkle tree of RFC 6962: roots and proofs as lists of subtrees to read, and their verification.

Nothing here holds a tree. A proof is planned first (which complete subtrees does it need?), so that a store can
read all of them at once; then their hashes are folded. All hashes are 32 raw bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


class Subtree(NamedTuple):
    """A complete subtree: `n` counts those of its level from the left, level 0 are the leaves."""

    level: int
    n: int


class Grown(NamedTuple):
    """A subtree that an appended leaf completed, and its hash."""

    at: Subtree
    hash: bytes


Part = tuple[Subtree, ...]  # what one hash of a proof is folded from, largest (leftmost) first
Read = Callable[[Subtree], bytes]


@dataclass(frozen=True)
class Frontier:
    """All that appending needs to know of a tree: its size and its complete subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The tree's root hash."""
        return fold(self.peaks)

    def append(self, leaf: bytes) -> tuple[Frontier, list[Grown]]:
        """The tree with one more leaf hash, and the subtrees this completed: the leaf itself first."""
        peaks, at, hashed = list(self.peaks), Subtree(0, self.size), leaf
        grown = [Grown(at, hashed)]
        while at.n & 1:
            hashed = node_hash(peaks.pop(), hashed)
            at = Subtree(at.level + 1, at.n >> 1)
            grown.append(Grown(at, hashed))
        return Frontier(self.size + 1, (*peaks, hashed)), grown


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf; the prefix keeps a leaf from passing for a node (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """The one hash over neighbouring complete subtrees, largest first; of none, the root of the empty tree."""
    if not peaks:
        return EMPTY_ROOT
    *left, hashed = peaks
    for peak in reversed(left):
        hashed = node_hash(peak, hashed)
    return hashed


def subtrees(start: int, end: int) -> Part:
    """The complete subtrees under leaves start..end, where `start` is a place at which the tree splits."""
    parts: list[Subtree] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(Subtree(level, start >> level))
        start += 1 << level
    return tuple(parts)


def inclusion_path(index: int, size: int) -> list[Part]:
    """What the proof that leaf `index` is in the tree of `size` leaves consists of. Raises ValueError if it is not."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    path: list[Part] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtrees(middle, end))
            end = middle
        else:
            path.append(subtrees(start, middle))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Part]:
    """What the proof that the tree of `new` leaves begins with that of `old` consists of. Raises ValueError."""
    if not 0 <= old <= new:
        raise ValueError(f"{old} leaves are no beginning of {new}")
    if old in (0, new):
        return []
    path: list[Part] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtrees(middle, end))
            end = middle
        else:
            path.append(subtrees(start, middle))
            start = middle
    if start:
        path.append(subtrees(start, end))
    return path[::-1]


def hashes(path: Iterable[Part], read: Read) -> list[bytes]:
    """The proof itself: one hash for each part of the path."""
    return [fold([read(subtree) for subtree in part]) for part in path]


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the tree of `size` leaves with this root has `leaf` at `index` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, hashed = index, size - 1, leaf
    for other in proof:
        if not last:
            return False
        if at & 1 or at == last:
            hashed = node_hash(other, hashed)
            at, last = _climb(at, last)
        else:
            hashed = node_hash(hashed, other)
        at, last = at >> 1, last >> 1
    return last == 0 and hashed == root


def extends(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree `new` (size, root) begins with the whole of `old` (RFC 9162 §2.1.4.2)."""
    (old_size, old_root), (size, root) = old, new
    if not 0 <= old_size <= size:
        return False
    if old_size in (0, size):
        return not proof and old_root == (root if old_size == size else EMPTY_ROOT)
    steps = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not steps:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for other in steps[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, after = node_hash(other, before), node_hash(other, after)
            at, last = _climb(at, last)
        else:
            after = node_hash(after, other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _split(size: int) -> int:
    """The largest power of two below `size`: where a tree of more than one leaf is divided."""
    return 1 << ((size - 1).bit_length() - 1)


def _climb(at: int, last: int) -> tuple[int, int]:
    """Past the levels at which a node on the right edge has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last
