"""Takes a store back to what an older program left behind, so that a test can bring it up to date."""

from __future__ import annotations

from sqlalchemy import text

from sync_server.store.engine import Store

#: What each migration added, in the order in which it can be taken away.
ADDED = {
    "0007": ["TABLE tree_leaf", "TABLE tree_node", "TABLE checkpoint", "TABLE tree"],
    "0006": ["TABLE night_job", "TABLE device_seen"],
    "0004": [
        "TABLE headcount", "TABLE clock_offset", "TABLE case_number",
        "INDEX ix_record_school_type_sseq", "INDEX ix_record_school_case_type",
    ],
    "0003": [
        "TABLE roll_event", "TABLE register_entry", "TABLE register_change", "TABLE roster_draft",
        "TABLE roster_import", "TABLE base_figure", "TABLE no_household",
    ],
    "0002": [
        "INDEX ix_visit_school_form_id_form_version", "COLUMN visit.form_version",
        "TABLE form_trial", "TABLE form_draft", "TABLE form_sheets",
    ],
}  # fmt: skip


def go_back(store: Store, version: str) -> None:
    """The store as the program of migration `version` would have left it."""
    later = [added for number, added in sorted(ADDED.items(), reverse=True) if number > version]
    with store.engine.begin() as conn:
        for kind, name in (part.split(" ", 1) for added in later for part in added):
            table, _, column = name.partition(".")
            drop = f"ALTER TABLE {table} DROP COLUMN {column}" if kind == "COLUMN" else f"DROP {kind} {name}"
            conn.execute(text(drop))
        conn.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
