"""Several server processes on one PostgreSQL are one school, and nothing acknowledged is lost when any of it is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from casebook.protocol import to_json
from sync_server import passwords
from sync_server.store import accounts
from tests.faults.county import County, Sender, county, strike_while_sending
from tests.faults.little import code_for
from tests.sync_server.schoolhouse import PRINCIPAL, SCHOOL, TEACHER, Phone, jpeg, push_body

PASSWORD = "stone-bridge-7"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with county(tmp_path_factory.mktemp("county")) as running:
        yield running


def test_one_record_sent_to_both_at_once_is_one_record_with_one_receipt(here: County) -> None:
    sender = Sender(here.servers, Phone(TEACHER, 30).enrol(here.wiring), 0)
    for number in range(5):
        sealed, answers = sender.phone.visit(f"both-{number}", {"a.jpg": jpeg(2, 60)}), list[httpx.Response]()
        ready = threading.Barrier(2)

        def push(url: str, body: object = push_body(sealed), ready=ready, answers=answers) -> None:  # type: ignore[no-untyped-def]
            ready.wait()
            answers.append(httpx.post(f"{url}/v1/push", json=body, headers=sender.phone.headers, timeout=30))

        threads = [threading.Thread(target=push, args=(server.url,)) for server in here.servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first, second = (answer.json()["outcomes"][0] for answer in answers)
        assert {first["verdict"], second["verdict"]} == {"stored", "duplicate"}
        assert first["receipt"] == second["receipt"]


def test_whoever_is_known_to_one_process_is_known_to_the_other_and_no_longer_when_the_other_says_so(here: County) -> None:
    one, two = (httpx.Client(base_url=server.url, timeout=30) for server in here.servers)
    here.wiring.store.run_tx(lambda conn: accounts.set_password(conn, SCHOOL, PRINCIPAL, passwords.hashed(PASSWORD)))
    phone = Phone(TEACHER, 31)
    asked = to_json(phone.request(code_for(here.wiring)))
    phone.token = one.post("/v1/enrol", json=asked).json()["token"]
    assert two.post("/v1/enrol", json=asked).json()["code"] == "code_used"
    assert two.get("/v1/hello", headers=phone.headers).json()["standing"] == "active"
    origin = {"Origin": here.servers[0].url}
    page = one.post("/login", data={"login": "principal", "password": PASSWORD, "next": "/"}, headers=origin)
    assert page.status_code == 303 and one.get("/staff").status_code == 200
    two.cookies.update(one.cookies)
    assert two.get("/staff").status_code == 200
    blocked = one.post(f"/staff/{TEACHER}/phones", data={"dev": phone.dev}, headers=origin)
    assert blocked.headers["location"].endswith("done=blocked")
    assert two.get("/v1/hello", headers=phone.headers).json()["standing"] == "revoked"
    assert two.post("/logout", headers={"Origin": here.servers[1].url}).status_code == 303
    assert one.get("/staff").headers["location"].startswith("/login")


def test_processes_and_database_are_killed_while_phones_send_and_nothing_acknowledged_is_lost(here: County) -> None:
    """The database first, then one process, then the other."""
    came = strike_while_sending(here, strikes=3, seed=7, phones=2)
    assert (came.struck, came.wrong) == (3, []) and came.visits > 6
