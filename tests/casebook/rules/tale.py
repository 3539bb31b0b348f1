"""Tells the story of one school in records: say only who did what when; everything else has a good default."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from assets import read_bytes
from casebook.casefile import Entry
from casebook.kinds import check_kind
from casebook.records import FormRef, Span, encode, rid_of
from casebook.rules.absence import Child, Stay, World
from casebook.rules.attendance import attendance
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.facts import CHINA, Leave
from casebook.rules.lifecycle import Lifecycle, lifecycle
from casebook.rules.reading import chronicle
from casebook.rules.rulebook import Rulebook
from tests.casebook.builders import make_record

BOY = "boy"
CLASS = "g8c2"
FIRST_DAY = dt.date(2025, 9, 1)


@cache
def calendar() -> SchoolCalendar:
    """The school years that ship with the program."""
    files = ("rules/calendar/2025-2026.json", "rules/calendar/2026-2027.json")
    return SchoolCalendar.from_rows([term for name in files for term in json.loads(read_bytes(name))["terms"]])


@cache
def default_rows() -> tuple[dict[str, Any], ...]:
    """The rules that ship with the program."""
    return tuple(json.loads(read_bytes("rules/rulebook.json")))


def book(*rows: Mapping[str, Any], scopes: Sequence[str] = ("*",)) -> Rulebook:
    """The default rules and what a county adds to them."""
    return Rulebook.from_rows([*default_rows(), *rows], scopes)


def changed(key: str, **changes: Any) -> dict[str, Any]:
    """A row of the defaults with something changed."""
    row = next(row for row in default_rows() if row["key"] == key)
    return {**row, **changes}


def moment(text: str) -> dt.datetime:
    """`2025-10-09 16:20`, or a day alone for its end, in China."""
    day, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"{day}T{time or '23:59'}").replace(tzinfo=CHINA)


class Tale:
    """The records of one school, in the order in which they are told; `entries` may be shuffled by the reader."""

    def __init__(self, rules: Rulebook | None = None) -> None:
        self.rules = rules or book()
        self.entries: list[Entry] = []
        self.offsets: dict[str, int] = {}

    def headcount(
        self, day: str, absent: Mapping[str, str] | None = None, *, session: str = "am", expected: int = 54,
        time: str = "07:50", class_id: str = CLASS, present: int | None = None, **more: Any,
    ) -> str:  # fmt: skip
        """One headcount; `absent` is child -> kind. Returns the record."""
        names = [{"student": child, "kind": kind} for child, kind in (absent or {}).items()]
        away = sum(name["kind"] not in ("late", "left_early") for name in names)
        body = {
            "class": class_id, "day": day, "session": session, "expected": expected, "source": "roll",
            "present": expected - away if present is None else present, "absent": names,
        }  # fmt: skip
        return self.write("headcount", f"{day} {time}", body | more.pop("body", {}), case=None, **more)

    def absent(self, first: str, last: str, child: str = BOY, kind: str = "unexcused") -> None:
        """The class is counted every school day and the child is away each time."""
        for day in calendar().between(dt.date.fromisoformat(first), dt.date.fromisoformat(last)):
            self.headcount(day.isoformat(), {child: kind})

    def present(self, first: str, last: str) -> None:
        """The class is counted every school day and nobody is away."""
        for day in calendar().between(dt.date.fromisoformat(first), dt.date.fromisoformat(last)):
            self.headcount(day.isoformat())

    def visit(self, at: str, *purposes: str, mode: str = "door", author: str = "li", **said: Any) -> str:
        """A visit with the answers of its form; `at` is the true time, whatever the phone's clock showed."""
        clock = {name: said.pop(name) for name in ("offset", "received") if name in said}
        answers = {"mode": mode, "contact_result": "met_guardian"} | said
        xml = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in answers.items())
        body = {"visit": f"visit-{len(self.entries)}", "purposes": list(purposes), "instance": f"<data>{xml}</data>"}
        form = FormRef("absence_visit", "1", "a" * 64)
        return self.write("visit", at, body, author=author, form=form, **clock)

    def call(self, at: str, **said: Any) -> str:
        """A telephone call that reached nobody, unless the story says otherwise."""
        return self.visit(at, "call", mode="phone", **{"contact_result": "no_one_home"} | said)

    def serve(self, at: str, no: str, receiver: str = "guardian", **said: Any) -> str:
        """A notice served by two teachers, signed by hand."""
        answers = {
            "receiver": receiver, "doc_no": no, "receipt_mode": "handwritten", "guardian_signature": "s.svg",
            "server_1_signature": "a.svg", "server_2_signature": "b.svg", "covisitors": "Wang",
        }  # fmt: skip
        return self.visit(at, "serve", **answers | said)

    def leave(self, at: str, first: str, last: str, kind: str = "sick", **said: Any) -> str:
        """A leave, asked for by the guardian."""
        body = {"leave": "l1", "first": first, "last": last, "kind": kind, "asked_by": "grandmother",
                "reason": "fever", "proof": "slip"}  # fmt: skip
        more = {"amends": said.pop("amends")} if "amends" in said else {}
        return self.write("leave", at, body | said, **more)

    def act(self, name: str, at: str, role: str, author: str = "", **body: Any) -> str:
        """An act of a person in a role; the author is named like the role unless told."""
        return self.write("act", at, {"act": name, "role": role} | body, author=author or role)

    def write(self, kind: str, at: str, body: Mapping[str, Any], *, case: str | None = BOY, **more: Any) -> str:
        """Any record; `offset` is how many seconds the device's clock was ahead, `received` when it arrived."""
        offset, received = more.pop("offset", 0), more.pop("received", at)
        started = moment(at) + dt.timedelta(seconds=offset)
        clock = (int(started.timestamp() * 1000), len(self.entries))
        span = Span(started.isoformat(), started.isoformat(), "+08:00", 0)
        record = make_record(type=kind, case=case, body=dict(body), at=span, hlc=clock, **more)
        check_kind(record)
        rid = rid_of(encode(record))
        self.entries.append(Entry(rid, record, moment(received).isoformat()))
        if offset:
            self.offsets[rid] = offset
        return rid

    def leaves(self) -> dict[str, tuple[Leave, ...]]:
        """The leaves of every child."""
        children = {entry.record.case for entry in self.entries if entry.record.case}
        return {child: chronicle(child, [e for e in self.entries if e.record.case == child]).leaves for child in children}

    def world(self, now: str) -> World:
        """The school at one moment, with the headcounts made by then."""
        known = [entry for entry in self.entries if dt.datetime.fromisoformat(entry.record.at.started) <= moment(now)]
        counts = attendance(known, self.offsets)
        return World(calendar(), self.rules, counts, moment(now))

    def life(self, now: str, child: str = BOY, class_id: str = CLASS, key: bool = False) -> Lifecycle:
        """One child at one moment."""
        mine = [entry for entry in self.entries if entry.record.case == child]
        return lifecycle(Child(child, (Stay(class_id, FIRST_DAY),), key), chronicle(child, mine, self.offsets), self.world(now))
