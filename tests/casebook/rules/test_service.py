"""Whether a notice was validly served, way by way (domain 4.6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from assets import load_wording
from casebook.rules.reading import chronicle
from casebook.rules.service import DEFECTIVE, DEFECTS, NOT_SERVED, SERVED, WAYS, Bench, Receipt, judge, receipt_of
from casebook.rules.words import defect_key
from tests.casebook.rules.tale import BOY, Tale, book, changed

DAY = dt.date(2025, 10, 16)
BENCH = Bench(book().on(DAY), {"N1-7": dt.date(2025, 10, 15)})
SIGNED = Receipt("N1-7", "direct", DAY, servers=2, sign_mode="handwritten", signed=True)
LEFT = Receipt("N1-7", "left", DAY, servers=2, left=True, grassroots=1)


def outcome(receipt: Receipt, bench: Bench = BENCH) -> tuple[str, tuple[str, ...]]:
    found = judge(receipt, bench)
    assert (found.served_on is not None) == (found.outcome == SERVED)
    return found.outcome, found.defects


def test_signed_by_the_guardian_it_is_served_on_the_signing_day() -> None:
    assert judge(SIGNED, BENCH).served_on == DAY
    assert outcome(replace(SIGNED, sign_mode="seal")) == (SERVED, ())


@pytest.mark.parametrize(("change", "defects"), [
    ({"servers": 1}, ("server",)), ({"adult": False}, ("adult",)), ({"signed": False}, ("signature",)),
    ({"sign_mode": "thumb_on_paper", "attesters": 1}, ("attesters",)), ({"doc_no": "N1-8"}, ("number_unknown",)),
    ({"on": dt.date(2025, 10, 14)}, ("before_issue",)), ({"servers": 0, "signed": False}, ("server", "signature")),
    ({"way": "cohabiting_adult", "lives_together": False}, ("home",)),
])  # fmt: skip
def test_what_is_missing_makes_it_defective(change: dict[str, Any], defects: tuple[str, ...]) -> None:
    assert outcome(replace(SIGNED, **change)) == (DEFECTIVE, defects)


def test_a_thumbprint_attested_by_two_adults_is_a_signature() -> None:
    assert outcome(replace(SIGNED, sign_mode="thumb_on_paper", attesters=2)) == (SERVED, ())


def test_an_adult_of_the_same_home_may_sign() -> None:
    assert outcome(replace(SIGNED, way="cohabiting_adult")) == (SERVED, ())


def test_left_at_the_home_it_needs_a_witness_or_pictures() -> None:
    assert outcome(LEFT) == (SERVED, ())
    assert outcome(replace(LEFT, grassroots=0, pictures=2)) == (SERVED, ())
    assert outcome(replace(LEFT, grassroots=0, pictures=1)) == (DEFECTIVE, ("witness_or_pictures",))
    assert outcome(replace(LEFT, left=False)) == (DEFECTIVE, ("left",))


def test_a_county_may_want_both() -> None:
    strict = replace(BENCH, rules=book(changed("left_evidence", value="both")).on(DAY))
    assert outcome(LEFT, strict) == (DEFECTIVE, ("pictures",))
    assert outcome(replace(LEFT, grassroots=0, pictures=2), strict) == (DEFECTIVE, ("witness",))
    assert outcome(replace(LEFT, pictures=2), strict) == (SERVED, ())


def test_by_post_the_day_on_the_slip_counts() -> None:
    post = Receipt("N1-7", "post", DAY)
    assert outcome(post) == (DEFECTIVE, ("slip",))
    assert judge(replace(post, slip_on=dt.date(2025, 10, 20)), BENCH).served_on == dt.date(2025, 10, 20)


def test_electronic_is_a_courtesy_copy_unless_consented_and_read() -> None:
    copy = Receipt("N1-7", "electronic", DAY)
    assert outcome(copy) == (DEFECTIVE, ("consent", "reading"))
    assert outcome(replace(copy, consent=True)) == (DEFECTIVE, ("reading",))
    assert outcome(replace(copy, consent=True, reading_confirmed=True)) == (SERVED, ())


@pytest.mark.parametrize("way", ["committee", "posted", ""])
def test_what_serves_nobody_is_no_service(way: str) -> None:
    assert outcome(Receipt("N1-7", way, DAY)) == (NOT_SERVED, (f"way_{way or 'none'}",))


def test_a_form_of_service_is_read_as_a_receipt() -> None:
    tale = Tale()
    tale.serve("2025-10-16 16:00", "N1-7", "refuses", left_at_home="yes", witness_1_signature="w.svg", witness_1_post="cadre",
               witness_2_signature="v.svg", witness_2_post="teacher", photos_notice="a.jpg", receipt_mode="", guardian_signature="")  # fmt: skip
    tale.serve("2025-10-17 16:00", "N1-7", "absent")
    first, second = (receipt_of(contact) for contact in chronicle(BOY, tale.entries).contacts)
    assert first == Receipt("N1-7", "left", DAY, servers=2, attesters=2, left=True, grassroots=1, pictures=1)
    assert second.way == ""


def test_every_defect_has_its_words() -> None:
    seen = {code for way in (*WAYS, "") for receipt in (Receipt("x", way, DAY), Receipt("x", way, DAY, adult=False, lives_together=False))
            for code in judge(receipt, BENCH).defects}  # fmt: skip
    assert seen <= set(DEFECTS)
    assert all(load_wording(locale).has(defect_key(code)) for code in DEFECTS for locale in ("zh_CN", "en"))
