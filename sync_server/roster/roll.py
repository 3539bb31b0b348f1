"""The events of the roll (R06, R10, R13–R16) as one table: from which standing to which, with which papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ON_ROLL = frozenset({"enrolled", "on_leave", "suspected", "dropped_out", "home_teaching"})
OUTSIDE = frozenset({"left", "abroad", "not_enrolled", "exempt"})
GRADUATE, STAY, PROMOTE = "graduate", "stay_down", "promote"
NEW = ""  # a child that the register does not know yet


@dataclass(frozen=True)
class Kind:
    """One kind of event. `principal`: takes effect when the principal has approved what another entered (R14)."""

    name: str
    before: frozenset[str]
    after: str
    clause: str
    principal: bool = False
    meanwhile: str = ""  # the standing until the principal decides; blank: as before
    needs: tuple[str, ...] = ()  # besides the day: other_school, paper, approval_body, approval_no, until, mark
    change: int = 0  # of the class list: -1 out, +1 in
    by_hand: bool = True  # else only the end of the school year brings it


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (
    Kind("transfer_in", OUTSIDE | {NEW}, "enrolled", "R13", needs=("other_school", "paper"), change=1),
    Kind("transfer_out", ON_ROLL, "left", "R14", True, "leaving", ("other_school", "paper"), -1),
    Kind("suspend", ON_ROLL, "suspended", "R13", True, "", ("paper", "approval_body", "approval_no", "until"), -1),
    Kind("return", frozenset({"suspended"}), "enrolled", "R13", needs=("paper",), change=1),
    Kind("defer", ON_ROLL | {"not_enrolled", NEW}, "exempt", "R10", True, "",
         ("paper", "approval_body", "approval_no", "until"), -1),
    Kind("enrol", frozenset({"not_enrolled", "exempt"}), "enrolled", "R06", needs=("paper",), change=1),
    Kind("go_abroad", ON_ROLL, "abroad", "R13", True, "", ("paper",), -1),
    Kind("mark_suspected", ON_ROLL - {"suspected"}, "suspected", "R16", needs=("paper",)),
    Kind("mark_dropped_out", ON_ROLL - {"dropped_out"}, "dropped_out", "R16", needs=("paper",)),
    Kind("mark_back", frozenset({"suspected", "dropped_out"}), "enrolled", "R16", needs=("paper",)),
    Kind("death", ON_ROLL | {"suspended"}, "deceased", "R13", True, "", ("paper",), -1),
    Kind(GRADUATE, ON_ROLL, "graduated", "R13", change=-1, by_hand=False),
    Kind(STAY, ON_ROLL, "", "R12", by_hand=False),
    Kind(PROMOTE, ON_ROLL, "", "R12", by_hand=False),
)}  # fmt: skip


def possible(status: str) -> list[Kind]:
    """The events that may befall a child of this standing."""
    return [kind for kind in KINDS.values() if kind.by_hand and status in kind.before]
