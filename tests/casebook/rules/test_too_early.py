"""A report that is sent before what it reports exists does not count (R36)."""

from __future__ import annotations

from tests.casebook.rules.test_states import PRINCIPAL, absent, asked


def test_a_report_waits_until_there_is_something_to_report() -> None:
    """R36: RD needs a return that was noted, of that day or before."""
    report = {"report": "RD", "no": "1", "addressees": ["county"], "way": "hand", "proof": "stamp"}
    tale = absent(3)
    tale.visit("2025-10-09 16:00", "absence")
    tale.headcount("2025-10-13")
    assert asked(tale.life("2025-10-13 12:00"), "reported", PRINCIPAL, on="2025-10-13", **report) == ("return_first",)
    assert asked(tale.life("2025-10-13 12:00"), "reported", PRINCIPAL, on="2025-10-13", **report | {"report": "RB"}) == ()
    tale.act("reported", "2025-10-12 09:00", "academic_office", on="2025-10-12", **report)
    tale.act("returned", "2025-10-13 08:00", "class_teacher", on="2025-10-13")
    life = tale.life("2025-10-13 12:00")
    assert asked(life, "reported", PRINCIPAL, on="2025-10-12", **report) == ("return_first",)
    assert asked(life, "reported", PRINCIPAL, on="2025-10-13", **report) == ()
    assert [(unmet.event, unmet.missing) for unmet in life.unmet] == [("reported", ("return_first",))]
