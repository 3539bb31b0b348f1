"""Many children at one cut-off: what was done in time, who came back; and one child told as plain values."""

from __future__ import annotations

import json

from casebook.records import canonical
from casebook.rules.duties import child_duties
from casebook.rules.outline import life_outline
from casebook.rules.tallies import quota, tally
from tests.casebook.rules.tale import FIRST_DAY, Tale, book, changed
from tests.casebook.rules.test_deadlines import boy_k
from tests.casebook.rules.test_story_a import told as story_a
from tests.casebook.rules.test_story_b import told as story_b

END = "2026-01-23"


def test_the_term_s_stories_add_up() -> None:
    """A was sick, B came back, K did not: gross 2, net 1, every figure with its heads."""
    lives = [story_a().life(END, class_id="g7c2"), story_b().life(END), boy_k().life(END)]
    found = tally(lives, FIRST_DAY)
    assert (len(found.confirmed), len(found.not_back)) == (2, 1)
    assert {ledger: len(names) for ledger, names in found.by_ledger.items()} == {"none": 2, "dropout": 1}
    assert {rate.formula: (rate.heads, rate.base) for rate in found.rates} == {
        "visited_same_day": (3, 3), "served_in_time": (2, 2), "reported_in_time": (1, 1), "persuaded_back": (1, 2),
        "relapsed": (0, 1),
    }  # fmt: skip


def test_a_late_visit_and_a_relapse_show_in_the_rates() -> None:
    tale = story_b()
    tale.headcount("2025-12-08", {"boy": "unexcused"})
    found = {rate.formula: (rate.heads, rate.base) for rate in tally([tale.life("2025-12-09")], FIRST_DAY).rates}
    assert (found["visited_same_day"], found["relapsed"]) == ((1, 2), (1, 1))


def test_a_county_may_count_who_was_seen_lately_as_back() -> None:
    """The tolerance of domain 6.1: in class within ten days before the cut-off."""
    for days, lost in ((0, 1), (10, 0)):
        tale = boy_k(Tale(book(changed("cutoff_present_within", value=days))))
        tale.headcount("2026-01-20", session="noon", time="12:30")
        assert len(tally([tale.life(END)], FIRST_DAY).not_back) == lost


def test_the_quota_of_a_key_student_is_higher() -> None:
    """Q8: once a term for all, twice for key students."""
    tale = story_a()
    found = [quota(tale.life(END, class_id="g7c2", key=key), FIRST_DAY) for key in (False, True)]
    assert [(rate.heads, rate.base) for rate in found] == [(1, 1), (1, 2)]


def test_days_without_any_attempt_are_told() -> None:
    """K: looked into from 10 to 11 December; on the 10th nobody tried."""
    assert [day.day for day in boy_k().life("2025-12-31").silent_days] == [10]


def test_a_life_is_told_in_plain_values_with_every_reason() -> None:
    outline = life_outline(boy_k().life("2025-12-27"))
    assert json.loads(canonical(outline)) == outline
    report = next(due for due in outline["deadlines"] if due["key"] == "gov_report")
    assert (report["due"], report["warn_on"], report["clause"]) == ("2025-12-28", "2025-12-26", "R34")
    assert report["because"] == [{"code": "since_decided", "day": "2025-12-23"},
                                 {"code": "days_after", "start": "2025-12-23", "n": 5, "day": "2025-12-28"}]  # fmt: skip
    assert [step["state"] for step in outline["history"]] == ["I0", "I2", "C1", "C2", "C3", "C4", "C5"]


def test_what_the_office_noted_before_there_were_headcounts_counts_as_well() -> None:
    """The older incident and case records open an incident and a case."""
    tale = Tale()
    tale.write("incident", "2025-10-09 08:30", {"incident": "i", "absent_on": "2025-10-09"}, author="office")
    life = tale.life("2025-10-09 12:00")
    assert (life.state, [duty.kind for duty in child_duties(life)]) == ("I0", ["visit_today"])
    tale.write("case", "2025-10-10 09:00", {"act": "open", "rule": "R27"}, author="office")
    assert tale.life("2025-10-10 12:00").state == "C1"
