"""How a child stands, in the plain texts that lists and forms read: derived, where records once said it themselves."""

from __future__ import annotations

import datetime as dt

from casebook.rules.deadlines import return_by
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reckoning import reckon
from casebook.rules.states import BACK, BEFORE_CASE

COLUMNS = (
    "state", "incident_state", "episode", "absent_since", "absent_days", "last_present", "case_opened_on",
    "return_by", "returned_on", "notice_no", "return_by_proposed", "attempts_phone", "attempts_door",
    "day_since_return",
)  # fmt: skip
_UNSETTLED = ("I0", "I2")
_LOOK_BACK = dt.timedelta(days=60)


def standing(life: Lifecycle) -> dict[str, str]:
    """COLUMNS as texts: days as ISO, counts as digits, empty where there is nothing to say.

    `return_by_proposed` is the day of return if the notice were served today; `day_since_return` counts school days
    as the follow-ups do, the day of return being the first (R37).
    """
    episode, tried, matter = life.episode, life.attempts, is_going_on(life)
    days = {
        "absent_since": life.since if matter else None,
        "last_present": _last_present(life) if matter else None,
        "case_opened_on": episode.opened_on if episode else None,
        "return_by": next((due.due for due in return_by(life)), None),
        "returned_on": episode.returned_on if episode else None,
        "return_by_proposed": reckon(life.rules.rule("return_by"), life.world.today, life.world.calendar).day,
    }
    issued = [deed.text("no") for deed in life.seen.done("notice_issued") if deed.text("notice") == "N1"]
    return {
        "state": "" if life.state in BEFORE_CASE else life.state,
        "incident_state": life.incidents[-1].state if matter and life.incidents else "",
        "episode": str(episode.number) if episode else "",
        "absent_days": str(len(life.absent_days)) if matter else "",
        "notice_no": issued[-1] if issued else "",
        "attempts_phone": str(tried.phone if matter else 0),
        "attempts_door": str(tried.door if matter else 0),
        "day_since_return": _day_since_return(life),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }


def is_going_on(life: Lifecycle) -> bool:
    """Whether there is a matter now: an open case, one that is looked after, or an absence not cleared up yet."""
    if life.is_open or life.state in BACK:
        return True
    lasting = bool(life.incidents) and life.incidents[-1].ended_on is None
    return life.state in BEFORE_CASE and (lasting or life.state in _UNSETTLED)


def _day_since_return(life: Lifecycle) -> str:
    back = life.episode.returned_on if life.episode else None
    days = life.world.calendar.school_days(back, life.world.today) if back else 0
    return str(days) if days else ""


def _last_present(life: Lifecycle) -> dt.date | None:
    """The newest school day before the absence on which the class was counted and the child was there."""
    if life.since is None:
        return None
    away = life.world.attendance.missing.get(life.child.case, {})
    for day in reversed(life.world.calendar.between(life.since - _LOOK_BACK, life.since - dt.timedelta(days=1))):
        class_id = life.child.class_on(day)
        held = life.world.attendance.of(class_id, day) if class_id else {}
        if held.keys() - away.get(day, {}).keys():
            return day
    return None
