"""The transparency log: a Merkle tree over the school's records whose signed checkpoints anyone can keep. Pure.

`tree` is RFC 6962 (roots, inclusion and consistency proofs), `notes` the C2SP signed note,
`checkpoints` what a school signs: how long its log is and what it holds.
"""
