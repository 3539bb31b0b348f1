"""What came of a series of faults."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Came:
    """`phones`: how many took part. `struck`: how often the fault happened, of `points` places where it could. `content`: bytes of the visits,
    `sent`: bytes that went up for them. `wrong`: sentences, none is good.
    """

    phones: int = 0
    visits: int = 0
    points: int = 0
    struck: int = 0
    sent: int = 0
    content: int = 0
    wrong: list[str] = field(default_factory=list)
