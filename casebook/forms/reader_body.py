"""Reads the body of an XForm: what is shown, in which order and frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from casebook.forms.definition import Control, Item, ItemSet, Text
from casebook.forms.expressions import Expression
from casebook.forms.xmlinput import local_name, split_tag

if TYPE_CHECKING:
    from casebook.forms.reader import FormReader

_JAVAROSA = "http://openrosa.org/javarosa"
_KINDS = ("input", "select", "select1", "upload", "trigger", "range", "rank", "group", "repeat", "secret")
_OWN_ATTRIBUTES = ("ref", "nodeset", "bind", "appearance", "mediatype")
_ACTIONS = ("setvalue", "setgeopoint")


def read_controls(reader: FormReader, element: Element, near: str | None = None) -> tuple[Control, ...]:
    """The controls directly inside `element`; `near` is the path that relative references start from."""
    return tuple(
        _control(reader, part, near)
        for part in element
        if isinstance(part.tag, str) and local_name(part.tag) in _KINDS
    )


def _control(reader: FormReader, element: Element, near: str | None) -> Control:
    kind = local_name(element.tag)
    path = _path(reader, element, near)
    inside = [(local_name(part.tag), part) for part in element if isinstance(part.tag, str)]
    parts = dict(inside)
    hint, guidance = _hints(reader, parts.get("hint"))
    count = element.get(f"{{{_JAVAROSA}}}count")
    return Control(
        kind=kind,
        path=path,
        label=reader.text(parts.get("label")),
        hint=hint,
        guidance=guidance,
        appearance=tuple((element.get("appearance") or "").split()),
        parameters={
            split_tag(key)[1]: value for key, value in element.attrib.items() if key not in _OWN_ATTRIBUTES
        },
        media=element.get("mediatype") or "",
        items=_items(reader, inside) if "item" in parts else (),
        itemset=_itemset(reader, parts["itemset"]) if "itemset" in parts else None,
        children=tuple(_control(reader, part, path or near) for name, part in inside if name in _KINDS),
        actions=tuple(reader.action(part, path) for name, part in inside if name in _ACTIONS),
        count=reader.expression(count) if count else None,
        fixed_count=(element.get(f"{{{_JAVAROSA}}}noAddRemove") or "").startswith("true"),
    )


def absolute(reference: str, near: str | None) -> str:
    """An absolute path from one that may be relative to `near`."""
    if reference.startswith("/") or near is None:
        return reference
    parts = near.strip("/").split("/")
    for part in reference.split("/"):
        if part == "..":
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/" + "/".join(parts)


def _path(reader: FormReader, element: Element, near: str | None) -> str | None:
    reference = reader.reference(element)
    return None if reference is None else absolute(reference, near)


def _hints(reader: FormReader, element: Element | None) -> tuple[Text | None, Text | None]:
    """A hint; and its longer guidance, which lives under the same text id in another form."""
    hint = reader.text(element)
    if isinstance(hint, Expression) and hint.source.startswith("jr:itext("):
        return hint, reader.expression(hint.source.replace("jr:itext(", "jr:guidance(", 1))
    return hint, None


def _items(reader: FormReader, inside: Iterable[tuple[str, Element]]) -> tuple[Item, ...]:
    found = []
    for name, part in inside:
        if name == "item":
            texts = {local_name(inner.tag): inner for inner in part if isinstance(inner.tag, str)}
            value = texts.get("value")
            found.append(
                Item("" if value is None else (value.text or "").strip(), reader.text(texts.get("label")))
            )
    return tuple(found)


def _itemset(reader: FormReader, element: Element) -> ItemSet:
    refs = {local_name(part.tag): part.get("ref") or "" for part in element if isinstance(part.tag, str)}
    label = refs.get("label")
    return ItemSet(
        nodes=reader.expression(element.get("nodeset") or "''"),
        value=reader.expression(refs.get("value") or "name"),
        label=reader.expression(label) if label else None,
    )
