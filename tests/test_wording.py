"""Every sentence for people lives in the catalogues, in both languages, and no sentence lives anywhere else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from casebook.errors import CasebookError
from tests.imports import PACKAGES, sources

ROOT = Path(__file__).parent.parent
LOCALES = ("zh_CN", "en")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+\Z")
HAN = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]")
LETTERS = re.compile(r"[A-Za-z]{2,}")
QUOTED = re.compile(r"""(["'])([a-z][a-z0-9_]*\.[A-Za-z0-9_.]*)\1""")
# Names of invented people and villages, how surnames are read: material, not sentences of the program.
WORD_LISTS = ("sync_server/sample/", "sync_server/pinyin.py")
# What a person sees of a control; `label` and friends of other calls are caught as well, which does no harm.
SHOWN = {"value", "label", "text", "tooltip", "hint_text", "helper", "helper_text", "title", "subtitle", "semantics_label", "content"}
CONTROLS = {"Text", "TextSpan", "Button", "FilledButton", "OutlinedButton", "TextButton", "FilledTonalButton", "Chip",
            "SnackBar", "Tab", "Checkbox", "Radio", "Markdown"}  # fmt: skip


@cache
def catalogue(locale: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((ROOT / "assets/locale" / locale).glob("*.json")):
        part = json.loads(path.read_text("utf-8"))
        assert not texts.keys() & part.keys(), f"{path.name} repeats keys of another file"
        texts.update(part)
    return texts


@cache
def trees() -> list[tuple[str, ast.Module]]:
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in sources(ROOT)]


@cache
def templates() -> list[tuple[str, str]]:
    found = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.html"))
    return [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in found]


def documentation(tree: ast.Module) -> set[int]:
    """Ids of the string nodes that are docstrings."""
    return {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)}  # fmt: skip


def translation_tables(tree: ast.Module) -> set[int]:
    """Ids of the string nodes that say which characters may stand for which."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)
             and isinstance(node.func, ast.Attribute) and node.func.attr == "maketrans"]  # fmt: skip
    return {id(part) for call in calls for part in ast.walk(call)}


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    skipped = documentation(tree) | translation_tables(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def patterns(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Regular expressions of the f-strings that compose a key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"[A-Za-z0-9_.]+"
                     for part in node.values]  # fmt: skip
            if parts and re.match(r"[a-z][a-z0-9_]*\\\.|\[A-Za-z0-9_\.\]\+\\\.", "".join(map(str, parts))):
                yield node.lineno, "".join(map(str, parts))


def named_keys() -> Iterator[tuple[str, str]]:
    """(where, text) of all literals that look like a key or the beginning of one (it ends with a dot)."""
    for place, tree in trees():
        yield from ((f"{place}:{line}", text) for line, text in literals(tree)
                    if KEY.match(text) or re.match(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\.\Z", text))  # fmt: skip
    for place, html in templates():
        yield from ((place, found[2]) for found in QUOTED.finditer(html))


def composed_keys() -> list[str]:
    return [pattern for _, tree in trees() for _, pattern in patterns(tree)]


def used(key: str, named: set[str], composed: list[re.Pattern[str]]) -> bool:
    begun = any(key.startswith(text) for text in named if text.endswith("."))
    return key in named or begun or any(pattern.fullmatch(key) for pattern in composed)


def test_both_languages_have_the_same_keys() -> None:
    zh, en = (catalogue(locale).keys() for locale in LOCALES)
    assert (sorted(zh - en), sorted(en - zh)) == ([], [])


def test_both_languages_name_the_same_facts() -> None:
    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    zh, en = (catalogue(locale) for locale in LOCALES)
    assert [key for key in zh.keys() & en.keys() if facts(zh[key]) != facts(en[key])] == []


def test_every_key_named_in_the_code_exists() -> None:
    keys = catalogue("zh_CN").keys()
    areas = {key.split(".")[0] for key in keys}
    missing = [f"{where} {text}" for where, text in named_keys()
               if text.split(".")[0] in areas and text not in keys
               and not any(key.startswith(text if text.endswith(".") else text + ".") for key in keys)]  # fmt: skip
    assert missing == []


def test_no_key_is_unused() -> None:
    named = {text for _, text in named_keys()}
    composed = [re.compile(pattern) for pattern in composed_keys()]
    assert [key for key in sorted(catalogue("zh_CN")) if not used(key, named, composed)] == []


def concrete(error: type[CasebookError] = CasebookError) -> Iterator[type[CasebookError]]:
    for kind in error.__subclasses__():
        if "code" in vars(kind):
            yield kind
        yield from concrete(kind)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_error_says_what_happened_whether_it_is_safe_and_what_now(locale: str) -> None:
    texts = catalogue(locale)
    wanted = [f"error.{kind.code}{part}" for kind in concrete() for part in ("", ".safe", ".now")]
    assert [key for key in wanted if not texts.get(key, "").strip()] == []


def test_no_chinese_literal_stands_in_the_code() -> None:
    found = [f"{place}:{line} {text[:30]}" for place, tree in trees() if not place.startswith(WORD_LISTS)
             for line, text in literals(tree) if HAN.search(text)]  # fmt: skip
    assert found == []


def test_no_control_shows_an_english_literal() -> None:
    found = [f"{place}:{line} {text}" for place, tree in trees() if place.startswith("fieldapp/ui/")
             for line, text in shown(tree) if LETTERS.search(text) and not KEY.match(text)]  # fmt: skip
    assert found == []


def shown(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CONTROLS:
            for argument in [*node.args[:1], *(word.value for word in node.keywords if word.arg in SHOWN)]:
                yield from ((part.lineno, part.value) for part in ast.walk(argument)
                            if isinstance(part, ast.Constant) and isinstance(part.value, str)
                            and isinstance(argument, ast.Constant | ast.JoinedStr))  # fmt: skip


def test_no_template_holds_a_sentence() -> None:
    found = [f"{place}: {text.strip()[:40]}" for place, html in templates() for text in visible(html)
             if HAN.search(text) or LETTERS.search(text)]  # fmt: skip
    assert found == []


def visible(html: str) -> Iterator[str]:
    """Text between tags and in attributes that people see, without what the template engine fills in."""
    bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", html, flags=re.S)
    bare = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->|<!DOCTYPE[^>]*>", "", bare, flags=re.S | re.I)
    yield from re.findall(r"""\b(?:title|alt|placeholder|aria-label)=["']([^"']*)""", bare)
    yield from (re.sub(r"&[a-z0-9#]+;", "", text) for text in re.sub(r"<[^>]*>", "\0", bare).split("\0"))


PLANTED = [
    ("import flet as ft\nft.Text('Save now')", shown, "Save now"),
    ("import flet as ft\nft.FilledButton(content=f'Save {1}')", shown, "Save "),
    ("'''文档'''\nx = '保存'", literals, "保存"),
]


@pytest.mark.parametrize(("code", "finder", "text"), PLANTED)
def test_a_planted_literal_is_found(code: str, finder: object, text: str) -> None:
    assert callable(finder)
    assert text in [found for _, found in finder(ast.parse(code))]


def test_planted_words_in_a_template_are_found() -> None:
    html = '<p title="Hint here">{{ say("x.y") }}{% if a %}保存{% endif %}</p><style>p { color: red }</style>'
    assert [text for text in visible(html) if text.strip()] == ["Hint here", "保存"]
