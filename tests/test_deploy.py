"""The files of deploy/ name only commands, settings, ports, addresses and folders that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from configparser import RawConfigParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.main import get_command

from sync_server.__main__ import app
from sync_server.enrolment import marked
from sync_server.settings import Settings
from sync_server.web.problem import WATCHED
from sync_server.web.session import COOKIE
from tests.whole.processes import answers, free_port

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
KNOWN = {f"JIAFANG_{name.upper()}" for name in Settings.__annotations__}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINER, CADDY = ((DEPLOY / name).read_text() for name in ("Containerfile", "Caddyfile"))


def unit() -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "jiafang@.service")
    return parser


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_setting_and_command_that_is_named_exists(path: Path) -> None:
    text = path.read_text()
    assert set(re.findall(r"JIAFANG_[A-Z_]+", text)) <= KNOWN
    commands = re.findall(r"sync_server[\", ]+([a-z-]+)", text)
    assert set(commands) <= set(get_command(app).commands) | {"sync"}  # type: ignore[attr-defined]


def test_the_container_holds_the_whole_program_and_serves_where_the_others_look() -> None:
    """The school's folder is never a volume itself: what is restored comes to its place by a rename."""
    copied = {name for line in re.findall(r"^COPY (.+)", CONTAINER, re.M) for name in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    packages = set(re.search(r'packages = \[(.+)\]', (ROOT / "pyproject.toml").read_text())[1].replace('"', "").split(", "))  # type: ignore[index]
    assert packages <= copied
    port = re.search(r"JIAFANG_PORT=(\d+)", CONTAINER)[1]  # type: ignore[index]
    assert f"EXPOSE {port}" in CONTAINER and f"127.0.0.1:{port}/healthz" in CONTAINER
    data = re.search(r"^VOLUME (.+)", CONTAINER, re.M)[1]  # type: ignore[index]
    assert Path(re.search(r"JIAFANG_DATA=(\S+)", CONTAINER)[1]).parent == Path(data)  # type: ignore[index]
    servers = COMPOSE["services"]["caddy"]["environment"]["SERVERS"].split()
    assert servers == [f"one:{port}", f"two:{port}"]
    for name in ("one", "two"):
        assert COMPOSE["services"][name]["volumes"] == [f"data:{data}"]


def test_the_compose_file_hangs_together() -> None:
    services, volumes = COMPOSE["services"], set(COMPOSE["volumes"])
    for name, service in services.items():
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            assert source in volumes or (DEPLOY / source).exists(), (name, mounted)
        assert set(service.get("depends_on", {})) <= services.keys()
    built = services["one"]["build"]
    assert (DEPLOY / built["context"]).resolve() == ROOT and (ROOT / built["dockerfile"]).exists()
    url, database = services["one"]["environment"]["JIAFANG_DATABASE_URL"], services["postgres"]["environment"]
    assert url == f"postgresql+psycopg://{database['POSTGRES_USER']}:${{POSTGRES_PASSWORD}}@postgres/jiafang"
    assert "--locale=C" in database["POSTGRES_INITDB_ARGS"]


def test_servers_behind_the_proxy_believe_whom_it_names_and_nobody_else_reaches_them() -> None:
    """Else all people and phones of a county would be one address that guesses too often, and cookies not be secure."""
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    for name in ("one", "two"):
        assert services[name]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert not {"header_up", "trusted_proxies"} & set(CADDY.split())  # Caddy names the address that it sees


def test_the_proxy_asks_at_an_address_that_answers() -> None:
    asked = set(re.findall(r"health_uri /(\w+)", CADDY))
    assert asked and asked <= set(WATCHED)
    assert CADDY.count("{") == CADDY.count("}") and CADDY.count("lb_policy header X-School") == 2
    assert set(re.findall(r"\{\$(\w+)", CADDY)) == COMPOSE["services"]["caddy"]["environment"].keys()


def test_the_unit_runs_the_server_and_may_write_its_data_alone() -> None:
    service = unit()["Service"]
    assert service["ExecStart"].split()[1:] == ["-m", "sync_server", "serve"]
    data = re.search(r"JIAFANG_DATA=(\S+)", service["Environment"])[1]  # type: ignore[index]
    assert Path(data).parent == Path(service["ReadWritePaths"]) and "JIAFANG_PORT=%i" in service["Environment"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this computer has no systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "jiafang@.service").read_text().replace("/opt/jiafang/bin/python", sys.executable)
    (tmp_path / "jiafang@8001.service").write_text(text)
    ran = subprocess.run(["systemd-analyze", "verify", tmp_path / "jiafang@8001.service"], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("caddy") is None, reason="this computer has no Caddy")
def test_caddy_finds_nothing_wrong_with_its_file(tmp_path: Path) -> None:
    command = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    ran = subprocess.run(command, capture_output=True, text=True, env={"SITE": "localhost", "HOME": str(tmp_path)})
    assert ran.returncode == 0, ran.stderr


class Named(BaseHTTPRequestHandler):
    """A server process that says only which one it is."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.server.server_address[1]).encode())

    def log_message(self, *_: object) -> None:
        """Says nothing else."""


@pytest.mark.skipif(shutil.which("caddy") is None, reason="this computer has no Caddy")
def test_the_proxy_keeps_a_school_with_one_process_and_shares_the_schools_out(tmp_path: Path) -> None:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Named) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{free_port()}"
    told = {"SITE": site, "SERVERS": " ".join(f"127.0.0.1:{server.server_port}" for server in servers),
            "HOME": str(tmp_path), "CADDY_ADMIN": f"127.0.0.1:{free_port()}"}  # fmt: skip
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    proxy = subprocess.Popen(command, env=told, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not answers(site):
            assert proxy.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        homes = []
        with httpx.Client(base_url=site) as line:
            for school in (marked(f"31990000{number:02}", "") for number in range(24)):
                said = [{"Authorization": f"Bearer {school}phone{n}"} for n in range(2)]
                said += [{"Cookie": f"theme=dark; {COOKIE}={school}person{n}"} for n in range(2)]
                (home,) = {line.get("/v1/hello", headers=headers).text for headers in said}
                homes.append(home)
        assert len(set(homes)) == 2
    finally:
        proxy.terminate()
        proxy.wait(10)
        for server in servers:
            server.shutdown()
