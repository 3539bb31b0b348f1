"""Compiles the sheets of a form into the XForm that phones fill in; the same sheets give the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

import assets
from casebook.errors import FormBroken
from casebook.forms import FormDef
from casebook.forms.linting import Issue, lint
from sync_server.authoring.complaints import broken
from sync_server.authoring.sheets import Workbook, read_workbook, reveal_quotes

_LANGUAGE_CODE = re.compile(r"\((?P<code>[\w-]+)\)\s*\Z")
_TITLE_COLUMN = "title_"


@dataclass(frozen=True)
class Compiled:
    """One version of a form, ready to be published. `xml` never changes for a version once published.

    `titles` by language code ("zh", "en"); `purposes` say which visits it serves; `warnings` are
    the compiler's own remarks (English), `issues` what would fail in other ODK clients. A good form has neither.
    `workbook` is what it was made from.
    """

    form_id: str
    version: str
    xml: bytes
    sha256: str
    titles: dict[str, str]
    purposes: tuple[str, ...]
    warnings: tuple[str, ...]
    issues: tuple[Issue, ...]
    workbook: Workbook | None = field(default=None, repr=False, compare=False)


def compile_form(folder: Traversable) -> Compiled:
    """Compiles the sheets `survey`, `choices`, `settings`, `entities` (CSV) of `folder`.

    Raises FormBroken with the facts `sentence` (wording key), `sheet`, `row` and `name` of the first fault.
    """
    return compile_workbook(read_workbook(folder))


def compile_workbook(workbook: Workbook) -> Compiled:
    """Compiles the sheets of a form. Raises FormBroken with the facts of the first fault."""
    form_id, version = _identity(workbook)
    xml, warnings = to_xform(workbook)
    return Compiled(
        form_id=form_id,
        version=version,
        xml=xml,
        sha256=hashlib.sha256(xml).hexdigest(),
        titles=titles_of(workbook),
        purposes=tuple(workbook.setting("purposes").split()),
        warnings=warnings,
        issues=_examined(xml),
        workbook=workbook,
    )


def bundled_forms(published: Collection[tuple[str, str]] = ()) -> list[Compiled]:
    """The forms that ship with the program, by folder name. Raises FormBroken.

    What is already `published` (form id, version) is left out uncompiled: compiling takes half a second each.
    """
    folders = sorted(assets.root().joinpath("forms").iterdir(), key=lambda entry: entry.name)
    written = [folder for folder in folders if folder.joinpath("survey.csv").is_file()]
    return [compile_form(folder) for folder in written if _identity(read_workbook(folder)) not in published]


def _identity(workbook: Workbook) -> tuple[str, str]:
    for setting in ("form_id", "version", "form_title", "default_language"):
        if not workbook.setting(setting):
            raise FormBroken(sheet="settings", name=setting, sentence="authoring.setting_missing")
    return workbook.setting("form_id"), workbook.setting("version")


def to_xform(workbook: Workbook) -> tuple[bytes, tuple[str, ...]]:
    """The XForm of the sheets and the compiler's own remarks; nothing is examined yet. Raises FormBroken."""
    # Loaded on first use: most starts of the server compile nothing.
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    warnings: list[str] = []
    try:
        result = convert(workbook.as_compiler_input(), warnings=warnings, validate=False, pretty_print=False)
    except (PyXFormError, TypeError, KeyError, AttributeError, ValueError) as error:
        # What the compiler does not expect of a sheet it meets with whatever exception happens to come first.
        raise broken(str(error)) from error
    return reveal_quotes(result.xform).encode("utf-8"), tuple(warnings)


def _examined(xml: bytes) -> tuple[Issue, ...]:
    """Refuses a form that cannot work on our phones; gives what would not work elsewhere."""
    form = FormDef.from_xml(xml)
    found = tuple(lint(form))
    for fault in lint(form, portable=False) if found else ():  # a good form is looked through once
        raise FormBroken(sentence=fault.message_key, **fault.facts)
    return found


def titles_of(workbook: Workbook) -> dict[str, str]:
    """The title in the form's own language, and those of the columns `title_<code>`."""
    own = workbook.setting("default_language")
    code = _LANGUAGE_CODE.search(own)
    titles = {code["code"] if code else own: workbook.setting("form_title")}
    for column in workbook.columns["settings"]:
        if column.startswith(_TITLE_COLUMN) and workbook.setting(column):
            titles[column.removeprefix(_TITLE_COLUMN)] = workbook.setting(column)
    return titles
