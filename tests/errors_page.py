"""Writes docs/errors.md from the error tree and the catalogues: python -m tests.errors_page"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from assets import load_wording, read_bytes
from casebook.errors import CasebookError

WAITING = "quarantine."
PAGE = Path(__file__).parent.parent / "docs" / "errors.md"
HEAD = """# Errors

Codes never change their meaning. Over HTTP an error is a problem detail (RFC 9457) with `code`; on a screen it is three sentences
from the catalogues: what happened (`error.<code>`), whether the record is safe (`.safe`), what to do now (`.now`).
Made by `python -m tests.errors_page` from `casebook/errors.py`; a test compares.

| code | status | try again | what happened | what now |
|---|---|---|---|---|
"""


HELD = """
## Records that wait for a person

A record that is properly sealed is never refused for what it says. Where somebody must look at it first it waits, with its code and this
sentence on the phone and in the console:

| code | what the teacher reads |
|---|---|
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
    held = sorted(key for key in json.loads(read_bytes("locale/en/errors.json")) if key.startswith(WAITING))
    waiting = [f"| `{key.removeprefix(WAITING)}` | {wording(key)} |" for key in held]
    return HEAD + "\n".join(lines) + "\n" + HELD + "\n".join(waiting) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
