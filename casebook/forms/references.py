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
    match = _STEP.match(step)
    family = node.families.get(match[1], []) if match else []
    place = int(match[2] or 1) if match else 0
    return family[place - 1] if 1 <= place <= len(family) else None


def times_without(answered: Mapping[str, str], family: str, gone: int) -> dict[str, str]:
    """Times of answers after a repeat instance is gone: its own are dropped, later ones move up."""
    kept = {}
    pattern = re.compile(re.escape(family) + r"\[(\d+)\](.*)\Z")
    for ref, time in answered.items():
        match = pattern.match(ref)
        place = int(match[1]) if match else 0
        if match and place > gone:
            kept[f"{family}[{place - 1}]{match[2]}"] = time
        elif place != gone:
            kept[ref] = time
    return kept
