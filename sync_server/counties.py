"""Which county a school belongs to: whose rows of the rulebook may hold there (domain 0.1)."""

from __future__ import annotations

import re
from collections import Counter

from casebook.feeds import SCHOOL, SCHOOL_SCOPE, VILLAGES
from casebook.rules.rulebook import EVERYWHERE
from sync_server.store import rows
from sync_server.store.engine import Connection
from sync_server.store.rows import ScopedRow

CODE = re.compile(r"\d{6}\Z")
DIGITS = 6  # of the twelve of a village's code


def county_of(conn: Connection, school: str) -> str:
    """The six digits of the school's county: as was noted, else where most of its villages lie; empty if unknown."""
    noted = str((rows.one(conn, school, SCHOOL, school) or {}).get("county", ""))
    lying = Counter(code[:DIGITS] for code in rows.of_feed(conn, school, VILLAGES) if CODE.match(code[:DIGITS]))
    return noted or min(lying, key=lambda code: (-lying[code], code), default="")


def note(conn: Connection, school: str, county: str, at: str) -> None:
    """Notes the school's county, for its phones too. Raises ValueError when these are not six digits."""
    if not CODE.match(county):
        raise ValueError(county)
    rows.put(conn, school, [ScopedRow(SCHOOL, school, SCHOOL_SCOPE, {"id": school, "county": county})], at)


def own_scopes(conn: Connection, school: str) -> frozenset[str]:
    """The scopes of rows that may hold at this school: everywhere, its county's and its own."""
    county = county_of(conn, school)
    return frozenset({EVERYWHERE, f"school:{school}", *({f"county:{county}"} if county else ())})
