"""What the aid officer opens: surveys of aid with the photographed proofs in them, nothing else of a child (R53)."""

from __future__ import annotations

from casebook.rules.aid import AID
from sync_server import access
from sync_server.access import Subject, Verb
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection
from sync_server.visits import Visits


def require_visit(conn: Connection, visits: Visits, account: Account, visit: str, subject: Subject) -> bool:
    """Whether the account opens this visit as one about aid, its proofs too; else it must be one who reads evidence.

    Raises NotAllowed.
    """
    first = visits.first_record(conn, visit)
    about_aid = first is not None and AID in first.body.get("purposes", ())
    if about_aid and access.allows(account, Verb.READ_AID, subject):
        return True
    access.require(account, Verb.READ_EVIDENCE, subject)
    return False
