"""What an expression means once read: a tree of frozen parts, and how to walk and write it again.

The parts are named tuples and not dataclasses, as those of a form's definition: the phone makes such classes, and their
objects by the hundred, several times faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from casebook.forms.values import number_text


class Number(NamedTuple):
    value: float


class Literal(NamedTuple):
    value: str


class Negation(NamedTuple):
    operand: Expr


class Binary(NamedTuple):
    operator: str
    left: Expr
    right: Expr


class Call(NamedTuple):
    name: str
    arguments: tuple[Expr, ...]


class Step(NamedTuple):
    axis: str
    test: str
    predicates: tuple[Expr, ...] = ()

    @property
    def plain(self) -> bool:
        """A child step by name alone, such as `/data`."""
        return self.axis == "child" and self.by_name and not self.predicates

    @property
    def by_name(self) -> bool:
        """The test is a name without prefix or wildcard."""
        return self.test != "*" and "(" not in self.test and ":" not in self.test


class Path(NamedTuple):
    absolute: bool
    steps: tuple[Step, ...]


class Filter(NamedTuple):
    """Steps and predicates applied to the value of another expression: `instance('a')/root/item[1]`."""

    base: Expr
    predicates: tuple[Expr, ...]
    steps: tuple[Step, ...]


Expr: TypeAlias = Number | Literal | Negation | Binary | Call | Path | Filter


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, outermost first."""
    yield expr
    for part in parts_of(expr):
        yield from walk(part)


def parts_of(expr: Expr) -> Iterator[Expr]:
    """The expressions directly inside `expr`."""
    match expr:
        case Negation(operand):
            yield operand
        case Binary(_, left, right):
            yield left
            yield right
        case Call(_, arguments):
            yield from arguments
        case Path(_, steps):
            yield from (inner for step in steps for inner in step.predicates)
        case Filter(base, predicates, steps):
            yield base
            yield from predicates
            yield from (inner for step in steps for inner in step.predicates)


def write(expr: Expr) -> str:
    """Source text that reads back as the same expression."""
    match expr:
        case Number(value):
            return number_text(value)
        case Literal(value):
            return f"'{value}'" if "'" not in value else f'"{value}"'
        case Negation(operand):
            return f"(-({write(operand)}))"
        case Binary(operator, left, right):
            return f"({write(left)} {operator} {write(right)})"
        case Call(name, arguments):
            return f"{name}({', '.join(map(write, arguments))})"
        case Path() | Filter():
            return _write_path(expr)


def _write_path(expr: Path | Filter) -> str:
    steps = "/".join(map(_write_step, expr.steps))
    if isinstance(expr, Path):
        return f"/{steps}" if expr.absolute else steps
    return f"({write(expr.base)})" + _bracket(expr.predicates) + (f"/{steps}" if steps else "")


def _write_step(step: Step) -> str:
    return f"{step.axis}::{step.test}" + _bracket(step.predicates)


def _bracket(predicates: tuple[Expr, ...]) -> str:
    return "".join(f"[{write(predicate)}]" for predicate in predicates)
