"""Renews the figures of docs/performance.md from build/bench.json: python -m tests.bench …, then this module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.measure import Figure, bounds, short

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
KEPT = Path("build/bench.json")
MADE = re.compile(r"(<!-- made: figures -->\n).*?(\n?<!-- end -->)", re.S)
HEAD = "| measured | value | limit | ratio | budget | kept | the limit is |\n|---|---|---|---|---|---|---|"
SUBJECTS = {
    "forms": "Forms", "engines": "Forms, beside two other engines", "rules": "Rules and deadlines", "phone": "The phone",
    "merging": "Merging", "log": "The log", "wire": "Bytes on the wire", "weak": "A weak link",
    "server": "The school's computer", "pages": "Pages of the console",
}  # fmt: skip


def page(text: str, kept: Mapping[str, Any]) -> str:
    """The page with the figures of a run."""
    machine = kept["machine"]
    said = [f"{machine['cores']} cores, Python {machine['python']}, {machine['system'].partition('-')[0]}."]
    for subject, title in SUBJECTS.items():
        rows = [Figure(**{name: row[name] for name in Figure.__dataclass_fields__}) for row in kept["figures"]
                if row["subject"] == subject]  # fmt: skip
        if rows:
            said.append(f"## {title}\n\n{_table(rows)}")
    made = "\n\n".join(said)
    return MADE.sub(lambda found: f"{found[1]}{made}\n<!-- end -->", text)


def _table(figures: Iterable[Figure]) -> str:
    lines = [HEAD]
    for one in figures:
        cells = (
            one.name, f"{short(one.value)} {one.unit}".strip(), short(one.limit), short(one.ratio), bounds(one),
            "" if bounds(one) == "-" else "yes" if one.kept else "**over**", one.limit_is,
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8"), json.loads(KEPT.read_text("utf-8"))), "utf-8")
