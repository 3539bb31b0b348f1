"""The school's console: server-rendered pages, every one with a permanent address. One module per action."""

from __future__ import annotations

from sync_server.web.console.actions import console_routes

__all__ = ["console_routes"]
