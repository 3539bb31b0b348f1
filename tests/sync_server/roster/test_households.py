"""Brothers and sisters are proposed by a shared guardian, and joined or kept apart by a person's word only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import NoSuchPage, NotAllowed
from sync_server.registry import Guardian, SchoolClass
from sync_server.roster.households import MOST_ALIKE, SAME_ADDRESS, SAME_PHONE, Households, pair_of, propose
from sync_server.store import rows
from sync_server.wiring import Wiring
from tests.sync_server.roster.sheets import PEOPLE, SCHOOL, child, load, schoolhouse, settle, small_register

REGISTRAR = PEOPLE["registrar"]


def adult(name: str, phone: str) -> Guardian:
    return Guardian(f"g-{name}-{phone}", name, "51", phone, True, True, "yes")


def kid(id: str, name: str, phone: str, address: str = "", **facts: object):  # type: ignore[no-untyped-def]
    return child(id, name=f"学生{id}", id_no="", student_no="", village="", hukou_village="", home_address=address, guardians=(adult(name, phone),), **facts)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Wiring]:
    wiring = schoolhouse(tmp_path)
    settle(wiring, SchoolClass("k82", "八年级(2)班", 8, "junior", ""), kid("s1", "王大", "1"), kid("s2", "王大", "1"), kid("s3", "王大", "1"), kid("s4", "李四", "1"))
    yield wiring
    wiring.close()


def use(wiring: Wiring) -> Households:
    return Households(wiring.store, SCHOOL, wiring.clock)


@pytest.mark.parametrize(
    ("one", "other", "because"),
    [
        (kid("a", "王大", "1"), kid("b", "王大", "1"), SAME_PHONE), (kid("a", "王大", "1", "五组8号"), kid("b", "王大", "", "五组 8号"), SAME_ADDRESS),
        (kid("a", "王大", "1"), kid("b", "王二", "1"), None), (kid("a", "王大", "1"), kid("b", "王大", "2"), None), (kid("a", "王大", ""), kid("b", "王大", ""), None),
        (kid("a", "王大", "1"), kid("b", "王大", "1", roll_status="left"), None), (kid("a", "王大", "1", household="h"), kid("b", "王大", "1", household="h"), None),
    ],
)  # fmt: skip
def test_a_shared_guardian_with_telephone_or_address_is_a_reason(one, other, because) -> None:  # type: ignore[no-untyped-def]
    assert [found.because for found in propose(small_register(one, other), set())] == ([because] if because else [])


def test_a_whole_class_with_one_telephone_is_no_family() -> None:
    many = [kid(f"s{n}", "王大", "1") for n in range(MOST_ALIKE + 1)]
    assert propose(small_register(*many), set()) == []


def test_nothing_is_joined_until_a_person_says_so(school: Wiring) -> None:
    assert len(use(school).proposals(REGISTRAR)) == 3
    assert all(one.siblings == () for one in load(school).students.values())
    use(school).decide(REGISTRAR, pair_of("s1", "s2"), True)
    now = load(school).students
    assert (now["s1"].siblings, now["s2"].siblings, now["s3"].siblings) == (("s2",), ("s1",), ())
    use(school).decide(REGISTRAR, pair_of("s2", "s3"), True)
    assert load(school).students["s1"].siblings == ("s2", "s3")
    assert use(school).proposals(REGISTRAR) == []
    with school.store.read() as conn:
        assert rows.of_feed(conn, SCHOOL, "students")["s3"]["siblings"] == ["s1", "s2"]


def test_who_was_kept_apart_is_not_proposed_again(school: Wiring) -> None:
    use(school).decide(REGISTRAR, pair_of("s1", "s2"), False)
    assert {one.pair for one in use(school).proposals(REGISTRAR)} == {"s1:s3", "s2:s3"}
    with pytest.raises(NoSuchPage):
        use(school).decide(REGISTRAR, pair_of("s1", "s2"), True)


def test_only_the_office_decides(school: Wiring) -> None:
    for login in ("teacher", "deputy"):
        with pytest.raises(NotAllowed):
            use(school).proposals(PEOPLE[login])
        with pytest.raises(NotAllowed):
            use(school).decide(PEOPLE[login], pair_of("s1", "s2"), True)
