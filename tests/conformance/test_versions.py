"""An older or newer side is served as far as both understand; what one does not know is kept and passed on whole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from casebook.packs import Pack, PackedFile
from casebook.protocol import MissingReply, MissingRequest, PushRequest, Watermark, sealed_to_wire, to_json
from casebook.records import canonical
from casebook.sealing import RECORD_TYPE, Sealed, pae
from casebook.translog.checkpoints import glance
from fieldapp.desk import Desk
from sync_server.pinyin import initials_of, pinyin_of
from sync_server.store import rows
from sync_server.wiring import Wiring
from tests.conformance.direct import DirectConversation
from tests.conformance.test_comparing import code, in_step
from tests.sync_server.schoolhouse import (
    CHILD,
    SCHOOL,
    TEACHER,
    Phone,
    jpeg,
    make_school,
    push_body,
    served,
    sha256,
    student_row,
)  # fmt: skip


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = make_school(tmp_path)
    yield wiring
    wiring.close()


def of_tomorrow(phone: Phone) -> Sealed:
    """A record of a kind, with fields and values, that nobody knows yet; sealed by a newer app."""
    plain: dict[str, Any] = json.loads(phone.seal().payload)
    payload = canonical(plain | {"type": "hologram", "v": 2, "aura": {"deep": [1, {"x": None}]}, "body": {"glow": "blue"}})
    sealed = Sealed(payload, phone.signer.sign(pae(RECORD_TYPE, payload)), phone.dev)
    phone.prev = sealed.rid
    return sealed


def test_a_record_of_an_unknown_kind_goes_through_school_and_phone_and_back_byte_for_byte(
    tmp_path: Path, school: Wiring
) -> None:
    newer = Phone(TEACHER).enrol(school)
    strange = of_tomorrow(newer)
    with served(school) as url:
        assert send(url, newer, push_body(strange) | {"mood": "good"})["outcomes"][0]["verdict"] == "stored"
        desk = Desk.open(tmp_path / "phone", pause=lambda seconds: None)
        desk.enrol(url, code(school, TEACHER))
        assert in_step(desk)
        kept = desk._work.books.records.sealed(desk._work.db, strange.rid)
        assert kept == strange and desk.student(CHILD).name
        desk.close()


def test_an_old_phone_that_says_and_asks_for_nothing_new_is_served(school: Wiring) -> None:
    """As the first app did: no state of the log, no packing, no comparing, no time."""
    old = Phone(TEACHER).enrol(school)
    with served(school) as url, httpx.Client(base_url=url, headers=old.headers, timeout=20) as link:
        assert link.get("/v1/hello").json()["version"] == 1
        body = {"records": [to_json(sealed_to_wire(old.visit()))]}
        assert link.post("/v1/push", json=body).json()["outcomes"][0]["verdict"] == "stored"
        page = link.get("/v1/pull?after=0&limit=500").json()
        assert len(page["records"]) == 1 and not page["more"] and "checkpoint" not in page


def test_a_whole_school_comes_as_tables_and_is_exactly_what_the_school_has(tmp_path: Path, school: Wiring) -> None:
    names = ["单小单", "哈斯·努尔", "王露霞", "王A", "", "吕婷"]
    children = [
        replace(row, value=row.value | {"name": name, "pinyin": pinyin_of(name), "initials": initials_of(name)})
        for number, child in enumerate([CHILD, *(f"{number:032x}" for number in range(1, 60))])
        for row, name in [(student_row(child, "k1"), names[number % len(names)])]
    ]
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, children, school.now()))
    with served(school) as url:
        phone = Phone(TEACHER).enrol(school)
        page = httpx.get(f"{url}/v1/pull?after=0&limit=500&tables=1", headers=phone.headers, timeout=20).json()
        assert [(table["feed"], table["count"]) for table in page["tables"]] == [("students", 60)]
        assert "spells" in page["tables"][0]["columns"]["pinyin"]
        desk = Desk.open(tmp_path / "phone", pause=lambda seconds: None)
        desk.enrol(url, code(school, TEACHER))
        assert in_step(desk)  # the digests of both sides agree
        assert desk.student(children[2].key).name == "王露霞"
        desk.close()


def test_nothing_new_costs_600_bytes_and_ten_changed_rows_2_kb(school: Wiring) -> None:
    phone = Phone(TEACHER).enrol(school)
    talk = DirectConversation(school, phone.token)
    talk.push(PushRequest([sealed_to_wire(phone.visit())]))
    newest = glance(talk.hello().checkpoint or "")
    known = Watermark(newest.gen, newest.size, newest.root.hex())
    cursor = talk.pull(0, 1000, known).next
    assert len(said(talk.hello(known))) + len(said(talk.pull(cursor, 1000, known))) <= 600
    children = [student_row(f"{number:032x}", "k1") for number in range(10)]
    school.store.run_tx(lambda conn: rows.put(conn, SCHOOL, children, school.now()))
    page = talk.pull(cursor, 1000, known)
    assert len(page.rows) == 10 and len(gzip.compress(said(page))) <= 2048


def test_a_known_visit_offered_again_costs_200_bytes_and_what_it_lacks_is_told(school: Wiring) -> None:
    phone = Phone(TEACHER).enrol(school)
    talk = DirectConversation(school, phone.token)
    photos = {f"{number}.jpg": jpeg(number, 40) for number in range(4)}
    visit = phone.visit(files=photos)
    talk.push(PushRequest([sealed_to_wire(visit)]))
    question = MissingRequest([visit.rid], with_files=True)
    lacking = talk.missing(question)
    assert {file.sha256 for file in lacking.files} == {sha256(photo) for photo in photos.values()}
    pack = Pack(tuple(PackedFile(sha256(photo), len(photo), "image/jpeg") for photo in photos.values()))
    talk.send_pack(pack, talk.pack_offset(pack), photos.values(), False)
    answer = talk.missing(question)
    assert (answer.rids, answer.files) == ([], [])
    assert len(said(question)) + len(said(answer)) <= 200
    assert talk.missing(MissingRequest([visit.rid, "f" * 64])) == MissingReply(["f" * 64], [])


def said(message: object) -> bytes:
    return json.dumps(to_json(message), ensure_ascii=False, separators=(",", ":")).encode()


def send(url: str, phone: Phone, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = httpx.post(f"{url}/v1/push", json=body, headers=phone.headers, timeout=20).json()
    return found
