"""From an uploaded file to a form that may be published, or to everything that keeps it from being published."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from casebook.errors import FormBroken
from casebook.forms import FormDef
from casebook.forms.linting import Issue, lint
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.formulas import formula_complaints
from sync_server.authoring.reading import Reading, Repair, read_workbook_file
from sync_server.authoring.rehearsal import rehearse
from sync_server.authoring.rows import Outline, outline, row_complaints
from sync_server.authoring.versions import is_newer, newest, next_version
from sync_server.authoring.vocabulary import CHOICES, SETTINGS, SHEETS, SURVEY, vocabulary
from sync_server.forms import Compiled, titles_of, to_xform

#: Traps that are wrong on our own phones too, not only elsewhere.
_BLOCKING = frozenset({"name_not_ascii", "stored_truth", "once_before_answer"})
_ROLE_COLUMNS = {
    "calculate": "calculation", "readonly": "read_only", "text": "label", "choices": "choice_filter",
    "count": "repeat_count",
}  # fmt: skip
_CHOICE_TEXT = re.compile(r"(?P<list>.+)-(?P<place>\d+)\Z")
_SHOWN_NAMES = 6
_CASE = "case"


@dataclass(frozen=True)
class Lineage:
    """What is published of a form already: all versions, and the newest one's XForm, titles and purposes."""

    versions: tuple[str, ...] = ()
    xml: bytes = b""
    titles: tuple[tuple[str, str], ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """A form that may be published: compiled, with what was repaired on the way and what its author should know."""

    compiled: Compiled
    repairs: tuple[Repair, ...] = ()
    remarks: tuple[Complaint, ...] = ()
    renumbered: bool = False
    is_unchanged: bool = False


def read(content: bytes) -> Reading:
    """Reads the file and examines it cell by cell. Raises SheetsRefused with all that was found."""
    reading = read_workbook_file(content)
    _complete(reading)
    known = outline(reading)
    complaints = [*reading.complaints, *row_complaints(reading), *formula_complaints(reading, known)]
    if complaints:
        order = [reading.sheet_names.get(sheet, "") for sheet in SHEETS]
        place = {name: at for at, name in enumerate(order)}
        raise SheetsRefused(sorted(complaints, key=lambda one: (place.get(one.sheet, 0), one.row)))
    return reading


def examine(reading: Reading, lineage: Lineage, today: dt.date, renumber: bool) -> Examined:
    """Compiles and examines what was read. `renumber` gives it the next version where its own cannot be used.

    Raises SheetsRefused.
    """
    written = reading.workbook.setting("version")
    compiled = _compiled(reading, _version(reading, lineage, today, renumber))
    same = bool(lineage.versions) and _says_the_same(compiled, lineage)
    renumbered = compiled.version != written
    remarks = (*reading.remarks, *_remarks(reading, compiled))
    return Examined(compiled, tuple(reading.repairs), remarks, renumbered, same)


def _complete(reading: Reading) -> None:
    """What public XLSForms leave out: the language they are written in."""
    row = reading.workbook.rows[SETTINGS][0]
    if not row.get("default_language"):
        languages = [c.partition("::")[2] for c in reading.workbook.columns[SURVEY] if c.startswith("label::")]
        reading.workbook.settle("default_language", next(iter(languages), "default"))


def _version(reading: Reading, lineage: Lineage, today: dt.date, renumber: bool) -> str:
    version = reading.workbook.rows[SETTINGS][0]["version"]
    if is_newer(version, lineage.versions):
        return version
    suggested = next_version(lineage.versions, today)
    if renumber:
        return suggested
    sentence = "authoring.version_used" if version in lineage.versions else "authoring.version_old"
    facts = {"suggested": suggested, "newest": newest(lineage.versions)}
    raise SheetsRefused([reading.complaint(sentence, SETTINGS, 0, "version", **facts)])


def _compiled(reading: Reading, version: str) -> Compiled:
    workbook, known = reading.workbook, outline(reading)
    settings = workbook.rows[SETTINGS][0]
    workbook.settle("version", version)
    try:
        xml, warnings = to_xform(workbook)
        form = FormDef.from_xml(xml)
        faults = lint(form, portable=False)
        issues = tuple(lint(form)) if not faults else ()
        blocking = [*faults, *(issue for issue in issues if issue.kind in _BLOCKING)]
        if not blocking:
            rehearse(form)
    except FormBroken as broken:
        raise SheetsRefused([_of_compiler(reading, broken)]) from broken
    if blocking:
        raise SheetsRefused([_of_lint(reading, known, issue) for issue in blocking])
    return Compiled(
        form_id=settings["form_id"], version=version, xml=xml, sha256=hashlib.sha256(xml).hexdigest(),
        titles=titles_of(workbook), purposes=tuple(workbook.setting("purposes").split()), warnings=warnings,
        issues=tuple(issue for issue in issues if issue.kind not in _BLOCKING), workbook=workbook,
    )  # fmt: skip


def _of_compiler(reading: Reading, broken: FormBroken) -> Complaint:
    """A complaint of the form compiler, whose rows count without the blank ones."""
    facts = dict(broken.facts)
    if "sentence" not in facts:
        return Complaint("authoring.cannot_run", facts={"reason": facts.get("reason", "")})
    sheet, row = str(facts.get("sheet", "")), str(facts.get("row", ""))
    if row.isdigit() and sheet in reading.workbook.rows:
        facts["row"] = reading.workbook.number(sheet, int(row) - 2)
    facts["sheet"] = reading.sheet_names.get(sheet, sheet)
    if facts["sentence"] == "authoring.unclear":
        facts["sentence"] = "authoring.unclear_detail"
    return Complaint(str(facts.pop("sentence")), facts=facts)


def _of_lint(reading: Reading, known: Outline, issue: Issue) -> Complaint:
    """A finding about the compiled form, at the cell it comes from."""
    role = issue.facts.get("role", "")
    column = _ROLE_COLUMNS.get(role, role)
    names = vocabulary().column_names[SURVEY]
    facts = {**issue.facts, "ref": _last(issue.ref), "role": names.get(column, role)}
    index = known.rows.get(_path(issue.ref))
    if index is None:
        return Complaint(issue.message_key, reading.sheet_names[SURVEY], facts=facts)
    shown = column if column in reading.workbook.rows[SURVEY][index] else ""
    return reading.complaint(issue.message_key, SURVEY, index, shown, **facts)


def _remarks(reading: Reading, compiled: Compiled) -> Iterator[Complaint]:
    known = outline(reading)
    untranslated: dict[str, list[str]] = defaultdict(list)
    for issue in compiled.issues:
        if issue.kind == "translation":
            untranslated[issue.facts["language"]].append(_author_name(reading, issue.ref))
        else:
            yield _of_lint(reading, known, issue)
    for language, names in untranslated.items():
        shown = ", ".join(dict.fromkeys(names[:_SHOWN_NAMES]))
        facts = {"language": language, "count": len(names), "names": shown}
        yield Complaint("authoring.remark.untranslated", reading.sheet_names[SURVEY], facts=facts)
    if _CASE not in known.names:
        yield Complaint("authoring.remark.no_case", reading.sheet_names[SURVEY])
    if not compiled.purposes:
        yield Complaint("authoring.remark.no_purpose", reading.sheet_names[SETTINGS])


def _says_the_same(compiled: Compiled, lineage: Lineage) -> bool:
    """Whether nothing but the version differs from the newest published version."""
    was = newest(lineage.versions).encode()
    same_questions = compiled.xml.replace(b'version="' + compiled.version.encode(), b'version="' + was) == lineage.xml
    return same_questions and (tuple(sorted(compiled.titles.items())), compiled.purposes) == (
        lineage.titles, lineage.purposes,
    )  # fmt: skip


def _path(ref: str) -> str:
    """/data/group/name of a question, whatever the root is called and whatever follows a colon."""
    parts = ref.partition(":")[0].split("/", 2)
    return f"/data/{parts[2]}" if len(parts) > 2 else ref


def _last(ref: str) -> str:
    return ref.partition(":")[0].rsplit("/", 1)[-1]


def _author_name(reading: Reading, text_id: str) -> str:
    """How the author calls the question or choice that a text belongs to."""
    found = _CHOICE_TEXT.match(text_id)
    if found and "/" not in text_id:
        listed = [row for row in reading.workbook.rows.get(CHOICES, []) if row.get("list_name") == found["list"]]
        place = int(found["place"])
        return listed[place].get("name", text_id) if place < len(listed) else text_id
    return _last(text_id)

