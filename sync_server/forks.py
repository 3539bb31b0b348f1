"""Phones whose proof of the log is not one that this store has given out: it was put back silently, or rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casebook.protocol import Watermark
from casebook.translog.checkpoints import glance
from sync_server.store import nights, schools, tree
from sync_server.store.engine import Connection

#: Noted among the night's jobs, so that a restore, which begins another life, forgets it.
FORKS = "forks"


@dataclass(frozen=True)
class Fork:
    """What a phone held when it was first noticed: a signed state of so many records, and when it said so."""

    dev: str
    at: str
    size: int


def disagrees(conn: Connection, school: str, wm: Watermark) -> bool:
    """Whether a phone knows a state of this life of the log that is in none of our checkpoints."""
    if wm.gen != schools.gen_of(conn, school):
        return False
    note = tree.at_size(conn, school, wm.gen, wm.size)
    return note is None or glance(note).root.hex() != wm.root


def note(conn: Connection, school: str, dev: str, wm: Watermark, at: str) -> None:
    """Notes it, once for each phone and state. Needs a write transaction."""
    known = _facts(conn, school)
    if known.get(dev, {}).get("root") != wm.root:
        said = {"at": at, "size": wm.size, "root": wm.root}
        nights.note_done(conn, school, FORKS, at, {**known, dev: said})


def all_of(conn: Connection, school: str) -> tuple[Fork, ...]:
    """Everything that was noted in this life of the store, the newest first."""
    found = [Fork(dev, said["at"], said["size"]) for dev, said in _facts(conn, school).items()]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _facts(conn: Connection, school: str) -> Mapping[str, Any]:
    night = nights.one(conn, school, FORKS)
    return night.facts if night else {}
