"""Writes the answers as the XML of the instance, and reads them back into a fresh tree."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from casebook.forms.casting import UNSAVABLE
from casebook.forms.growth import add_instance, remove_instance
from casebook.forms.instance import Instance
from casebook.forms.nodes import Node
from casebook.forms.xmlinput import local_name

_XFORMS = "http://www.w3.org/2002/xforms"


def instance_xml(instance: Instance, drop_irrelevant: bool) -> str:
    """The instance as XML text; without irrelevant nodes for sending, with them for a draft."""
    names = _Names(instance)
    written: list[str] = []
    _write(instance.root, names, drop_irrelevant, written)
    body = "".join(written)
    opening = f"<{names.of(instance.root)}"
    return opening + names.declarations() + body[len(opening) :]


class _Names:
    """Qualified names, and the declarations of the prefixes that were used."""

    def __init__(self, instance: Instance) -> None:
        self._prefixes = {uri: prefix for prefix, uri in instance.form.prefixes.items() if prefix}
        self._used: dict[str, str] = {}

    def of(self, node: Node) -> str:
        prefix = self._prefixes.get(node.namespace or "")
        if prefix is None or node.namespace == _XFORMS:
            return node.name
        self._used[prefix] = node.namespace or ""
        return f"{prefix}:{node.name}"

    def declarations(self) -> str:
        return "".join(f" xmlns:{prefix}={_quoted(uri)}" for prefix, uri in sorted(self._used.items()))


def sent_ref(node: Node) -> str | None:
    """The reference a node has in the instance as sent, where irrelevant instances of repeats are gone; None for
    what is in one of those."""
    above = node.above
    if node.alone or above is None:
        return node.ref
    outer = sent_ref(above)
    if outer is None or (node.definition.is_repeat and not node.is_relevant()):
        return None
    if not node.definition.is_repeat:
        return f"{outer}/{node.ref.rpartition('/')[2]}"
    family = above.families[node.name]
    return f"{outer}/{node.name}[{sum(other.is_relevant() for other in family[: family.index(node) + 1])}]"


def _write(node: Node, names: _Names, drop_irrelevant: bool, written: list[str]) -> None:
    if drop_irrelevant and not node.is_relevant():
        return
    name = names.of(node)
    attributes = ""
    for attribute in node.attribute_nodes.values():
        attributes += f" {names.of(attribute)}={_quoted(_text(attribute))}"
    if node.value is not None:
        text = _text(node)
        written.append(f"<{name}{attributes}>{_escaped(text)}</{name}>" if text else f"<{name}{attributes}/>")
        return
    written.append(f"<{name}{attributes}>")
    for family in node.families.values():
        for child in family:
            _write(child, names, drop_irrelevant, written)
    written.append(f"</{name}>")


def _escaped(text: str) -> str:
    # the standard library's escape() would load its networking along with it
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    lines = _escaped(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    return '"' + lines.replace('"', "&quot;") + '"'


def _text(node: Node) -> str:
    """The answer without signs that would make the XML unreadable, wherever they came from."""
    return UNSAVABLE.sub("", node.value.get()) if node.value is not None else ""


def restore(instance: Instance, element: Element) -> set[Node]:
    """Puts the answers of `element` into the freshly grown tree; gives the nodes that were there."""
    found: set[Node] = set()
    _restore(instance.root, element, found)
    return found


def _restore(node: Node, element: Element, found: set[Node]) -> None:
    found.add(node)
    for key, text in element.attrib.items():
        attribute = node.attribute_nodes.get(local_name(key))
        if attribute is not None and attribute.value is not None:
            attribute.value.value = text
            found.add(attribute)
    if node.value is not None:
        node.value.value = element.text or ""
        return
    families: dict[str, list[Element]] = {}
    for part in element:
        families.setdefault(local_name(part.tag), []).append(part)
    for definition in node.definition.children:
        parts = families.get(definition.name, [])
        if definition.is_repeat:
            _resize(node, definition.name, len(parts))
        for child, part in zip(node.families[definition.name], parts, strict=False):
            _restore(child, part, found)


def _resize(above: Node, name: str, wanted: int) -> None:
    definition = next(part for part in above.definition.children if part.name == name)
    family = above.families[name]
    while len(family) > wanted:
        remove_instance(above, name, len(family) - 1)
    while len(family) < wanted:
        add_instance(above, definition, len(family))
