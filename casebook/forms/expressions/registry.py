"""The table of functions that expressions may call; each module of functions enters its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from casebook.forms.values import Value

_Body = TypeVar("_Body", bound=Callable[..., Value])
ANY = 1_000


class Function(NamedTuple):
    """`call(context, *values)`, taking from `least` to `most` values."""

    call: Callable[..., Value]
    least: int
    most: int


FUNCTIONS: dict[str, Function] = {}


def function(name: str, least: int, most: int | None = None) -> Callable[[_Body], _Body]:
    """Enters the decorated function under `name`; `most` defaults to `least`."""

    def enter(body: _Body) -> _Body:
        FUNCTIONS[name] = Function(body, least, least if most is None else most)
        return body

    return enter
