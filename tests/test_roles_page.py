"""The page of the roles says what the table says, and knows every door of the console."""

from __future__ import annotations

from sync_server.web.console.actions import ACTIONS
from tests import roles_page


def test_the_page_is_made_from_the_table() -> None:
    page = roles_page.PAGE.read_text("utf-8")
    assert page == roles_page.renewed(page), "run python -m tests.roles_page"


def test_every_door_of_the_console_says_what_it_asks_for() -> None:
    closed = {f"{action.method} {action.path}" for action in ACTIONS if not action.public and action.path != "/logout"}
    assert closed == roles_page.DOORS.keys() | roles_page.BY_WHAT_IS_BEHIND
