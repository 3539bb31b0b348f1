"""Which pages of the school's day stand in the navigation, by what a person may do."""

from __future__ import annotations

from sync_server import access
from sync_server.access import Verb
from sync_server.store.accounts import Account

# address, wording key, and the verbs of which one must be allowed somewhere
_PAGES = (
    ("/attendance", "attendance.nav", (Verb.READ_HEADCOUNT,)),
    ("/figures", "figures.nav", (Verb.READ_FIGURES,)),
    ("/aid", "aid.nav", (Verb.READ_AID, Verb.ASSIGN)),
    ("/rulebook", "ruledesk.nav", (Verb.EDIT_RULES, Verb.CONFIRM_RULES)),
    ("/staff", "staff.nav", (Verb.KEEP_STAFF,)),
)


def school_pages(account: Account | None) -> list[tuple[str, str]]:
    """Address and wording key of the pages for this account."""
    if account is None:
        return []
    return [(path, key) for path, key, verbs in _PAGES if any(access.scopes(account, verb) for verb in verbs)]
