"""Duties told by the school come out on the phone as they went in, and as urgent as they are by then."""

from __future__ import annotations

import json

from casebook.rules.duties import child_duties
from casebook.rules.told import from_row, to_row
from tests.casebook.rules.tale import moment
from tests.casebook.rules.test_story_b import told as story_b


def test_every_duty_of_a_story_survives_the_way_through_json() -> None:
    for now in ("2025-10-15 10:00", "2025-10-22 08:30", "2025-10-31 12:00"):
        made = child_duties(story_b().life(now))
        assert made
        row = json.loads(json.dumps(to_row(made)))
        read = from_row(row, moment(now))
        assert [json.dumps(to_row([duty])) for duty in read] == [json.dumps(to_row([duty])) for duty in made]
        assert [duty.because for duty in read] == [duty.because for duty in made]


def test_a_duty_grows_urgent_without_another_word_from_the_school() -> None:
    made = [duty for duty in child_duties(story_b().life("2025-10-14 08:00")) if duty.due]
    row = to_row(made)
    assert {duty.urgency for duty in from_row(row, moment("2026-10-14 08:00"))} == {"overdue"}
    assert "overdue" not in {duty.urgency for duty in from_row(row, moment("2025-09-14 08:00"))}
