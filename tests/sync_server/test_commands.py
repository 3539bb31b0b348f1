"""The commands say in plain words what they did, or why they did not."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from sync_server import demo, passwords
from sync_server.__main__ import app
from sync_server.commands import plainly
from sync_server.settings import Settings
from sync_server.store import accounts, audit, forms, rows
from sync_server.wiring import build
from tests.sync_server.schoolhouse import SCHOOL, Phone, make_school, until


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"JIAFANG_LOCALE": "en"})


def init(folder: Path) -> Result:
    return run("init", "--school-id", SCHOOL, "--school-name", "S", "--principal", "P", "--data", folder)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A school that `init` made, and what it said."""
    folder = tmp_path_factory.mktemp("init") / "s"
    said = init(folder)
    assert said.exit_code == 0
    return folder, said.output


def test_init_founds_a_school_whose_principal_can_log_in(founded: tuple[Path, str]) -> None:
    folder, said = founded
    password = re.search(r"password \(.*\): (\S+)", said)
    assert password is not None
    wiring = build(Settings(data=folder))
    with wiring.store.read() as conn:
        principal = accounts.by_login(conn, SCHOOL, " Principal ")
        assert principal is not None
        kept = accounts.password_of(conn, SCHOOL, principal.id)
        assert forms.titles(conn, SCHOOL).keys() >= {"absence_visit", "persuasion_visit"}
        assert rows.of_feed(conn, SCHOOL, "calendar")
    wiring.close()
    assert passwords.matches(password.group(1), kept)
    assert password.group(1) not in kept
    assert kept.startswith("$argon2id$")


def test_init_never_touches_a_school_that_is_there(founded: tuple[Path, str]) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in founded[0].rglob("*") if path.is_file()}

    before = contents()
    said = init(founded[0])
    assert said.exit_code == 1
    assert "already holds a school" in said.output
    assert contents() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_secrets_are_the_owners_alone(founded: tuple[Path, str]) -> None:
    assert founded[0].stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (founded[0] / "keys").iterdir())


def test_enrol_prints_a_code_that_works(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    code = re.search(r": (\w{4}-\w{4}) ", run("enrol", "teacher", "--data", tmp_path / "data").output)
    assert code is not None
    wiring = build(Settings(data=tmp_path / "data"))
    assert wiring.enrolment.enrol(Phone().request(code.group(1))).token
    wiring.close()


def test_enrol_for_nobody_says_so(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    said = run("enrol", "nobody", "--data", tmp_path / "data")
    assert (said.exit_code, "nobody" in said.output) == (1, True)


@pytest.mark.parametrize("command", [("serve",), ("enrol", "x"), ("upgrade",)])
def test_an_empty_folder_is_told_apart_from_a_broken_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = run(*command, "--data", tmp_path / "none")
    assert said.exit_code == 1
    assert "sync_server init" in said.output
    assert "Traceback" not in said.output
    assert not (tmp_path / "none").exists()


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    with socket.create_server(("127.0.0.1", 0)) as other:
        said = run("serve", "--data", tmp_path / "data", "--port", other.getsockname()[1])
    assert said.exit_code == 1
    assert "Another program" in said.output


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 99_999), ("no such address", 0)])
def test_an_address_nobody_can_listen_on_is_explained(founded: tuple[Path, str], host: str, port: int) -> None:
    said = run("serve", "--data", founded[0], "--host", host, "--port", port)
    assert said.exit_code == 1 and "cannot listen" in said.output and "Traceback" not in said.output


def test_a_forgotten_password_is_replaced_at_the_computer(founded: tuple[Path, str]) -> None:
    said = run("new-password", "principal", "--data", founded[0])
    password = re.search(r"write it down\): (\S+)", said.output)
    assert said.exit_code == 0 and password is not None
    wiring = build(Settings(data=founded[0]))
    with wiring.store.read() as conn:
        principal = accounts.by_login(conn, SCHOOL, "principal")
        assert principal is not None
        assert passwords.matches(password.group(1), accounts.password_of(conn, SCHOOL, principal.id))
        (line,) = audit.about(conn, SCHOOL, f"account:{principal.id}")
    wiring.close()
    assert (line.act, line.facts) == ("set_password", {"where": "computer"})
    assert "no open account" in run("new-password", "nobody", "--data", founded[0]).output


