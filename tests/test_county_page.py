"""The sizes of a county follow from the figures that its page shows."""

from __future__ import annotations

from tests import county_page


def test_the_table_of_sizes_is_reckoned_from_the_figures_on_the_page() -> None:
    page = county_page.PAGE.read_text("utf-8")
    made = county_page.sizing(county_page.measured(page))
    assert county_page.renewed(page, "sizing", made) == page, "run python -m tests.county_page"


def test_twice_the_cost_of_a_headcount_takes_more_cores() -> None:
    found = county_page.measured(county_page.PAGE.read_text("utf-8"))
    dearer = found | {"a headcount: server CPU": 2 * found["a headcount: server CPU"]}
    assert county_page.sizing(dearer) != county_page.sizing(found)
