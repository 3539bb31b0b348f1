"""Whatever is sent to the machines' doors, none answers with 5xx, nor with anything that the OpenAPI document lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import Phone, make_school, served

DOORS = ("POST /v1/enrol", "GET /v1/hello", "POST /v1/push", "GET /v1/pull", "POST /v1/missing", "GET /v1/log/proof")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiring]:
    wiring = make_school(tmp_path_factory.mktemp("school"))
    yield wiring
    wiring.close()


@pytest.fixture(scope="module")
def url(school: Wiring) -> Iterator[str]:
    with served(school) as address:
        yield address


@pytest.fixture(scope="module")
def headers(school: Wiring) -> dict[str, str]:
    return Phone().enrol(school).headers


def operations(url: str) -> dict[str, schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    found = [one.ok() for one in schema.get_all_operations()]
    return {f"{one.method.upper()} {one.path}": one for one in found}


def test_every_door_is_tried(url: str) -> None:
    assert set(DOORS) <= operations(url).keys()


@pytest.mark.parametrize("known", [True, False], ids=["phone", "stranger"])
@pytest.mark.parametrize("door", DOORS)
def test_no_answer_surprises(door: str, known: bool, url: str, headers: dict[str, str]) -> None:
    operation = operations(url)[door]
    told = headers if known else {"Authorization": "Bearer nobody"}

    @settings(max_examples=25 if known else 5, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=url, headers=told, checks=CHECKS, timeout=60)

    ask()
