"""The first screen: shown from what was foreseen while that holds, else from everything this phone knows.

A phone that has just started knows nothing yet and would read a whole term; so what is due until the end of the next
school day is worked out when nobody waits for it, and kept beside the revision of the store that it was made from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import assets
import casebook
from casebook.rules.reckoning import Because
from fieldapp.agenda import Agenda, draft_card, fixed, with_draft
from fieldapp.cards import TaskCard, Today
from fieldapp.platform.clock import instant
from fieldapp.store import uploads
from fieldapp.store.foreseen import Stretch
from fieldapp.store.store import revision
from fieldapp.workspace import Workspace

STRETCHES_A_DAY = 12
_TICK, _DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
_PROGRAM = (Path(__file__).parent, *(Path(part.__file__ or "").parent for part in (casebook, assets)))


def today(work: Workspace) -> Today:
    """Everything due for this person, most urgent first; drafts, newest first; what the school still lacks."""
    tasks, drafts, waiting = foreseen(work), work.books.drafts.all(work.db), uploads.waiting(work.db)
    if tasks is None:
        work.refresh()
        tasks = Agenda(work).tasks()
    elif drafts:
        work.books.roster.refresh(work.db)  # their cards name children
        tasks = [with_draft(card, drafts) for card in tasks]
    return Today(
        day=work.today().isoformat(), now=instant(work.clock.now()), tasks=tasks,
        drafts=[draft_card(work, row) for row in drafts], unsent=len(work.books.records.unsent(work.db)),
        unsent_files=waiting.files,
    )  # fmt: skip


def foreseen(work: Workspace) -> list[TaskCard] | None:
    """What is due now, without drafts, as it was foreseen; None when nothing foreseen holds."""
    now = work.clock.now()
    holding = work.books.foreseen.holding(work.db, _made_of(now), int(now.timestamp()))
    if holding is None:
        return None
    if work.shown is None or work.shown[0] != holding:
        told = work.books.foreseen.value(work.db, *holding)
        if told is None:
            return None
        work.shown = holding, [_card(one) for one in told]
    return list(work.shown[1])


def look_ahead(work: Workspace) -> None:
    """Works out what will be due until the end of the next school day, and keeps it. Slow; raises StorageError."""
    now, at, shelf = work.clock.now(), revision(work.db), work.books.foreseen
    made_of = _made_of(now)
    work.refresh()
    next_day = work.calendar.next_school_day(now.date()) or now.date() + _DAY
    start, end = (dt.datetime.combine(day, dt.time(), now.tzinfo) for day in (next_day, next_day + _DAY))
    held = shelf.holding(work.db, made_of, int(now.timestamp())) and shelf.reach(work.db, made_of) >= end.timestamp()
    if made_of and not held:
        stretches = [*_stretches(work, now), *_stretches(work, start)]
        with work.books.store.write() as db:
            shelf.put(db, stretches, made_of, at)


def _stretches(work: Workspace, start: dt.datetime) -> Iterator[Stretch]:
    """From a moment to the end of its day: where time alone changes something, another begins.

    A headcount that is dated in the future is taken in when its time has come, and no further can one look.
    """
    moment, end_of_sight = start, work.lives.next_headcount
    for _ in range(STRETCHES_A_DAY):
        if end_of_sight and moment >= end_of_sight:
            return
        work = work.ahead(moment)
        agenda = Agenda(work)
        tasks, until = agenda.tasks(), agenda.turn()
        since, end = math.ceil(moment.timestamp()), int(until.timestamp())
        if since < end:
            yield Stretch(since, end, [_plain(card) for card in tasks])
        if until.date() > start.date():
            return
        moment = until + _TICK


def _plain(card: TaskCard) -> dict[str, Any]:
    said = {name: value for name, value in vars(card).items() if name != "draft_id"}
    return said | {"because": [(one.code, one.facts) for one in card.because]}


def _card(told: dict[str, Any]) -> TaskCard:
    because = tuple(Because(code, fixed(facts)) for code, facts in told.pop("because"))
    return TaskCard(**{**told, "due_text_facts": fixed(told["due_text_facts"]), "because": because})


def _made_of(now: dt.datetime) -> str:
    """What besides the store decides: the program itself and the zone of the clock; "" when the program cannot tell."""
    return f"{_program()} {now.utcoffset()}" if _program() else ""


@cache
def _program() -> str:
    """Another version of the app is another: by the files that it consists of, their sizes and times."""
    told = hashlib.sha256()
    for part in _PROGRAM:
        if not part.is_dir():
            return ""
        for folder, inner, names in os.walk(part):
            inner[:] = sorted(one for one in inner if one not in ("__pycache__", "ui", "forms", "locale"))
            for name in sorted(names):
                state = os.stat(os.path.join(folder, name))
                told.update(f"{folder}/{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return told.hexdigest()
