"""The files of deploy/ name only commands, settings, ports, addresses and folders that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from sync_server.__main__ import app
from sync_server.settings import Settings
from sync_server.web.problem import WATCHED

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
    copied = {name for line in re.findall(r"^COPY (.+)", CONTAINER, re.M) for name in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    packages = set(re.search(r'packages = \[(.+)\]', (ROOT / "pyproject.toml").read_text())[1].replace('"', "").split(", "))  # type: ignore[index]
    assert packages <= copied
    port = re.search(r"JIAFANG_PORT=(\d+)", CONTAINER)[1]  # type: ignore[index]
    assert f"EXPOSE {port}" in CONTAINER and f"127.0.0.1:{port}/healthz" in CONTAINER
    data = re.search(r"JIAFANG_DATA=(\S+)", CONTAINER)[1]  # type: ignore[index]
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


def test_the_proxy_asks_at_an_address_that_answers_and_keeps_a_phone_with_one_process() -> None:
    asked = set(re.findall(r"health_uri /(\w+)", CADDY))
    assert asked and asked <= set(WATCHED)
    assert CADDY.count("{") == CADDY.count("}") and "lb_policy header Authorization" in CADDY
    assert set(re.findall(r"\{\$(\w+)", CADDY)) == COMPOSE["services"]["caddy"]["environment"].keys()


def test_the_unit_runs_the_server_and_may_write_its_data_alone() -> None:
    service = unit()["Service"]
    assert service["ExecStart"].split()[1:] == ["-m", "sync_server", "serve"]
    data = re.search(r"JIAFANG_DATA=(\S+)", service["Environment"])[1]  # type: ignore[index]
    assert service["ReadWritePaths"] == data and "JIAFANG_PORT=%i" in service["Environment"]


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
