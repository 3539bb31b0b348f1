"""A version of a form on paper, and its sheets to take home and change."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from casebook.errors import NoSuchFile
from casebook.forms import FormDef
from sync_server.answers import parsed
from sync_server.authoring.preview import sheets_of
from sync_server.authoring.writing import MEDIA_TYPE, write_workbook
from sync_server.store.form_desk import FormDraft
from sync_server.store.forms import PublishedForm
from sync_server.web.console.page import Ask, Console

ENGLISH = "en"


def show(console: Console, ask: Ask) -> Response:
    """Every page, question and condition, in a language of the form. Raises NotAllowed, NoSuchPage."""
    found = version(console, ask)
    form = parsed(found.xml)
    language = asked_language(ask, form)
    return console.page(
        ask, "forms_preview", found=found, form=form, sheets=sheets_of(form, language, ask.wording),
        title=title(ask, found), language=language, is_draft=isinstance(found, FormDraft),
        address=lambda name: ask.address(language=name),
    )  # fmt: skip


def download(console: Console, ask: Ask) -> Response:
    """The version as .xlsx: Chinese headers, or those of XLSForm. Raises NotAllowed, NoSuchPage, NoSuchFile."""
    found = version(console, ask)
    workbook = console.library.sheets(ask.actor, found.form_id, found.version)
    if workbook is None:
        raise NoSuchFile()
    content = write_workbook(workbook, chinese=ask.query("headers") != ENGLISH)
    plain = f"{found.form_id}-{found.version}.xlsx"
    pretty = quote(f"{title(ask, found)}-{found.version}.xlsx")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{pretty}"
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})


def version(console: Console, ask: Ask) -> PublishedForm | FormDraft:
    """The version that the address names."""
    return console.library.xform(ask.actor, ask.part("form"), ask.part("version"))


def asked_language(ask: Ask, form: FormDef) -> str | None:
    """A language of the form: the one asked for, else the asker's, else the form's own."""
    return form.language_like(ask.query("language") or ask.wording.locale)


def title(ask: Ask, found: PublishedForm | FormDraft) -> str:
    """The title in the asker's language, or in any."""
    return found.titles.get(ask.wording.locale[:2]) or next(filter(None, found.titles.values()), found.form_id)
