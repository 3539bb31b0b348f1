"""One child's life under the rules as plain JSON values: for stories, interfaces and exports. Codes, no sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from casebook.rules.deadlines import deadlines
from casebook.rules.due import Deadline
from casebook.rules.duties import Duty, child_duties
from casebook.rules.lifecycle import Lifecycle


def life_outline(life: Lifecycle) -> dict[str, Any]:
    """States with their days and clauses, incidents, episodes, attempts, deadlines with reasons, tasks, acts unmet."""
    now = life.world.now
    told = {
        "case": life.child.case, "state": life.state, "ledger": life.ledger_class, "missing": life.missing,
        "absent_days": len(life.absent_days), "attempts": asdict(life.attempts),
        "voices": {side: voice.codes for side, voice in life.voices.items()},
        "incidents": [{"first": one.first, "days": len(one.days), "assumed": one.assumed, "ended_on": one.ended_on,
                       "kind": one.kind, "state": one.state} for one in life.incidents],
        "episodes": [asdict(episode) for episode in life.story.episodes],
        "history": [{"state": step.state, "day": step.day, "event": step.event, "clause": step.clause,
                     "episode": step.episode} for step in life.story.steps],
        "deadlines": [deadline_outline(due, life, now) for due in deadlines(life)],
        "duties": [duty_outline(duty) for duty in child_duties(life)],
        "unmet": [{"event": one.event, "day": one.day, "missing": one.missing} for one in life.unmet],
        "silent_days": life.silent_days,
    }  # fmt: skip
    return {name: plain(value) for name, value in told.items()}


def deadline_outline(due: Deadline, life: Lifecycle, now: dt.datetime) -> dict[str, Any]:
    """A deadline with every step that led to its day."""
    return {
        "key": due.key, "due": due.due, "status": due.status(now), "warn_on": due.warn_on, "clause": due.clause,
        "source": due.reference, "because": [{"code": step.code, **step.facts} for step in due.because],
        "kept": due.kept.facts(life.rules) if due.kept else None,
    }  # fmt: skip


def duty_outline(duty: Duty) -> dict[str, Any]:
    """A task with its roles, and with every step that led to its day."""
    return {"kind": duty.kind, "due": duty.due, "urgency": duty.urgency, "roles": duty.roles, "clause": duty.clause,
            "because": [{"code": step.code, **step.facts} for step in duty.because], "facts": duty.facts}  # fmt: skip


def plain(value: Any) -> Any:
    """The value in what JSON can say: days and times as ISO text."""
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
