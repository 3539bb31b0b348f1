"""What the forms of the console are filled with in the tests of odd input: a plain answer each, and the odd ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from casebook import feeds
from sync_server.roster import register
from sync_server.store import rows
from sync_server.store.register import Authorship
from sync_server.store.rows import ScopedRow
from tests.sync_server.console.campus import PASSWORD, PEOPLE, SCHOOL, WANG, ZONE, Campus

ODD = (
    "", " ", "\x00", "0", "-1", "00", "1e999", "9" * 5_000, "٣", "²", "½", "NaN", "null", "2025-13-40", "0001-01-01",
    "9999-12-31", "20251112", "2025-W46-3", "2025-11-12T00:00", "2025-11-12\u5e74", "２０２５-11-12", "1899-12-31",
    "<script>alert(1)</script>", "'\"; DROP TABLE record;--", "../../etc/passwd", "%s%n{0}{name}", "\U0001f600" * 300,
    "\u202e\ufeff\u0301", "\r\n.\r\n", "a" * 64, WANG, "class82", "a b,c；d", "长" * 3_000, "2025-11-12~2025-11-01", "-",
)  # fmt: skip
DAY, TERM = "2025-11-21", "2025-2026-1"
SMALL = "5" * 32
FILLED = {
    "case": WANG, "student": WANG, "class_id": "class82", "term": TERM, "event": "unknown", "leave": "unknown",
    "key": "formal_case", "draft": "unknown", "form": "absence_visit", "version": "1",
    "account": PEOPLE["teacher82"][0],
}  # fmt: skip
GUARDIAN = {f"g1.{part}": "" for part in ("id", "name", "relation", "phone", "can_read", "legal", "caretaker", "away", "remove")}
#: Doors without a field: nothing odd can be said there.
BUTTONS = frozenset({"POST /upkeep"})
FORMS: Mapping[str, Mapping[str, str]] = {
    "POST /visits/{visit}/review": {"version": "", "decision": "returned", "remark": "请补照片"},
    "POST /school": {"school": SCHOOL, "next": "/"},
    "POST /account/codes": {"account": PEOPLE["teacher82"][0]},
    "POST /cases/{case}/bundle": {"purpose": "督导"},
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
    "POST /login": {"login": "office", "password": PASSWORD, "next": "/visits"}, "POST /logout": {},
    "POST /account/password": {"old": PASSWORD, "new": "river-stone-9", "again": "river-stone-9"},
    "POST /staff": {"name": "钱登", "login": "qiandeng", "role": "grade_director", "grade": "8", "class": "class82"},
    "POST /staff/{account}": {"step": "roles", "role": "subject_teacher", "grade": "8", "class": "class71"},
    "POST /staff/{account}/phones": {"dev": ""},
    "POST /roster/entry": {"child": SMALL}, "POST /roster/entry/{student}/collected": {"by": "外婆", "on": "2026-07-20"},
    "POST /roster/entry/found": {"find": "a" * 64},
    "POST /attendance/{class_id}/start": {"day": DAY, "how": "cadres", "found": "都在"},
    "POST /roster/year": {"seen": "", "stay_down": WANG, f"step.{WANG}": "stay_down"},
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


def lost(campus: Campus) -> Mapping[str, str]:
    """The class teacher has a phone."""
    return {"dev": campus.phone("teacher82").dev}


def summer(campus: Campus) -> Mapping[str, str]:
    """The school year is over; one looks before it is closed."""
    terms = {"2025-2026-2": ("2026-02-23", "2026-07-10"), "2026-2027-1": ("2026-09-01", "2027-01-22")}
    told = [{"term": term, "first": first, "last": last, "off": [], "on": []} for term, (first, last) in terms.items()]
    written = [ScopedRow(feeds.CALENDAR, str(one["term"]), feeds.SCHOOL_SCOPE, one) for one in told]
    campus.wiring.store.run_tx(lambda conn: rows.put(conn, SCHOOL, written, campus.wiring.now()))
    campus.now = dt.datetime(2026, 7, 20, 9, 0, tzinfo=ZONE)
    page = campus.browser("principal").send_form("/roster/year", stay_down=WANG).text
    return {"seen": found[1]} if (found := re.search(r'name="seen" value="(\w{64})"', page)) else {}


def at_home(campus: Campus) -> Mapping[str, str]:
    """A small girl is of age and not enrolled."""
    with campus.wiring.store.read() as conn:
        boy = register.load(conn, SCHOOL).students[WANG]
    girl = replace(boy, id=SMALL, name="韦小苗", birth=dt.date(2020, 3, 2), roll_status="not_enrolled")
    by = Authorship(PEOPLE["registrar"][0], campus.wiring.now(), "test")
    campus.wiring.store.run_tx(lambda conn: register.write(conn, SCHOOL, [girl], by))
    campus.now = dt.datetime(2026, 7, 20, 9, 0, tzinfo=ZONE)
    return {}


def told(campus: Campus) -> Mapping[str, str]:
    """She has a notice of entry."""
    at_home(campus)
    campus.browser("principal").send_form("/roster/entry", child=SMALL)
    return {"student": SMALL}


#: What must have happened before a form can be accepted; each says which answers, or parts of the address, that brings.
BEFORE: Mapping[str, Callable[[Campus], Mapping[str, str]]] = {
    "POST /staff/{account}/phones": lost, "POST /roster/year": summer, "POST /roster/entry": at_home,
    "POST /roster/entry/{student}/collected": told,
}
