"""Whatever is sent to the machines' doors, none answers with 5xx, nor with anything that the OpenAPI document lacks."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from casebook.packs import Pack, PackedFile
from sync_server.web.files import OCTETS
from sync_server.wiring import Wiring
from tests.sync_server.schoolhouse import TUS, Phone, announce, jpeg, make_school, push_body, served, sha256, upload

DOORS = (
    "POST /v1/enrol", "GET /v1/hello", "POST /v1/push", "GET /v1/pull", "POST /v1/missing", "POST /v1/compare",
    "GET /v1/log/proof", "GET /v1/files/{sha256}", "HEAD /v1/files/{sha256}", "OPTIONS /files", "POST /files",
    "HEAD /files/{sha256}", "PATCH /files/{sha256}", "HEAD /files/pack/{pack}", "PATCH /files/pack/{pack}",
)  # fmt: skip
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PHOTO = jpeg(1, 40)
#: A file of three bytes: whatever comes soon fills it, and is not what its hash says.
SHORT, SHORT_BYTES = sha256(b"abc"), 3
PACK = Pack((PackedFile(SHORT, SHORT_BYTES, "image/jpeg"), PackedFile(sha256(b"def"), 3, "image/png")))
PACKED = f"pack {base64.b64encode(PACK.manifest.encode()).decode()}"


@schemathesis.serializer(OCTETS)
def octets(_ctx: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


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
def headers(school: Wiring, url: str) -> dict[str, str]:
    """Of a phone that has brought a photo."""
    phone = Phone().enrol(school)
    with httpx.Client(base_url=url, headers=phone.headers) as client:
        client.post("/v1/push", json=push_body(phone.visit("v1", {"a.jpg": PHOTO})))
        assert upload(client, PHOTO).status_code == 204
    return phone.headers


@pytest.fixture(scope="module")
def operations(url: str) -> dict[str, schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    found = [one.ok() for one in schema.get_all_operations()]
    return {f"{one.method.upper()} {one.path}": one for one in found}


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url) as made:
        yield made


def test_every_door_is_tried(operations: dict[str, schemathesis.APIOperation]) -> None:
    assert set(DOORS) == operations.keys()


@pytest.mark.parametrize("known", [True, False], ids=["phone", "stranger"])
@pytest.mark.parametrize("door", DOORS)
def test_no_answer_surprises(
    door: str, known: bool, url: str, headers: dict[str, str], operations: dict[str, schemathesis.APIOperation],
    client: httpx.Client,
) -> None:  # fmt: skip
    told = headers if known else {"Authorization": "Bearer nobody"}

    @settings(max_examples=20 if known else 4, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operations[door].as_strategy(), there=st.sampled_from(["", "file", "pack", "photo"]))
    def ask(case: schemathesis.Case, there: str) -> None:
        said = told
        if "/files" in door and there:
            said = told | _about_something(case, there)
            client.post("/files", headers=said | announce(SHORT, SHORT_BYTES))
            client.post("/files", headers=said | TUS | {"Upload-Length": str(PACK.size), "Upload-Metadata": PACKED})
        case.call_and_validate(base_url=url, headers=said, checks=CHECKS, timeout=60)

    ask()


def _about_something(case: schemathesis.Case, there: str) -> dict[str, str]:
    """Makes the request be about a file or a pack that the school has heard of; the headers that are to be right."""
    file = sha256(PHOTO) if there == "photo" else SHORT
    case.path_parameters = {name: {"pack": PACK.id}.get(name, file) for name in case.path_parameters or {}}
    if case.method.upper() == "POST":
        packed = TUS | {"Upload-Length": str(PACK.size), "Upload-Metadata": PACKED}
        return packed if there == "pack" else announce(file, SHORT_BYTES)
    return TUS | ({"Upload-Offset": "0"} if there == "pack" else {})
