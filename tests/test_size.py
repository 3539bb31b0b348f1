"""Keeps functions and files small enough to be read in one go; a ratchet, so the numbers may only go down."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.imports import sources

ROOT = Path(__file__).parent.parent
FILE_END, FILE_USUAL = 400, 250
FUNCTION_END, FUNCTION_USUAL = 50, 25
LINE = 110
FILES_ABOVE_USUAL = 0.10  # the share of files that may be longer than usual
FUNCTIONS_ABOVE_USUAL = 0.06
PARAMETERS = 9  # keyword-only ones included; a record has many parts

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    """Sources and tests; migrations are a log of what once was and may be long."""
    both = [*sources(ROOT), *sorted((ROOT / "tests").rglob("*.py"))]
    return [path for path in both if "migrations" not in path.parts]


def functions() -> list[tuple[str, Function]]:
    return [(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node)
            for path in files() for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, Function)]  # fmt: skip


def length(function: Function) -> int:
    """Lines of the body, without its docstring and without functions inside that are counted themselves."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    inner = sum(node.end_lineno - node.lineno + 1 for node in ast.walk(function)
                if isinstance(node, Function) and node is not function and node.end_lineno)  # fmt: skip
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 - inner


def test_no_file_is_too_long() -> None:
    long = {str(path.relative_to(ROOT)): count for path in files()
            if (count := len(path.read_text("utf-8").splitlines())) > FILE_END}  # fmt: skip
    assert long == {}


def test_long_files_stay_rare() -> None:
    counts = [len(path.read_text("utf-8").splitlines()) for path in files()]
    assert sum(count > FILE_USUAL for count in counts) / len(counts) <= FILES_ABOVE_USUAL


def test_no_function_is_too_long() -> None:
    assert {name: length(node) for name, node in functions() if length(node) > FUNCTION_END} == {}


def test_long_functions_stay_rare() -> None:
    lengths = [length(node) for _, node in functions()]
    assert sum(lines > FUNCTION_USUAL for lines in lengths) / len(lengths) <= FUNCTIONS_ABOVE_USUAL


def test_no_function_asks_for_too_much() -> None:
    def asked(function: Function) -> int:
        given = function.args
        return len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)

    assert {name: asked(node) for name, node in functions() if asked(node) > PARAMETERS} == {}


def test_every_module_says_what_it_answers_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in sources(ROOT)
              if path.name != "main.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))]  # fmt: skip
    assert silent == []
