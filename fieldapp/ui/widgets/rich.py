"""Text with **bold** places, as form labels carry it; nothing else of markdown is interpreted."""

from __future__ import annotations

import re
from typing import Any

import flet as ft

BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
MARKS = re.compile(r"\*\*|^#+\s*", re.MULTILINE)


def spans(text: str, bold: bool = False) -> list[ft.TextSpan]:
    """The runs of a text; `bold` makes all of it bold."""
    runs: list[ft.TextSpan] = []
    at = 0
    for found in BOLD.finditer(text):
        runs += _run(text[at:found.start()], bold)
        runs += _run(found.group(1), True)
        at = found.end()
    return runs + _run(text[at:], bold)


def plain(text: str) -> str:
    """The text without its marks, as a screen reader says it."""
    return MARKS.sub("", text).strip()


def rich(text: str, **options: Any) -> ft.Text:
    """A text control that shows bold places bold."""
    if "**" not in text:
        return ft.Text(plain(text), **options)
    return ft.Text("", spans=spans(text), semantics_label=plain(text), **options)


def _run(text: str, bold: bool) -> list[ft.TextSpan]:
    if not text:
        return []
    return [ft.TextSpan(text, style=ft.TextStyle(weight=ft.FontWeight.BOLD) if bold else None)]
