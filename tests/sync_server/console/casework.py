"""A case told through the school's doors: headcounts and visits from phones, steps written in the console."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any
from xml.sax.saxutils import escape

from casebook.protocol import PushRequest, sealed_to_wire
from casebook.records import FormRef, Record, Span
from casebook.rules.lifecycle import Lifecycle
from sync_server.store import devices
from tests.sync_server.console.campus import SCHOOL, WANG, ZONE, Campus

OFF_TO_WORK = {"reasons_guardian": "WO1", "reasons_judged": "LE2", "whereabouts": "D2", "attitude": "3"}
SERVED = {
    "receiver": "guardian", "receipt_mode": "handwritten", "guardian_signature": "s.json", "covisitors": "郭谷",
    "server_1_signature": "a.json", "server_2_signature": "b.json",
}  # fmt: skip


class Casework:
    """王小明 of class 8(2), away from Thursday 6 November 2025; `at` moves the school's clock."""

    def __init__(self, campus: Campus) -> None:
        self.campus = campus

    def at(self, moment: str) -> Casework:
        """`2025-11-06 16:20`, local time."""
        self.campus.now = dt.datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        return self

    def counted(self, *days: str, absent: bool = True, month: str = "2025-11") -> None:
        """The class teacher calls the roll on these days of the month, at 07:50."""
        for day in days:
            self.at(f"{month}-{day} 07:50")
            names = [{"student": WANG, "kind": "unexcused"}] if absent else []
            body = {
                "class": "class82", "day": f"{month}-{day}", "session": "am", "expected": 54,
                "present": 54 - len(names), "absent": names, "source": "roll",
            }  # fmt: skip
            self.push("teacher82", "headcount", None, body)

    def visit(self, moment: str, *purposes: str, login: str = "teacher82", mode: str = "door", **said: str) -> str:
        """A visit or a call; returns its id."""
        self.at(moment)
        answers = {"mode": mode, "contact_result": "met_guardian"} | said
        xml = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in answers.items())
        visit = f"visit-{moment}".replace(" ", "-").replace(":", "")
        body = {"visit": visit, "purposes": list(purposes), "instance": f"<data>{xml}</data>", "signatures": []}
        self.push(login, "visit", WANG, body)
        return visit

    def push(self, login: str, kind: str, case: str | None, body: dict[str, Any]) -> None:
        """A record from a colleague's phone."""
        phone, now = self.campus.phone(login), self.campus.now.isoformat(timespec="seconds")
        record = Record(
            type=kind, school=SCHOOL, author=phone.account, dev=phone.dev, ep=1, seq=phone.seq + 1, prev=phone.head,
            hlc=(int(self.campus.now.timestamp() * 1000), 0), at=Span(now, now, "+08:00", 0), case=case, body=body,
            form=FormRef("absence_visit", "1", "a" * 64) if kind == "visit" else None,
        )  # fmt: skip
        with self.campus.wiring.store.read() as conn:
            device = devices.by_id(conn, SCHOOL, phone.dev)
        assert device is not None
        wire = sealed_to_wire(phone.seal(record))
        outcome = self.campus.wiring.intake.push(device, PushRequest([wire])).outcomes[0]
        assert outcome.verdict == "stored", outcome

    def step(self, login: str, act: str, **fields: Any):  # type: ignore[no-untyped-def]
        """Somebody sends the form of a step, a minute after what was before."""
        self.campus.now += dt.timedelta(minutes=1)
        return self.campus.browser(login).send_form(f"/cases/{WANG}/steps/{act}", **fields)

    def done(self, login: str, act: str, **fields: Any) -> str:
        """The same, and it is written; returns where the browser is sent."""
        answer = self.step(login, act, **fields)
        assert answer.status_code == 303, faults(answer.text)
        return str(answer.headers["location"])

    def refused(self, login: str, act: str, **fields: Any) -> list[str]:
        """The same, and it is not: every sentence of what is missing."""
        before = self.records()
        answer = self.step(login, act, **fields)
        assert answer.status_code == 422, answer.status_code
        assert self.records() == before
        return faults(answer.text)

    def records(self) -> int:
        """How many records the school keeps."""
        return int(str(self.campus.sql("SELECT COUNT(*) FROM record")[0][0]))

    def life(self) -> Lifecycle:
        """The boy's life now."""
        with self.campus.wiring.store.read() as conn:
            return self.campus.wiring.lives.of(conn, WANG)

    def form(self, login: str, act: str, query: str = "") -> str:
        """The page of a form."""
        return str(self.campus.browser(login).get(f"/cases/{WANG}/steps/{act}{query}").text)

    def suspected(self) -> Casework:
        """Five school days away, visited and called: C2 on 12 November."""
        self.counted("06")
        self.visit("2025-11-06 16:20", "absence", **OFF_TO_WORK)
        self.counted("07", "10", "11", "12")
        self.visit("2025-11-10 17:00", "call", mode="phone")
        return self.at("2025-11-12 15:00")

    def confirmed(self) -> Casework:
        """Marked, proposed and confirmed on 13 November: C3."""
        self.suspected().counted("13")
        self.at("2025-11-13 09:00")
        self.done("registrar", "marked", mark="suspected", on="2025-11-12")
        self.done("office", "proposed", what="confirmed", because="劝返没有结果")
        self.done("principal", "confirmed", basis=self.life().contacts[0].visit)
        return self

    def noticed(self) -> Casework:
        """Notice 劝学〔2025〕1号 issued and served on 14 November: C4, to be back by 21 November."""
        self.confirmed().at("2025-11-13 10:00")
        self.issued()
        self.visit("2025-11-14 17:00", "serve", doc_no="劝学〔2025〕1号", **SERVED)
        return self.at("2025-11-14 18:00")

    def issued(self) -> None:
        """The notice as the form filled it in."""
        self.done("registrar", "notice_issued", variant="N1", **issue(self.form("registrar", "notice_issued")))


def issue(page: str) -> dict[str, str]:
    """The form as it was filled in for the registrar."""
    return {name: prefilled(page, name) for name in ("no", "addressee", "on", "text")}


def prefilled(page: str, name: str) -> str:
    """What stands in a field of a page."""
    found = re.search(rf'<input id="{name}"[^>]*value="([^"]*)"|<textarea id="{name}"[^>]*>(.*?)</textarea>', page, re.S)
    assert found is not None, name
    return unescape(found[1] if found[1] is not None else found[2])


def options(page: str, name: str) -> list[str]:
    """The codes that a choice offers and does not bar."""
    found = re.findall(rf'name="{name}" value="([^"]*)"([^>]*)>', page)
    return [unescape(code) for code, more in found if "disabled" not in more]


def faults(page: str) -> list[str]:
    """The sentences of a refusal."""
    alert = page.partition('role="alert"')[2].partition("</div>")[0]
    return [unescape(re.sub(r"<[^>]*>", "", one)) for one in re.findall(r"<li>(.*?)</li>", alert)]
