"""What operations remember: when phones were last heard of, and what became of the jobs of the night."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    of_device = sa.ForeignKeyConstraint(
        ["school", "dev"], ["device.school", "device.dev"], name=op.f("fk_device_seen_school_dev")
    )
    _table("device_seen", [*_texts("dev", "seen_at"), of_device], ["dev"])
    of_school = sa.ForeignKeyConstraint(["school"], ["school.school"], name=op.f("fk_night_job_school"))
    told = [*_texts("job", "tried_at"), *_texts("done_at", "fault", optional=True), *_texts("facts"), of_school]
    _table("night_job", told, ["job"])


def _table(name: str, columns: list[Any], key: list[str]) -> None:
    primary = sa.PrimaryKeyConstraint("school", *key, name=op.f(f"pk_{name}"))
    op.create_table(name, *_texts("school"), *columns, primary, sqlite_strict=True)


def _texts(*names: str, optional: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=optional) for name in names]
