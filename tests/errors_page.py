"""Writes docs/errors.md from the error tree and the catalogues: python -m tests.errors_page"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assets import load_wording
from casebook.errors import CasebookError

PAGE = Path(__file__).parent.parent / "docs" / "errors.md"
HEAD = """# Errors

Codes never change their meaning. Over HTTP an error is a problem detail (RFC 9457) with `code`; on a screen it is three sentences
from the catalogues: what happened (`error.<code>`), whether the record is safe (`.safe`), what to do now (`.now`).
Made by `python -m tests.errors_page` from `casebook/errors.py`; a test compares.

| code | status | try again | what happened | what now |
|---|---|---|---|---|
"""


def kinds(error: type[CasebookError] = CasebookError) -> Iterator[type[CasebookError]]:
    """Every class of the tree below `error`, branches before their leaves."""
    for kind in error.__subclasses__():
        yield kind
        yield from kinds(kind)


def page() -> str:
    """The text of docs/errors.md."""
    wording = load_wording("en")
    lines = []
    for kind in kinds():
        key = f"error.{kind.code}"
        again = "yes" if kind.retry else "no"
        lines.append(f"| `{kind.code}` | {kind.status} | {again} | {wording(key)} | {wording(f'{key}.now')} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
