"""The conversation over HTTP: our server is recognised, everything else is told apart and nothing is believed."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from casebook.columns import Table
from casebook.errors import (
    CodeUsed,
    DeviceRevoked,
    FileHashWrong,
    NoSuchFile,
    NotEnrolled,
    NotOurServer,
    OffsetWrong,
    RequestTooLarge,
    ServerFault,
    TimedOut,
    Unreachable,
)
from casebook.protocol import EnrolRequest, HelloReply, MissingRequest, PullReply, Row, to_json
from casebook.tables import with_tables
from fieldapp.sync import http
from fieldapp.sync.http import HttpConversation, server_address
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import phone

HELLO = HelloReply("jiafang", 1, 1, "3199000001", "gen1", 0, "2026-11-21T08:00:00+08:00", "active")
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Answer:
    """What the server in the test says to everything."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def say(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        self.status, self.headers = status, {"Content-Type": kind} | headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def answer() -> Answer:
    return Answer()


@pytest.fixture
def address(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer.seen.append((self.command, self.path, dict(self.headers), body))
            if answer.wait:
                answer.wait.wait(5)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PATCH = do_HEAD = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Stays quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    if answer.wait:
        answer.wait.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def link(address: str) -> Iterator[HttpConversation]:
    link = HttpConversation(address, "secret-token")
    yield link
    link.close()


def test_hello_of_our_server_is_read(link: HttpConversation, answer: Answer) -> None:
    answer.say(200, to_json(HELLO))
    assert link.hello() == HELLO
    (method, path, headers, _) = answer.seen[0]
    assert (method, path, headers["Authorization"]) == ("GET", "/v1/hello", "Bearer secret-token")


@pytest.mark.parametrize(
    ("status", "body", "kind", "headers"),
    [
        (200, b"<html>Please log in to the hotel</html>", "text/html", {}),
        (200, {"hello": "world"}, "application/json", {}),
        (200, to_json(HELLO) | {"server": "nginx"}, "application/json", {}),
        (200, b"{not json", "application/json", {}),
        (200, [1, 2], "application/json", {}),
        (302, b"", "text/html", {"Location": "http://portal.test/login"}),
        (404, b"not here", "text/plain", {}),
        (403, b"<html>", "text/html", {}),
        (511, b"<html>", "text/html", {}),
    ],
)
def test_captive_portal_is_not_our_server(
    link: HttpConversation, answer: Answer, status: int, body: Any, kind: str, headers: dict[str, str]
) -> None:
    answer.say(status, body, kind, **headers)
    with pytest.raises(NotOurServer):
        link.hello()
    assert len(answer.seen) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("device_revoked", 410, DeviceRevoked), ("not_enrolled", 401, NotEnrolled), ("never_heard_of", 409, ServerFault),
     ("storage_full", 507, ServerFault)],
)  # fmt: skip
def test_problem_of_our_server_becomes_its_error(
    link: HttpConversation, answer: Answer, code: str, status: int, kind: type[Exception]
) -> None:
    answer.say(status, {"code": code, "title": "…", "status": status, "limit": 5}, "application/problem+json")
    with pytest.raises(kind) as caught:
        link.pull(0, 10)
    assert "title" not in caught.value.facts and "status" not in caught.value.facts


@pytest.mark.parametrize(
    ("status", "kind"), [(500, ServerFault), (502, ServerFault), (408, TimedOut), (413, RequestTooLarge)]
)
def test_bare_status_of_something_between_is_understood(
    link: HttpConversation, answer: Answer, status: int, kind: type[Exception]
) -> None:
    answer.say(status, b"<html>", "text/html")
    with pytest.raises(kind):
        link.missing(MissingRequest())


def test_endless_answer_is_not_read_to_its_end(link: HttpConversation, answer: Answer) -> None:
    answer.say(200, b" " * (http.MAX_SMALL_REPLY + 1))
    with pytest.raises(NotOurServer):
        link.hello()


def test_silent_server_times_out(link: HttpConversation, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT_S", 0.2)
    answer.wait = threading.Event()
    with pytest.raises(TimedOut):
        link.hello()


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable):
        HttpConversation(f"127.0.0.1:{port}").hello()


def test_line_that_breaks_in_the_middle_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def cut() -> None:
            line, _ = server.accept()
            line.recv(4096)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"ser")
            line.close()

        thread = threading.Thread(target=cut)
        thread.start()
        with pytest.raises(Unreachable):
            HttpConversation(f"http://127.0.0.1:{server.getsockname()[1]}").hello()
        thread.join()


