"""Reads, without importing anything, what the modules of a source tree import and call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("casebook", "fieldapp", "sync_server", "assets")


@dataclass(frozen=True)
class Use:
    """`place` (a path relative to the tree, forward slashes) names `target` (dotted) on `line`; `call` if it calls it."""

    place: str
    line: int
    target: str
    call: bool = False

    def __str__(self) -> str:
        return f"{self.place}:{self.line} {self.target}"


def sources(root: Path) -> Iterator[Path]:
    """Every Python file that the project ships, tests excluded."""
    if (root / "main.py").exists():
        yield root / "main.py"
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def uses(root: Path) -> list[Use]:
    """All imports, wherever in the file they stand, and all calls of dotted names."""
    found: list[Use] = []
    for path in sources(root):
        place = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text("utf-8"), place)
        for node in ast.walk(tree):
            found.extend(Use(place, *named) for named in _named(node, place))
    return found


def _named(node: ast.AST, place: str) -> Iterator[tuple[int, str, bool]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield node.lineno, alias.name, False
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, place)
        for alias in node.names:
            yield node.lineno, f"{base}.{alias.name}", False
    elif isinstance(node, ast.Call):
        called = _dotted(node.func)
        if called:
            yield node.lineno, called, True
        if called in {"import_module", "importlib.import_module", "__import__"} and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield node.lineno, str(first.value), False


def _absolute(node: ast.ImportFrom, place: str) -> str:
    if not node.level:
        return str(node.module)
    parts = place.removesuffix(".py").split("/")[: -node.level]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
