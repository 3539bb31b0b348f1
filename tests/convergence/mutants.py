"""Wrong versions of our rules. Each must be noticed by the simulation, or the simulation is worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from casebook import casefile
from casebook.casefile import CaseFile, Effects, Shown
from casebook.merging import Verdict
from casebook.protocol import PullReply, PushReply
from fieldapp.store.records import ChainState, Records
from fieldapp.sync import checkpoints, pulling, texts
from fieldapp.sync.exchange import Exchange
from tests.convergence.link import DOUBLED, KILLED, LATE, LOST_ANSWER, LOST_REQUEST, MEANWHILE
from tests.convergence.school import School
from tests.convergence.simulate import run


@dataclass(frozen=True)
class Caught:
    """The first seed that noticed a mutant, and what it said."""

    seed: int
    said: str


def first_notice(mutant: str, seeds: range) -> Caught | None:
    """Plays seed after seed with the wrong rule until one notices."""
    wrong, possible = MUTANTS[mutant]
    with wrong():
        for seed in seeds:
            found = run(seed, possible).findings
            if found:
                return Caught(seed, found[0])
    return None


def no_new_offer() -> AbstractContextManager[Any]:
    """After a restore nothing is offered again."""

    def forget(exchange: Exchange) -> None:
        with exchange.books.store.write() as db:
            exchange.books.settings.put(db, offer_again=False)

    return patch("fieldapp.sync.engine.offer_again", forget)


def only_own_offered() -> AbstractContextManager[Any]:
    """After a restore a phone offers only what it wrote itself."""
    own = "SELECT rid FROM record WHERE own = 1"
    return patch.object(Records, "ids", lambda self, db: [rid for (rid,) in db.execute(own)])


def arrival_wins() -> AbstractContextManager[Any]:
    """The value that arrived last is the only one."""

    def take(self: CaseFile, change: Effects) -> None:
        for prop, shown in change.sets.items():
            self._values[prop] = {shown.rid: shown}

    return patch.object(CaseFile, "_take", take)


def newest_wins() -> AbstractContextManager[Any]:
    """Of values side by side only the newest stays, without a word."""
    real = casefile.live_values

    def newest(values: Any, superseded: Any) -> list[Shown]:
        return real(values, superseded)[:1]

    return patch.object(casefile, "live_values", newest)


def base_ignored() -> AbstractContextManager[Any]:
    """What an author had seen is not replaced."""
    real = casefile.effects
    return patch.object(casefile, "effects", lambda entry: Effects(real(entry).sets, {}))


def sent_is_done() -> AbstractContextManager[Any]:
    """A record leaves the outbox when it is sent, not when it is acknowledged."""
    real = texts._push

    def push(exchange: Exchange, batch: Any) -> int:
        with exchange.books.store.write() as db:
            for sealed in batch:
                exchange.books.records.settle(db, sealed.rid, Verdict.STORED, None, {})
        return real(exchange, batch)

    return patch.object(texts, "_push", push)


def watermark_of_reading() -> AbstractContextManager[Any]:
    """The phone does not remember the state of the log in which its own records were acknowledged."""
    real = checkpoints.keep

    def keep(exchange: Exchange, db: Any, reply: Any) -> None:
        if not isinstance(reply, PushReply):
            real(exchange, db, reply)

    return patch.object(checkpoints, "keep", keep)


def no_watermark() -> AbstractContextManager[Any]:
    """Only a new generation tells that the school was restored."""
    return patch.object(checkpoints, "keep", lambda exchange, db, reply: None)


def cursor_first() -> AbstractContextManager[Any]:
    """The cursor moves before the page is kept."""
    real = pulling._keep_page

    def keep(exchange: Exchange, reply: PullReply) -> None:
        with exchange.books.store.write() as db:
            exchange.books.settings.put(db, cursor=reply.next)
        real(exchange, reply)

    return patch.object(pulling, "_keep_page", keep)


def cursor_stays() -> AbstractContextManager[Any]:
    """After a restore the phone goes on reading where it was."""
    return patch("fieldapp.sync.anew.read_anew", lambda exchange, db: None)


def filed_twice() -> AbstractContextManager[Any]:
    """The school does not recognise what it has already."""
    return patch.object(School, "holds", lambda self, rid: False)


def every_clock_trusted() -> AbstractContextManager[Any]:
    """A clock that is a year ahead drags all others along."""
    return patch.object(pulling, "TRUSTED_LEAD_MS", 10**15)


def no_clock_moved() -> AbstractContextManager[Any]:
    """What a phone has read does not move its hybrid clock."""
    real = Records.put_chain

    def put(self: Records, db: Any, dev: str, state: ChainState) -> None:
        known = self.chain(db, dev)
        real(self, db, dev, replace(state, hlc=known.hlc) if known and known.seq == state.seq else state)

    return patch.object(Records, "put_chain", put)


def wall_clock_orders() -> AbstractContextManager[Any]:
    """The wall clock alone orders what a phone writes."""
    return patch("fieldapp.sealing.hlc_next", lambda last, now_ms: (now_ms, 0))


@contextmanager
def half_committed() -> Iterator[None]:
    """A record is kept although the chain did not move on: the app was killed between the two."""
    real = Records.add_own

    def add(self: Records, db: Any, *said: Any) -> None:
        real(self, db, *said)
        db.conn.execute("COMMIT")
        db.conn.execute("BEGIN IMMEDIATE")

    with patch.object(Records, "add_own", add):
        yield


LOSSES = (LOST_REQUEST, LOST_ANSWER, MEANWHILE)
COPIED_BACK = ("restore_school_silently", *LOSSES)
SET_BACK = ("restore_school", "restore_school_silently", "reinstall")
#: The wrong rule, and the faults among which it does harm: alone they show it sooner.
MUTANTS: dict[str, tuple[Callable[[], AbstractContextManager[Any]], tuple[str, ...]]] = {
    "nothing is offered again after a restore": (no_new_offer, SET_BACK),
    "only own records are offered again": (only_own_offered, SET_BACK),
    "the value that arrived last wins": (arrival_wins, ()),
    "the newest value wins silently": (newest_wins, ()),
    "a merge ignores what the author had seen": (base_ignored, ()),
    "sent counts as acknowledged": (sent_is_done, LOSSES),
    "the watermark leaves out pushes": (watermark_of_reading, COPIED_BACK),
    "there is no watermark": (no_watermark, COPIED_BACK),
    "the cursor moves before the page is kept": (cursor_first, (KILLED,)),
    "the cursor stays after a restore": (cursor_stays, SET_BACK),
    "a duplicate is filed again": (filed_twice, (LOST_ANSWER, DOUBLED, LATE)),
    "every clock is trusted": (every_clock_trusted, ("set_clock",)),
    "what was read does not move the clock": (no_clock_moved, ()),
    "the wall clock orders": (wall_clock_orders, ("set_clock",)),
    "a record is kept without its place in the chain": (half_committed, (KILLED,)),
}
