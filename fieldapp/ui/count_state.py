"""A headcount while it is ticked on the screen: one observable per child, every tick durable before it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fieldapp.desk import Desk
from fieldapp.headcounts import CountSheet, Tally
from fieldapp.ui.sheet import Sheet
from fieldapp.ui.widgets.seats import Place, Tick


class OpenCount(Sheet):
    """The ticks of one headcount, kept at the desk."""

    def __init__(self, desk: Desk, card: CountSheet) -> None:
        self._ticks = {child: Tick(kind) for child, kind in card.tally.marks.items()}

        def keep(said: Mapping[str, Any]) -> None:
            desk.headcounts.jot(card.which, Tally(**said))

        super().__init__(asdict(card.tally), keep)

    @property
    def tally(self) -> Tally:
        """What is ticked and said now, with what is being typed."""
        typed = {name: self.text(name) for name in ("reporter", "reason")}
        return Tally(**{**self.said, **typed})

    def places(self, card: CountSheet) -> list[Place]:
        """The children with their ticks, in the order of the list."""
        return [Place(number, seat, self._ticks.setdefault(seat.id, Tick()))
                for number, seat in enumerate(card.seats, 1)]

    def mark(self, child: str, kind: str) -> None:
        """Keeps a child's tick, "" for in class. Raises what the desk raises; nothing has changed then."""
        marks = {**self.said["marks"], child: kind}
        self.say(marks={one: said for one, said in marks.items() if said})

    def count_heads(self, heads: int | None) -> None:
        """Keeps the heads counted in a lesson, None when they are what the ticks say."""
        self.say(heads=heads)
