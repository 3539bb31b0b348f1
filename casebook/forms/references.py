"""Finds nodes by reference, such as `/data/child[2]/age`, or by plain name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from casebook.forms.nodes import Node

_STEP = re.compile(r"(.+?)(?:\[(\d+)\])?\Z")


def at_ref(root: Node, ref: str) -> Node | None:
    """The node at a reference, relevant or not; a repeat without position means its first instance."""
    first, *steps = ref.strip("/").split("/")
    node: Node | None = root if first == root.name else None
    for step in steps:
        node = _below(node, step) if node is not None else None
    return node


def named(root: Node, name: str) -> Node | None:
    """The first node of that name, not counting attributes."""
    if root.name == name:
        return root
    return next((found for child in root.all_children() if (found := named(child, name))), None)


def _below(node: Node, step: str) -> Node | None:
    if step.startswith("@"):
        return node.attribute_nodes.get(step[1:])
    family, place = node.families.get(step), 1
    if family is None:
        match = _STEP.match(step)
        family = node.families.get(match[1], []) if match else []
        place = int(match[2] or 1) if match else 0
    return family[place - 1] if 1 <= place <= len(family) else None


def times_without(answered: Mapping[str, str], family: str, gone: int) -> dict[str, str]:
    """Times of answers after a repeat instance is gone: its own are dropped, later ones move up."""
    moved = ((ref_without(ref, family, gone), time) for ref, time in answered.items())
    return {ref: time for ref, time in moved if ref is not None}


def ref_without(ref: str, family: str, gone: int) -> str | None:
    """What a reference is after the repeat `family` has lost the instance at a 1-based place; None if it was in it."""
    match = re.match(re.escape(family) + r"\[(\d+)\](.*)\Z", ref)
    place = int(match[1]) if match else 0
    if match is None or place < gone:
        return ref
    return None if place == gone else f"{family}[{place - 1}]{match[2]}"