@pytest.mark.parametrize("command", ["serve", "doctor", "verify-data", "backup"])
def test_a_damaged_database_is_told_in_a_sentence(founded: tuple[Path, str], tmp_path: Path, command: str) -> None:
    shutil.copytree(founded[0], tmp_path / "s")
    (tmp_path / "s" / "jiafang.db").write_bytes(b"no database" * 1000)
    said = run(command, "--data", tmp_path / "s")
    assert said.exit_code == 1 and "is damaged" in said.output and "restore" in said.output


def test_what_the_disk_or_a_setting_refuses_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = init(tmp_path / "file")
    assert said.exit_code == 1 and f"{tmp_path / 'file'} cannot be opened or made" in said.output
    for refused, told in [
        (PermissionError(errno.EACCES, "no", "/d/keys"), "No right to read or write /d/keys"),
        (OSError(errno.ENOSPC, "full", "/d/x"), "The disk is full"), (OSError(errno.ENOSPC, "full"), "The disk is full"),
    ]:  # fmt: skip
        assert told in (plainly.sentence(refused, "en") or "")
    assert plainly.sentence(KeyError("ours"), "en") is None
    env = {"JIAFANG_LOCALE": "en", "JIAFANG_PORT": "abc"}
    wrong = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path)], env=env)
    assert wrong.exit_code == 1 and "JIAFANG_PORT" in wrong.output


def test_the_demo_leaves_a_real_school_alone(founded: tuple[Path, str]) -> None:
    said = run("demo", "--data", founded[0], "--port", 0, "--app-port", 0)
    assert said.exit_code == 1
    assert "does not hold the sample school" in said.output


def test_a_crash_of_the_app_beside_us_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIELD_APP", "print('why', flush=True); raise SystemExit(3)")
    crashes: list[int] = []
    field_app = demo.FieldApp(tmp_path / "app", 1, "http://127.0.0.1:2/")
    field_app.start(crashes.append)
    until(lambda: crashes == [3], 20)
    assert "why" in field_app.log.read_text()
    field_app.stop()


def test_the_app_beside_us_is_stopped_without_being_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = (
        "import os, time; print(os.environ['JIAFANG_PORT'], os.environ['JIAFANG_SERVER'], flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(demo, "FIELD_APP", waiting)
    crashes: list[int] = []
    field_app = demo.FieldApp(tmp_path / "app", 1, "http://127.0.0.1:2/")
    field_app.start(crashes.append)
    until(lambda: field_app.log.exists() and "1 http://127.0.0.1:2/" in field_app.log.read_text(), 20)
    field_app.stop()
    time.sleep(0.05)
    assert crashes == []


def test_the_app_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """Nobody is left behind holding the port, even when the demo dies without a chance to tidy up."""
    watch = demo.FIELD_APP.split("from fieldapp")[0] + "import time; print('up', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", watch], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"up\n"
    child.stdin.close()  # what the system does for a killed parent
    assert child.wait(10) == 0
    child.stdout.close()


def test_serve_answers_and_logs_json_until_it_is_told_to_stop(tmp_path: Path) -> None:
    make_school(tmp_path).close()
    command = [sys.executable, "-m", "sync_server", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=english())
    assert server.stdout is not None
    url = server.stdout.readline().split()[-1]
    answer = httpx.get(f"{url}v1/hello", timeout=20)
    assert answer.json()["code"] == "not_enrolled"
    assert httpx.get(url, follow_redirects=True, timeout=20).headers["content-type"].startswith("text/html")
    server.send_signal(signal.SIGTERM)
    _said, logged = server.communicate(timeout=20)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert any(line["event"] == "request" and line["path"] == "/v1/hello" for line in lines)
    assert server.returncode in (0, -signal.SIGTERM)


def english() -> dict[str, str]:
    return {**os.environ, "JIAFANG_LOCALE": "en", "PYTHONUNBUFFERED": "1"}


def test_passwords_are_checked_at_the_same_pace_for_nobody() -> None:
    assert not passwords.matches("anything", "")
    kept = passwords.hashed("right")
    assert passwords.matches("right", kept)
    assert not passwords.matches("wrong", kept)
