"""Whatever goes wrong, a client gets problem details with a stable code and plain words, never a stack trace."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebook.errors import ALL_CODES
from casebook.protocol import MAX_PUSH_BYTES, MAX_PUSH_RECORDS, to_json
from sync_server.handout import Handout
from sync_server.store import accounts
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import SCHOOL, TEACHER, Phone, make_school, push_body, served, until

WORDS = [
    "records",
    "payload",
    "sig",
    "keyid",
    "rids",
    "files",
    "code",
    "public_key",
    "device_name",
    "platform",
    "version",
]
SEALED = {"payload": "{}", "sig": "", "keyid": "a" * 64}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiring]:
    wiring = make_school(tmp_path_factory.mktemp("school"), stall_seconds=0.4)
    yield wiring
    wiring.close()


@pytest.fixture(scope="module")
def phone(school: Wiring) -> Phone:
    return Phone().enrol(school)


@pytest.fixture(scope="module")
def client(school: Wiring, phone: Phone) -> Iterator[httpx.Client]:
    with served(school) as url, httpx.Client(base_url=url, headers=phone.headers) as client:
        yield client


def problem(answer: httpx.Response, status: int, code: str) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["code"] in ALL_CODES
    assert told["type"] == f"urn:jiafang:problem:{code}"
    assert told["title"]
    assert not told["title"].startswith("error.")
    assert "Traceback" not in answer.text
    return told


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/nothing", None, 404, "no_such_page"),
        ("GET", "/files/nothing/here", None, 404, "no_such_page"),
        ("GET", "/v1/push", None, 405, "request_malformed"),
        ("DELETE", "/files/" + "a" * 64, None, 405, "request_malformed"),
        ("POST", "/v1/push", b"not json", 400, "request_malformed"),
        ("POST", "/v1/push", b"[" * 100_000, 400, "request_malformed"),
        ("POST", "/v1/push", b"\xff\xfe\x00", 400, "request_malformed"),
        ("POST", "/v1/push", b'{"records": 5}', 400, "request_malformed"),
        ("POST", "/v1/push", b'{"records": [{"payload": 1}]}', 400, "request_malformed"),
        ("POST", "/v1/push", b"x" * (MAX_PUSH_BYTES + 1), 413, "request_too_large"),
        ("POST", "/v1/push", json.dumps({"records": [SEALED] * (MAX_PUSH_RECORDS + 1)}).encode(), 413, "request_too_large"),
        ("POST", "/v1/missing", json.dumps({"rids": ["a"] * 2001}).encode(), 413, "request_too_large"),
        ("POST", "/v1/missing", b"x" * 300_000, 413, "request_too_large"),
        ("GET", "/v1/pull?after=-1", None, 400, "request_malformed"),
        ("GET", "/v1/pull?after=nine", None, 400, "request_malformed"),
        ("GET", "/v1/files/" + "a" * 64, None, 404, "no_such_file"),
        ("GET", "/v1/files/..%2f..%2fetc", None, 404, "no_such_page"),
        ("GET", "/v1/files/short", None, 400, "request_malformed"),
    ],
)  # fmt: skip
def test_wrong_requests(
    client: httpx.Client, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    problem(client.request(method, path, content=body, headers=headers), status, code)


@pytest.mark.parametrize("path", ["/v1/hello", "/v1/pull", "/v1/files/" + "a" * 64])
@pytest.mark.parametrize("token", ["", "Basic abc", "Bearer", "Bearer wrong", "Bearer 家"])
def test_strangers(client: httpx.Client, path: str, token: str) -> None:
    problem(client.get(path, headers={"Authorization": token.encode()}), 401, "not_enrolled")


def test_a_body_without_an_end_is_stopped_at_the_limit(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    try:
        answer = client.post("/v1/push", content=endless(), headers={"Content-Type": "application/json"})
    except httpx.WriteError:
        return  # the server hung up while we were still talking: stopped as well
    problem(answer, 413, "request_too_large")


def test_a_body_that_falls_silent_is_ended(client: httpx.Client, phone: Phone) -> None:
    where = urlsplit(str(client.base_url))
    head = (
        f"POST /v1/push HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {phone.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection((where.hostname, where.port)) as line:
        line.settimeout(5)
        line.sendall(head.encode())
        answer = line.recv(4000)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"timed_out" in answer


def test_what_nobody_foresaw_is_a_plain_500(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("secret-name-of-a-child")

    with structlog.testing.capture_logs() as lines:
        monkeypatch.setattr(Handout, "hello", broken)
        answer = client.get("/v1/hello")
        until(lambda: any(line["event"] == "unforeseen" for line in lines))
    problem(answer, 500, "server_fault")
    assert "secret" not in answer.text
    (line,) = [line for line in lines if line["event"] == "unforeseen"]
    assert line["error"] == "RuntimeError"
    assert "secret" not in repr(lines)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["push", "missing", "enrol"]), body=JSON)
def test_no_body_whatever_breaks_the_server(client: httpx.Client, path: str, body: object) -> None:
    content = json.dumps(body).encode()  # also what JSON does not know: NaN, lone surrogates
    answer = client.post(f"/v1/{path}", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400, 403, 409, 413, 429)


def test_words_come_in_the_clients_language(client: httpx.Client) -> None:
    chinese = client.get("/v1/nothing").json()["title"]
    english = client.get("/v1/nothing", headers={"Accept-Language": "en-GB,en"}).json()["title"]
    assert chinese != english
    assert english.isascii() or "’" in english


def test_all_phones_of_a_school_may_enrol_from_one_address(school: Wiring, client: httpx.Client) -> None:
    with school.store.read() as conn:
        account = accounts.by_id(conn, SCHOOL, TEACHER)
    assert account is not None
    for seed in range(40, 52):
        code = school.store.run_tx(lambda conn: school.enrolment.make_code(conn, account))
        assert client.post("/v1/enrol", json=to_json(Phone(seed=seed).request(code.text))).status_code == 200


def test_guessing_enrolment_codes_in_a_hurry_is_stopped(client: httpx.Client) -> None:
    body = to_json(Phone(seed=30).request("WRON-GCOD"))
    codes = [client.post("/v1/enrol", json=body).json()["code"] for _ in range(12)]
    assert codes[0] == "code_invalid"
    problem(client.post("/v1/enrol", json=body), 429, "too_many_tries")


def test_an_old_app_is_told_to_update(school: Wiring) -> None:
    with served(school) as url:
        body = to_json(Phone(seed=31).request("WRON-GCOD")) | {"version": 0}
        problem(httpx.post(f"{url}/v1/enrol", json=body), 409, "version_too_old")


def test_logs_name_the_request_and_the_device_and_nobody(client: httpx.Client, phone: Phone) -> None:
    record = phone.seal(body={"remark": "very-private"})
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = client.post("/v1/push", json=push_body(record))
        until(lambda: any(line["event"] == "request" for line in lines))
    assert answer.json()["outcomes"][0]["verdict"] == "stored"
    filed, served_ = (next(line for line in lines if line["event"] == event) for event in ("record", "request"))
    assert filed["rid"] == record.rid
    assert filed["request"] == served_["request"] == answer.headers["x-request-id"]
    assert served_["device"] == phone.dev[:12]
    assert "very-private" not in repr(lines)


def test_the_interface_describes_itself(client: httpx.Client) -> None:
    described = client.get("/v1/openapi.json").json()["paths"]
    assert {"/v1/enrol", "/v1/hello", "/v1/push", "/v1/pull", "/v1/missing"} <= set(described)


def test_long_answers_are_compressed_and_photos_are_not(client: httpx.Client, phone: Phone) -> None:
    client.post("/v1/push", json=push_body(*[phone.visit(f"z{n}") for n in range(5)]))
    assert client.get("/v1/pull").headers["content-encoding"] == "gzip"
