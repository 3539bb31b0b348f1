"""Reads the primary instance of an XForm: the tree of answers, with repeats folded into one definition each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from xml.etree.ElementTree import Element

from casebook.forms.definition import Bind, NodeDef
from casebook.forms.xmlinput import split_tag

_JAVAROSA = "http://openrosa.org/javarosa"
_TEMPLATE = f"{{{_JAVAROSA}}}template"


def read_node(
    element: Element,
    above: str,
    binds: Mapping[str, Bind],
    repeats: Collection[str],
    templates: dict[str, NodeDef] | None = None,
) -> NodeDef:
    """The definition of `element` below the path `above`.

    `templates` holds those of repeats read before: that of an inner repeat stands only in that of the outer one.
    """
    templates = {} if templates is None else templates
    namespace, name = split_tag(element.tag)
    path = f"{above}/{name}"
    parts = [part for part in element if isinstance(part.tag, str)]
    found = [(part, read_node(part, path, binds, repeats, templates)) for part in parts]
    return NodeDef(
        name=name,
        namespace=namespace or None,
        path=path,
        text="" if parts else element.text or "",
        bind=binds.get(path),
        children=_fold_repeats(found, templates),
        attributes=_attributes(element, path, binds),
        is_repeat=path in repeats,
    )


def _attributes(element: Element, path: str, binds: Mapping[str, Bind]) -> tuple[NodeDef, ...]:
    found = []
    for key, text in element.attrib.items():
        namespace, name = split_tag(key)
        if namespace != _JAVAROSA:
            where = f"{path}/@{name}"
            found.append(NodeDef(name, namespace or None, where, text, binds.get(where)))
    return tuple(found)


def _fold_repeats(
    found: list[tuple[Element, NodeDef]], templates: dict[str, NodeDef]
) -> tuple[NodeDef, ...]:
    """Children in order, all instances and the template of a repeat gathered into its first definition."""
    families: dict[str, list[tuple[Element, NodeDef]]] = {}
    for element, node in found:
        if node.is_repeat:
            families.setdefault(node.name, []).append((element, node))
    children = []
    for _, node in found:
        if not node.is_repeat:
            children.append(node)
        elif node.name in families:
            children.append(_fold_family(families.pop(node.name), templates))
    return tuple(children)


def _fold_family(family: list[tuple[Element, NodeDef]], templates: dict[str, NodeDef]) -> NodeDef:
    for element, node in family:
        if element.get(_TEMPLATE) is not None:
            templates.setdefault(node.path, node)
    instances = tuple(node for element, node in family if element.get(_TEMPLATE) is None)
    first = family[0][1]
    # without a template a further instance starts blank, even if the first one has defaults: as ODK's engines do
    template = templates.get(first.path) or _blank((instances or (first,))[0])
    return first._replace(template=template, instances=instances)


def _blank(node: NodeDef) -> NodeDef:
    children = tuple(_blank(child) for child in node.children)
    instances = tuple(_blank(instance) for instance in node.instances)
    return node._replace(text="", children=children, instances=instances)
