"""A home 户: what the records of brothers and sisters say of the household they share, which is contact data alone.

Every record still belongs to one child. A child's case file takes in what the others' records say of their home, so
that all of them show the same telephone, and two different ones are one question for the office.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from casebook.casefile import Effects, Entry, Shown
from casebook.policies import is_of_home

Told = Mapping[str, Any]  # rid, case, author, at, hlc, set, base: what one record says of a home, as rows carry it


def told(entries: Iterable[Entry]) -> list[Told]:
    """What these records say of their home, in the order of their clocks; most say nothing of it."""
    found = [(entry.order, _told(entry)) for entry in entries if any(map(is_of_home, entry.record.set))]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def read(said: Iterable[Told]) -> list[Effects]:
    """What was told, as a case file takes it in."""
    return [_effects(one) for one in said]


def _told(entry: Entry) -> Told:
    record = entry.record
    return {
        "rid": entry.rid, "case": record.case, "author": record.author, "at": record.at.started,
        "hlc": list(record.hlc),
        "set": {prop: value for prop, value in record.set.items() if is_of_home(prop)},
        "base": {prop: list(rids) for prop, rids in record.base.items() if is_of_home(prop)},
    }  # fmt: skip


def _effects(one: Told) -> Effects:
    clock = (int(one["hlc"][0]), int(one["hlc"][1]))
    sets = {
        prop: Shown(prop, value, one["rid"], one["author"], one["at"], clock) for prop, value in one["set"].items()
    }
    return Effects(sets, {prop: tuple(rids) for prop, rids in one["base"].items()})
