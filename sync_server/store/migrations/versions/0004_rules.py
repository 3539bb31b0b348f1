"""What the rules need beside the records: headcounts by class, clocks that were off, numbers of cases."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index(op.f("ix_record_school_type_sseq"), "record", ["school", "type", "sseq"])
    op.create_index(op.f("ix_record_school_case_type"), "record", ["school", "case", "type"])
    _table("headcount", [*_texts("rid", "class_id", "day", "session"), _of_record("headcount")], ["rid"])
    op.create_index(op.f("ix_headcount_school_class_id_day"), "headcount", ["school", "class_id", "day"])
    _table("clock_offset", [*_texts("rid"), _number("seconds"), _of_record("clock_offset")], ["rid"])
    numbers = [_number("episode"), _number("year"), _number("serial")]
    one = sa.UniqueConstraint("school", "year", "serial", name=op.f("uq_case_number_school_year_serial"))
    of_school = sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_case_number_school"))
    _table("case_number", [*_texts("case"), *numbers, one, of_school], ["case", "episode"])
    _fill_in_headcounts(op.get_bind())


def _table(name: str, columns: list[Any], key: list[str]) -> None:
    primary = sa.PrimaryKeyConstraint("school", *key, name=op.f(f"pk_{name}"))
    op.create_table(name, *_texts("school"), *columns, primary, sqlite_strict=True)


def _of_record(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school", "rid"], ["record.school", "record.rid"], name=op.f(f"fk_{table}_school_rid")
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, autoincrement=False, nullable=False)


def _fill_in_headcounts(conn: sa.Connection) -> None:
    found = sa.text("SELECT school, rid, payload FROM record WHERE type = 'headcount' AND verdict = 'stored'")
    added = sa.text("INSERT INTO headcount (school, rid, class_id, day, session) VALUES (:school, :rid, :c, :d, :s)")
    for school, rid, payload in conn.execute(found).all():
        body = json.loads(payload)["body"]
        of = {"c": body["class"], "d": body["day"], "s": body["session"]}
        conn.execute(added, {"school": school, "rid": rid, **of})
