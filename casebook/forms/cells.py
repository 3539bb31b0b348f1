"""Values that recompute themselves: asked for when needed, told when stale, recomputed only if an input really moved.

No graph is declared. Whatever a computation reads while it runs becomes its input, together with the version read.
A change marks everything downstream stale; a stale cell first asks its inputs, and if none has a new version it
keeps its value. That check is needed for correctness, not only for speed: without it a teacher's own entry in a
calculated question would be wiped by a change that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from casebook.errors import FormBroken

_T = TypeVar("_T")


class Graph:
    """What the cells of one session share."""

    def __init__(self) -> None:
        self.current: Cell[Any] | None = None
        #: stale cells that must not wait until somebody asks
        self.pending: dict[Cell[Any], None] = {}
        #: cells that changed or went stale since `begin`, with the value before
        self.touched: dict[Cell[Any], object] = {}
        self.evaluations = 0

    def begin(self) -> None:
        """Starts to note what changes."""
        self.touched = {}

    def changed(self) -> list[Cell[Any]]:
        """Cells whose value differs from the one before `begin`; stale ones are brought up to date."""
        moved = []
        while self.touched:
            cell, before = self.touched.popitem()
            if not cell.retired and cell.get() != before:
                moved.append(cell)
        return moved

    def mark_volatile(self) -> None:
        """Says that the running computation used the clock, chance or its own past."""
        if self.current is not None:
            self.current.volatile = True


class Cell(Generic[_T]):
    """One value: put in from outside (no `compute`), or computed from what it reads."""

    __slots__ = (
        "_inputs",
        "_readers",
        "busy",
        "compute",
        "computed",
        "eager",
        "graph",
        "held",
        "keep",
        "owner",
        "retired",
        "role",
        "stale",
        "value",
        "version",
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
        self.stale = compute is not None
        self.version = 0
        self.busy = False
        #: a person's entry stands in place of the computed value, which was `computed`
        self.held = False
        self.computed: _T | None = None
        #: the next computation only finds the inputs; the value, restored from a draft, stays
        self.keep = False
        #: the last computation used the clock, chance or the cell's own past
        self.volatile = False
        self.retired = False
        self._inputs: dict[Cell[Any], int] = {}
        self._readers: dict[Cell[Any], None] = {}
        if eager and self.stale:
            graph.pending[self] = None

    def get(self) -> _T:
        """The value now; the cell that is being computed becomes a reader of this one.

        Raises FormBroken (reason `circle`) if the value needs itself; only answers may read their own last value.
        """
        if self.stale:
            if not self.busy:
                self.refresh()
            elif self.role != "value":
                raise FormBroken(reason="circle", role=self.role)
        reader = self.graph.current
        if reader is not None and reader is not self:
            self._readers[reader] = None
            reader._inputs[self] = self.version
        return self.value

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
        self.version += 1
        self.graph.pending.pop(self, None)
        self.invalidate_readers()

    def invalidate_readers(self) -> None:
        """Marks everything downstream stale."""
        graph, waiting = self.graph, list(self._readers)
        while waiting:
            cell = waiting.pop()
            if cell.stale or cell.retired:
                continue
            cell.stale = True
            graph.touched.setdefault(cell, cell.value)
            if cell.eager:
                graph.pending[cell] = None
            waiting.extend(cell._readers)

    def refresh(self) -> None:
        """Brings a stale cell up to date."""
        if self._inputs and self._inputs_stand():
            self.stale = False
            return
        assert self.compute is not None
        for cell in self._inputs:
            cell._readers.pop(self, None)
        self._inputs = {}
        graph = self.graph
        before, graph.current = graph.current, self
        self.busy, self.volatile = True, False
        graph.evaluations += 1
        try:
            value = self.compute()
        finally:
            graph.current = before
            self.busy = False
        self.stale = False
        if self.keep:
            self.keep, self.held, self.computed = False, True, value
        elif not self.held or value != self.computed:
            self.held = False
            if value != self.value:
                self.value = value
                self.version += 1

    def _inputs_stand(self) -> bool:
        graph = self.graph
        before, graph.current = graph.current, None
        self.busy = True
        try:
            for cell, version in self._inputs.items():
                if cell.stale and not cell.busy:
                    cell.refresh()
                if cell.version != version:
                    return False
            return True
        finally:
            graph.current = before
            self.busy = False

    def retire(self) -> None:
        """Takes the cell out of use: its node is gone."""
        self.retired = True
        self.graph.pending.pop(self, None)
        for cell in self._inputs:
            cell._readers.pop(self, None)
        self.invalidate_readers()
