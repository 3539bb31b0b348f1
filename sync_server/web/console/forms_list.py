"""All forms of the school: what phones fill in, what waits to be published, what the program brings along."""

from __future__ import annotations

from starlette.responses import Response

from sync_server.authoring.complaints import Complaint
from sync_server.authoring.library import FormFile, Supplied
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console

DONE = ("discarded",)


def show(console: Console, ask: Ask) -> Response:
    """The list. Raises NotAllowed."""
    return drawn(console, ask)


def drawn(console: Console, ask: Ask, complaints: tuple[Complaint, ...] = (), total: int = 0) -> Response:
    """The list; after an upload that was refused with everything that is wrong."""
    files = console.library.files(ask.actor)
    return console.page(
        ask, "forms", 422 if complaints else 200, files=[file for file in files if file.versions],
        drafts=[file for file in files if file.draft], supplied=console.library.supplied(ask.actor),
        names=names(console), title=lambda one: title(ask, one), complaints=complaints, total=total,
        done=ask.query("done") if ask.query("done") in DONE else "",
    )  # fmt: skip


def names(console: Console) -> dict[str, str]:
    """Account -> name."""
    with console.wiring.store.read() as conn:
        return accounts.names(conn, console.school)


def title(ask: Ask, one: FormFile | Supplied) -> str:
    """The form's title in the asker's language, or in any."""
    titles = one.titles
    return titles.get(ask.wording.locale[:2]) or next(filter(None, titles.values()), one.form_id)
