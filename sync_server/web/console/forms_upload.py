"""Takes a changed form in: an .xlsx file, examined whole; what passes waits as a draft, what does not is told."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.authoring.complaints import SheetsRefused
from sync_server.web.console import forms_list
from sync_server.web.console.page import Ask, Console, go

MOST_BYTES = 5 * 1024 * 1024  # the file itself is bounded a little lower, with a sentence of its own


def save(console: Console, ask: Ask) -> Response:
    """To the draft, or back to the list with every fault. Raises NotAllowed."""
    renumber = ask.form.get("renumber") == "yes"
    try:
        examined = console.library.take_in(ask.actor, ask.sent.file, renumber)
    except SheetsRefused as refused:
        return forms_list.drawn(console, ask, refused.complaints, refused.total)
    return go(f"/forms/{examined.compiled.form_id}/draft")


def adopt(console: Console, ask: Ask) -> Response:
    """Makes a draft of a form that came with the program. Raises NotAllowed, NoSuchPage."""
    try:
        console.library.adopt(ask.actor, ask.part("form"))
    except SheetsRefused as refused:
        return forms_list.drawn(console, ask, refused.complaints, refused.total)
    return go(f"/forms/{ask.part('form')}/draft")
