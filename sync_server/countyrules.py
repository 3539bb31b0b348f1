"""Takes the rulebook rows of the county from a file at the school's computer: all of them, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from casebook.rules.rulebook import RuleBroken
from casebook.wording import Wording
from sync_server import counties, rulebook
from sync_server.rulebook import RuleForeign
from sync_server.wiring import Wiring


def note_county(wiring: Wiring, county: str, wording: Wording) -> tuple[bool, str]:
    """Notes which county the school belongs to; whether it could be, and the line to print."""
    try:
        wiring.store.run_tx(lambda conn: counties.note(conn, wiring.school.id, county.strip(), wiring.now()))
    except ValueError:
        return False, wording("server.county.wrong", county=county)
    return True, wording("server.county.noted", county=county.strip())


def import_rules(wiring: Wiring, content: bytes, wording: Wording) -> tuple[bool, str]:
    """Publishes the rows of a file (a JSON list); whether all was well, and the line to print."""
    school, now = wiring.school.id, wiring.now()
    try:
        rows = _read(content)
        count = wiring.store.run_tx(lambda conn: rulebook.publish(conn, school, rows, now))
    except RuleForeign as foreign:
        with wiring.store.read() as conn:
            own = counties.county_of(conn, school)
        key = "server.rules.foreign" if own else "server.rules.no_county"
        return False, wording(key, rule=foreign.key, scope=foreign.field, county=own)
    except RuleBroken as broken:
        return False, wording("server.rules.broken", rule=broken.key, field=broken.field)
    return True, wording("server.rules.imported", count=count)


def _read(content: bytes) -> list[Mapping[str, Any]]:
    """The rows. Raises RuleBroken when the file is no list of rows."""
    try:
        rows = json.loads(content)
    except ValueError as error:
        raise RuleBroken("", "json") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RuleBroken("", "json")
    return rows
