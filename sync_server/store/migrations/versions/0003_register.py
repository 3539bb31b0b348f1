"""The register with its history: children, classes, staff and villages in full, imports, base figures, roll events."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOUNS = {"students": "student", "classes": "class", "staff": "staff", "villages": "village"}


def upgrade() -> None:
    _table("register_entry", _texts("kind", "key", "value", "changed_at"), ["kind", "key"])
    _table(
        "register_change",
        [
            sa.Column("n", WHOLE, autoincrement=False, nullable=False),
            *_texts("at", "account", "kind", "key", "origin"),
            sa.Column("before", sa.Text(), nullable=True),
            *_texts("after"),
        ],
        ["n"],
    )
    op.create_index(op.f("ix_register_change_school_kind_key"), "register_change", ["school", "kind", "key"])
    tables = sa.Column("tables", sa.LargeBinary(), nullable=False)
    _table("roster_draft", [*_texts("draft", "account", "file_sha256"), tables, *_texts("made_at")], ["draft"])
    _table("roster_import", _texts("draft", "account", "file_sha256", "plan_sha256", "counts", "at"), ["draft"])
    count = sa.Column("count", WHOLE, autoincrement=False, nullable=False)
    figure = [*_texts("term", "class_id", "class_name"), count, *_texts("students", "account", "at")]
    _table("base_figure", figure, ["term", "class_id"])
    _roll_events()
    _table("no_household", _texts("pair", "account", "at"), ["pair"])
    _fill_in_register(op.get_bind())


def _roll_events() -> None:
    columns = [
        *_texts("event", "student", "kind", "status", "class_id", "on_day"),
        sa.Column("until", sa.Text(), nullable=True),
        *_texts("facts", "rid", "account", "at"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("decided_rid", "decided_by", "decided_at")),
        sa.ForeignKeyConstraint(
            ["school", "rid"], ["record.school", "record.rid"], name=op.f("fk_roll_event_school_rid")
        ),
    ]
    _table("roll_event", columns, ["event"], of_school=False)
    op.create_index(op.f("ix_roll_event_school_student"), "roll_event", ["school", "student"])
    op.create_index(op.f("ix_roll_event_school_status"), "roll_event", ["school", "status"])


def _table(name: str, columns: list[Any], key: list[str], of_school: bool = True) -> None:
    belongs = sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f(f"fk_{name}_school"))
    op.create_table(
        name,
        *_texts("school"),
        *columns,
        *([belongs] if of_school else []),
        sa.PrimaryKeyConstraint("school", *key, name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _fill_in_register(conn: sa.Connection) -> None:
    """Until now the school knew only what its phones were told: identity numbers come with the next import."""
    rows = sa.text("SELECT school, feed, key, value FROM feed_row WHERE value IS NOT NULL")
    added = sa.text(
        "INSERT INTO register_entry (school, kind, key, value, changed_at)"
        " SELECT school, :kind, :key, :value, made_at FROM school WHERE school = :school"
    )
    for school, feed, key, text in conn.execute(rows).all():
        if feed in NOUNS:
            value = json.loads(text)
            if feed == "students":
                value["household"] = "hh-" + min([value["id"], *value.get("siblings", [])])
            entry = {"school": school, "kind": NOUNS[feed], "key": key}
            conn.execute(added, entry | {"value": json.dumps(value, ensure_ascii=False, sort_keys=True)})
