"""Renews the generated parts of docs/rules.md from the tables in the code: python -m tests.rules_page"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assets import load_wording, read_bytes
from casebook.kinds.act import ACTS
from casebook.rules.service import WAYS
from casebook.rules.states import MOVES, mermaid
from casebook.rules.words import deadline_key, refused_key

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
WORDS = load_wording("en")


def diagram() -> str:
    """The state machine as Mermaid."""
    return f"```mermaid\n{mermaid()}\n```"


def moves() -> str:
    """The state machine as a table."""
    lines = ["| from | event | to | by | who | evidence | clause |", "|---|---|---|---|---|---|---|"]
    for move in MOVES:
        cells = (" ".join(move.sources), f"`{move.event}`", move.target or "stays", move.by, ", ".join(move.roles),
                 ", ".join(f"`{code}`" for code in move.needs), move.clause)  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def evidence() -> str:
    """What each code of evidence demands, in the words of its refusal."""
    codes = sorted({code for move in MOVES for code in move.needs})
    return "\n".join(["| code | refused with |", "|---|---|", *(f"| `{code}` | {WORDS(refused_key(code))} |" for code in codes)])


def acts() -> str:
    """What each act must say."""
    lines = ["| act | says | on teachers' phones |", "|---|---|---|"]
    for name, act in ACTS.items():
        parts = ", ".join(f"`{part}`" for part in act.fields) or "-"
        lines.append(f"| `{name}` | {parts} | {'yes' if act.teachers else ''} |")
    return "\n".join(lines)


def rows() -> str:
    """The rows that ship with the program."""
    lines = ["| key | value | unit | counted | roll | warn | clause | source |", "|---|---|---|---|---|---|---|---|"]
    for row in json.loads(read_bytes("rules/rulebook.json")):
        lines.append(f"| {' | '.join(_cells(row))} |")
    return "\n".join(lines)


def ways() -> str:
    """The ways of service."""
    return ", ".join(f"`{way}`" for way in WAYS)


PARTS: dict[str, Callable[[], str]] = {
    "diagram": diagram, "moves": moves, "evidence": evidence, "acts": acts, "rows": rows, "ways": ways,
}  # fmt: skip


def renewed(page: str) -> str:
    """The page with every generated part made anew."""
    for name, make in PARTS.items():
        marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
        page, count = marks.subn(lambda found, make=make: found[1] + make() + found[2], page)  # type: ignore[misc]
        assert count == 1, name
    return page


def _cells(row: dict[str, Any]) -> list[str]:
    value = ", ".join(map(str, row["value"])) if isinstance(row["value"], list) else str(row["value"])
    compared = f"{row['comparator']} " if "comparator" in row else ""
    name = f"`{row['key']}`" + (f" {WORDS(deadline_key(row['key']))}" if WORDS.has(deadline_key(row["key"])) else "")
    return [name, compared + value, row["unit"], row.get("counted", ""), "yes" if row.get("roll") else "",
            str(row.get("warn", "")), row["clause"], row["source"]]  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
