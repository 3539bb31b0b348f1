"""What must be true when the faults have ended: each finding is a sentence, none is good."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from casebook.casefile import CaseFile, Entry, fold
from casebook.protocol import read_receipt
from casebook.records import Record
from tests.convergence.phone import Handset
from tests.convergence.world import CASES, CLOCK_SET, PROPS, World

TRUSTED_LEAD = dt.timedelta(hours=24, seconds=1)


def findings(world: World) -> list[str]:
    """What is wrong with a world that has settled."""
    checks = (_lost, _doubled, _gaps, _unforked, _overwritten, _diverged, _dragged, _unordered)
    return [found for check in checks for found in check(world)]


def _lost(world: World) -> Iterator[str]:
    """Nothing acknowledged is lost, and what any phone holds reaches the school."""
    kept = set(world.school.held)
    if lost := world.acknowledged - world.vanished - kept:
        yield f"acknowledged and lost: {len(lost)}"
    for index, phone in enumerate(world.phones):
        if phone.held - kept:
            yield f"phone {index} holds {len(phone.held - kept)} that the school lacks"


def _doubled(world: World) -> Iterator[str]:
    """Every record is in the log once, and its receipt says where."""
    log = world.school.log
    rids = [sealed.rid for sealed, _ in log.records]
    if doubled := [rid for rid, count in Counter(rids).items() if count > 1]:
        yield f"twice in the log: {len(doubled)}"
    for number, rid in enumerate(rids, 1):
        receipt = read_receipt(log.receipts[rid], world.school.signer.public_key, world.seals.verifier)
        if (receipt.rid, receipt.sseq) != (rid, number):
            yield f"the receipt of record {number} says {receipt.sseq}"


def _gaps(world: World) -> Iterator[str]:
    """Whoever has read the feed to its end has every record of it, at its place."""
    places = {sealed.rid: number for number, (sealed, _) in enumerate(world.school.log.records, 1)}
    for index, phone in enumerate(world.phones):
        rows = phone.store.db.execute("SELECT rid, sseq FROM record").fetchall()
        if missing := places.keys() - {rid for rid, _ in rows}:
            yield f"phone {index} never got {len(missing)} of {len(places)}"
        if wrong := [rid for rid, sseq in rows if sseq != places.get(rid, sseq)]:
            yield f"phone {index} has {len(wrong)} at a wrong place"


def _unforked(world: World) -> Iterator[str]:
    """Two records at one place of a device's chain are both kept, and flagged."""
    at = Counter((record.dev, record.ep, record.seq) for record in world.school.held.values())
    forked = {place for place, count in at.items() if count > 1}
    if forked != world.school.log.forks:
        yield f"forks {len(forked)}, flagged {len(world.school.log.forks)}"


def _overwritten(world: World) -> Iterator[str]:
    """A value stands until somebody who saw it writes another: no edit in sequence conflicts, none beside it is lost."""
    held = world.school.held
    for case in CASES:
        file = _folded(case, held)
        for prop in PROPS:
            setters = {rid: w for rid, w in world.written.items() if w.case == case and prop in w.sets}
            if setters.keys() - held.keys():  # what connected them may be gone with a record that nobody has
                continue
            seen = frozenset[str]().union(*(written.saw[prop] for written in setters.values()))
            stands = {shown.rid for shown in file.values(prop)}
            if stands != setters.keys() - seen:
                yield f"{prop}: {len(stands)} values stand, {len(setters.keys() - seen)} were not replaced"


def _diverged(world: World) -> Iterator[str]:
    """All show the same, in whatever order it came."""
    held = world.school.held
    for case in CASES:
        here = _shown(_folded(case, held))
        backwards = dict(reversed(held.items()))
        if _shown(_folded(case, backwards)) != here:
            yield "another order shows something else"
        for index, phone in enumerate(world.phones):
            if _shown(phone.file(case)) != here:
                yield f"phone {index} shows something else"


def _dragged(world: World) -> Iterator[str]:
    """Along a chain the hybrid clock only grows; no strange clock drags a phone more than a day ahead."""
    held = world.school.held
    for record in held.values():
        before = held.get(record.prev)
        if before is not None and before.hlc >= record.hlc:
            yield "a hybrid clock went back"
    for index, phone in enumerate(world.phones):
        if _ahead(world, phone) > TRUSTED_LEAD:
            yield f"phone {index} was dragged ahead"


def _unordered(world: World) -> Iterator[str]:
    """Where all clocks are right, what somebody wrote sorts after what he had seen."""
    if CLOCK_SET in world.chances:
        return
    held = world.school.held
    for rid, written in world.written.items():
        seen = frozenset[str]().union(*written.saw.values()) & held.keys()
        if rid in held and any(held[other].hlc >= held[rid].hlc for other in seen):
            yield "a record sorts before one that its author had seen"


def _ahead(world: World, phone: Handset) -> dt.timedelta:
    known = world.latest.get(phone.dev, phone.clock.now())
    newest = max(known, phone.clock.now())
    return dt.timedelta(milliseconds=phone.chain.hlc[0] - round(newest.timestamp() * 1000))


def _folded(case: str, held: dict[str, Record]) -> CaseFile:
    return fold(case, [Entry(rid, record) for rid, record in held.items() if record.case == case])


def _shown(file: CaseFile) -> object:
    values = {prop: [shown.rid for shown in file.values(prop)] for prop in PROPS}
    visits = [(visit.visit, visit.head.rid, sorted(one.rid for one in visit.versions)) for visit in file.visits]
    return values, sorted(file.conflicts()), visits, [entry.rid for entry in file.timeline()]
