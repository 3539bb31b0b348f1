"""Every form of the console with every field filled in oddly: no page fails, and nothing is written by halves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from sync_server import rulebook
from sync_server.access import TABLE, Reach
from sync_server.roster import register
from sync_server.store import accounts, reach, schools
from sync_server.weeklies import Weeklies
from tests.roles_page import DOORS
from tests.sync_server.console.campus import PEOPLE, SCHOOL, WANG, Campus
from tests.sync_server.console.casework import Casework, issue, options
from tests.sync_server.console.test_papers import registered

EVERYTHING = Reach(whole_school=True)
ALL_ROLES = "principal"  # gets every role there is: every door opens, so only what was typed can be wrong
STRIDE = 1 if os.environ.get("JIAFANG_EVERY_ODD_INPUT") else 11  # how many values are passed over, another start each time
ODD = (
    "", " ", "\x00", "0", "-1", "00", "1e999", "9" * 5_000, "٣", "²", "½", "NaN", "null", "2025-13-40", "0001-01-01",
    "9999-12-31", "20251112", "2025-W46-3", "2025-11-12T00:00", "2025-11-12\u5e74", "２０２５-11-12", "1899-12-31",
    "<script>alert(1)</script>", "'\"; DROP TABLE record;--", "../../etc/passwd", "%s%n{0}{name}", "\U0001f600" * 300,
    "\u202e\ufeff\u0301", "\r\n.\r\n", "a" * 64, WANG, "class82", "a b,c；d", "长" * 3_000, "2025-11-12~2025-11-01", "-",
)  # fmt: skip
DAY, TERM = "2025-11-21", "2025-2026-1"
FILLED = {
    "case": WANG, "student": WANG, "class_id": "class82", "term": TERM, "event": "unknown", "leave": "unknown",
    "key": "formal_case", "draft": "unknown", "form": "absence_visit", "version": "1",
}  # fmt: skip
GUARDIAN = {f"g1.{part}": "" for part in ("id", "name", "relation", "phone", "can_read", "legal", "caretaker", "away", "remove")}
FORMS: Mapping[str, Mapping[str, str]] = {
    "POST /visits/{visit}/review": {"version": "", "decision": "returned", "remark": "请补照片"},
    "POST /account/codes": {"account": PEOPLE["teacher82"][0]},
    "POST /cases/{case}/resolve": {"prop": "guardian_phone", "rid": "a" * 64},
    "POST /cases/{case}/assigned": {"account": PEOPLE["fellow"][0], "step": "assign"},
    "POST /cases/{case}/leaves": {
        "first": DAY, "last": DAY, "kind": "sick", "asked_by": "奶奶", "reason": "发烧", "proof": "slip"},
    "POST /cases/{case}/leaves/{leave}": {"step": "end", "said": DAY},
    "POST /papers/report": {
        "variant": "RE", "period": "2025-11", "no": "1号", "addressees": "县教育体育局", "on": DAY, "way": "platform",
        "proof": "881", "text": "本月情况"},
    "POST /forms": {}, "POST /forms/{form}/adopt": {"version": "1"}, "POST /forms/{form}/draft/publish": {"draft": "1"},
    "POST /forms/{form}/draft/discard": {"draft": "1"}, "POST /forms/{form}/withdraw": {"seen": "1"},
    "POST /forms/{form}/offer": {"seen": "1"}, "POST /forms/{form}/versions/{version}/try": {"act": "next", "page": "1"},
    "POST /calendar/{term}": {"first": "2025-09-01", "last": "2026-01-23", "off": "2025-10-01~2025-10-08", "on": "", "seen": ""},
    "POST /roster/new": {
        "name": "赵一", "gender": "1", "birth": "2013-01-01", "id_no": "", "student_no": "", "g1.name": "赵大",
        "g1.relation": "51", "g1.phone": "12000001702", "home_address": "新寨村", "class": "class82", "another": ""},
    "POST /roster/classes": {"term": TERM, "class": "class82"},
    "POST /roster/households": {"pair": f"{WANG}:{WANG}", "decision": "together"},
    "POST /roster/import": {}, "POST /roster/import/{draft}/confirm": {"plan": "a" * 64},
    "POST /roster/import/{draft}/discard": {},
    "POST /roster/villages": {"village": "990123101217", "leader": PEOPLE["teacher82"][0]},
    "POST /roster/children/{student}/correct": {
        "name": "王小明", "birth": "2011-05-08", "gender": "1", "ethnic": "01", "id_no": "", "student_no": "", "village": "新寨村",
        "hukou_village": "", "enrolled_on": "2024-09", "boarder": "no", "placement": "regular", "key_flags": "KS06",
        "family_flags": "", "seen": "", **GUARDIAN, "g1.name": "覃翊木"},
    "POST /roster/download": {"purpose": "核对", "class": "class82"},
    "POST /roster/events": {
        "student": WANG, "kind": "suspend", "on_day": DAY, "until": "2026-06-30", "other_school": "", "paper_no": "休1",
        "approval_body": "县教育体育局", "approval_no": "3", "note": ""},
    "POST /roster/rekeying/{event}": {"on": DAY},
    "POST /roster/events/{event}/decide": {"decision": "approve", "remark": "同意"},
    "POST /attendance/{class_id}": {"day": DAY, "session": "am", "reason": "", f"kind-{WANG}": "sick"},
    "POST /attendance/{class_id}/check": {"heads": "1"},
    "POST /weekly": {"day": DAY, "seen-class82": "a" * 64},
    "POST /rulebook/{key}": {
        "value": "4", "effective_from": "2026-03-01", "source": "县教体局通知", "because": "县里统一", "counted": "from", "roll": "no",
        "warn": "0"},
    "POST /rulebook": {"proposal": "a" * 64, "decision": "confirm", "remark": "同意"},
}  # fmt: skip
QUERIES = (
    "/visits?page=", "/visits?status=", "/incidents?which=all&page=", "/duties?page=", "/duties?role=", "/students?q=",
    "/students?page=", "/attendance?day=", "/attendance/class82?day=", "/attendance/class82?session=", "/weekly?day=",
    "/weekly/class82?day=", "/figures?term=", "/figures?cutoff=", "/figures?month=", "/roster?q=", "/roster?class=",
    "/roster?page=", "/roster/classes?term=", "/roster/classes/class82?term=", "/roster/completeness?class=",
    "/roster/events/new?kind=suspend&student=", f"/roster/events/new?student={WANG}&kind=", "/papers/report?v=",
    "/papers/", "/records/", "/visits/", "/cases/", "/calendar/", "/rulebook/", "/roster/children/", "/login?next=",
    f"/cases/{WANG}/steps/", f"/cases/{WANG}/steps/closing?v=", f"/cases/{WANG}?done=", f"/calendar/{TERM}?fill=",
)  # fmt: skip
ELSEWHERE = {"POST /cases/{case}/steps/{act}"}  # every act below, in a state in which it can be written


class Trial:
    """A school whose every transaction is looked at and then undone, so that thousands of forms can be tried."""

    def __init__(self, campus: Campus) -> None:
        self.campus, self.written = campus, 0
        self.browser = campus.browser(ALL_ROLES)  # logs in before everything is undone

    @contextmanager
    def on(self, patch: pytest.MonkeyPatch) -> Iterator[Trial]:
        with patch.context() as patched:
            patched.setattr(self.campus.wiring.store, "run_tx", self._undone)
            yield self

    def _undone(self, work: Callable[[Any], Any]) -> Any:
        with self.campus.wiring.store._writes.connect() as conn:
            transaction = conn.begin()
            try:
                before = schools.size(conn, SCHOOL)
                answer = work(conn)
                self.written += schools.size(conn, SCHOOL) - before
                self._look(conn)
                return answer
            finally:
                transaction.rollback()

    def _look(self, conn: Any) -> None:
        """What was written must be readable by every page."""
        wiring = self.campus.wiring
        wiring.lives.within(conn, EVERYTHING)
        wiring.lives.child_duties(conn, EVERYTHING)
        wiring.lives.class_duties(conn, EVERYTHING)
        wiring.lives.school_duties(conn)
        rulebook.book(conn, SCHOOL)
        register.load(conn, SCHOOL)
        principal = accounts.by_login(conn, SCHOOL, ALL_ROLES)
        assert principal is not None
        Weeklies(wiring.store, SCHOOL, wiring.lives, wiring.office, wiring.clock).of_week(conn, principal, self.campus.now.date())


@pytest.fixture
def everybody(campus: Campus) -> Campus:
    """A campus where one person holds every role, with a child that all books know."""
    registered(campus, "990123101230")
    who = PEOPLE[ALL_ROLES][0]
    campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, who, list(TABLE)))
    campus.wiring.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, who, "class:class82", campus.wiring.now()))
    return campus


def odd_forms(base: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The form with one field odd, then with that field left out; in the end with all fields odd."""
    for place, name in enumerate(base):
        for value in ODD[place % STRIDE :: STRIDE]:
            yield {**base, name: value}
        yield {other: said for other, said in base.items() if other != name}
    yield from (dict.fromkeys(base, value) for value in ODD[len(base) % STRIDE :: STRIDE])


