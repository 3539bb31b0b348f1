"""No handler and no component of the user interface may stand unguarded: the sources are read, planted slips found."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import fieldapp.ui
from fieldapp.ui.widgets.question import BUILDERS

UI = Path(fieldapp.ui.__file__).parent
GUARDS = {"guard", "go"}
SHELL = {"actions.py", "theme.py"}  # the guards themselves; names of colours ("on_primary")
CONTRACT_KINDS = {
    "note", "text", "integer", "decimal", "date", "time", "datetime", "select_one", "select_multiple", "rank",
    "acknowledge", "image", "signature", "audio", "file", "geopoint", "range", "barcode", "heading",
}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return sorted(UI.rglob("*.py"))


def named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def guarded_names(tree: ast.AST) -> set[str]:
    """Names that hold a handler already guarded: results of guard calls, and parameters typed Handler."""
    assigned = {target.id for node in ast.walk(tree) if isinstance(node, ast.Assign) and is_guarded(node.value, set())
                for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
    typed = {argument.arg for node in ast.walk(tree) if isinstance(node, Function)
             for argument in (*node.args.args, *node.args.kwonlyargs)
             if argument.annotation is not None and "Handler" in ast.unparse(argument.annotation)}  # fmt: skip
    return assigned | typed | factories(tree)


def factories(tree: ast.AST) -> set[str]:
    """Functions that promise a guarded handler: what they return is checked where they are written."""
    return {node.name for node in ast.walk(tree) if isinstance(node, Function) and node.returns is not None
            and ast.unparse(node.returns) == "Handler"}  # fmt: skip


def broken_promises(tree: ast.AST) -> Iterator[str]:
    """Functions that promise a handler and return something unguarded."""
    names = guarded_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name in factories(tree):
            inner = {id(part) for other in ast.walk(node) if isinstance(other, Function) and other is not node
                     for part in ast.walk(other)}  # fmt: skip
            yield from (f"{step.lineno} {node.name}" for step in ast.walk(node) if isinstance(step, ast.Return)
                        and id(step) not in inner and step.value and not is_guarded(step.value, names))  # fmt: skip


def is_guarded(value: ast.expr, names: set[str]) -> bool:
    if isinstance(value, ast.IfExp):
        return is_guarded(value.body, names) and is_guarded(value.orelse, names)
    if isinstance(value, ast.BoolOp):
        return all(is_guarded(part, names) for part in value.values)
    if isinstance(value, ast.Constant) and value.value is None:
        return True
    if isinstance(value, ast.Call):
        return named(value.func) in GUARDS | names
    return isinstance(value, ast.Name) and value.id in names


def unguarded(tree: ast.AST) -> Iterator[str]:
    """Handlers handed to a control, and handlers set on one, that no guard wraps."""
    names = guarded_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (f"{node.lineno} {word.arg}" for word in node.keywords
                        if (word.arg or "").startswith("on_") and not is_guarded(word.value, names))  # fmt: skip
        if isinstance(node, ast.Assign):
            yield from (f"{node.lineno} {target.attr}" for target in node.targets
                        if isinstance(target, ast.Attribute) and target.attr.startswith("on_")
                        and not is_guarded(node.value, names))  # fmt: skip


def bare_components(tree: ast.AST) -> Iterator[str]:
    """Components made without `screen` or `part`."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from (node.name for decorator in node.decorator_list if named(decorator) in ("component", "memo"))


def plain_views(tree: ast.AST) -> Iterator[str]:
    """Functions that return a View but are no screen."""
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.returns is not None and ast.unparse(node.returns) == "ft.View":
            decorators = {named(decorator) for decorator in node.decorator_list}
            part_of_a_screen = node.name.startswith("_") or node.name == "frame"
            if "screen" not in decorators and not part_of_a_screen:
                yield node.name


def dropped_effects(tree: ast.AST) -> Iterator[str]:
    """Async effects without a guard: what they raise vanishes."""
    names = guarded_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and named(node.func) in ("run_task", "run_thread"):
            yield f"{node.lineno} {named(node.func)}"
        if isinstance(node, ast.Call) and named(node.func) == "use_effect":
            first = node.args[0]
            if not (isinstance(first, ast.Lambda) or is_guarded(first, names)):
                yield f"{node.lineno} use_effect"


CHECKS = [unguarded, broken_promises, bare_components, plain_views, dropped_effects]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_module_is_guarded(check) -> None:
    found = [f"{path.relative_to(UI)}: {slip}" for path in modules() if path.name not in SHELL
             for slip in check(ast.parse(path.read_text("utf-8")))]  # fmt: skip
    assert found == []


@pytest.mark.parametrize(("check", "code"), [
    (unguarded, "ft.Button('x', on_click=lambda: 1)"),
    (unguarded, "def save(): ...\nft.Button('x', on_click=save)"),
    (unguarded, "picker.on_result = chosen"),
    (broken_promises, "def go_on() -> Handler:\n    return lambda: 1"),
    (bare_components, "@ft.component\ndef Part(): ..."),
    (plain_views, "def Screen() -> ft.View: ..."),
    (dropped_effects, "async def load(): ...\nft.use_effect(load, [])"),
    (dropped_effects, "page.run_task(load)"),
])  # fmt: skip
def test_a_planted_slip_is_found(check, code: str) -> None:
    assert list(check(ast.parse(code)))


def test_every_kind_of_question_has_a_builder_and_no_builder_is_left_over() -> None:
    assert set(BUILDERS) == CONTRACT_KINDS


def test_every_module_of_the_user_interface_imports() -> None:
    for found in pkgutil.walk_packages(fieldapp.ui.__path__, "fieldapp.ui."):
        importlib.import_module(found.name)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_catalogue_of_the_app_has_no_blank_text(locale: str) -> None:
    path = Path(fieldapp.ui.__file__).parents[2] / "assets" / "locale" / locale / "app.json"
    texts = json.loads(path.read_text("utf-8"))
    assert [key for key, text in texts.items() if not text.strip()] == []
