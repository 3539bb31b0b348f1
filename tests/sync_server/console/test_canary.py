"""Unmistakable texts in everything that only few may read, and a search for them through all that anybody is given."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from casebook.protocol import to_json
from casebook.records import Attachment, decode
from fieldapp.desk import Desk
from sync_server.sample.fieldwork import SealedVisit
from sync_server.store import accounts, devices, forms
from sync_server.web.console.actions import ACTIONS
from tests.fieldapp.phone import HandClock
from tests.sync_server.console.campus import LIHUA, PEOPLE, SCHOOL, TODAY, VISITED, WANG, Browser, Campus, bundled
from tests.sync_server.console.test_files import told
from tests.sync_server.schoolhouse import served

ALERT, COMPLAINT, INCOME, COUNSEL = "金丝雀甲不可外泄", "金丝雀乙不可外泄", "三千二百元", "金丝雀丙不可外泄"
CANARIES = (ALERT, COMPLAINT, INCOME, COUNSEL)
FEW = ("principal", "moral")
AUTHOR = "fellow"  # writes the visit with the class teacher along
OTHERS = sorted(set(PEOPLE) - {*FEW, AUTHOR})
MOST_VARIANTS = 1  # of one page with different queries: other days and filters show nothing else
ADDRESS = re.compile(r'(?:href|src|action)="(/[^"]*)"')


@dataclass
class Planted:
    """A school in which the canaries sit, and what its addresses are made of."""

    campus: Campus
    visits: list[str]
    rids: list[str]
    secret_files: list[tuple[str, bytes]]
    log: list[Any] = field(default_factory=list)

    def seeds(self) -> Iterator[str]:
        """Every page that can be asked for by an address, filled in with what is secret here."""
        parts = {"case": [WANG], "student": [WANG], "visit": self.visits, "rid": self.rids,
                 "sha256": [sha256 for sha256, _ in self.secret_files]}  # fmt: skip
        for action in ACTIONS:
            if action.method == "GET":
                yield from _filled(action.path, parts)


@pytest.fixture
def planted(campus: Campus) -> Iterator[Planted]:
    safety = {"worry": "child teacher", "alert_kinds": "abuse", "alert_urgency": "watch", "alert_told": "nobody",
              "alert_facts": ALERT, "teacher_reasons": "TE1", "teacher_about": "unsaid", "teacher_facts": COMPLAINT,
              "covisitors": "萧洁荷"}  # fmt: skip
    with structlog.testing.capture_logs() as log:
        yield _planted(campus, safety, log)


def _planted(campus: Campus, safety: dict[str, str], log: list[Any]) -> Planted:
    visit = campus.visit(WANG, AUTHOR, started=VISITED.replace(hour=15), **safety)
    documents, files = told(campus)
    documents = _by(campus, AUTHOR, documents)
    campus.wiring.store.run_tx(lambda conn: forms.publish(conn, SCHOOL, bundled("student_talk")[1], campus.wiring.now()))
    talk = campus.visit(WANG, AUTHOR, started=VISITED.replace(hour=14), form_id="student_talk", talk_topics="mood",
                        student_feelings="worn", mood="2", private_told="yes", worry="none", counsel_note=COUNSEL)  # fmt: skip
    visits = [campus.receive(talk), campus.receive(visit), campus.receive(documents)]
    campus.absence(WANG)
    secret = [(sha, content) for sha, (_, content) in documents.files.items() if content in (files["house"], files["proof"])]
    for login in PEOPLE:
        campus.phone(login)
    return Planted(campus, visits, [visit.sealed.rid, documents.sealed.rid, talk.sealed.rid], secret, log)


def test_the_canaries_are_there_for_the_few_and_for_their_author(planted: Planted) -> None:
    for login in (FEW[0], AUTHOR):
        given = crawled(planted, planted.campus.browser(login))
        assert {canary for canary in CANARIES if any(canary.encode() in body for body in given.values())} == {*CANARIES}
        assert all(any(content == body for body in given.values()) for _, content in planted.secret_files), login


@pytest.mark.parametrize("login", OTHERS)
def test_nobody_else_finds_them_on_any_page_list_export_or_file(planted: Planted, login: str) -> None:
    given = crawled(planted, planted.campus.browser(login))
    assert len(given) > 20
    assert found_in(planted, given) == []


def test_no_log_line_audit_line_address_or_problem_holds_one(planted: Planted) -> None:
    addresses = crawled(planted, planted.campus.browser("principal"))
    client = planted.campus.browser()
    problems = [client.get(path).text for path in ("/v1/pull", f"/v1/files/{planted.secret_files[0][0]}", "/v1/nowhere")]
    audit = json.dumps(planted.campus.sql("SELECT * FROM audit"), ensure_ascii=False, default=str)
    assert len(planted.log) > 3
    given = {"log": json.dumps(planted.log, ensure_ascii=False, default=str), "audit": audit, "addresses": " ".join(addresses), "problems": " ".join(problems)}
    assert found_in(planted, {name: text.encode() for name, text in given.items()}) == []


@pytest.mark.parametrize("login", OTHERS)
def test_no_foreign_phone_pulls_one_or_its_file(planted: Planted, login: str) -> None:
    assert found_in(planted, {"pull": pulled(planted, login)}) == []


def test_the_few_and_the_author_pull_them_as_they_were_sealed(planted: Planted) -> None:
    for login in (*FEW, AUTHOR):
        text = pulled(planted, login).decode()
        assert all(canary in text for canary in CANARIES), login


@pytest.mark.parametrize("login", OTHERS)
def test_no_foreign_phone_is_given_a_secret_file_whose_hash_it_knows(planted: Planted, login: str) -> None:
    assert {asked(planted, login, sha256).status_code for sha256, _ in planted.secret_files} == {404}


def test_the_few_and_the_author_are_given_the_secret_files(planted: Planted) -> None:
    for login in (*FEW, AUTHOR):
        assert all(asked(planted, login, sha256).content == content for sha256, content in planted.secret_files), login


def test_a_phone_that_names_a_foreign_hash_in_a_record_of_its_own_is_not_given_the_file(planted: Planted) -> None:
    """Only who brought a file says whose it is: a hash that somebody heard of opens nothing."""
    campus, ordinary = planted.campus, campus_photo(planted)
    hashes = [*(sha256 for sha256, _ in planted.secret_files), ordinary]
    att = tuple(Attachment("photo", sha256, 9, "image/jpeg", "/data/photos/photos_1", None, "camera") for sha256 in hashes)
    claim = campus.receive(campus.rewritten(campus.visit(LIHUA, "teacher71"), "teacher71", att=att, body={"signatures": []}), files=0)
    for sha256 in hashes:
        assert asked(planted, "teacher71", sha256).status_code == 404
        assert campus.browser("teacher71").get(f"/visits/{claim}/files/{sha256}").status_code == 404
    assert asked(planted, "teacher82", ordinary).status_code == 200  # whose class it is


def test_a_copy_keeps_its_records_name_and_everything_else_it_said(planted: Planted) -> None:
    records = json.loads(pulled(planted, "teacher82"))["records"]
    copies = {one["rid"]: one["sealed"] for one in records if "rid" in one}
    assert set(copies) == {*planted.rids}
    for one in copies.values():
        assert one["sig"] == one["keyid"] == ""
    copy = decode(copies[planted.rids[0]]["payload"].encode())
    assert "奶奶说孩子夜里发烧" in copy.body["instance"]
    assert copy.set["outcome"]
    assert not {"protection_note", "teacher_reason"} & (copy.set.keys() | copy.base.keys())
    assert "人人可看" in decode(copies[planted.rids[1]]["payload"].encode()).body["instance"]


def test_the_class_teachers_phone_keeps_none_in_its_database_and_offers_no_copy(planted: Planted, tmp_path: Path) -> None:
    wiring = planted.campus.wiring
    with wiring.store.read() as conn:
        teacher = accounts.by_login(conn, SCHOOL, "teacher82")
    assert teacher is not None
    code = wiring.store.run_tx(lambda conn: wiring.enrolment.make_code(conn, teacher))
    with served(wiring) as address:
        desk = Desk.open(tmp_path / "phone", clock=HandClock(TODAY))
        desk.enrol(address, code.text)
        assert desk.sync().problem is None
        timeline = desk.student(WANG).timeline
        assert len([item for item in timeline if item.kind == "visit"]) == 3
        desk.close()
    kept = {str(path): path.read_bytes() for path in (tmp_path / "phone").rglob("*") if path.is_file()}
    assert any(b"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e" in content for content in kept.values())  # the child is there
    assert found_in(planted, kept) == []


def crawled(planted: Planted, browser: Browser) -> dict[str, bytes]:
    """Address -> everything a person is given there: all pages, and whatever they lead to."""
    given: dict[str, bytes] = {}
    waiting = ["/", *planted.seeds(), "/roster/download"]
    variants: dict[str, int] = {}
    while waiting:
        path = waiting.pop(0).replace("&amp;", "&")
        page = path.partition("?")[0]
        if path in given or "lang=" in path or variants.get(page, 0) == MOST_VARIANTS:
            continue
        variants[page] = variants.get(page, 0) + 1
        answer = browser.get(path)
        given[path] = answer.content + repr(dict(answer.headers)).encode()
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += ADDRESS.findall(answer.text)
        elif answer.content[:2] == b"PK":
            given[path] += unpacked(answer.content)
        else:
            given[path] = answer.content
    answer = browser.send_form("/roster/download", purpose="canary")
    given["export"] = unpacked(answer.content) if answer.content[:2] == b"PK" else answer.content
    return given


def unpacked(content: bytes) -> bytes:
    """All parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"\n".join(book.read(name) for name in book.namelist())


