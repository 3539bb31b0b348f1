"""Functions on text: XPath's own and ODK's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

from casebook.forms.expressions.context import Context
from casebook.forms.expressions.numbers import round_half_away
from casebook.forms.expressions.registry import ANY, function
from casebook.forms.values import Value, to_number, to_text


def own(context: Context, value: Value | None) -> Value:
    """The argument, or the context node where it was left out."""
    return [context.node] if value is None else value


def texts(values: tuple[Value, ...]) -> Iterator[str]:
    """The texts of all values; a node set gives one text a node."""
    for value in values:
        if isinstance(value, list):
            yield from (node.string() for node in value)
        else:
            yield to_text(value)


@function("string", 0, 1)
def _string(context: Context, value: Value | None = None) -> Value:
    return to_text(own(context, value))


@function("concat", 0, ANY)
def _concat(context: Context, *values: Value) -> Value:
    return "".join(texts(values))


@function("join", 1, ANY)
def _join(context: Context, separator: Value, *values: Value) -> Value:
    """A single node set is joined node by node; among several values an absent answer is a blank one."""
    if len(values) > 1:
        values = tuple("" if value == [] else value for value in values)
    return to_text(separator).join(texts(values))


@function("string-length", 0, 1)
def _length(context: Context, value: Value | None = None) -> Value:
    return float(len(to_text(own(context, value))))


@function("normalize-space", 0, 1)
def _normalize_space(context: Context, value: Value | None = None) -> Value:
    return " ".join(to_text(own(context, value)).split())


@function("contains", 2)
def _contains(context: Context, text: Value, part: Value) -> Value:
    return to_text(part) in to_text(text)


@function("starts-with", 2)
def _starts_with(context: Context, text: Value, part: Value) -> Value:
    return to_text(text).startswith(to_text(part))


@function("ends-with", 2)
def _ends_with(context: Context, text: Value, part: Value) -> Value:
    return to_text(text).endswith(to_text(part))


@function("substring-before", 2)
def _substring_before(context: Context, text: Value, part: Value) -> Value:
    whole, cut = to_text(text), to_text(part)
    return whole.partition(cut)[0] if cut and cut in whole else ""


@function("substring-after", 2)
def _substring_after(context: Context, text: Value, part: Value) -> Value:
    whole, cut = to_text(text), to_text(part)
    return whole.partition(cut)[2] if cut else whole


@function("substring", 2, 3)
def _substring(context: Context, text: Value, start: Value, length: Value | None = None) -> Value:
    zone = context.host.zone
    first = round_half_away(to_number(start, zone))
    end = math.inf if length is None else first + round_half_away(to_number(length, zone))
    return "".join(sign for place, sign in enumerate(to_text(text), 1) if first <= place < end)


@function("substr", 2, 3)
def _substr(context: Context, text: Value, start: Value, end: Value | None = None) -> Value:
    whole = to_text(text)
    zone = context.host.zone
    first = _place(to_number(start, zone), 0, len(whole))
    last = len(whole) if end is None else _place(to_number(end, zone), len(whole), len(whole))
    return whole[first:last] if last > first else ""


def _place(number: float, fallback: int, length: int) -> int:
    """A 0-based place; a negative one counts from the end."""
    if math.isnan(number):
        return fallback
    place = int(max(-1e9, min(1e9, number)))
    return max(0, length + place) if place < 0 else place


@function("translate", 3)
def _translate(context: Context, text: Value, signs: Value, others: Value) -> Value:
    targets, table = to_text(others), dict[int, str | None]()
    for place, sign in enumerate(to_text(signs)):
        table.setdefault(ord(sign), targets[place] if place < len(targets) else None)
    return to_text(text).translate(table)


@function("upper-case", 1)
def _upper(context: Context, text: Value) -> Value:
    return to_text(text).upper()


@function("lower-case", 1)
def _lower(context: Context, text: Value) -> Value:
    return to_text(text).lower()


@lru_cache(maxsize=256)
def _pattern(source: str) -> re.Pattern[str] | None:
    try:
        return re.compile(source)
    except (re.error, RecursionError, OverflowError):
        return None


@function("regex", 2)
def _regex(context: Context, text: Value, pattern: Value) -> Value:
    """A pattern that is not tied with ^ and $ must match the whole text."""
    source = to_text(pattern)
    compiled = _pattern(source)
    if compiled is None:
        return False
    tied = source.startswith("^") and source.endswith("$")
    return (compiled.search if tied else compiled.fullmatch)(to_text(text)) is not None


_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


@function("digest", 2, 3)
def _digest(context: Context, text: Value, algorithm: Value, encoding: Value = "base64") -> Value:
    known = _DIGESTS.get(to_text(algorithm).upper())
    if known is None:
        return ""
    import base64  # few forms want them, and they load slowly
    import hashlib

    found = hashlib.new(known, to_text(text).encode("utf-8", "replace"), usedforsecurity=False).digest()
    return found.hex() if to_text(encoding) == "hex" else base64.b64encode(found).decode()


@function("base64-decode", 1)
def _base64_decode(context: Context, text: Value) -> Value:
    import base64

    try:
        return base64.b64decode(to_text(text), validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
