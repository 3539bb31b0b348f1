"""Whoever watches the server learns whether it works, and figures without a name; a full disk is refused politely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from sync_server.operations import health
from sync_server.web.app import create_app
from sync_server.web.limits import door_of
from tests.sync_server.operations.safekeeping import Safekeeping, safekeeping
from tests.sync_server.schoolhouse import push_body

TOKEN = "watch-me"


@pytest.fixture
def here(school: Safekeeping) -> Iterator[TestClient]:
    """Asked from this computer."""
    with TestClient(create_app(school.wiring), client=("127.0.0.1", 50000)) as client:
        yield client


def test_it_lives_and_is_ready(school: Safekeeping, here: TestClient) -> None:
    assert here.get("/healthz").text == "ok\n"
    school.back_up()
    told = here.get("/readyz").json()
    assert told == {"ready": True, "database": True, "files": True, "room": True}
    assert not (school.wiring.settings.data / health.PROBE).exists()


def test_what_does_not_work_is_said(school: Safekeeping, monkeypatch: pytest.MonkeyPatch) -> None:
    full = replace(school.wiring, free_bytes=lambda: 5)
    asked = health.Health(full)
    assert not asked.readiness().ready and asked.readiness().database
    monkeypatch.setattr(health.durable, "keep", _refuse)
    monkeypatch.setattr(type(full.store), "run_tx", _refuse)
    broken = health.Health(school.wiring).readiness()
    assert (broken.ready, broken.database, broken.files, broken.room) == (False, False, False, True)


def _refuse(*_arguments: object, **_named: object) -> None:
    raise OSError(5, "broken")


def test_figures_name_no_door_by_its_id_and_no_person(school: Safekeeping, here: TestClient) -> None:
    school.visit()
    here.post("/v1/push", json=push_body(school.phone.seal()), headers=school.phone.headers)
    here.get("/visits/5f0c3b7a")
    text = here.get("/metrics").text
    assert 'jiafang_requests_total{door="push",status="200"} 1' in text
    assert 'jiafang_records_offered_total{code="",verdict="stored"} 1' in text
    assert 'jiafang_records{verdict="stored"} 2' in text and "jiafang_files 2" in text
    assert 'jiafang_request_seconds_count{door="push"} 1' in text
    assert 'jiafang_phones{which="all"} 1' in text
    assert "5f0c3b7a" not in text and school.phone.dev not in text and "teacher" not in text
    for line in text.splitlines():
        assert line.startswith(("# HELP jiafang_", "# TYPE jiafang_", "jiafang_")), line
    buckets = [int(line.split()[-1]) for line in text.splitlines() if '_bucket{door="push"' in line]
    assert buckets == sorted(buckets) and buckets[-1] == 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_figures_are_for_this_computer_alone(school: Safekeeping, here: TestClient, header: str) -> None:
    assert here.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    assert TestClient(create_app(school.wiring), client=("192.0.2.7", 1)).get("/metrics").status_code == 404


def test_or_for_those_who_know_the_token(tmp_path: Path) -> None:
    with safekeeping(tmp_path, metrics_token=TOKEN) as school:
        away = TestClient(create_app(school.wiring), client=("192.0.2.7", 1))
        assert away.get("/metrics").status_code == 404
        assert away.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
        assert away.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_every_door_that_writes_refuses_on_a_full_disk(school: Safekeeping) -> None:
    school.wiring.uploads._free_bytes = lambda: 5
    client = TestClient(create_app(school.wiring), headers=school.phone.headers)
    assert client.post("/v1/push", json=push_body(school.phone.seal())).status_code == 507
    assert client.post("/v1/enrol", json=school.phone.request("ABCD-EFGH").__dict__).status_code == 507
    form = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    for path in ("/account/password", "/staff", "/roster/new", "/calendar/2025-2026-1", "/rulebook"):
        answer = client.post(path, headers=form)
        assert answer.status_code == 507 and "存储空间满了" in answer.text, path
    assert client.post("/login", data={"login": "x", "password": "y"}, headers=form).status_code == 401
    assert client.get("/v1/hello").status_code == 200


@pytest.mark.parametrize(
    ("path", "door"),
    [("/", "console"), ("/v1/push", "push"), ("/v1/what/ever", "v1"), ("/files/ab12", "files"), ("/readyz", "readyz"), ("//", "console")],
)
def test_doors_are_few(path: str, door: str) -> None:
    assert door_of(path) == door
