"""What independent libraries say about the tree over `entry 0`, `entry 1`, …; renews the golden file (Python 3.12+).

    python -m tests.casebook.translog.oracle
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

GOLDEN = Path(__file__).parents[2] / "golden" / "translog.json"
SIZES = range(1, 301)
ENTRIES = [b"entry %d" % n for n in range(SIZES[-1])]

ORIGIN, TIME, GEN = "jiafang/3199000001", "2026-11-22T13:00:00+08:00", "g" * 16

Root = Callable[[int], bytes]
Proof = Callable[[int, int], Sequence[bytes]]  # (leaf or old size, size)


def places(size: int) -> list[int]:
    """Leaves (or, one more, older sizes) of a tree whose proofs are compared: its edges and some between."""
    return sorted({0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)))


def digests(root: Root, inclusion: Proof, consistency: Proof) -> dict[str, str]:
    """One hash over the roots of all sizes, one over inclusion proofs, one over consistency proofs."""
    sums = {name: hashlib.sha256() for name in ("roots", "inclusion", "consistency")}
    for size in SIZES:
        sums["roots"].update(root(size))
        for place in places(size):
            sums["inclusion"].update(b"|".join(inclusion(place, size)) + b"\n")
            sums["consistency"].update(b"|".join(consistency(place + 1, size)) + b"\n")
    return {name: one.hexdigest() for name, one in sums.items()}


def by_aics() -> dict[str, str]:
    """The digests, a signed checkpoint and its key by aics-tlog; ImportError below Python 3.12."""
    import aics_tlog

    tree = aics_tlog.MerkleTree(ENTRIES)
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    state = aics_tlog.Checkpoint(ORIGIN, SIZES[-1], tree.root(SIZES[-1]), (f"time {TIME}", f"gen {GEN}"))
    signed = aics_tlog.sign_checkpoint(state, key, ORIGIN)
    voucher = aics_tlog.format_vkey(aics_tlog.vkey_from_ed25519(ORIGIN, key.public_key()))
    proofs = digests(tree.root, tree.inclusion_proof, tree.consistency_proof)
    return proofs | {"note": signed.serialise(), "key": voucher}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({"by": "aics-tlog", **by_aics()}, indent=1) + "\n")
