"""Values that recompute themselves: asked for when first needed, computed anew only when an input really moved.

No graph is declared. Whatever a computation reads while it runs becomes its input. When a value moves, the cells that
read it are due; those whose value comes out the same tell nobody. That is needed for correctness, not only for speed:
a teacher's own entry in a calculated question must not be wiped by a change that changes nothing.

Each cell stands higher than its inputs, and due cells are computed from below: so none is computed twice, or from a
mixture of old and new. Whoever reads a cell while cells below it are due has those computed first. Inputs change from
one computation to the next, so heights may be wrong for a moment, and cells may seem to read each other in a circle.

What only a screen asks for waits until all else is settled, and is left undone where no screen can show it.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

from casebook.errors import FormBroken

_T = TypeVar("_T")
#: cells that move each other in a circle would never come to rest
_MOST_EVALUATIONS = 100_000
#: cells that stand above each other in a circle would rise for ever
_HIGHEST = 1_000
#: the choices of a question with their texts are only said to be others: whoever draws it anew reads them
_LONG = frozenset({"choices"})
_ANOTHER = object()


class Graph:
    """What the cells of one session share. `unseen` says of an owner that no screen shows anything of it as it was."""

    def __init__(self, unseen: Callable[[Any], bool] = lambda owner: False) -> None:
        #: the innermost computation that runs now: it reads what is asked for
        self.reader: Cell[Any] | None = None
        #: eager cells that are new or moved, for whoever acts on them
        self.pending: dict[Cell[Any], None] = {}
        #: cells that moved since `begin`, with the value before
        self.touched: dict[Cell[Any], object] = {}
        self.evaluations = 0
        #: how often anything moved
        self.moves = 0
        self._unseen = unseen
        #: cells for the screen that are due
        self._waiting: dict[Cell[Any], None] = {}
        self._due: list[tuple[int, int, Cell[Any]]] = []
        self._turn = 0

    def begin(self) -> None:
        """Starts to note what changes."""
        self.touched = {}

    def changed(self) -> list[Cell[Any]]:
        """Cells whose value differs from the one before `begin`; all that somebody may see are brought up to date."""
        self.advance()
        while self.look_again():
            self.advance()
        return [cell for cell, before in self.touched.items() if not cell.retired and cell.value != before]

    def mark_volatile(self) -> None:
        """Says that the running computation used the clock, chance or its own past."""
        if self.reader is not None:
            self.reader.volatile = True

    def tell(self, readers: dict[Cell[Any], None]) -> None:
        """Makes cells due whose input moved."""
        self.moves += 1
        due, turn = self._due, self._turn
        for cell in readers:
            cell.stale = True
            if not cell.queued:
                cell.queued = True
                turn += 1
                heappush(due, (cell.height, turn, cell))
        self._turn = turn

    def advance(self) -> None:
        """Computes what is due. Raises FormBroken (reason `restless`) if that never ends."""
        due, most = self._due, self.evaluations + _MOST_EVALUATIONS
        while due:
            place, _, cell = heappop(due)
            if cell.height > place and cell.stale:
                self._turn += 1
                heappush(due, (cell.height, self._turn, cell))
                continue
            cell.queued = False
            if cell.stale and not cell.retired:
                if cell.passive and self._may_wait(cell):
                    self._postpone(cell)
                elif cell.gate is None or not cell.is_shut():
                    cell.refresh()
            if self.evaluations > most:
                raise FormBroken(reason="restless", role=cell.role)

    def look_again(self) -> bool:
        """Computes what a screen shows and is due, when all else is up to date; whether there was any."""
        waiting, self._waiting = self._waiting, {}
        for cell in waiting:
            if not cell.stale or cell.retired or self._unseen(cell.owner):
                continue
            if cell.role in _LONG:
                self.touched.setdefault(cell, _ANOTHER)
            else:
                cell.refresh()
        return bool(waiting)

    def _may_wait(self, cell: Cell[Any]) -> bool:
        """Whether nothing but a screen reads the cell, and what reads it for the screen may wait too."""
        return not cell._readers or (self._unseen(cell.owner) and not cell.is_needed())

    def _postpone(self, cell: Cell[Any]) -> None:
        self._waiting[cell] = None
        for reader in cell._readers:
            reader.stale = True
            self._postpone(reader)


class Cell(Generic[_T]):
    """One value: put in from outside (no `compute`), or computed from what it reads."""

    __slots__ = (
        "_inputs",
        "_readers",
        "busy",
        "caught",
        "compute",
        "computed",
        "eager",
        "gate",
        "graph",
        "height",
        "held",
        "keep",
        "new",
        "owner",
        "passive",
        "queued",
        "retired",
        "role",
        "shut",
        "stale",
        "value",
        "volatile",
    )

    def __init__(
        self,
        graph: Graph,
        role: str,
        owner: Any,
        value: _T,
        compute: Callable[[], _T] | None = None,
        eager: bool = False,
    ) -> None:
        self.graph = graph
        self.role = role
        self.owner = owner
        self.value = value
        self.compute = compute
        self.eager = eager
        #: only for the screen: nothing that is sent or asked rests on it
        self.passive = False
        #: while this input is False, the value is `shut`, or stays if that is None: there is nothing to compute
        self.gate: Cell[bool] | None = None
        self.shut: _T | None = None
        #: above that of all inputs
        self.height = 0
        #: up to which move of the graph all below is known to be up to date
        self.caught = -1
        self.stale = self.new = compute is not None
        self.queued = self.busy = False
        #: a person's entry stands in place of the computed value, which was `computed`
        self.held = False
        self.computed: _T | None = None
        #: the next computation only finds the inputs; the value, restored from a draft, stays
        self.keep = False
        #: the last computation used the clock, chance or the cell's own past
        self.volatile = False
        self.retired = False
        self._inputs: dict[Cell[Any], None] = {}
        self._readers: dict[Cell[Any], None] = {}
        if eager and self.stale:
            graph.pending[self] = None

    def behind(self, gate: Cell[bool] | None, shut: _T | None = None) -> Cell[_T]:
        """The same cell with a gate, which its computation asks before all else."""
        self.gate, self.shut = gate, shut
        return self

    def get(self) -> _T:
        """The value now; the cell that is being computed becomes a reader of this one.

        Raises FormBroken (reason `circle`) if the value needs itself; only answers may read their own last value.
        """
        graph = self.graph
        due, reader = graph._due, graph.reader
        if due and due[0][0] <= self.height:
            self._catch_up()
        if self.stale:
            if not self.busy:
                self.refresh()
            elif self.role != "value":
                raise FormBroken(reason="circle", role=self.role)
        if reader is not None and reader is not self:
            if self not in reader._inputs:
                self._readers[reader] = None
                reader._inputs[self] = None
            if reader.height <= self.height:
                reader.height = self.height + 1
        return self.value

    def _catch_up(self) -> None:
        """Computes what is due below this cell, as far as it concerns this cell."""
        graph = self.graph
        if self.busy or self.caught == graph.moves:
            return
        self.busy, due = True, graph._due
        try:
            for cell in list(self._inputs):
                if self.stale:
                    break
                if due and due[0][0] <= cell.height:
                    cell._catch_up()
                    if cell.stale and not cell.busy:
                        cell.refresh()
        finally:
            self.busy = False
        self.caught = graph.moves

    def has_moved(self) -> bool:
        """Whether the value differs from the one before `Graph.begin`."""
        before = self.graph.touched
        return self in before and bool(before[self] != self.value)

    def is_shut(self) -> bool:
        """Takes the value that goes with a closed gate; whether it is closed and that is all there is to it."""
        gate = self.gate
        if gate is None or gate.value or gate.stale or self.new or self.held or self.keep:
            return False
        self.stale = self.volatile = False
        if self.shut is not None and self.value != self.shut:
            self._move(self.shut)
        return True

    def is_needed(self) -> bool:
        """Whether something that is not for the screen reads the cell."""
        return any(not reader.passive or reader.is_needed() for reader in self._readers)

    def put(self, value: _T) -> None:
        """Replaces the value; a computed cell holds it until the computed value moves."""
        if self.compute is not None:
            if self.stale and not self.busy:
                self.refresh()
            if not self.held:
                self.held, self.computed = True, self.value
        self.graph.touched.setdefault(self, self.value)
        self.value = value
        self.stale = False
        self.graph.pending.pop(self, None)
        self.graph.tell(self._readers)

    def refresh(self) -> None:
        """Computes the value anew."""
        assert self.compute is not None
        graph, before, self._inputs = self.graph, self._inputs, {}
        height, self.height = self.height, 1
        reader, graph.reader = graph.reader, self
        self.busy, self.volatile = True, False
        graph.evaluations += 1
        try:
            value = self.compute()
        finally:
            graph.reader = reader
            self.busy = False
            if before != self._inputs:
                self._leave(before)
        self.stale = False
        if self.height > height:
            self._lift_readers()
        if self.keep:
            self.keep, self.held, self.computed = False, True, value
        elif not self.held or value != self.computed:
            self.held = False
            if value != self.value:
                self._move(value)
        self.new = False

    def _leave(self, before: dict[Cell[Any], None]) -> None:
        """No longer a reader of former inputs that the last computation did without."""
        for cell in before:
            if cell not in self._inputs:
                cell._readers.pop(self, None)

    def _move(self, value: _T) -> None:
        graph = self.graph
        if not self.new:
            graph.touched.setdefault(self, self.value)
        self.value = value
        if self.eager:
            graph.pending[self] = None
        graph.tell(self._readers)

    def _lift_readers(self) -> None:
        """Raises the readers above this cell, and theirs above them."""
        waiting = [(reader, self.height + 1) for reader in self._readers]
        while waiting:
            cell, height = waiting.pop()
            if cell.height < height <= _HIGHEST and not cell.busy:
                cell.height = height
                waiting.extend((reader, height + 1) for reader in cell._readers)

    def retire(self) -> None:
        """Takes the cell out of use: its node is gone."""
        self.retired = True
        self.graph.pending.pop(self, None)
        for cell in self._inputs:
            cell._readers.pop(self, None)
        self.graph.tell(self._readers)