def test_environment_does_not_send_us_through_a_proxy(
    link: HttpConversation, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    answer.say(200, to_json(HELLO))
    assert link.hello() == HELLO


def test_tables_are_asked_for_where_they_are_offered_and_read_as_rows(link: HttpConversation, answer: Answer) -> None:
    page = PullReply([], [Row("students", f"{n:032x}", {"name": "王", "n": n}) for n in range(99)], 7, False, "gen1")
    answer.say(200, to_json(page))
    assert link.pull(0, 10) == page
    answer.say(200, to_json(replace(HELLO, offers=["tables"])))
    link.hello()
    answer.say(200, to_json(with_tables(page, {})))
    assert link.pull(0, 10) == page
    assert [path.count("tables=1") for _, path, _, _ in answer.seen] == [0, 0, 1]
    answer.say(200, to_json(replace(page, tables=[Table("students", 2, ["a"], {})])))
    with pytest.raises(NotOurServer):
        link.pull(0, 10)


def test_used_code_is_told(address: str, answer: Answer, tmp_path: Path) -> None:
    answer.say(403, {"code": "code_used"}, "application/problem+json")
    with pytest.raises(CodeUsed):
        HttpConversation(address).enrol(EnrolRequest("C", "K", "d", "p", "1"))
    assert "Authorization" not in answer.seen[0][2]


class TestFiles:
    SHA = "a" * 64

    def test_is_announced_with_hash_and_type(self, link: HttpConversation, answer: Answer) -> None:
        answer.say(201, b"", "text/plain", Location=f"/files/{self.SHA}", **TUS, **{"Upload-Offset": "12"})
        assert link.file_offset(self.SHA, 100, "image/jpeg") == 12
        method, path, headers, _ = answer.seen[0]
        assert (method, path, headers["Upload-Length"]) == ("POST", "/files", "100")
        assert headers["Upload-Metadata"] == "sha256 " + "YWFh" * 21 + "YQ==,type aW1hZ2UvanBlZw=="

    def test_server_that_names_no_offset_is_asked_for_it(self, link: HttpConversation, answer: Answer) -> None:
        answer.say(201, b"", "text/plain", **TUS)
        with pytest.raises(NotOurServer):
            link.file_offset(self.SHA, 100, "image/jpeg")
        assert [seen[:2] for seen in answer.seen] == [("POST", "/files"), ("HEAD", f"/files/{self.SHA}")]

    def test_chunk_carries_its_offset(self, link: HttpConversation, answer: Answer) -> None:
        answer.say(204, b"", "text/plain", **TUS, **{"Upload-Offset": "20"})
        assert link.send_chunk(self.SHA, 12, 100, b"8 bytes!") == 20
        method, path, headers, body = answer.seen[0]
        assert (method, path, headers["Upload-Offset"], body) == ("PATCH", f"/files/{self.SHA}", "12", b"8 bytes!")
        assert headers["Content-Type"] == "application/offset+octet-stream"

    @pytest.mark.parametrize("headers", [{}, TUS, TUS | {"Upload-Offset": "101"}, TUS | {"Upload-Offset": "-1"}])
    def test_success_of_something_else_is_not_believed(
        self, link: HttpConversation, answer: Answer, headers: dict[str, str]
    ) -> None:
        answer.say(200, b"ok", "text/html", **headers)
        with pytest.raises(NotOurServer):
            link.send_chunk(self.SHA, 12, 100, b"8 bytes!")

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [(409, "offset_wrong", OffsetWrong), (460, "file_hash_wrong", FileHashWrong), (404, "no_such_file", NoSuchFile)],
    )
    def test_disagreement_becomes_its_error(
        self, link: HttpConversation, answer: Answer, status: int, code: str, kind: type[Exception]
    ) -> None:
        answer.say(status, {"code": code, "offset": 3, "retry": False}, "application/problem+json", **TUS)
        with pytest.raises(kind) as caught:
            link.send_chunk(self.SHA, 12, 100, b"8 bytes!")
        assert caught.value.facts == {"offset": 3}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("  https://school.test/ ", "https://school.test"),
        ("http://school.test:8080/some/page?x=1", "http://school.test:8080"),
        ("[fd00::1]:8000", "http://[fd00::1]:8000"),
    ],
)
def test_typed_address_is_understood(typed: str, address: str) -> None:
    assert server_address(typed) == address


@pytest.mark.parametrize("typed", ["", "http://", "ftp://school.test", "http://school.test:99999", "school:port", "javascript:alert(1)"])
def test_what_is_no_address_is_not_our_server(typed: str) -> None:
    with pytest.raises(NotOurServer):
        server_address(typed)


def test_opening_the_desk_does_not_load_what_only_the_sync_needs(tmp_path: Path) -> None:
    """On a cheap phone these imports cost seconds before the first screen."""
    import subprocess

    code = (
        "import sys, pathlib; from fieldapp.desk import Desk; import fieldapp.visiting;"
        f"desk = Desk.open(pathlib.Path({str(tmp_path)!r})); desk.today();"
        "print([name for name in ('requests', 'PIL', 'cryptography', 'flet') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_desk_enrols_over_any_conversation(tmp_path: Path) -> None:
    addresses: list[str] = []
    school = FakeSchool()
    desk = phone(tmp_path, school)
    desk._connect = lambda url, token: (addresses.append(url), school)[1]  # type: ignore[assignment]
    desk.enrol("192.168.1.5:8000", "ABCD-2345")
    assert addresses == ["192.168.1.5:8000"] and desk.standing().server_url == "192.168.1.5:8000"
    desk.close()