def try_all(trial: Trial, address: str, base: Mapping[str, str]) -> list[str]:
    """What went wrong."""
    wrong = []
    for form in odd_forms(base):
        trial.written = 0
        answer = trial.browser.send_form(address, **form)
        assert answer.status_code not in (401, 403), address
        if answer.status_code >= 500:
            wrong.append(f"{answer.status_code} {address} {({n: v[:40] for n, v in form.items() if base.get(n) != v})}")
        elif answer.status_code >= 400 and trial.written:
            wrong.append(f"refused, and yet written: {address} {form}")
    return wrong


def test_no_form_is_tried_that_is_not_there() -> None:
    assert FORMS.keys() <= DOORS.keys()


@pytest.mark.parametrize("door", FORMS)
def test_no_odd_answer_breaks_a_page_or_is_half_written(
    everybody: Campus, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    path = door.removeprefix("POST ")
    visit = everybody.receive(everybody.visit()) if "{visit}" in path else ""
    with Trial(everybody).on(monkeypatch) as trial:
        assert not try_all(trial, path.format(**FILLED, visit=visit), FORMS[door])


def test_no_odd_address_breaks_a_page(everybody: Campus) -> None:
    browser, wrong = everybody.browser(ALL_ROLES), []
    for place, query in enumerate(QUERIES):
        for value in ODD[place % STRIDE :: STRIDE]:
            head, _, name = query.rpartition("?")
            name = name.rstrip("=")
            answer = browser.get(head, params={name: value[:2_000]}) if head else browser.get(f"{query}{_in_path(value)}")
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {query}{value[:40]!r}")
    assert not wrong, "\n".join(wrong)


def _in_path(value: str) -> str:
    from urllib.parse import quote

    return quote(value[:500], safe="")


def returned(work: Casework) -> Casework:
    """Back in class on 13 November, confirmed and reported: C6."""
    work.suspected().counted("13", absent=False)
    work.at("2025-11-13 08:10").done("teacher82", "returned", on="2025-11-13")
    work.done("office", "return_confirmed", returned=options(work.form("office", "return_confirmed"), "returned")[0])
    return work


def closed(work: Casework) -> Casework:
    """Learning elsewhere: C8."""
    work.suspected()
    work.done("registrar", "closing", variant="Z2", papers=["certificate", "school_called"])
    work.done("principal", "closed", closing=options(work.form("principal", "closed"), "closing")[0])
    return work


def escalated(work: Casework) -> Casework:
    """Persuasion failed: C5."""
    work.noticed().at("2025-11-15 09:00").done("registrar", "letter", village="新寨村", receiver="赵主任", on="2025-11-15")
    work.at("2025-11-24 09:00").done("principal", "ineffective", because="期限已过")
    return work


def with_return(work: Casework) -> Casework:
    """The return is noted by the class teacher."""
    work.suspected().counted("13", absent=False)
    work.at("2025-11-13 08:10").done("teacher82", "returned", on="2025-11-13")
    return work


def with_closing(work: Casework) -> Casework:
    """A closing waits for the principal."""
    work.suspected().done("registrar", "closing", variant="Z3", papers=["application", "hospital_proof", "approval"],
                          until="2026-06-30")  # fmt: skip
    return work


def issued(work: Casework) -> Casework:
    """A notice was issued and not served."""
    work.confirmed().at("2025-11-13 10:00")
    work.done("registrar", "notice_issued", variant="N1", **issue(work.form("registrar", "notice_issued")))
    return work


STEPS: Mapping[str, tuple[Callable[[Casework], Casework], Mapping[str, str]]] = {
    "opened": (lambda work: work.at("2025-11-06 15:00"), {"because": "家长说不读了"}),
    "declared_leaving": (lambda work: work.at("2025-11-06 15:00"), {"by": "guardian", "note": ""}),
    "marked": (Casework.suspected, {"mark": "suspected", "on": "2025-11-12", "note": ""}),
    "proposed": (Casework.suspected, {"what": "confirmed", "because": "劝返没有结果"}),
    "confirmed": (Casework.suspected, {"basis": "visit-2025-11-06-1620", "note": ""}),
    "letter": (Casework.suspected, {"village": "新寨村", "receiver": "赵主任", "on": "2025-11-12", "note": ""}),
    "police_report": (Casework.suspected, {"no": "P1", "on": "2025-11-12", "note": ""}),
    "reported": (Casework.suspected, {"variant": "RB", "no": "1", "addressees": "县", "on": "2025-11-12", "way": "post", "proof": "章", "text": "x"}),
    "closing": (Casework.suspected, {"variant": "Z3", "papers": "approval", "until": "2026-06-30", "note": ""}),
    "returned": (lambda work: work.suspected(), {"on": "2025-11-12", "note": ""}),
    "return_confirmed": (with_return, {"returned": "a" * 64, "note": ""}),
    "closed": (with_closing, {"closing": "a" * 64, "note": ""}),
    "notice_issued": (Casework.confirmed, {"variant": "N1", "no": "7号", "addressee": "覃", "on": "2025-11-13", "text": "请返校"}),
    "served": (issued, {"no": "劝学〔2025〕1号", "way": "post", "on": "2025-11-13", "slip_on": "2025-11-13", "consent": "yes", "reading_confirmed": "yes"}),
    "ineffective": (Casework.noticed, {"because": "期限已过"}),
    "external": (escalated, {"document": "N4", "no": "3", "issuer": "镇政府", "on": "2025-11-24", "note": ""}),
    "struck_off": (returned, {"no": "销1", "on": "2025-11-13", "note": ""}),
    "roll_moved": (closed, {"on": "2025-11-12", "note": ""}),
    "refuted": (closed, {"because": "查无此校"}),
}  # fmt: skip


@pytest.mark.parametrize("act", STEPS)
def test_no_odd_step_breaks_a_page_or_is_half_written(
    everybody: Campus, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    told, base = STEPS[act]
    told(Casework(everybody))
    with Trial(everybody).on(monkeypatch) as trial:
        assert not try_all(trial, f"/cases/{WANG}/steps/{act}", base)