def asked(planted: Planted, login: str, sha256: str):  # type: ignore[no-untyped-def]
    """What the phone of a colleague gets that asks for a file by its hash."""
    campus, token = planted.campus, f"token of {login}"
    with campus.wiring.store.read() as conn:
        device = next(one for one in devices.all_of(conn, SCHOOL) if one.account == PEOPLE[login][0])
    kept = hashlib.sha256(token.encode()).hexdigest()
    campus.wiring.store.run_tx(lambda conn: devices.put(conn, device, kept))
    return campus.browser().get(f"/v1/files/{sha256}", headers={"Authorization": f"Bearer {token}"})


def campus_photo(planted: Planted) -> str:
    """A picture of the visit that the class teacher may see."""
    found = planted.campus.sql("SELECT sha256 FROM record_file WHERE rid = :rid AND type = 'image/jpeg'", rid=planted.rids[0])
    return str(found[0][0])


def pulled(planted: Planted, login: str) -> bytes:
    """Everything the phone of a colleague is given, with the files it may ask for."""
    wiring = planted.campus.wiring
    with wiring.store.read() as conn:
        device = next(one for one in devices.all_of(conn, SCHOOL) if one.account == PEOPLE[login][0])
    told = [to_json(wiring.handout.pull(device, 0, 1000))]
    assert not told[0]["more"]
    return json.dumps(told[0], ensure_ascii=False).encode()


