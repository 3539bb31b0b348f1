"""The tree agrees with independent libraries and with its own definition; no proof holds for anything else."""

from __future__ import annotations

import hashlib
import importlib.util
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pymerkle import InmemoryTree
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from casebook.translog.tree import (
    EMPTY_ROOT,
    Frontier,
    Subtree,
    consistency_path,
    extends,
    hashes,
    includes,
    inclusion_path,
    leaf_hash,
    node_hash,
)
from tests.casebook.translog.oracle import ENTRIES, GOLDEN, SIZES, by_aics, digests, places


class Grove:
    """A tree that remembers every complete subtree, as a store does."""

    def __init__(self, entries: list[bytes]) -> None:
        self.known: dict[Subtree, bytes] = {}
        self.frontier = Frontier()
        self.roots = [EMPTY_ROOT]
        for entry in entries:
            self.frontier, grown = self.frontier.append(leaf_hash(entry))
            self.known |= {one.at: one.hash for one in grown}
            self.roots.append(self.frontier.root)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return hashes(inclusion_path(index, size), self.known.__getitem__)

    def consistency(self, old: int, size: int) -> list[bytes]:
        return hashes(consistency_path(old, size), self.known.__getitem__)


GROVE = Grove(ENTRIES)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
STRANGER = leaf_hash(b"stranger")


def by_definition(entries: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(by_definition(entries[:k]), by_definition(entries[k:]))


def test_roots_are_those_of_the_definition_and_of_pymerkle() -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        theirs.append_entry(entry)
    for size in SIZES:
        assert GROVE.roots[size] == bytes(theirs.get_root(size)), size
    for size in (0, 1, 2, 3, 7, 8, 9, 255, 300):
        assert GROVE.roots[size] == by_definition(ENTRIES[:size])


def test_roots_and_proofs_are_those_of_aics_tlog() -> None:
    theirs = json.loads(GOLDEN.read_text())
    ours = digests(GROVE.roots.__getitem__, GROVE.inclusion, GROVE.consistency)
    assert ours == {name: theirs[name] for name in ours}


def test_the_golden_file_is_what_independent_libraries_say() -> None:
    """pymerkle everywhere; aics-tlog itself, whose words the file keeps, wherever Python is new enough for it."""
    golden, tree = json.loads(GOLDEN.read_text()), InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    roots = hashlib.sha256(b"".join(bytes(tree.get_root(size)) for size in SIZES)).hexdigest()
    assert golden["roots"] == roots
    if importlib.util.find_spec("aics_tlog"):
        assert golden == {"by": "aics-tlog", **by_aics()}


def test_tlog_scales_accepts_our_proofs() -> None:
    for size in SIZES:
        root = GROVE.roots[size]
        for place in places(size):
            InclusionProof(place, size, GROVE.inclusion(place, size)).check(LEAVES[place], root)
            proof = GROVE.consistency(place + 1, size)
            ConsistencyProof(place + 1, size, proof).check(GROVE.roots[place + 1], root)


def test_our_own_check_accepts_our_proofs_and_nothing_else() -> None:
    for size in SIZES:
        root = GROVE.roots[size]
        for place in places(size):
            proof = GROVE.inclusion(place, size)
            assert includes(place, size, LEAVES[place], proof, root)
            assert not includes(place, size, STRANGER, proof, root)
            assert not includes(place, size, LEAVES[place], [*proof, STRANGER], root)
            assert not includes(place, size, LEAVES[place], proof, STRANGER)
            if proof:
                assert not includes(place, size, LEAVES[place], proof[:-1], root)
            old = place + 1
            proof = GROVE.consistency(old, size)
            assert extends((old, GROVE.roots[old]), (size, root), proof)
            assert not extends((old, STRANGER), (size, root), proof)
            assert not extends((old, GROVE.roots[old]), (size, STRANGER), proof)
            assert not extends((old, GROVE.roots[old]), (size, root), [*proof, STRANGER])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(3, 3)
    with pytest.raises(ValueError, match="no beginning"):
        consistency_path(4, 3)
    assert not includes(3, 3, LEAVES[2], [], GROVE.roots[3])
    assert not extends((4, GROVE.roots[4]), (3, GROVE.roots[3]), [])
    assert not extends((-1, EMPTY_ROOT), (3, GROVE.roots[3]), [])
    assert extends((0, EMPTY_ROOT), (3, GROVE.roots[3]), [])
    assert not extends((0, GROVE.roots[3]), (3, GROVE.roots[3]), [])


@settings(max_examples=80, deadline=None)
@given(some.lists(some.binary(max_size=12), min_size=1, max_size=70), some.data())
def test_any_tree_proves_each_leaf_and_each_beginning_and_no_forged_one(entries: list[bytes], data: some.DataObject) -> None:
    grove, size = Grove(entries), len(entries)
    index = data.draw(some.integers(0, size - 1))
    old = data.draw(some.integers(0, size))
    leaf, root = leaf_hash(entries[index]), grove.roots[size]
    proof = grove.inclusion(index, size)
    assert root == by_definition(entries)
    assert includes(index, size, leaf, proof, root)
    assert extends((old, grove.roots[old]), (size, root), grove.consistency(old, size))
    for place in range(len(proof)):
        forged = [*proof[:place], STRANGER, *proof[place + 1 :]]
        assert not includes(index, size, leaf, forged, root)
    changed = [*entries[:index], entries[index] + b"!", *entries[index + 1 :]]
    other = Grove(changed)
    if index < old:
        assert not extends((old, grove.roots[old]), (size, other.roots[size]), other.consistency(old, size))


@settings(max_examples=80, deadline=None)
@given(some.integers(-2, 40), some.integers(-2, 40), some.lists(some.binary(max_size=33), max_size=8))
def test_no_input_breaks_the_checks(one: int, two: int, proof: list[bytes]) -> None:
    assert not includes(one, two, STRANGER, proof, EMPTY_ROOT)
    assert extends((one, STRANGER), (two, STRANGER), proof) == (one == two >= 0 and not proof)


def test_an_append_touches_no_more_than_the_trees_height() -> None:
    frontier, most = Frontier(), 0
    for n in range(3000):
        frontier, grown = frontier.append(LEAVES[n % 300])
        most = max(most, len(grown))
        assert len(frontier.peaks) == frontier.size.bit_count()
    assert most == 12  # 2^11 = 2048 is the highest complete subtree
