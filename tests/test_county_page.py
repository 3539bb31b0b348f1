"""The sizes of a county and the sentences beside them follow from the figures that its page shows."""

from __future__ import annotations

from tests import county_page
from tests.bench import ledgers


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


def test_every_list_is_on_the_page_and_keeps_its_budget() -> None:
    opened = county_page.opened(county_page.PAGE.read_text("utf-8"))
    assert opened.keys() == set(ledgers.PAGES), "run python -m tests.bench ledgers --json build/county.json"
    assert {name for name, worst in opened.items() if worst > ledgers.BUDGET_MS} == set()


def test_a_run_of_the_lists_alone_leaves_what_was_measured_before() -> None:
    page = county_page.PAGE.read_text("utf-8")
    names = {"schools": 84, ledgers.STUDENTS: 100_800, "rows of all schools": 2254, ledgers.LOGIN: 6, **dict.fromkeys(ledgers.PAGES, 77)}
    figures = [{"name": name, "value": value, "limit": 33, "subject": "ledgers"} for name, value in names.items()]
    made = county_page.shown(page, {"machine": {"cores": 2, "load": 0.1}, "figures": figures})
    assert county_page.measured(made) == county_page.measured(page)
    assert set(county_page.opened(made).values()) == {77.0} and "83 further schools, together 100,800 students" in made
