"""The transparency log: its tree, with every record that is here already as a leaf, in the order of arrival."""

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 500


def upgrade() -> None:
    _table("tree", [_number("size"), _hashes("peaks"), _of_school("tree")], [])
    of_record = sa.ForeignKeyConstraint(
        ["school", "rid"], ["record.school", "record.rid"], name=op.f("fk_tree_leaf_school_rid")
    )
    once = sa.UniqueConstraint("school", "rid", name=op.f("uq_tree_leaf_school_rid"))
    _table("tree_leaf", [_number("n"), _text("rid"), _hashes("hash"), once, of_record], ["n"])
    _table("tree_node", [_number("level"), _number("n"), _hashes("hash"), _of_school("tree_node")], ["level", "n"])
    words = [_text("gen"), _number("size"), _text("at"), _text("note")]
    _table("checkpoint", [*words, _of_school("checkpoint")], ["gen", "size", "at"])
    conn = op.get_bind()
    for school in conn.execute(sa.text("SELECT school FROM school")).scalars().all():
        _plant(conn, school)


def _plant(conn: sa.Connection, school: str) -> None:
    """The tree over the school's records so far."""
    leaf = sa.text("INSERT INTO tree_leaf (school, n, rid, hash) VALUES (:school, :n, :rid, :hash)")
    node = sa.text("INSERT INTO tree_node (school, level, n, hash) VALUES (:school, :level, :n, :hash)")
    peaks: list[bytes] = []
    size = 0
    for rid, payload, signature in _records(conn, school):
        at, level = size, 0
        hashed = hashlib.sha256(b"\0" + bytes(payload) + bytes(signature)).digest()
        conn.execute(leaf, {"school": school, "n": at, "rid": rid, "hash": hashed})
        while at & 1:
            hashed = hashlib.sha256(b"\1" + peaks.pop() + hashed).digest()
            at, level = at >> 1, level + 1
            conn.execute(node, {"school": school, "level": level, "n": at, "hash": hashed})
        peaks.append(hashed)
        size += 1
    planted = sa.text("INSERT INTO tree (school, size, peaks) VALUES (:school, :size, :peaks)")
    conn.execute(planted, {"school": school, "size": size, "peaks": b"".join(peaks)})


def _records(conn: sa.Connection, school: str) -> Iterator[Any]:
    """The records in the order of arrival, some at a time: a school of many years need not fit into memory."""
    some = sa.text(
        "SELECT sseq, rid, payload, signature FROM record WHERE school = :school AND sseq > :after"
        f" ORDER BY sseq LIMIT {AT_ONCE}"
    )
    after = 0
    while found := conn.execute(some, {"school": school, "after": after}).all():
        for sseq, rid, payload, signature in found:
            after = sseq
            yield rid, payload, signature


def _table(name: str, columns: list[Any], key: list[str]) -> None:
    primary = sa.PrimaryKeyConstraint("school", *key, name=op.f(f"pk_{name}"))
    op.create_table(name, _text("school"), *columns, primary, sqlite_strict=True)


def _of_school(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f(f"fk_{table}_school"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, autoincrement=False, nullable=False)


def _hashes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)
