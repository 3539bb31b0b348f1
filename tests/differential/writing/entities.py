"""Lets some random forms create or update entities: at the top, or one in each instance of a repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.sheets import Row

if TYPE_CHECKING:
    from tests.differential.writing.form import Writer

#: the case list itself: an update looks the version of the case up in it
DATASET = "people"
_SAVED = ("text", "integer", "date", "one")


def declare(writer: Writer) -> None:
    """In one form of four, declares an entity and saves some answers to it."""
    pen = writer.pen
    if not pen.chance(0.25):
        return
    scopes = {one.scope for one in pen.known if one.kind in _SAVED and len(one.scope) <= 1}
    if not scopes:
        return
    pen.scope = pen.rng.choice(sorted(scopes))
    own = [one for one in pen.known if one.scope == pen.scope and one.kind in _SAVED]
    saved = {one.name: place for place, one in enumerate(own[:3], 1)}
    writer.rows = [_saving(row, saved) for row in writer.rows]
    writer.entities.append(_entity(writer, own[0].name))
    pen.scope = ()


def _saving(row: Row, saved: dict[str, int]) -> Row:
    place = saved.get(row.get("name", ""))
    return row if place is None else {**row, "save_to": f"{DATASET}#property{place}"}


def _entity(writer: Writer, named: str) -> Row:
    pen = writer.pen
    row = {"list_name": DATASET, "label": f"concat('visit ', ${{{named}}})"}
    person = pen.one_of("person")
    if person is not None and pen.chance(0.4):
        return row | {"entity_id": str(person), "update_if": f"{person} != ''"}
    return row | ({"create_if": pen.truth(1)} if pen.chance(0.5) else {})
