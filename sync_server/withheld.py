"""What of a record or a row is left out for those who may not read all of it: the copy that their phones are given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, tostring

from casebook.errors import FormBroken, FormUnknown
from casebook.forms import marks
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, local_name, parse_xml
from casebook.records import Record
from sync_server.answers import Answers, is_restricted
from sync_server.store.engine import Connection

NO_ANSWERS = "<data/>"
#: Answers by which a confidential question says that there is nothing.
NOTHING = frozenset({"", "none"})
#: Parts of a visit's body that are told by question, and those that are told by file.
BY_QUESTION, BY_FILE = ("answered", "carried"), ("camera_claims", "file_facts")
#: What a list of names says of a child, for those who may list the children of a class and read no more of them.
PLAIN_COLUMNS = frozenset({
    "id", "name", "pinyin", "initials", "gender", "class_id", "class_name", "grade", "stays", "roll_status",
})  # fmt: skip


class Confidential:
    """Knows which questions of a published form only few may read."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._kept: dict[str, Guarded] = {}

    def left_out(self, conn: Connection, record: Record) -> Record | None:
        """The record as those may read it who are not among the few; None when nothing has to be left out."""
        guarded = self._guarded(conn, record) if record.form else OPEN
        copy = _without(record, guarded)
        return None if copy == record else copy

    def is_told(self, conn: Connection, record: Record) -> bool:
        """Whether the record tells anything that only few may read; that there is nothing to tell is no secret."""
        if any(is_restricted(prop) for prop in record.set):
            return True
        if not record.form:
            return False
        guarded = self._guarded(conn, record)
        if any(guarded.asks(file.question or "") for file in record.att):
            return True
        xml = str(record.body.get("instance", ""))
        return any(guarded.asks(ref) and said not in NOTHING for ref, said in _answers(xml))

    def _guarded(self, conn: Connection, record: Record) -> Guarded:
        assert record.form is not None
        found = self._kept.get(record.form.sha256)
        if found is None:
            try:
                form = self._answers.form(conn, record)
            except (FormUnknown, FormBroken):
                return CLOSED  # what nobody can read may hold anything
            found = Guarded(marks.restricted_pages(form), marks.restricted_paths(form), form.controls_by_path)
            self._kept[record.form.sha256] = found
        return found


class Guarded:
    """Pages and single questions that only few may read; without pages known, all are."""

    def __init__(
        self, pages: Collection[str] | None, paths: Collection[str] = (), asked: Collection[str] | None = None
    ) -> None:
        self._pages, self._paths, self._asked = pages, paths, asked

    def __contains__(self, ref: str) -> bool:
        path = marks.path_of(ref)
        return self._pages is None or path in self._paths or marks.page_of(path) in self._pages

    def asks(self, ref: str) -> bool:
        """Whether a person answers this, and only few may read the answer; what is reckoned asks nobody."""
        return ref in self and (self._asked is None or marks.path_of(ref) in self._asked)

    @property
    def is_everything(self) -> bool:
        """Whether nothing of the form may be read."""
        return self._pages is None


OPEN, CLOSED = Guarded(()), Guarded(None)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A child's row with its name and class; everything else is there and says nothing."""
    return {name: value if name in PLAIN_COLUMNS else _blank(value) for name, value in row.items()}


def _blank(value: Any) -> Any:
    return type(value)() if isinstance(value, str | list | dict | bool) else None


def _without(record: Record, guarded: Guarded) -> Record:
    att = tuple(file for file in record.att if not (file.question and file.question in guarded))
    gone = {file.sha256 for file in record.att} - {file.sha256 for file in att}
    return replace(
        record,
        set={prop: value for prop, value in record.set.items() if not is_restricted(prop)},
        base={prop: rids for prop, rids in record.base.items() if not is_restricted(prop)},
        att=att, body=_body(record.body, guarded, gone) if record.form else record.body,
    )  # fmt: skip


def _body(body: Mapping[str, Any], guarded: Guarded, gone: Collection[str]) -> dict[str, Any]:
    kept = dict(body)
    for name in BY_QUESTION:
        if isinstance(body.get(name), dict):
            kept[name] = {ref: said for ref, said in body[name].items() if ref not in guarded}
    for name in BY_FILE:
        if isinstance(body.get(name), dict):
            kept[name] = {sha256: said for sha256, said in body[name].items() if sha256 not in gone}
    if isinstance(body.get("signatures"), list):
        kept["signatures"] = [one for one in body["signatures"] if str(one.get("question")) not in guarded]
    if isinstance(body.get("instance"), str):
        kept["instance"] = _instance(body["instance"], guarded)
    return kept


def _answers(xml: str) -> Iterator[tuple[str, str]]:
    """Every answer with its path; answers that cannot be read are one answer to everything."""
    try:
        root, _ = parse_xml(xml.encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        yield "/", xml
        return
    waiting = [(root, f"/{local_name(root.tag)}")]
    while waiting:
        node, path = waiting.pop()
        waiting += [(child, f"{path}/{local_name(child.tag)}") for child in node]
        yield path, (node.text or "").strip()


def _instance(xml: str, guarded: Guarded) -> str:
    """The answers without the guarded ones; as it was when none of those was given."""
    if guarded.is_everything:
        return NO_ANSWERS
    try:
        root, _ = parse_xml(xml.encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        return NO_ANSWERS
    return tostring(root, encoding="unicode") if _blank_answers(root, f"/{local_name(root.tag)}", guarded) else xml


def _blank_answers(node: Element, path: str, guarded: Guarded) -> bool:
    """Empties guarded answers below; whether there was any."""
    found = False
    for child in node:
        below = f"{path}/{local_name(child.tag)}"
        if len(child):
            found |= _blank_answers(child, below, guarded)
        elif child.text and below in guarded:
            child.text, found = None, True
    return found
