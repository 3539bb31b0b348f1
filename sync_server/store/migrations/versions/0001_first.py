"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "school",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gen", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_school")),
        sqlite_strict=True,
    )
    op.create_table(
        "account",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("active", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_account_school")),
        sa.PrimaryKeyConstraint("school", "account", name=op.f("pk_account")),
        sa.UniqueConstraint("school", "login", name=op.f("uq_account_school_login")),
        sqlite_strict=True,
    )
    op.create_table(
        "audit",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_audit_school")),
        sa.PrimaryKeyConstraint("school", "n", name=op.f("pk_audit")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_school_subject"), ["school", "subject"], unique=False)

    op.create_table(
        "backfill",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_backfill_school")),
        sa.PrimaryKeyConstraint("school", "account", "sseq", name=op.f("pk_backfill")),
        sqlite_strict=True,
    )
    op.create_table(
        "case_superseded",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("prop", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_case_superseded_school")),
        sa.PrimaryKeyConstraint("school", "case", "rid", "prop", name=op.f("pk_case_superseded")),
        sqlite_strict=True,
    )
    op.create_table(
        "class_room",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("class_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("teacher", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_class_room_school")),
        sa.PrimaryKeyConstraint("school", "class_id", name=op.f("pk_class_room")),
        sqlite_strict=True,
    )
    op.create_table(
        "counter",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("audit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hlc_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hlc_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_counter_school")),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "feed_row",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_feed_row_school")),
        sa.PrimaryKeyConstraint("school", "feed", "key", name=op.f("pk_feed_row")),
        sa.UniqueConstraint("school", "sseq", name=op.f("uq_feed_row_school_sseq")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("feed_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_row_school_scope"), ["school", "scope"], unique=False)

    op.create_table(
        "file",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("complete_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_file_school")),
        sa.PrimaryKeyConstraint("school", "sha256", name=op.f("pk_file")),
        sqlite_strict=True,
    )
    op.create_table(
        "form",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("titles", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_form_school")),
        sa.PrimaryKeyConstraint("school", "form_id", "version", name=op.f("pk_form")),
        sqlite_strict=True,
    )
    op.create_table(
        "reach",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_reach_school")),
        sa.PrimaryKeyConstraint("school", "account", "scope", name=op.f("pk_reach")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reach_school_scope"), ["school", "scope"], unique=False)

    op.create_table(
        "record",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("sseq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("keyid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("visit", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("dev", sa.Text(), nullable=False),
        sa.Column("ep", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_record_school")),
        sa.PrimaryKeyConstraint("school", "rid", name=op.f("pk_record")),
        sa.UniqueConstraint("school", "sseq", name=op.f("uq_record_school_sseq")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_school_case_sseq"), ["school", "case", "sseq"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_school_dev_ep_seq"), ["school", "dev", "ep", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_school_verdict_sseq"), ["school", "verdict", "sseq"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_school_visit"), ["school", "visit"], unique=False)

    op.create_table(
        "visit",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column(
            "versions", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "files_total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "files_present", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_visit_school")),
        sa.PrimaryKeyConstraint("school", "visit", name=op.f("pk_visit")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_school_case"), ["school", "case"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_visit_school_status_received_at"), ["school", "status", "received_at"], unique=False
        )

    op.create_table(
        "case_value",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("prop", sa.Text(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("hlc_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hlc_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "rid"], ["record.school", "record.rid"], name=op.f("fk_case_value_school_rid")
        ),
        sa.PrimaryKeyConstraint("school", "case", "prop", "rid", name=op.f("pk_case_value")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("case_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_value_school_prop_value"), ["school", "prop", "value"], unique=False)

    op.create_table(
        "device",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("dev", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("office", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("active", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("enrolled_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school", "account"], ["account.school", "account.account"], name=op.f("fk_device_school_account")
        ),
        sa.PrimaryKeyConstraint("school", "dev", name=op.f("pk_device")),
        sa.UniqueConstraint("school", "token", name=op.f("uq_device_school_token")),
        sqlite_strict=True,
    )
    op.create_table(
        "enrol_code",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "account"], ["account.school", "account.account"], name=op.f("fk_enrol_code_school_account")
        ),
        sa.PrimaryKeyConstraint("school", "handle", name=op.f("pk_enrol_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "record_file",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("visit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school", "rid"], ["record.school", "record.rid"], name=op.f("fk_record_file_school_rid")
        ),
        sa.PrimaryKeyConstraint("school", "rid", "sha256", "role", name=op.f("pk_record_file")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("record_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_file_school_sha256"), ["school", "sha256"], unique=False)

    op.create_table(
        "record_flag",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("rid", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "rid"], ["record.school", "record.rid"], name=op.f("fk_record_flag_school_rid")
        ),
        sa.PrimaryKeyConstraint("school", "rid", "flag", name=op.f("pk_record_flag")),
        sqlite_strict=True,
    )
    op.create_table(
        "session",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "account"], ["account.school", "account.account"], name=op.f("fk_session_school_account")
        ),
        sa.PrimaryKeyConstraint("school", "token", name=op.f("pk_session")),
        sqlite_strict=True,
    )
    op.create_table(
        "student",
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("class_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "class_id"],
            ["class_room.school", "class_room.class_id"],
            name=op.f("fk_student_school_class_id"),
        ),
        sa.PrimaryKeyConstraint("school", "student", name=op.f("pk_student")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_student_school_class_id"), ["school", "class_id"], unique=False)
