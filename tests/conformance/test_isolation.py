"""Schools that share a server see nothing of each other, at any address, whatever they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assets import load_wording
from casebook.errors import NotEnrolled
from casebook.protocol import to_json
from sync_server import founding
from sync_server.founding import AlreadyFounded, NoSuchCode
from sync_server.operations.export import export
from sync_server.store import schools
from sync_server.web.console.actions import ACTIONS
from sync_server.web.schools import Schools
from sync_server.wiring import NotInitialised, build
from tests.conformance.town import (
    MARK,
    OTHER,
    THEIR_CHILD,
    THEIR_CLASS,
    THEIR_PHOTO,
    THEIR_PRINCIPAL,
    THEIR_TEACHER,
    THEIR_VISIT,
    Town,
    code_of,
    make_town,
    their_settings,
)
from tests.sync_server.schoolhouse import PRINCIPAL, SCHOOL, TEACHER, TUS, Phone, announce, patch, push_body, sha256

#: What an address of theirs would be made of.
THEIRS = {
    "visit": THEIR_VISIT, "sha256": sha256(THEIR_PHOTO), "case": THEIR_CHILD, "student": THEIR_CHILD,
    "class_id": THEIR_CLASS, "account": THEIR_TEACHER, "act": "notice_issued", "form": "form_of_theirs", "version": "1",
    "event": "event-of-theirs", "draft": "draft-of-theirs", "leave": "leave-of-theirs", "key": "key.of.theirs",
    "term": "term-of-theirs", "name": "style.css",
}  # fmt: skip
#: Pages that are the same for everybody.
PUBLIC = {"/static/{name}", "/login", "/school", "/logout"}
#: The form is sent back with what is wrong, about nobody: a report that names no child, a draft that is not there.
SAYS_WHAT_IS_WRONG = {200, 303, 400, 403, 404, 409, 413, 415, 422}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = make_town(tmp_path_factory.mktemp("town"))
    yield made
    made.deployment.close()


@pytest.fixture
def ours(town: Town) -> TestClient:
    """Our principal, who may see everything at our school, logged in anew."""
    client = TestClient(town.client.app, base_url="http://county.local", follow_redirects=False)
    client.cookies.update(town.browser(town.ours, PRINCIPAL))
    return client


def addressed(path: str, rid: str) -> str:
    return re.sub(r"\{(\w+)(:path)?\}", lambda part: (THEIRS | {"rid": rid})[part.group(1)], path)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.method} {action.path}")
def test_no_page_of_ours_leads_to_theirs(action, town: Town, ours: TestClient) -> None:
    before = town.their_rows()
    address = addressed(action.path, town.their_rid)
    answer = ours.request(action.method, address, headers={"Origin": "http://county.local"})
    assert MARK not in answer.text
    assert THEIR_PHOTO not in answer.content
    if "{" in action.path and action.path not in PUBLIC:
        assert answer.status_code in ({403, 404} if action.method == "GET" else SAYS_WHAT_IS_WRONG), answer.text[:300]
    assert town.their_rows() == before


def test_every_page_was_asked_for_by_somebody_who_may(town: Town) -> None:
    """The same addresses with their own session do lead there: the matrix above is not true of nothing."""
    client = TestClient(town.client.app, base_url="http://county.local", follow_redirects=False)
    client.cookies.update(town.browser(town.theirs, THEIR_PRINCIPAL))
    for path in ("/visits/{visit}", "/visits", "/students", "/cases/{case}", "/staff", "/staff/{account}", "/attendance"):
        answer = client.get(addressed(path, town.their_rid))
        assert (int(answer.status_code), MARK in answer.text) == (200, True), path
    for action in ACTIONS:  # a school that was added has all its pages
        if action.method == "GET":
            assert client.get(addressed(action.path, town.their_rid)).status_code < 500, action.path
    photo = client.get(addressed("/visits/{visit}/files/{sha256}", town.their_rid))
    assert photo.content == THEIR_PHOTO


def test_no_call_of_our_phone_leads_to_theirs(town: Town) -> None:
    phone = Phone().enrol(town.ours)
    before = town.their_rows()
    foreign = phone.visit("v-foreign", school=OTHER, case=THEIR_CHILD)
    sha, told = sha256(THEIR_PHOTO), {"rids": [town.their_rid], "files": [sha256(THEIR_PHOTO)]}
    calls = [
        ("GET", "/v1/hello", {}), ("GET", "/v1/pull", {}), ("GET", f"/v1/pull?after={0}&limit=10000", {}),
        ("GET", f"/v1/files/{sha}", {}), ("GET", f"/v1/log/proof?rid={town.their_rid}", {}),
        ("HEAD", f"/files/{sha}", {"headers": TUS}), ("POST", "/v1/missing", {"json": told}),
        ("POST", "/v1/push", {"json": push_body(foreign)}),
        ("POST", "/files", {"headers": announce(sha, len(THEIR_PHOTO))}),
        ("PATCH", f"/files/{sha}", {"headers": patch(0), "content": b"x"}),
    ]  # fmt: skip
    answers = {}
    for method, address, said in calls:
        headers = phone.headers | said.pop("headers", {})
        answers[method, address.partition("?")[0]] = town.client.request(method, address, headers=headers, **said)
    for answer in answers.values():
        assert MARK not in answer.text and THEIR_PHOTO not in answer.content
    assert answers["GET", f"/v1/files/{sha}"].status_code == 404
    assert answers["GET", "/v1/log/proof"].status_code == 404
    assert answers["HEAD", f"/files/{sha}"].status_code == 404
    assert answers["POST", "/v1/missing"].json()["rids"] == [town.their_rid]
    (outcome,) = answers["POST", "/v1/push"].json()["outcomes"]
    assert (outcome["verdict"], outcome["code"]) == ("quarantined", "wrong_school")
    # a file is known to who has it: that another school has it too, nobody is told
    assert answers["POST", "/files"].headers["Upload-Offset"] == "0"
    assert town.their_rows() == before


def test_no_door_of_programs_opens_with_our_token(town: Town) -> None:
    """Every route that there is, whatever is added: without a fitting body, the least that may happen is nothing."""
    phone = Phone(seed=31).enrol(town.ours)
    before, app = town.their_rows(), town.client.app
    while not isinstance(app, Schools):  # through the layers that lie around it
        app = getattr(app, "_app", None) or app.app
    described = town.client.get("/v1/openapi.json").json()["paths"]
    doors = {(method.upper(), path) for path, methods in described.items() for method in methods}
    for route in app._first._machines.routes:
        doors |= {(method, route.path) for method in getattr(route, "methods", None) or ()}
    for method, path in sorted(doors):
        address = re.sub(r"\{\w+\}", sha256(THEIR_PHOTO), path)
        answer = town.client.request(method, address, headers=phone.headers | TUS, content=b"{}")
        assert MARK not in answer.text and THEIR_PHOTO not in answer.content, address
    tried = {path for _method, path in doors}
    assert {"/v1/pull", "/v1/push", "/v1/files/{sha256}", "/files/{sha256}", "/v1/log/proof"} <= tried
    assert town.their_rows() == before


def test_a_token_of_one_school_is_nothing_at_another(town: Town) -> None:
    secret = town.their_phone.token.rpartition(".")[2]
    for forged in (f"{SCHOOL}.{secret}", secret, f"9999999999.{secret}", f"{OTHER}.{secret}x", f".{secret}"):
        answer = town.client.get("/v1/hello", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401, forged
        with pytest.raises(NotEnrolled):
            town.ours.enrolment.device_of(forged)
    assert town.client.get("/v1/hello", headers=town.their_phone.headers).json()["school"] == OTHER


def test_a_session_of_one_school_is_nothing_at_another(town: Town) -> None:
    secret = town.browser(town.theirs, THEIR_TEACHER)["jiafang_session"].rpartition(".")[2]
    for forged in (f"{SCHOOL}.{secret}", secret, f"9999999999.{secret}"):
        answer = town.client.get("/", headers={"Cookie": f"jiafang_session={forged}"})
        assert answer.status_code == 303 and MARK not in answer.text


def test_the_code_says_which_school_a_phone_is_of(town: Town) -> None:
    for wiring, account, seed in ((town.ours, TEACHER, 21), (town.theirs, THEIR_TEACHER, 22)):
        phone = Phone(account, seed)
        reply = town.client.post("/v1/enrol", json=to_json(phone.request(code_of(wiring, account)))).json()
        assert reply["school"] == {"id": wiring.school.id, "name": wiring.school.name}
        hello = town.client.get("/v1/hello", headers={"Authorization": f"Bearer {reply['token']}"})
        assert hello.json()["school"] == wiring.school.id


def test_a_person_says_once_which_school_is_meant(town: Town) -> None:
    browser = TestClient(town.client.app, base_url="http://county.local", follow_redirects=True)
    page = browser.get("/visits")
    assert page.url.path == "/school" and MARK not in page.text
    origin = {"Origin": "http://county.local"}
    assert browser.post("/school", data={"school": "1", "next": "/"}, headers=origin).status_code == 404
    page = browser.post("/school", data={"school": OTHER, "next": "/visits"}, headers=origin)
    assert page.url.path == "/login" and f"{MARK} School" in page.text and 'href="/school"' in page.text
    page = browser.post("/school", data={"school": SCHOOL, "next": "/visits"}, headers=origin)
    assert page.url.path == "/login" and "Stone Bridge School" in page.text


def test_a_school_is_added_beside_others_once_and_by_a_code_that_can_be_one(town: Town) -> None:
    settings = town.deployment.settings
    with pytest.raises(AlreadyFounded):
        founding.join(settings, OTHER, "again")
    for code in ("", "校", "a b", "x" * 33, "1.2"):
        with pytest.raises(NoSuchCode):
            founding.join(settings, code, "never")
    with town.ours.store.read() as conn:
        assert [school.id for school in schools.all_of(conn)] == [SCHOOL, OTHER]


def test_an_export_holds_nothing_of_others(town: Town, tmp_path: Path) -> None:
    wiring = build(town.deployment.settings.model_copy(update={"school": SCHOOL}))
    export(wiring, tmp_path / "out", load_wording("en"))
    wiring.close()
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or (MARK.encode() not in path.read_bytes() and path.name != sha256(THEIR_PHOTO)), path


def test_a_command_must_say_which_school_it_is_about(town: Town) -> None:
    with pytest.raises(NotInitialised) as told:
        build(town.deployment.settings)
    assert told.value.reason == "deployment.which_school"
    wiring = build(their_settings(town.deployment.settings))
    assert wiring.school.id == OTHER
    wiring.close()
