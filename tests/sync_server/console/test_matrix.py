"""Every role knocks at every door — console, sync API, phone feed — and is let in exactly where the one table says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from casebook.protocol import PushRequest, sealed_to_wire
from casebook.records import decode
from casebook.rules.aid import AID_ACTS
from sync_server import access
from sync_server.access import TABLE, Scope, Subject, Verb
from sync_server.escalation import VERB_OF_ACT
from sync_server.store import accounts, devices, reach
from sync_server.store.accounts import Account
from sync_server.web.console.weekly_pages import PREFIX
from tests.roles_page import ANY, CHILD, CLASS, DOORS, SCHOOL, VISIT, Door
from tests.sync_server.console.campus import CHILDREN, LIHUA, PEOPLE, WANG, Browser, Campus
from tests.sync_server.console.campus import SCHOOL as CODE

FORBIDDEN = 403
SOMEBODY = "duty"  # the account that takes one role after the other; reaches class 8(2), wrote and joined nothing
CLASS_82, CLASS_71 = "class82", "class71"
NOT_IN_THE_REGISTER = "GET /roster/children/{student}"  # the small school's register is empty: 403 or not found
FILLING = {
    "form": "absence_visit", "version": "1", "term": "2025-2026-1", "draft": "unknown", "event": "unknown",
    "leave": "unknown", "key": "formal_case", "account": "unknown",
}  # fmt: skip


@pytest.fixture(params=sorted(TABLE))
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def somebody(campus: Campus, role: str) -> Iterator[Account]:
    who = PEOPLE[SOMEBODY][0]

    def appoint(conn) -> None:  # type: ignore[no-untyped-def]
        accounts.set_roles(conn, CODE, who, [role])
        reach.grant(conn, CODE, who, f"class:{CLASS_82}", campus.wiring.now())

    campus.phone(SOMEBODY)
    campus.wiring.store.run_tx(appoint)
    with campus.wiring.store.read() as conn:
        found = accounts.by_id(conn, CODE, who)
    assert found is not None
    yield found


def test_every_role_opens_exactly_the_doors_of_the_table(campus: Campus, somebody: Account) -> None:
    made = {child: campus.visit(child, login) for child, login in ((WANG, "teacher82"), (LIHUA, "teacher71"))}
    visits = {child: campus.receive(visit) for child, visit in made.items()}
    browser, wrong = campus.browser(SOMEBODY), []
    for address, door in DOORS.items():
        for child in (WANG, LIHUA) if door.about in (CLASS, CHILD, VISIT) else (WANG,):
            photo = next(sha for sha, (kind, _) in made[child].files.items() if kind == "image/jpeg")
            names = FILLING | {
                "visit": visits[child], "case": child, "student": child, "class_id": CHILDREN[child][3], "sha256": photo,
                "rid": made[child].sealed.rid,
            }  # fmt: skip
            door = replace(door, about=ANY) if address == NOT_IN_THE_REGISTER else door
            if expected(somebody, door, child) != knocked(browser, address, names):
                wrong.append(f"{address} {CHILDREN[child][3]}")
    assert not wrong, "\n".join(wrong)


def test_every_role_takes_exactly_the_steps_of_the_table(campus: Campus, somebody: Account) -> None:
    browser, wrong = campus.browser(SOMEBODY), []
    for act, verb in VERB_OF_ACT.items():
        for child in (WANG, LIHUA):
            subject = Subject(child, CHILDREN[child][3])
            reads = Verb.READ_AID if act in AID_ACTS else Verb.READ_CASE
            may = all(access.allows(somebody, asked, subject) for asked in (verb, reads))
            if may != knocked(browser, "POST /cases/{case}/steps/{act}", {"case": child, "act": act}):
                wrong.append(f"{act} {CHILDREN[child][3]}")
    assert not wrong, "\n".join(wrong)


def test_every_roles_phone_is_given_exactly_what_the_table_reaches(campus: Campus, somebody: Account) -> None:
    made = {child: campus.visit(child, login) for child, login in ((WANG, "teacher82"), (LIHUA, "teacher71"))}
    for visit in made.values():
        campus.receive(visit)
    for class_id, login in ((CLASS_82, "teacher82"), (CLASS_71, "teacher71")):
        counted(campus, class_id, login)
    for child in made:
        campus.absence(child)
    with campus.wiring.store.read() as conn:
        device = next(one for one in devices.all_of(conn, CODE) if one.account == somebody.id)
    page = campus.wiring.handout.pull(device, 0, 1000)
    named = {one.key: one.value for one in page.rows if one.feed == "students"}
    records = [decode(one.sealed.payload.encode()) for one in page.records]
    kinds = {(record.type, record.case or record.body["class"]) for record in records}
    for child in made:
        subject = Subject(child, CHILDREN[child][3])
        may = {verb: access.allows(somebody, verb, subject) for verb in Verb}
        assert (child in named) == may[Verb.LIST_STUDENTS]
        assert (("visit", child) in kinds) == may[Verb.READ_EVIDENCE]
        assert (("incident", child) in kinds) == may[Verb.READ_CASE]
        assert (("headcount", subject.class_id) in kinds) == (may[Verb.LIST_STUDENTS] and may[Verb.READ_HEADCOUNT])
        if child in named:
            told = json.dumps(named[child], ensure_ascii=False)
            assert ("12000001701" in told) == ("石桥镇" in told) == may[Verb.READ_CASE]
            assert CHILDREN[child][0] in told
        with campus.wiring.store.read() as conn:
            assert reach.may_see_evidence(conn, somebody, child) == may[Verb.READ_EVIDENCE]


def counted(campus: Campus, class_id: str, login: str) -> None:
    """The class teacher counts the class; somebody of it is missing."""
    child = next(id for id, one in CHILDREN.items() if one[3] == class_id)
    body = {"class": class_id, "day": "2025-11-20", "session": "am", "expected": 1, "present": 0, "source": "roll",
            "absent": [{"student": child, "kind": "unexcused"}]}  # fmt: skip
    phone = campus.phone(login)
    sealed = phone.note("headcount", campus.now, body)
    with campus.wiring.store.read() as conn:
        device = devices.by_id(conn, CODE, phone.dev)
    assert device is not None
    (outcome,) = campus.wiring.intake.push(device, PushRequest([sealed_to_wire(sealed)])).outcomes
    assert outcome.verdict == "stored", outcome


def expected(somebody: Account, door: Door, child: str) -> bool:
    """Whether the table opens the door."""
    class_id = CHILDREN[child][3]
    if not door.verbs:
        return True
    if door.about == ANY:
        return any({Scope.SCHOOL, Scope.CLASS} & access.scopes(somebody, verb) for verb in door.verbs)
    subject = {SCHOOL: None, CLASS: Subject("", class_id)}.get(door.about, Subject(child, class_id))
    also = door.also is None or access.allows(somebody, door.also, subject)
    return also and any(access.allows(somebody, verb, subject) for verb in door.verbs)


def knocked(browser: Browser, address: str, names: dict[str, str]) -> bool:
    """Whether one is let in: everything but a refusal, also a form that is sent back with what it lacks."""
    method, path = address.split(" ")
    path = path.format(**names)
    sent = {"decision": "accepted", "version": names.get("rid", ""), f"{PREFIX}{names.get('class_id')}": "unseen"}
    answer = browser.get(path) if method == "GET" else browser.send_form(path, **sent)
    assert answer.status_code < 500, (address, answer.status_code)
    return answer.status_code != FORBIDDEN
