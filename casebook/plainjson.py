"""Messages as plain JSON values and back: every field checked by its annotated type."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from casebook.errors import RequestMalformed

T = TypeVar("T")


def to_json(message: Any) -> Any:
    """A message as plain JSON values; what is None is left out."""
    if is_dataclass(message) and not isinstance(message, type):
        parts = ((f.name, getattr(message, f.name)) for f in fields(message))
        return {name: to_json(value) for name, value in parts if value is not None or name == "value"}
    if isinstance(message, list | tuple):
        return [to_json(value) for value in message]
    return message


def from_json(kind: type[T], value: object) -> T:
    """The message of class `kind` that `value` says; unknown fields are ignored. Raises RequestMalformed."""
    if not isinstance(value, Mapping):
        raise RequestMalformed(expected=kind.__name__)
    found = {}
    reading: Any = kind
    for name, (read, needed) in _readers(reading).items():
        if name in value:
            found[name] = read(value[name])
        elif needed:
            raise RequestMalformed(field=name)
    return kind(**found)


@cache
def _readers(kind: Any) -> dict[str, tuple[Callable[[Any], Any], bool]]:
    hints = typing.get_type_hints(kind)
    readers = {}
    for f in fields(kind):
        needed = f.default is MISSING and f.default_factory is MISSING and not _optional(hints[f.name])
        readers[f.name] = (_reader(hints[f.name], f.name), needed)
    return readers


def _optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _reader(hint: Any, name: str) -> Callable[[Any], Any]:
    """A function that checks and converts one value of the annotated type."""
    origin = typing.get_origin(hint)
    if origin is types.UnionType or origin is typing.Union:
        inner = _reader(next(part for part in typing.get_args(hint) if part is not type(None)), name)
        return lambda value: None if value is None else inner(value)
    if origin is list:
        item = _reader(typing.get_args(hint)[0], name)
        return lambda value: [item(part) for part in _of_type(value, list, name)]
    if is_dataclass(hint):
        return lambda value: from_json(typing.cast(type[Any], hint), value)
    return lambda value: _of_type(value, dict if origin is dict else hint, name)


def _of_type(value: Any, kind: Any, name: str) -> Any:
    if kind is Any:
        return value
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RequestMalformed(field=name)
    return value
