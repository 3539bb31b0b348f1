"""The transparency log's tree and its signed checkpoints, as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, insert, literal, select, union_all, update
from sqlalchemy.exc import NoResultFound

from casebook.translog.tree import HASH_BYTES, Frontier, Subtree
from sync_server.store import schema as t
from sync_server.store.direct import Direct

leaf, node, c, r = t.tree_leaf.c, t.tree_node.c, t.checkpoint.c, t.record.c
PAGE = 500

# What runs for every record is built once: making a statement costs more than running it.
MINE = t.tree.c.school == bindparam("of_school")
SIZE_AND_PEAKS = select(t.tree.c.size, t.tree.c.peaks).where(MINE)
FRONTIER, LOCKED = Direct(SIZE_AND_PEAKS), Direct(SIZE_AND_PEAKS.with_for_update())
MOVE = Direct(update(t.tree).where(MINE).values(size=bindparam("new_size"), peaks=bindparam("new_peaks")))
ADD_LEAVES, ADD_NODES = Direct(insert(t.tree_leaf)), Direct(insert(t.tree_node))
ROUND = and_(c.school == bindparam("of_school"), c.gen == bindparam("of_gen"))
NEWEST = Direct(select(c.size, c.at, c.note).where(ROUND).order_by(c.size.desc(), c.at.desc()).limit(1))
KEEP = Direct(insert(t.checkpoint))
OLDEST_ABOVE = select(c.note).where(ROUND, c.size > bindparam("leaf")).order_by(c.size, c.at).limit(1)
NEWEST_BELOW = select(c.note).where(ROUND, c.size <= bindparam("leaf")).order_by(c.size.desc(), c.at).limit(1)


@dataclass(frozen=True)
class Kept:
    """A checkpoint that was given out: how many records it is of, when it was signed, and the note itself."""

    size: int
    at: str
    note: str


@dataclass(frozen=True)
class Leaf:
    """Leaf `n`, the record it is of, its hash, and what was hashed as it lies in the archive now (None: gone)."""

    n: int
    rid: str
    hash: bytes
    entry: bytes | None


def frontier(conn: Connection, school: str, *, lock: bool = False) -> Frontier:
    """The size of the school's tree and its complete subtrees.

    `lock`: until the transaction ends nobody else appends or signs.
    """
    found = (LOCKED if lock else FRONTIER).first(conn, of_school=school)
    if found is None:
        raise NoResultFound()
    size, peaks = found
    return Frontier(size, tuple(peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)))


def append(conn: Connection, school: str, hashed: Sequence[tuple[str, bytes]]) -> None:
    """Adds the leaves of records (id, hash) in their order; what each costs grows with the tree's height only."""
    if not hashed:
        return
    now = frontier(conn, school, lock=True)
    leaves, nodes = [], []
    for rid, leaf_hash in hashed:
        leaves.append({"school": school, "n": now.size, "rid": rid, "hash": leaf_hash})
        now, grown = now.append(leaf_hash)
        nodes += [{"school": school, "level": one.at.level, "n": one.at.n, "hash": one.hash} for one in grown[1:]]
    ADD_LEAVES.run_all(conn, leaves)
    ADD_NODES.run_all(conn, nodes)
    MOVE.run(conn, of_school=school, new_size=now.size, new_peaks=b"".join(now.peaks))


def hashes(conn: Connection, school: str, wanted: Iterable[Subtree]) -> dict[Subtree, bytes]:
    """The hashes of complete subtrees, all read at once."""
    levels: dict[int, set[int]] = defaultdict(set)
    for subtree in wanted:
        levels[subtree.level].add(subtree.n)
    if not levels:
        return {}
    # one search of the index for each level: with OR between them a database may read them all
    rows = conn.execute(union_all(*(_of_level(school, level, numbers) for level, numbers in levels.items())))
    return {Subtree(row.level, row.n): row.hash for row in rows}


def _of_level(school: str, level: int, numbers: set[int]) -> Select[Any]:
    if level == 0:
        leaves = select(literal(0).label("level"), leaf.n, leaf.hash)
        return leaves.where(leaf.school == school, leaf.n.in_(numbers))
    nodes = select(node.level, node.n, node.hash)
    return nodes.where(node.school == school, node.level == level, node.n.in_(numbers))


def leaves_of(conn: Connection, school: str, rids: Iterable[str]) -> dict[str, int]:
    """Which leaf each of these records is; who is none is left out."""
    found = select(leaf.rid, leaf.n).where(leaf.school == school, leaf.rid.in_(set(rids)))
    return {row.rid: row.n for row in conn.execute(found)}


def keep(conn: Connection, school: str, gen: str, kept: Kept) -> None:
    """Keeps a checkpoint that is about to be given out."""
    KEEP.run(conn, school=school, gen=gen, **kept.__dict__)


def newest(conn: Connection, school: str, gen: str) -> Kept | None:
    """The newest checkpoint of this life of the store."""
    row = NEWEST.first(conn, of_school=school, of_gen=gen)
    return Kept(*row) if row else None


def around(conn: Connection, school: str, gen: str, n: int) -> list[str]:
    """The newest checkpoint without leaf `n` and the oldest with it: when it came into the log."""
    place = {"of_school": school, "of_gen": gen, "leaf": n}
    found = (conn.execute(statement, place).scalar() for statement in (NEWEST_BELOW, OLDEST_ABOVE))
    return [str(note) for note in found if note is not None]


def at_size(conn: Connection, school: str, gen: str, size: int) -> str | None:
    """The oldest checkpoint of exactly this size in a life of the store."""
    found = select(c.note).where(c.school == school, c.gen == gen, c.size == size).order_by(c.at).limit(1)
    return conn.execute(found).scalar()


def every_leaf(conn: Connection, school: str) -> Iterator[Leaf]:
    """All leaves in their order, some hundred at a time, each with the bytes that lie under its record's id."""
    after = -1
    read = select(leaf.n, leaf.rid, leaf.hash, r.payload, r.signature).where(leaf.school == school)
    read = read.join_from(t.tree_leaf, t.record, and_(r.school == leaf.school, r.rid == leaf.rid), isouter=True)
    while page := conn.execute(read.where(leaf.n > after).order_by(leaf.n).limit(PAGE)).all():
        for row in page:
            entry = None if row.payload is None else row.payload + row.signature
            yield Leaf(row.n, row.rid, row.hash, entry)
        after = page[-1].n


def without_leaf(conn: Connection, school: str) -> list[str]:
    """Records that are in the archive, but not in the log."""
    logged = select(leaf.rid).where(leaf.school == school)
    return list(conn.execute(select(r.rid).where(r.school == school, r.rid.not_in(logged)).order_by(r.sseq)).scalars())


def nodes(conn: Connection, school: str) -> dict[Subtree, bytes]:
    """Every complete subtree above the leaves."""
    rows = conn.execute(select(node.level, node.n, node.hash).where(node.school == school))
    return {Subtree(row.level, row.n): row.hash for row in rows}


def given_out(conn: Connection, school: str, gen: str) -> list[Kept]:
    """Every checkpoint of one life of the store, the shortest log first."""
    life = {"of_school": school, "of_gen": gen}
    rows = conn.execute(select(c.size, c.at, c.note).where(ROUND).order_by(c.size, c.at), life)
    return [Kept(**row._mapping) for row in rows]
