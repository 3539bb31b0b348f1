"""A class's days for tests of the server: headcounts, calls and acts sealed by phones and by the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from casebook.protocol import Outcome, PushRequest, sealed_to_wire
from casebook.records import FormRef, Span, decode
from casebook.sealing import Sealed
from sync_server.registry import default_terms
from sync_server.store import accounts, devices, rows
from sync_server.store.rows import ScopedRow
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import CHILD, SCHOOL, Phone

CHINA = dt.timezone(dt.timedelta(hours=8))


class Clock:
    """The school's clock, set by the test."""

    def __init__(self, now: str) -> None:
        self.now = moment(now)

    def __call__(self) -> dt.datetime:
        return self.now

    def set(self, now: str) -> None:
        """Another moment."""
        self.now = moment(now)


def moment(text: str) -> dt.datetime:
    """`2025-10-09 16:20` in China."""
    return dt.datetime.fromisoformat(text.replace(" ", "T")).replace(tzinfo=CHINA)


def give_calendar(wiring: Wiring) -> None:
    """The school years that ship with the program."""
    terms = [ScopedRow("calendar", str(term["term"]), "school", term) for term in default_terms()]
    wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, terms, wiring.now()))


def at(phone: Phone, text: str) -> dict[str, Any]:
    """Times of a record that was written then."""
    when = moment(text)
    said = when.isoformat(timespec="seconds")
    return {"at": Span(said, said, "+08:00", 1), "hlc": (int(when.timestamp() * 1000), phone.seq)}


def headcount(
    phone: Phone, day: str, absent: Mapping[str, str] | None = None, *, time: str = "07:50", class_id: str = "k1",
    session: str = "am", **more: Any,
) -> Sealed:  # fmt: skip
    """A headcount of a class of ten; `absent` is child -> kind."""
    away = [{"student": child, "kind": kind} for child, kind in (absent or {}).items()]
    body = {"class": class_id, "day": day, "session": session, "expected": 10, "present": 10 - len(away),
            "absent": away, "source": "roll"}  # fmt: skip
    return phone.seal(type="headcount", case=None, body=body | more.pop("body", {}), **at(phone, f"{day} {time}"), **more)


def call(
    phone: Phone, when: str, *purposes: str, mode: str = "door", case: str = CHILD, amending: Sealed | None = None, **said: str
) -> Sealed:  # fmt: skip
    """A visit or a call with its answers, or a further version of one."""
    answers = {"mode": mode, "contact_result": "met_guardian"} | said
    xml = "".join(f"<{name}>{value}</{name}>" for name, value in answers.items())
    visit = decode(amending.payload).body["visit"] if amending else f"visit-{phone.seq}"
    body = {"visit": visit, "purposes": list(purposes), "instance": f"<data>{xml}</data>"}
    amends = (amending.rid,) if amending else ()
    return phone.seal(
        type="visit", case=case, body=body, form=FormRef("absence_visit", "1", "a" * 64), amends=amends, **at(phone, when)
    )


def act(phone: Phone, when: str, name: str, role: str = "class_teacher", case: str = CHILD, **body: Any) -> Sealed:
    """An act of the phone's owner."""
    return phone.seal(type="act", case=case, body={"act": name, "role": role} | body, **at(phone, when))


def push(wiring: Wiring, phone: Phone, *records: Sealed, sent_at: str | None = None) -> list[Outcome]:
    """Hands records over."""
    with wiring.store.read() as conn:
        device = devices.by_id(conn, SCHOOL, phone.dev)
    assert device is not None
    request = PushRequest([sealed_to_wire(record) for record in records], sent_at)
    return wiring.intake.push(device, request).outcomes


def decide(wiring: Wiring, login: str, name: str, role: str, case: str | None = CHILD, **body: Any) -> Outcome:
    """An act written at the school's desk."""
    said = {"act": name, "role": role} | body

    def write(conn: Any) -> Outcome:
        account = accounts.by_login(conn, SCHOOL, login)
        assert account is not None
        return wiring.office.write(conn, account, "act", case, body=said)

    return wiring.store.run_tx(write)
