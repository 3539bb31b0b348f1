"""A case file is the same in whatever order its records arrive, and never loses a value silently."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.casefile import CaseFile, Entry, fold
from casebook.errors import RecordMalformed
from casebook.kinds import check_kind
from tests.casebook.builders import CASE, entry, make_incident, make_record, make_review, make_visit

PHONE = "guardian_phone"


def view(file: CaseFile) -> object:
    """Everything a person sees of a case file."""
    values = {prop: file.values(prop) for prop in file.properties()}
    visits = [(v.visit, v.head.rid, v.status, [e.rid for e in v.versions]) for v in file.visits]
    return values, visits, [e.rid for e in file.timeline()], sorted(file.conflicts())


def write_history(seed: int, writers: int = 3, length: int = 12) -> tuple[list[Entry], list[tuple[str, str, frozenset[str]]]]:
    """Phones that write while knowing only part of what others wrote. Gives the records, and per write what was seen."""
    rng = random.Random(seed)
    written: list[Entry] = []
    known: list[CaseFile] = [CaseFile(CASE) for _ in range(writers)]
    writes = []
    for n in range(length):
        writer = rng.randrange(writers)
        for other in rng.sample(written, rng.randint(0, len(written))):
            known[writer].add(other)
        seen = frozenset(v.rid for v in known[writer].values(PHONE))
        record = make_record(
            author=f"{writer}" * 32, hlc=(rng.randint(1, 50), n), seq=1, set={PHONE: f"1200000{n:04d}"},
            base=known[writer].base_for([PHONE]), body={"n": n},
        )  # fmt: skip
        made = entry(record)
        known[writer].add(made)
        written.append(made)
        writes.append((made.rid, record.set[PHONE], seen))
    return written, writes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_order_repetition_and_batching_change_nothing(seed: int, rng: random.Random) -> None:
    """Set union plus a deterministic fold."""
    written, _ = write_history(seed)
    written += [entry(make_visit(hlc=(3, 0))), entry(make_incident(hlc=(2, 0)))]
    written.append(entry(make_review(written[-2], hlc=(4, 0))))
    shuffled = [*written, *rng.choices(written, k=5)]
    rng.shuffle(shuffled)
    assert view(fold(CASE, shuffled)) == view(fold(CASE, written))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_a_value_disappears_only_when_someone_who_saw_it_replaced_it(seed: int) -> None:
    """A concurrent value never vanishes: what is gone was in the base of a later write."""
    written, writes = write_history(seed)
    live = {shown.rid for shown in fold(CASE, written).values(PHONE)}
    replaced = {rid for _, _, seen in writes for rid in seen}
    assert live == {rid for rid, _, _ in writes} - replaced
    assert live, "some value always stands"


def test_a_sequential_edit_never_conflicts() -> None:
    """One teacher corrects what she saw: no question for anybody."""
    first = entry(make_record(set={PHONE: "12000000001"}))
    second = entry(make_record(set={PHONE: "12000000002"}, base={PHONE: (first.rid,)}, hlc=(2, 0)))
    file = fold(CASE, [second, first])
    assert file.text(PHONE) == "12000000002"
    assert not file.conflicts()


def test_two_phones_that_did_not_know_of_each_other_conflict_and_the_old_value_shows() -> None:
    """Story D: both numbers stay, the one before them is shown until the office decides, the decision ends it."""
    old = entry(make_record(set={PHONE: "12000001700"}))
    one = entry(make_record(set={PHONE: "12000001701"}, base={PHONE: (old.rid,)}, hlc=(5, 0)))
    two = entry(make_record(set={PHONE: "12000001710"}, base={PHONE: (old.rid,)}, hlc=(6, 0), author="u" * 32))
    file = fold(CASE, [two, old, one])
    assert [shown.value for shown in file.conflicts()[PHONE]] == ["12000001710", "12000001701"]
    assert file.text(PHONE) == "12000001700"
    assert fold(CASE, [two, one]).value(PHONE) is None, "the roster's number stands"
    decision = make_record(type="resolve", set={PHONE: "12000001710"}, base=file.base_for([PHONE]), hlc=(7, 0))
    file.add(entry(decision))
    assert file.text(PHONE) == "12000001710"
    assert not file.conflicts()


def test_equal_values_from_two_phones_are_no_conflict() -> None:
    """Both teachers wrote the same new number: nothing to decide."""
    both = [entry(make_record(set={PHONE: "12000001701"}, author=a * 32)) for a in "xy"]
    assert not fold(CASE, both).conflicts()


def test_an_observation_shows_the_latest_and_is_no_conflict() -> None:
    """The attitude of last week and of today are both true."""
    file = fold(CASE, [entry(make_record(set={"attitude": a}, hlc=(n, 0))) for n, a in ((2, "3"), (1, "6"))])
    assert file.text("attitude") == "3"
    assert not file.conflicts()


def test_a_supplement_is_a_new_version_and_the_first_stays() -> None:
    """Version 1 remains visible; the review of version 1 does not speak about version 2."""
    one = entry(make_visit(hlc=(1, 0)))
    returned = entry(make_review(one, "returned", "请补拍房屋照片", hlc=(2, 0)))
    file = fold(CASE, [one, returned])
    assert file.visits[0].status == "returned"
    two = entry(make_visit(hlc=(3, 0), amends=(one.rid,)))
    file.add(two)
    visit = file.visit("v1")
    assert visit is not None
    assert [e.rid for e in visit.versions] == [one.rid, two.rid]
    assert (visit.head.rid, visit.status) == (two.rid, "submitted")
    file.add(entry(make_review(two, hlc=(4, 0))))
    assert file.visits[0].status == "accepted"


@pytest.mark.parametrize(
    "record",
    [
        make_record(type="visit", body={"visit": "v", "instance": "", "purposes": []}),
        make_record(type="review", body={"visit": "v", "version": "r", "decision": "returned", "remark": " "}),
        make_record(type="review", body={"visit": "v", "version": "r", "decision": "maybe", "remark": ""}),
        make_record(type="incident", body={"incident": "i", "absent_on": "2025-02-30"}),
        make_record(type="incident", case=None, body={"incident": "i", "absent_on": "2025-02-20"}),
        make_record(type="resolve", set={PHONE: "1"}),
        make_record(type="case", body={"act": "vanish"}),
    ],
)
def test_a_kind_demands_its_body(record: object) -> None:
    """Each kind refuses what can never be right."""
    with pytest.raises(RecordMalformed):
        check_kind(record)  # type: ignore[arg-type]


def test_a_signature_without_its_strokes_is_refused() -> None:
    """A drawn signature that is not attached proves nothing."""
    visit = make_visit()
    body = {**visit.body, "signatures": [{"question": "/data/s", "sha256": "b" * 64}]}
    with pytest.raises(RecordMalformed):
        check_kind(make_record(type="visit", body=body, form=visit.form))


def test_an_unknown_kind_is_kept() -> None:
    """A kind of tomorrow stands in the timeline of today."""
    file = fold(CASE, [entry(make_record(type="weather"))])
    assert [e.record.type for e in file.timeline()] == ["weather"]
    check_kind(make_record(type="weather"))
