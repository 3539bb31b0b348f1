"""Which pages stand in the navigation, by what a person may do."""

from __future__ import annotations

from collections.abc import Callable

from sync_server import access
from sync_server.access import Verb
from sync_server.store.accounts import Account

# address, wording key, and what must reach a child
_CHILDREN = (
    ("/visits", "console.nav.visits", Verb.READ_EVIDENCE),
    ("/students", "console.nav.students", Verb.LIST_STUDENTS),
)
# address, wording key, and the verbs of which one must be allowed somewhere
_PAGES = (
    ("/attendance", "attendance.nav", (Verb.READ_HEADCOUNT,)),
    ("/figures", "figures.nav", (Verb.READ_FIGURES,)),
    ("/aid", "aid.nav", (Verb.READ_AID, Verb.ASSIGN)),
    ("/rulebook", "ruledesk.nav", (Verb.EDIT_RULES, Verb.CONFIRM_RULES)),
    ("/staff", "staff.nav", (Verb.KEEP_STAFF,)),
    ("/upkeep", "upkeep.nav", (Verb.READ_DEVICES,)),
)


def child_pages(account: Account | None, has_visited: Callable[[Account], bool]) -> list[tuple[str, str]]:
    """Address and wording key of the pages about children, for who reaches any: of the school, of a class, assigned,
    of a village led, or visited; `has_visited` is asked only of those who reach none otherwise.
    """
    if account is None:
        return []
    return [(path, key) for path, key, verb in _CHILDREN if _reaches(account, verb, has_visited)]


def school_pages(account: Account | None) -> list[tuple[str, str]]:
    """Address and wording key of the pages of the school's day for this account."""
    if account is None:
        return []
    return [(path, key) for path, key, verbs in _PAGES if any(access.scopes(account, verb) for verb in verbs)]


def _reaches(account: Account, verb: Verb, has_visited: Callable[[Account], bool]) -> bool:
    within = access.reach(account, verb)
    return bool(within.whole_school or within.classes or within.cases) or (bool(within.author) and has_visited(account))
