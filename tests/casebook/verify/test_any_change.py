"""Whatever is changed in a bundle, it is noticed; whatever stands in it, the check does not break."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from casebook.errors import RequestMalformed
from casebook.verify.bundle import read_bundle, write_bundle
from tests.casebook.verify.little_log import a_month, check

MONTH = a_month()
PLAIN = json.loads(write_bundle(MONTH.bundle()))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every text and number of a file."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    deeper = [place for key, part in inside for place in _places(part, (*path, key))]
    return deeper or ([path] if isinstance(value, str | int) else [])


PLACES = _places(PLAIN)


def _same(old: str, new: str) -> bool:
    """Whether two base64 texts say the same bytes: the last character has bits to spare."""
    with contextlib.suppress(ValueError):
        return base64.b64decode(old.rpartition(" ")[2].strip(), validate=True) == base64.b64decode(new.rpartition(" ")[2].strip(), validate=True)
    return False


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_nothing_in_a_bundle_can_be_changed_unnoticed(data: some.DataObject) -> None:
    path = data.draw(some.sampled_from(PLACES))
    forged = copy.deepcopy(PLAIN)
    around: Any = forged
    for key in path[:-1]:
        around = around[key]
    old = around[path[-1]]
    if isinstance(old, str):
        place = data.draw(some.integers(0, max(0, len(old) - 1)))
        new: Any = old[:place] + data.draw(some.sampled_from("0Az/=\n {")) + old[place + 1 :]
    else:
        new = old + data.draw(some.sampled_from([-1, 1, 7]))
    around[path[-1]] = new
    if new == old or (isinstance(old, str) and _same(old, new)):
        return
    try:
        report = check(read_bundle(json.dumps(forged).encode()), MONTH.voucher)
    except RequestMalformed:
        return
    assert report.findings, path


@settings(max_examples=60, deadline=None)
@given(some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=6),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(["payload", "sig", "note", "id", "v"]), inner, max_size=3),
    max_leaves=6,
), some.sampled_from(sorted(PLAIN)))  # fmt: skip
def test_whatever_stands_in_a_bundle_is_a_finding_or_refused(value: Any, name: str) -> None:
    try:
        check(read_bundle(json.dumps(PLAIN | {name: value}).encode()), MONTH.voucher)
    except RequestMalformed:
        return
