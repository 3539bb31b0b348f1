"""Writes the table of docs/forms-engine.md from the policies: python -m tests.differential.page"""

from __future__ import annotations

from pathlib import Path

from tests.differential.policy import POLICIES

PAGE = Path(__file__).parent.parent.parent / "docs" / "forms-engine.md"
MARK = "<!-- policies: written by python -m tests.differential.page -->"
HEAD = "| id | where they part | we follow | why |\n| --- | --- | --- | --- |"
FOLLOWED = {"node": "Web Forms", "java": "JavaRosa", "either": "either", "own": "neither"}


def table() -> str:
    """The policies as a table."""
    lines = [f"| `{policy.id}` | {_named(policy.says)} | {FOLLOWED[policy.follows]} | {policy.why} |"
             for policy in POLICIES]  # fmt: skip
    return "\n".join([HEAD, *lines])


def _named(text: str) -> str:
    return text.replace("(node)", "(Web Forms)").replace("(java)", "(JavaRosa)")


def page(text: str) -> str:
    """The page with its table made anew."""
    before, mark, rest = text.partition(MARK)
    _, end, after = rest.partition("\n<!-- end -->")
    return f"{before}{mark}\n\n{table()}\n{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
