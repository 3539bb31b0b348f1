"""The style sheet and the icon; addresses carry a version, so browsers keep them for good."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NoSuchPage
from sync_server.web.console.page import STATIC, Ask, Console

ICON = "icon.svg"


def show(console: Console, ask: Ask) -> Response:
    """One static file. Raises NoSuchPage."""
    name = ask.part("name") or ICON  # browsers ask for /favicon.ico by themselves
    if name not in STATIC:
        raise NoSuchPage()
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(console.static[name], media_type=STATIC[name], headers=headers)
