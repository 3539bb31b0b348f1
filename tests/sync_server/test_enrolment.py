"""Phones come in with a one-use code, and with nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import CodeExpired, CodeInvalid, CodeUsed, NotAllowed, NotEnrolled, RequestMalformed
from sync_server import enrolment
from sync_server.settings import Settings
from sync_server.store import accounts, schema
from sync_server.wiring import Wiring, build
from tests.sync_server.schoolhouse import NEIGHBOUR, SCHOOL, TEACHER, Phone, make_school


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2025, 10, 9, 16, tzinfo=dt.timezone(dt.timedelta(hours=8)))

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def school(tmp_path: Path, clock: Clock) -> Iterator[Wiring]:
    make_school(tmp_path).close()
    wiring = build(Settings(data=tmp_path / "data"), clock=clock)
    yield wiring
    wiring.close()


def code(school: Wiring, account: str = TEACHER) -> str:
    def make(conn):
        owner = accounts.by_id(conn, SCHOOL, account)
        assert owner is not None
        return school.enrolment.make_code(conn, owner)

    return school.store.run_tx(make).text


def test_a_code_makes_the_phone_its_owners(school: Wiring) -> None:
    phone = Phone()
    reply = school.enrolment.enrol(phone.request(code(school)))
    assert (reply.account.id, reply.account.roles, reply.school.id) == (TEACHER, ["class_teacher"], SCHOOL)
    assert reply.device == phone.dev
    assert school.enrolment.device_of(reply.token).account == TEACHER


def test_a_code_is_easy_to_type(school: Wiring) -> None:
    text = code(school)
    assert len(text) == 9
    assert set(text) <= set(enrolment.ALPHABET) | {"-"}
    assert not set(enrolment.ALPHABET) & set("0O1IL5S2ZB")
    school.enrolment.enrol(Phone().request(f" {text.lower().replace('-', ' ')} "))


def test_a_code_works_once(school: Wiring) -> None:
    text = code(school)
    school.enrolment.enrol(Phone().request(text))
    with pytest.raises(CodeUsed):
        school.enrolment.enrol(Phone(seed=9).request(text))


def test_a_code_runs_out_after_ten_minutes(school: Wiring, clock: Clock) -> None:
    text = code(school)
    clock.now += dt.timedelta(minutes=10, seconds=1)
    with pytest.raises(CodeExpired):
        school.enrolment.enrol(Phone().request(text))


@pytest.mark.parametrize("typed", ["", "wrong", "AAAA-AAAA", "😀😀😀😀", "x" * 5000])
def test_nonsense_is_no_code(school: Wiring, typed: str) -> None:
    with pytest.raises(CodeInvalid):
        school.enrolment.enrol(Phone().request(typed))


def test_five_wrong_guesses_end_a_code(school: Wiring) -> None:
    text = code(school)
    wrong = text[:-1] + ("A" if text[-1] != "A" else "C")
    for _ in range(enrolment.MAX_TRIES):
        with pytest.raises(CodeInvalid):
            school.enrolment.enrol(Phone().request(wrong))
    with pytest.raises(CodeInvalid):
        school.enrolment.enrol(Phone().request(text))


def test_the_same_phone_may_enrol_again_and_its_old_token_ends(school: Wiring) -> None:
    phone = Phone()
    first = school.enrolment.enrol(phone.request(code(school)))
    second = school.enrolment.enrol(phone.request(code(school)))
    assert second.token != first.token
    with pytest.raises(NotEnrolled):
        school.enrolment.device_of(first.token)
    assert school.enrolment.device_of(second.token).dev == phone.dev


def test_a_key_stays_with_the_person_who_enrolled_it(school: Wiring) -> None:
    school.enrolment.enrol(Phone().request(code(school)))
    text = code(school, NEIGHBOUR)
    with pytest.raises(NotAllowed):
        school.enrolment.enrol(Phone().request(text))
    school.enrolment.enrol(Phone(seed=9).request(text))  # the code was not used up by the refusal


def test_a_key_must_be_a_key(school: Wiring) -> None:
    request = Phone().request(code(school))
    with pytest.raises(RequestMalformed):
        school.enrolment.enrol(type(request)(**{**request.__dict__, "public_key": "AAAA"}))


def test_neither_codes_nor_tokens_lie_in_the_store(school: Wiring) -> None:
    text = code(school)
    token = school.enrolment.enrol(Phone().request(text)).token
    with school.store.read() as conn:
        for table in (schema.enrol_code, schema.device):
            kept = repr([tuple(row) for row in conn.execute(table.select())])
            assert text.replace("-", "") not in kept
            assert token not in kept


def test_a_closed_account_gets_no_phone(school: Wiring) -> None:
    text = code(school)
    school.store.run_tx(lambda conn: accounts.set_active(conn, SCHOOL, TEACHER, False))
    with pytest.raises(CodeInvalid):
        school.enrolment.enrol(Phone().request(text))
