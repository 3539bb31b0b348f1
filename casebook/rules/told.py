"""Duties as the school tells them to a phone that does not have the records they follow from (domain §1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from casebook.rules.due import urgency_of
from casebook.rules.duties import Duty
from casebook.rules.facts import day_from
from casebook.rules.reckoning import Because

OVERDUE = "overdue"


def to_row(duties: Iterable[Duty]) -> dict[str, Any]:
    """The row of one person: plain values, as JSON takes them."""
    return {"duties": [_plain(duty) for duty in duties]}


def from_row(row: Mapping[str, Any], now: dt.datetime) -> list[Duty]:
    """The duties of a row, as urgent as they are by now."""
    return [_now(_duty(one), now) for one in row.get("duties", ())]


def _plain(duty: Duty) -> dict[str, Any]:
    told = asdict(replace(duty, because=()))
    told |= {"due": duty.due.isoformat() if duty.due else None, "at": duty.at.isoformat() if duty.at else None}
    return told | {"because": [{"code": one.code, "facts": dict(one.facts)} for one in duty.because]}


def _duty(told: Mapping[str, Any]) -> Duty:
    at = dt.datetime.fromisoformat(told["at"]) if told.get("at") else None
    because = tuple(Because(one["code"], one["facts"]) for one in told.get("because", ()))
    return Duty(
        told["kind"], told["subject"], day_from(told.get("due")), told["urgency"], tuple(told["roles"]), told["clause"],
        told.get("source", ""), at, told.get("facts", {}), because,
    )  # fmt: skip


def _now(duty: Duty, now: dt.datetime) -> Duty:
    if duty.due is None:
        return duty
    late = duty.at is not None and now > duty.at
    return replace(duty, urgency=OVERDUE if late else urgency_of(duty.due, now.date()))
