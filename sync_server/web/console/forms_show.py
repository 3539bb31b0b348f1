"""One form: its versions with their hashes and visits, and the draft with what it would change."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NoSuchPage
from sync_server.authoring.changes import Change, changes
from sync_server.authoring.library import FormFile, remarks_of
from sync_server.web.console.forms_list import names, title
from sync_server.web.console.page import Ask, Console

DONE = ("published", "withdrawn", "offered", "stale")
MOST_CHANGES = 100


def show(console: Console, ask: Ask) -> Response:
    """The form. Raises NotAllowed, NoSuchPage."""
    file = console.library.file(ask.actor, ask.part("form"))
    done = ask.query("done") if ask.query("done") in DONE else ""
    return console.page(ask, "forms_show", file=file, title=title(ask, file), names=names(console), done=done)


def show_draft(console: Console, ask: Ask) -> Response:
    """The draft: what was repaired, what to think of, what it changes; and the form to publish it with."""
    file = console.library.file(ask.actor, ask.part("form"))
    if file.draft is None:
        raise NoSuchPage()
    found = _changes(console, ask, file)
    return console.page(
        ask, "forms_draft", file=file, draft=file.draft, title=title(ask, file), names=names(console),
        notes=remarks_of(file.draft), changes=found[:MOST_CHANGES] if found is not None else None,
        total=len(found or ()), is_first=not file.versions,
    )  # fmt: skip


def _changes(console: Console, ask: Ask, file: FormFile) -> list[Change] | None:
    """None when there is nothing to compare with."""
    if file.newest is None or file.draft is None:
        return None
    before = console.library.sheets(ask.actor, file.form_id, file.newest.form.version)
    after = console.library.sheets(ask.actor, file.form_id, file.draft.version)
    return changes(before, after) if before is not None and after is not None else None
