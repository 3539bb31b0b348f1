"""Reads answers out of a sealed visit without its form: the names of questions are known by convention."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree

from casebook.casefile import Entry

KEPT = 256  # visits whose answers stay in memory


@lru_cache(KEPT)
def leaves(instance: str) -> tuple[tuple[str, str], ...]:
    """(reference, answer) of every answered question of an instance, in order; empty when it cannot be read."""
    try:
        root = ElementTree.fromstring(instance)
    except ElementTree.ParseError:
        return ()
    return tuple(_walk(root, ""))


def answer(visit: Entry, name: str) -> str:
    """The answer to the question `name` of a visit, wherever it stands in the form; empty when there is none."""
    instance = visit.record.body.get("instance", "")
    return next((text for ref, text in leaves(instance) if ref.rsplit("/", 1)[-1] == name), "")


def _walk(element: ElementTree.Element, above: str) -> Iterator[tuple[str, str]]:
    ref = f"{above}/{element.tag.rpartition('}')[2]}"
    if len(element):
        for child in element:
            yield from _walk(child, ref)
    elif element.text and element.text.strip():
        yield ref, element.text
