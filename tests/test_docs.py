"""What a newcomer can call, set or meet is in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from casebook.kinds import KINDS
from tests import errors_page
from tests.imports import sources

ROOT = Path(__file__).parent.parent


def documentation() -> str:
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(page.read_text("utf-8") for page in pages)


def undocumented(names: set[str]) -> list[str]:
    text = documentation()
    return sorted(name for name in names if f"`{name}`" not in text and not re.search(rf"\b{re.escape(name)}\b", text))


def makefile_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert phony
    return {f"make {target}" for target in phony[1].split()} - {"make help"}


def commands() -> set[str]:
    from sync_server.__main__ import app

    named = {command.name or command.callback.__name__.replace("_", "-")
             for command in app.registered_commands if command.callback}  # fmt: skip
    assert named
    return {f"python -m sync_server {name}" for name in named}


def environment_variables() -> set[str]:
    from sync_server.settings import Settings

    named = {f"JIAFANG_{name.upper()}" for name in Settings.__annotations__}
    for path in sources(ROOT):
        named.update(re.findall(r"JIAFANG_[A-Z_]*[A-Z]", path.read_text("utf-8")))
    return named


def forms() -> set[str]:
    return {path.name for path in (ROOT / "assets/forms").iterdir() if path.is_dir() and not path.name.startswith("_")}


SUBJECTS = {
    "commands": commands, "make targets": makefile_targets, "error codes": lambda: {kind.code for kind in errors_page.kinds()}, "forms": forms,
    "kinds of records": lambda: set(KINDS), "environment variables": environment_variables,
}  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
def test_everything_is_documented(subject: str) -> None:
    assert undocumented(SUBJECTS[subject]()) == []


def test_the_page_of_errors_is_up_to_date() -> None:
    assert errors_page.PAGE.read_text("utf-8") == errors_page.page(), "run python -m tests.errors_page"


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def test_every_link_and_picture_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in links(page)
              if not (page.parent / link).exists()]  # fmt: skip
    assert broken == []


def test_the_two_readmes_show_the_same_commands_and_pictures() -> None:
    def shown(name: str) -> tuple[set[str], set[str]]:
        text = (ROOT / name).read_text("utf-8")
        blocks = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.S))
        return {line.split("#")[0].strip() for line in blocks.splitlines()}, set(re.findall(r"\((docs/pictures/[^)]+)", text))

    assert shown("README.md") == shown("README.zh-CN.md")
