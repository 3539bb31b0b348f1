"""What the roll asks of people: notices of entry that nobody collects (R06), approvals that come to their end (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from casebook.rules.due import Deadline, Kept, by_fact, deadline, since
from casebook.rules.lifecycle import Lifecycle

NOT_ENROLLED = "not_enrolled"
PAUSED = frozenset({"suspended", "exempt"})


def entry_collect(life: Lifecycle) -> Iterator[Deadline]:
    """R06: a notice of entry is collected in time; every visit or call about it gives the family the same time again.

    It asks nothing any more once the child is enrolled, or put off or exempt by approval.
    """
    notice = life.facts.entries[-1] if life.facts.entries else None
    if notice is None or life.child.standing != NOT_ENROLLED:
        return
    told = [visit.stamp.day for visit in life.facts.visits(notice.on) if visit.reached]
    start = max([notice.on, *told])
    first = since("entry_told", start) if told else since("entry_issued", start, no=notice.no)
    kept = Kept(notice.collected_on, notice.rid) if notice.collected_on else None
    rule = life.world.book.on(notice.on).rule("entry_collect")
    yield deadline(rule, life.child.case, first, start, life.world, source=notice.rid, kept=kept)


def approval_recheck(life: Lifecycle) -> Iterator[Deadline]:
    """R10: a suspension or deferral on the roll is looked at again before its approval ends."""
    pause = life.facts.pauses[-1] if life.facts.pauses else None
    if pause is None or life.child.standing not in PAUSED:
        return
    rule = life.world.book.on(pause.stamp.day).rule("exemption_recheck")
    start = since("approval_ends", pause.until)
    due = deadline(rule, life.child.case, start, pause.until, life.world, source=pause.rid)
    looked = life.facts.visits(due.warn_on or due.due)  # a look long before says nothing of its end
    yield replace(due, kept=by_fact(next((visit for visit in looked if "verify" in visit.purposes), None)))
