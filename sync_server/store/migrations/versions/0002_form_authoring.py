"""Forms changed by the school: their sheets, drafts and trials; visits know the form version they were made with."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "form_sheets",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sheets", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school", "form_id", "version"],
            ["form.school", "form.form_id", "form.version"],
            name=op.f("fk_form_sheets_school_form_id_version"),
        ),
        sa.PrimaryKeyConstraint("school", "form_id", "version", name=op.f("pk_form_sheets")),
        sqlite_strict=True,
    )
    op.create_table(
        "form_draft",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("titles", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("sheets", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "account"], ["account.school", "account.account"], name=op.f("fk_form_draft_school_account")
        ),
        sa.PrimaryKeyConstraint("school", "form_id", name=op.f("pk_form_draft")),
        sqlite_strict=True,
    )
    op.create_table(
        "form_trial",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "account"], ["account.school", "account.account"], name=op.f("fk_form_trial_school_account")
        ),
        sa.PrimaryKeyConstraint("school", "account", name=op.f("pk_form_trial")),
        sqlite_strict=True,
    )
    op.add_column("visit", sa.Column("form_version", sa.Text(), nullable=True))
    op.create_index(op.f("ix_visit_school_form_id_form_version"), "visit", ["school", "form_id", "form_version"])
    _fill_in_versions(op.get_bind())


def _fill_in_versions(conn: sa.Connection) -> None:
    """The version stands in the sealed record that counts."""
    heads = "SELECT v.school, v.visit, r.payload FROM visit v JOIN record r ON r.school = v.school AND r.rid = v.head"
    for school, visit, payload in conn.execute(sa.text(heads)).all():
        form = json.loads(payload).get("form") or {}
        values = {"school": school, "visit": visit, "version": form.get("version")}
        conn.execute(
            sa.text("UPDATE visit SET form_version = :version WHERE school = :school AND visit = :visit"), values
        )
