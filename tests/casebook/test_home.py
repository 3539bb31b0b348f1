"""Contact data belong to the home: what brothers' and sisters' records say of it counts in every one's case file."""

from __future__ import annotations

import datetime as dt
import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import home
from casebook.casefile import CaseFile, Entry, fold
from casebook.rules.duties import file_duties
from tests.casebook.builders import entry, make_record, make_review, make_visit

GIRL, BOY = "a" * 32, "b" * 32
PHONE, SEEN = "guardian_phone", "seen"
OTHER = "e" * 64
TODAY = dt.date(2025, 11, 10)


def says(case: str, value: str, clock: int, **more: object) -> Entry:
    return entry(make_record(case=case, set={PHONE: value}, hlc=(clock, 0), **more))


def files(*entries: Entry) -> tuple[CaseFile, CaseFile]:
    """The case files of both children, as a phone knows them that was told the other's part by a row (JSON)."""
    own = {case: [one for one in entries if one.record.case == case] for case in (GIRL, BOY)}
    rows = {case: json.loads(json.dumps(home.told(own[other]))) for case, other in ((GIRL, BOY), (BOY, GIRL))}
    girl, boy = (fold(case, own[case], home.read(rows[case])) for case in (GIRL, BOY))
    return girl, boy


def told(file: CaseFile) -> object:
    return [(one.value, one.rid) for one in file.values(PHONE)], file.text(PHONE), sorted(file.conflicts())


def test_what_one_childs_visit_says_of_the_home_shows_on_its_brothers_page() -> None:
    girl, boy = files(says(GIRL, "12000001701", 5))
    assert girl.text(PHONE) == boy.text(PHONE) == "12000001701"
    assert boy.timeline() == [] and not boy.is_own(boy.values(PHONE)[0]) and girl.is_own(girl.values(PHONE)[0])


def test_two_teachers_and_two_children_are_one_conflict_asked_once_and_the_old_value_shows() -> None:
    old = says(GIRL, "12000001000", 1)
    one = says(GIRL, "12000001701", 5, base={PHONE: (old.rid,)})
    two = says(BOY, "12000001710", 6, base={PHONE: (old.rid,)}, author="u" * 32)
    girl, boy = files(old, one, two)
    assert told(girl) == told(boy)
    assert [shown.value for shown in boy.conflicts()[PHONE]] == ["12000001710", "12000001701"]
    assert girl.text(PHONE) == "12000001000"
    asked = [duty.subject for file in (girl, boy) for duty in file_duties(file, TODAY)]
    assert asked == [BOY], "of the child whose record is the newest"


def test_one_decision_on_either_page_settles_it_for_both_and_a_later_change_is_no_conflict() -> None:
    one, two = says(GIRL, "12000001701", 5), says(BOY, "12000001710", 6)
    girl, boy = files(one, two)
    decision = says(GIRL, "12000001710", 7, type="resolve", base=boy.base_for([PHONE]))
    girl, boy = files(one, two, decision)
    assert told(girl) == told(boy) == ([("12000001710", decision.rid)], "12000001710", [])
    later = says(BOY, "12000001799", 8, base=boy.base_for([PHONE]))
    assert [file.text(PHONE) for file in files(one, two, decision, later)] == ["12000001799", "12000001799"]
    assert [file.conflicts() for file in files(one, two, decision, later)] == [{}, {}]


def test_nothing_but_contact_data_is_told_of_a_sister() -> None:
    visit = make_visit(case=GIRL, set={PHONE: "12000001701", SEEN: "yes", "protection_note": "x"}, base={SEEN: (OTHER,), PHONE: (OTHER,)})
    (row,) = home.told([entry(visit), entry(make_review(entry(visit), case=GIRL))])
    assert row["set"] == {PHONE: "12000001701"} and row["base"] == {PHONE: [OTHER]}
    assert set(row) == {"rid", "case", "author", "at", "hlc", "set", "base"}
    boy = CaseFile(BOY)
    boy.add_home(home.read([{**row, "set": {**row["set"], SEEN: "yes"}}])[0])
    assert boy.properties() == [PHONE]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing_and_both_files_agree(seed: int, rng: random.Random) -> None:
    """Teachers who know only part of what the others wrote, in a home of two."""
    chance, written = random.Random(seed), list[Entry]()
    for n in range(8):
        known = chance.sample(written, chance.randint(0, len(written)))
        case = chance.choice((GIRL, BOY))
        own, others = ([one for one in known if (one.record.case == case) == mine] for mine in (True, False))
        base = fold(case, own, home.read(home.told(others))).base_for([PHONE])
        written.append(says(case, f"1200000{n:04d}", chance.randint(1, 50), base=base, body={"n": n}))
    shuffled = [*written, *rng.choices(written, k=4)]
    rng.shuffle(shuffled)
    assert [told(file) for file in files(*shuffled)] == [told(file) for file in files(*written)]
    girl, boy = files(*written)
    assert told(girl) == told(boy)
    replaced = {rid for one in written for rid in one.record.base.get(PHONE, ())}
    assert {shown.rid for shown in girl.values(PHONE)} == {one.rid for one in written} - replaced
