"""The page to log in."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import CasebookError
from sync_server.store import schools
from sync_server.web.console.page import Ask, Console, go, problem_of
from sync_server.web.session import safe_next


def show(console: Console, ask: Ask) -> Response:
    """The login form; who is logged in already goes on to the page wanted."""
    wanted = safe_next(ask.query("next"))
    return go(wanted) if ask.account else form(console, ask, wanted)


def form(console: Console, ask: Ask, wanted: str, login: str = "", error: CasebookError | None = None) -> Response:
    """The login form, after a failed try with what went wrong."""
    problem = problem_of(ask.wording, error) if error else None
    with console.wiring.store.read() as conn:
        several = len(schools.all_of(conn)) > 1
    return console.page(
        ask, "login", error.status if error else 200, problem=problem, next=wanted, login=login, several=several,
        done=ask.query("done"),
    )  # fmt: skip
