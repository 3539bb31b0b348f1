"""The sizes of a county and the sentences beside them follow from the figures that its page shows."""

from __future__ import annotations

from tests import county_page


def test_what_the_page_says_and_reckons_follows_from_its_table() -> None:
    page = county_page.PAGE.read_text("utf-8")
    assert county_page.renewed(page) == page, "run python -m tests.county_page"


def test_twice_the_cost_of_a_headcount_takes_more_cores_and_is_said() -> None:
    found = county_page.measured(county_page.PAGE.read_text("utf-8"))
    dearer = found | {"a headcount: server CPU": 2 * found["a headcount: server CPU"]}
    assert county_page.sizing(dearer) != county_page.sizing(found)
    assert county_page.said(dearer) != county_page.said(found)


def test_a_run_of_the_bench_is_shown_with_the_machine_it_had() -> None:
    run = {"machine": {"cores": 2, "load": 3.14}, "figures": [{"name": "a visit", "value": 1234.1, "unit": "ms"}]}
    shown = county_page.table_of(run)
    assert "| a visit | 1,234 | ms |" in shown and "on 2 cores with a load of 3.1 at the end" in shown
    assert "None" not in county_page.table_of({**run, "machine": {"cores": 2, "load": None}})
