"""Reads XForm XML, as pyxform writes it, into a form definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from xml.etree.ElementTree import Element

from casebook.errors import FormBroken
from casebook.forms.definition import Action, Bind, Control, FormDef, SecondaryList, Template, Text
from casebook.forms.expressions import Expression
from casebook.forms.lists import ListNode
from casebook.forms.reader_body import absolute, read_controls
from casebook.forms.reader_instance import read_node
from casebook.forms.xmlinput import MAX_FORM_BYTES, local_name, parse_xml, split_tag

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
OPENROSA = "http://openrosa.org/xforms"
ENTITIES = "http://www.opendatakit.org/xforms/entities"
ODK = "http://www.opendatakit.org/xforms"
EVENTS = "http://www.w3.org/2001/xml-events"

_TYPE_NAMES = {"integer": "int", "long": "int", "double": "decimal", "float": "decimal", "select1": "string"}
_RULES = frozenset({"relevant", "required", "readonly", "constraint", "calculate"})
#: rules that say what holds anyway are left out, so that most questions have none
_IDLE = {"relevant": "true()", "constraint": "true()", "required": "false()", "readonly": "false()"}


def read_form(xml: bytes) -> FormDef:
    """The form in `xml`. Raises FormBroken."""
    root, prefixes = parse_xml(xml, MAX_FORM_BYTES)
    try:
        return FormReader(root, prefixes).read()
    except RecursionError as error:
        raise FormBroken(reason="nested") from error


class FormReader:
    """The state of reading one form: prefixes, and expressions shared by their source."""

    def __init__(self, root: Element, prefixes: Mapping[str, str]) -> None:
        self.prefixes = prefixes
        self._prefixes = frozenset(prefixes.items())
        self.expressions: dict[str, Expression] = {}
        self.bind_paths: dict[str, str] = {}
        self._head = _child(root, XHTML, "head")
        self._body = _child(root, XHTML, "body")
        self._model = _child(self._head, XFORMS, "model")

    def read(self) -> FormDef:
        """The whole definition."""
        instances = self._model.findall(f"{{{XFORMS}}}instance")
        primary = next((part for found in instances[:1] for part in _elements(found)), None)
        if primary is None or not primary.get("id"):
            raise FormBroken(reason="instance")
        languages, default_language, texts = self._itext()
        binds = {bind.path: bind for bind in map(self._bind, self._parts("bind")) if bind.path}
        controls = read_controls(self, self._body)
        repeats = {one.path for one in _frames(controls) if one.kind == "repeat" and one.path}
        return FormDef(
            form_id=primary.get("id", ""),
            version=primary.get("version") or primary.get(f"{{{OPENROSA}}}version") or "",
            title=(self._head.findtext(f"{{{XHTML}}}title") or "").strip(),
            root=read_node(primary, "", binds, repeats),
            controls=controls,
            languages=languages,
            default_language=default_language,
            texts=texts,
            binds=binds,
            actions=tuple(self.action(part) for part in self._parts("setvalue", "setgeopoint")),
            lists=_secondary_lists(instances[1:]),
            prefixes=self.prefixes,
        )

    def expression(self, source: str) -> Expression:
        """The expression for a source text; the same text gives the same object."""
        found = self.expressions.get(source)
        if found is None:
            found = self.expressions[source] = Expression(source, self._prefixes)
        return found

    def text(self, element: Element | None) -> Text | None:
        """A label, hint or itext value: a reference to a text, or text with outputs in it."""
        if element is None:
            return None
        reference = element.get("ref")
        return self.expression(reference) if reference else self.template(element)

    def template(self, element: Element) -> Template:
        """Text with `<output>` elements."""
        pieces: list[str | Expression] = [element.text or ""]
        for part in element:
            if local_name(part.tag) == "output":
                pieces.append(self.expression(part.get("value") or part.get("ref") or "''"))
            else:
                pieces.append("".join(part.itertext()))
            pieces.append(part.tail or "")
        return Template(tuple(piece for piece in pieces if piece != ""))

    def action(self, element: Element, near: str | None = None) -> Action:
        """A setvalue or setgeopoint; `near` is the path that a relative reference starts from."""
        events = element.get("event") or element.get(f"{{{EVENTS}}}event") or ""
        value = element.get("value")
        return Action(
            kind=local_name(element.tag),
            events=frozenset(events.split()),
            ref=absolute(self.reference(element) or "", near),
            value=self.expression(value) if value else None,
            text="".join(element.itertext()).strip(),
        )

    def reference(self, element: Element) -> str | None:
        """The path an element names: by `ref`, `nodeset`, or the id of a bind."""
        found = element.get("ref") or element.get("nodeset") or self.bind_paths.get(element.get("bind") or "")
        return found.strip() if found else None

    def _parts(self, *names: str) -> Iterable[Element]:
        return (part for part in _elements(self._model) if local_name(part.tag) in names)

    def _bind(self, element: Element) -> Bind:
        path = (element.get("nodeset") or "").strip()
        if element.get("id"):
            self.bind_paths[element.get("id", "")] = path
        kind = (element.get("type") or "string").rpartition(":")[2]
        preload = element.get(f"{{{JAVAROSA}}}preload")
        rules = {name: self._rule(name, source) for name, source in element.items() if name in _RULES}
        return Bind(
            path=path,
            type=_TYPE_NAMES.get(kind, kind),
            **rules,
            constraint_message=self._message(element.get(f"{{{JAVAROSA}}}constraintMsg")),
            required_message=self._message(element.get(f"{{{JAVAROSA}}}requiredMsg")),
            preload=(preload, element.get(f"{{{JAVAROSA}}}preloadParams") or "") if preload else None,
            save_to=element.get(f"{{{ENTITIES}}}saveto"),
            parameters=_qualified(element),
        )

    def _rule(self, name: str, source: str) -> Expression | None:
        source = source.strip()
        return None if source in ("", _IDLE.get(name)) else self.expression(source)

    def _message(self, source: str | None) -> Text | None:
        if source is None:
            return None
        is_reference = source.strip().startswith("jr:itext(")
        return self.expression(source.strip()) if is_reference else Template((source,))

    def _itext(self) -> tuple[tuple[str, ...], str | None, dict[str, _TextTable]]:
        texts: dict[str, _TextTable] = {}
        default = None
        for translation in self._model.findall(f"{{{XFORMS}}}itext/{{{XFORMS}}}translation"):
            language = translation.get("lang") or ""
            if translation.get("default") is not None:
                default = language
            texts[language] = _TextTable(self, translation)
        return tuple(texts), default or next(iter(texts), None), texts


class _TextTable(Mapping[str, Mapping[str, Template]]):
    """The texts of one language; each is read when first needed, for a visit shows one language of few pages."""

    def __init__(self, reader: FormReader, translation: Element) -> None:
        self._reader = reader
        self._elements = {text.get("id") or "": text for text in _elements(translation)}
        self._read: dict[str, Mapping[str, Template]] = {}

    def __getitem__(self, text_id: str) -> Mapping[str, Template]:
        found = self._read.get(text_id)
        if found is None:
            values = _elements(self._elements[text_id])
            found = {value.get("form") or "": self._reader.template(value) for value in values}
            self._read[text_id] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)


def _child(element: Element, namespace: str, name: str) -> Element:
    found = element.find(f"{{{namespace}}}{name}")
    if found is None:
        raise FormBroken(reason="part_missing", part=name)
    return found


def _elements(element: Element) -> list[Element]:
    return [part for part in element if isinstance(part.tag, str)]


def _qualified(element: Element) -> dict[str, str]:
    """Further parameters of a question, which stand in the namespaces of ODK and OpenRosa."""
    found = {}
    for key, value in element.attrib.items():
        if key[0] == "{":
            space, name = split_tag(key)
            if space in (OPENROSA, ODK):
                found[name] = value
    return found


def _frames(controls: tuple[Control, ...]) -> Iterable[Control]:
    for control in controls:
        yield control
        yield from _frames(control.children)


def _secondary_lists(instances: list[Element]) -> dict[str, SecondaryList]:
    found = {}
    for element in instances:
        name = element.get("id") or ""
        source = element.get("src")
        found[name] = SecondaryList(name, source, None if source else partial(_inline, element))
    return found


def _inline(element: Element) -> ListNode:
    document = ListNode("#document", None)
    try:
        for part in _elements(element):
            document.append(_list_node(part, document))
    except RecursionError as error:
        raise FormBroken(reason="nested") from error
    return document


def _list_node(element: Element, parent: ListNode) -> ListNode:
    parts = list(_elements(element))
    attributes = {local_name(key): value for key, value in element.attrib.items()}
    node = ListNode(local_name(element.tag), parent, "" if parts else element.text or "", attributes)
    for part in parts:
        node.append(_list_node(part, node))
    return node
