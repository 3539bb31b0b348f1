"""Imports a roster: upload, preview of exactly what would change, confirmation; and what was imported before."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.roster.imports import Imports
from sync_server.roster.plan import Plan
from sync_server.roster.writing import MEDIA_TYPE, write_template
from sync_server.store import accounts, rosters
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_words import Words

MOST_BYTES = 13 * 1024 * 1024  # the file itself is bounded a little lower, with a sentence of its own
MOST_LINES = 200


def show(console: Console, ask: Ask) -> Response:
    """Where to begin, what waits, what was done. Raises NotAllowed."""
    return _drawn(console, ask)


def template(console: Console, ask: Ask) -> Response:
    """The empty roster. Raises NotAllowed."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    return attachment(write_template(), "roster-template.xlsx")


def upload(console: Console, ask: Ask) -> Response:
    """To the preview, or back with what is wrong with the file. Raises NotAllowed."""
    try:
        draft = imports(console).take_in(ask.actor, ask.sent.file)
    except SheetsRefused as refused:
        return _drawn(console, ask, refused.complaints)
    return go(f"/roster/import/{draft}")


def preview(console: Console, ask: Ask) -> Response:
    """What would change; after the confirmation, what was done. Raises NotAllowed, NoSuchPage."""
    done = imports(console).done(ask.actor, ask.part("draft"))
    if done is not None:
        with console.wiring.store.read() as conn:
            names = accounts.names(conn, console.school)
        may_make_codes = access.allows(ask.actor, Verb.MAKE_ENROL_CODE)
        by = names.get(done.account, "")
        return console.page(ask, "registry_import_done", done=done, by=by, may_make_codes=may_make_codes)
    return _previewed(console, ask, imports(console).plan(ask.actor, ask.part("draft")))


def confirm(console: Console, ask: Ask) -> Response:
    """Imports exactly what was shown; when the register has changed since, shows what it would be now."""
    outcome = imports(console).confirm(ask.actor, ask.part("draft"), ask.form.get("plan", ""))
    if outcome.done:
        return go(f"/roster/import/{ask.part('draft')}")
    return _previewed(console, ask, outcome.plan, stale=True)


def discard(console: Console, ask: Ask) -> Response:
    """Throws the uploaded file away. Raises NotAllowed."""
    imports(console).discard(ask.actor, ask.part("draft"))
    return go("/roster/import")


def imports(console: Console) -> Imports:
    """The use case, over the console's store."""
    return Imports(console.wiring.store, console.school, console.wiring.clock)


def attachment(content: bytes, name: str) -> Response:
    """A workbook to be saved under an ASCII name."""
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _drawn(console: Console, ask: Ask, complaints: tuple[Complaint, ...] = ()) -> Response:
    access.require(ask.actor, Verb.KEEP_REGISTER)
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
        waiting = rosters.waiting(conn, console.school)
        history = rosters.imports(conn, console.school)
    return console.page(
        ask, "registry_import", 422 if complaints else 200, complaints=complaints, waiting=waiting,
        history=history, names=names,
    )  # fmt: skip


def _previewed(console: Console, ask: Ask, plan: Plan, stale: bool = False) -> Response:
    words = Words.of(ask, plan.register, plan)
    return console.page(
        ask, "registry_preview", 409 if stale else 200, plan=plan, words=words, stale=stale, most=MOST_LINES,
        draft=ask.part("draft"), sections=_sections(plan),
    )  # fmt: skip


def _sections(plan: Plan) -> list[tuple[str, int]]:
    """What the page tells, with its numbers: the figures at its top."""
    counts = plan.counts()
    told = ("new", "changed", "unchanged", "missing", "classes", "staff", "villages")
    return [(name, counts[name]) for name in told if counts[name] or name in ("new", "changed", "unchanged", "missing")]
