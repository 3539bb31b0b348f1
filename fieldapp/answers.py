"""Reads answers out of a sealed visit without its form: the names of questions are known by convention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
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


def drafted(draft: Mapping[str, Any], name: str) -> frozenset[str]:
    """What a draft answers to the questions called `name`, asked or not at present."""
    if "xml" in draft:
        return frozenset(text for ref, text in leaves(draft["xml"]) if ref.rsplit("/", 1)[-1] == name)
    return frozenset(_named(draft["answers"], name))


def _named(answers: Mapping[str, Any], name: str) -> Iterator[str]:
    for inner, value in answers.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield from _named(one, name)
            elif inner == name:
                yield one


def _walk(element: ElementTree.Element, above: str) -> Iterator[tuple[str, str]]:
    ref = f"{above}/{element.tag.rpartition('}')[2]}"
    if len(element):
        for child in element:
            yield from _walk(child, ref)
    elif element.text and element.text.strip():
        yield ref, element.text
