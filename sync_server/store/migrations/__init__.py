"""Brings a store up to the newest schema; steps are only ever added at the end."""

from __future__ import annotations

from pathlib import Path

from sync_server.store.engine import Store


def upgrade(store: Store) -> None:
    """Applies the missing steps, each in its own transaction."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["engine"] = store.engine
    command.upgrade(settings, "head")
