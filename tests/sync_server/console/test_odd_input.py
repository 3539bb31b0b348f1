"""Every form of the console with every field filled in oddly: no page fails, and nothing is written by halves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from sync_server import passwords, rulebook
from sync_server.access import TABLE, Reach
from sync_server.escalation import VERB_OF_ACT
from sync_server.roster import register
from sync_server.store import accounts, reach
from sync_server.web.console.actions import ACTIONS
from sync_server.weeklies import Weeklies
from tests.sync_server.console.campus import PASSWORD, PEOPLE, SCHOOL, WANG, Campus
from tests.sync_server.console.casework import Casework
from tests.sync_server.console.odd_answers import BEFORE, BUTTONS, FILLED, FORMS, ODD, QUERIES
from tests.sync_server.console.odd_steps import STEPS
from tests.sync_server.console.test_papers import registered

EVERYTHING = Reach(whole_school=True)
ALL_ROLES = "principal"  # gets every role there is: every door opens, so only what was typed can be wrong
STRIDE = 1 if os.environ.get("JIAFANG_EVERY_ODD_INPUT") else 11  # how many values are passed over, another start each time
STEP, LOGIN = "POST /cases/{case}/steps/{act}", "POST /login"


class Trial:
    """A school in which every form that was sent is looked at and then undone, so that thousands can be tried."""

    def __init__(self, campus: Campus) -> None:
        self.campus, self.written = campus, 0
        self.browser = campus.browser(ALL_ROLES)  # logs in before everything is undone
        self._conn: Any = None

    @contextmanager
    def on(self, patch: pytest.MonkeyPatch) -> Iterator[Trial]:
        """The school's store writes into one transaction for each form."""
        store = self.campus.wiring.store
        read = store.read
        with patch.context() as patched:
            patched.setattr(store, "run_tx", self._written)
            patched.setattr(passwords, "hashed", lambda password: password)  # slow on purpose, and not what is tried here
            patched.setattr(passwords, "matches", lambda password, kept: password == PASSWORD)
            patched.setattr(store, "read", lambda: self._reading() if self.written else read())
            yield self

    def send(self, address: str, form: Mapping[str, str]) -> int:
        """The status of the answer; `written` tells how many rows changed for good, before all of it is undone."""
        self.written = 0
        with self.campus.wiring.store._writes.connect() as self._conn:
            transaction = self._conn.begin()
            try:
                return int(self.browser.send_form(address, **form).status_code)
            finally:
                transaction.rollback()

    def _written(self, work: Callable[[Any], Any]) -> Any:
        """A transaction inside that of the form: whole or not at all."""
        before = self._changes()
        with self._conn.begin_nested():
            answer = work(self._conn)
            self._look(self._conn)
        self.written += self._changes() - before
        return answer

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        yield self._conn

    def _changes(self) -> int:
        """Rows changed so far, without the notes (a line and its number) of who looked at a child: they stay."""
        notes = self._conn.exec_driver_sql("SELECT COUNT(*) FROM audit").scalar()
        return int(self._conn.connection.dbapi_connection.total_changes) - 2 * int(notes)

    def _look(self, conn: Any) -> None:
        """What was written must be readable by every page."""
        wiring = self.campus.wiring
        wiring.lives.within(conn, EVERYTHING)
        wiring.lives.child_duties(conn, EVERYTHING)
        wiring.lives.class_duties(conn, EVERYTHING)
        wiring.lives.school_duties(conn)
        rulebook.book(conn, SCHOOL)
        register.load(conn, SCHOOL)
        principal = accounts.by_login(conn, SCHOOL, ALL_ROLES)
        assert principal is not None
        Weeklies(wiring.store, SCHOOL, wiring.lives, wiring.office, wiring.clock).of_week(conn, principal, self.campus.now.date())


@pytest.fixture
def everybody(campus: Campus) -> Campus:
    """A campus where one person holds every role, with a child that all books know."""
    registered(campus, "990123101230")
    who = PEOPLE[ALL_ROLES][0]
    campus.wiring.store.run_tx(lambda conn: accounts.set_roles(conn, SCHOOL, who, list(TABLE)))
    campus.wiring.store.run_tx(lambda conn: reach.grant(conn, SCHOOL, who, "class:class82", campus.wiring.now()))
    return campus


def odd_forms(base: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The form with one field odd, then with that field left out; in the end with all fields odd."""
    for place, name in enumerate(base):
        for value in ODD[place % STRIDE :: STRIDE]:
            yield {**base, name: value}
        yield {other: said for other, said in base.items() if other != name}
    yield from (dict.fromkeys(base, value) for value in ODD[len(base) % STRIDE :: STRIDE])


def try_all(trial: Trial, address: str, base: Mapping[str, str]) -> list[str]:
    """What went wrong."""
    wrong = []
    for form in odd_forms(base):
        status = trial.send(address, form)
        odd = {name: value[:40] for name, value in form.items() if base.get(name) != value}
        assert status != 403 and (status != 401 or address in LOGIN), address
        if status >= 500:
            wrong.append(f"{status} {address} {odd}")
        elif status >= 400 and trial.written:
            wrong.append(f"refused, and yet written: {address} {odd}")
    return wrong


def test_every_form_of_the_console_is_tried() -> None:
    """Whoever adds a form adds a line to FORMS, and to STEPS for a step of a case."""
    assert {*FORMS, *BUTTONS, STEP} == {f"POST {action.path}" for action in ACTIONS if action.method == "POST"}
    assert {*STEPS} == {*VERB_OF_ACT}
    assert {*BEFORE} <= {*FORMS}


@pytest.mark.parametrize("door", FORMS)
def test_no_odd_answer_breaks_a_page_or_is_half_written(
    everybody: Campus, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    path = door.removeprefix("POST ")
    visit = everybody.receive(everybody.visit()) if "{visit}" in path else ""
    brought = BEFORE[door](everybody) if door in BEFORE else {}
    base = FORMS[door] | {name: said for name, said in brought.items() if name in FORMS[door]}
    with Trial(everybody).on(monkeypatch) as trial:
        assert not try_all(trial, path.format(**{**FILLED, "visit": visit, **brought}), base)


def test_no_odd_address_breaks_a_page(everybody: Campus) -> None:
    browser, wrong = everybody.browser(ALL_ROLES), []
    for place, query in enumerate(QUERIES):
        for value in ODD[place % STRIDE :: STRIDE]:
            head, _, name = query.rpartition("?")
            name = name.rstrip("=")
            answer = browser.get(head, params={name: value[:2_000]}) if head else browser.get(f"{query}{_in_path(value)}")
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {query}{value[:40]!r}")
    assert not wrong, "\n".join(wrong)


def _in_path(value: str) -> str:
    return quote(value[:500], safe="")


@pytest.mark.parametrize("act", STEPS)
def test_no_odd_step_breaks_a_page_or_is_half_written(
    everybody: Campus, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    told, base = STEPS[act]
    found = told(Casework(everybody))
    offered = found if isinstance(found, dict) else {}
    with Trial(everybody).on(monkeypatch) as trial:
        assert not try_all(trial, f"/cases/{WANG}/steps/{act}", {**base, **offered})
