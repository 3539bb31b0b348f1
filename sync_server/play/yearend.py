"""The end of the school year in a story: closed by the registrar, or refused with all that stands against it."""

from __future__ import annotations

from sync_server.play.phonebook import REFUSED, Outcome
from sync_server.play.stage import Stage
from sync_server.play.story import Event
from sync_server.roster.roll import GRADUATE, PROMOTE, STAY
from sync_server.roster.yearclosing import YearClosing
from sync_server.roster.yearend import Choices

_STEPS = {"stay": STAY, "promote": PROMOTE, "graduate": GRADUATE}


def close_year(stage: Stage, event: Event) -> Outcome:
    """Looks, and does what it saw; a class keeps the name that the story gave it."""
    wiring, actor = stage.wiring, stage.account(event.get("by", "registrar"))
    use = YearClosing(wiring.store, stage.school, wiring.office, wiring.lives, stage.clock)
    choices = Choices({
        stage.students[child]: step for name, step in _STEPS.items() for child in event.get(name, ())
    })  # fmt: skip
    found = use.look(actor, choices)
    against = [fault.rsplit(".", 1)[-1] for fault in found.faults]
    if found.plan is not None:
        against += ["year"] if found.plan.year != event.subject else []
        against += ["undecided"] if found.plan.undecided else []
    if against or found.plan is None:
        return {REFUSED: against}
    use.close(actor, choices, found.plan.sha256)
    return dict(found.plan.counts())