def found_in(planted: Planted, given: dict[str, bytes]) -> list[tuple[str, str]]:
    """Which canary sits where."""
    escaped = {canary: (canary.encode(), json.dumps(canary)[1:-1].encode()) for canary in CANARIES}
    found = [(where, canary) for where, body in given.items() for canary, forms in escaped.items()
             if any(form in body for form in forms)]  # fmt: skip
    return found + [(where, sha) for where, body in given.items() for sha, content in planted.secret_files
                    if content in body]  # fmt: skip


def _filled(path: str, parts: dict[str, list[str]]) -> Iterator[str]:
    """The address with every known value in the place of its first unknown part, and so on."""
    hole = re.search(r"{(\w+)}", path)
    if hole is None:
        yield path
        return
    for value in parts.get(hole[1], ()):
        yield from _filled(path.replace(hole[0], value, 1), parts)


def _by(campus: Campus, login: str, made: SealedVisit) -> SealedVisit:
    """The same visit sealed by another colleague's phone."""
    phone, record = campus.phone(login), decode(made.sealed.payload)
    return campus.rewritten(
        made, login, author=phone.account, dev=phone.dev, seq=phone.seq + 1, prev=phone.head, hlc=(phone.hlc[0] + 1, 0),
        type=record.type,
    )  # fmt: skip
