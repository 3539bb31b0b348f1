"""Cells: always what computing everything anew would give, and no work without need."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import FormBroken
from casebook.forms.cells import Cell, Graph

Formula = tuple[str, int, int]
INPUTS = 3


def combine(kind: str, left: int, right: int) -> int:
    return {"sum": left + right, "parity": (left + right) % 2, "pick": right if left > 0 else -1}[kind]


class Sheet:
    """Inputs, and cells that each combine two earlier ones."""

    def __init__(self, formulas: list[Formula]) -> None:
        self.graph = Graph()
        self.formulas = [(kind, left % (INPUTS + place), right % (INPUTS + place))
                         for place, (kind, left, right) in enumerate(formulas)]  # fmt: skip
        self.cells: list[Cell[int]] = [Cell(self.graph, "value", None, 0) for _ in range(INPUTS)]
        for kind, left, right in self.formulas:
            self.cells.append(Cell(self.graph, "value", None, 0, self._computation(kind, left, right), eager=left % 2 == 0))

    def _computation(self, kind: str, left: int, right: int) -> Callable[[], int]:
        def compute() -> int:
            one = self.cells[left].get()
            # like `if()`: what is not needed is not read
            return combine(kind, one, self.cells[right].get()) if kind != "pick" or one > 0 else -1

        return compute

    def recomputed(self) -> list[int]:
        values = [cell.value for cell in self.cells[:INPUTS]]
        for kind, left, right in self.formulas:
            values.append(combine(kind, values[left], values[right]))
        return values


formulas = st.lists(st.tuples(st.sampled_from(["sum", "parity", "pick"]), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12)
steps = st.lists(st.tuples(st.integers(0, INPUTS - 1), st.integers(-2, 2), st.integers(0, 14)), max_size=12)


@given(formulas, steps)
def test_cells_hold_what_computing_everything_anew_gives(shape: list[Formula], changes: list[tuple[int, int, int]]) -> None:
    sheet = Sheet(shape)
    for place, value, looked_at in changes:
        sheet.cells[place].put(value)
        cell = sheet.cells[looked_at % len(sheet.cells)]
        assert cell.get() == sheet.recomputed()[looked_at % len(sheet.cells)]
    assert [cell.get() for cell in sheet.cells] == sheet.recomputed()


@given(formulas, steps)
def test_what_is_reported_is_what_changed(shape: list[Formula], changes: list[tuple[int, int, int]]) -> None:
    sheet = Sheet(shape)
    before = [cell.get() for cell in sheet.cells]
    sheet.graph.begin()
    for place, value, _ in changes:
        sheet.cells[place].put(value)
    changed = {sheet.cells.index(cell) for cell in sheet.graph.changed()}
    after = sheet.recomputed()
    assert changed == {place for place, value in enumerate(after) if value != before[place]}


def test_a_change_that_changes_nothing_stops_at_once() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 2)
    parity = Cell(graph, "value", None, 0, lambda: number.get() % 2)
    label = Cell(graph, "label", None, "", lambda: f"rest {parity.get()}")
    assert label.get() == "rest 0"
    done = graph.evaluations
    number.put(4)
    assert label.get() == "rest 0"
    assert graph.evaluations == done + 1


def test_an_entry_over_a_computed_value_stands_until_an_input_moves() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 2)
    parity = Cell(graph, "value", None, 0, lambda: number.get() % 2)
    shown = Cell(graph, "value", None, 0, lambda: parity.get() + 10)
    shown.put(99)
    number.put(4)
    assert (shown.get(), shown.held) == (99, True)
    number.put(5)
    assert (shown.get(), shown.held) == (11, False)


def test_a_kept_value_is_not_computed_again_but_follows_its_inputs() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 1)
    double = Cell(graph, "value", None, 7, lambda: number.get() * 2)
    double.keep = True
    assert double.get() == 7
    number.put(5)
    assert double.get() == 10


def test_a_computation_may_read_its_own_last_value() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 1)
    cells: list[Cell[int]] = []
    cells.append(Cell(graph, "value", None, 0, lambda: cells[0].get() + number.get()))
    assert cells[0].get() == 1
    number.put(2)
    assert cells[0].get() == 3


def test_relevance_that_needs_itself_is_a_broken_form() -> None:
    graph = Graph()
    cells: list[Cell[bool]] = []
    cells.append(Cell(graph, "relevance", None, False, lambda: not cells[1].get()))
    cells.append(Cell(graph, "relevance", None, False, lambda: not cells[0].get()))
    with pytest.raises(FormBroken):
        cells[0].get()


def test_a_failed_computation_leaves_the_cell_usable() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 0)
    share = Cell(graph, "value", None, 0, lambda: 10 // number.get())
    with pytest.raises(ZeroDivisionError):
        share.get()
    number.put(5)
    assert share.get() == 2
    assert graph.reader is None


def test_a_retired_cell_is_forgotten() -> None:
    graph = Graph()
    number = Cell(graph, "value", None, 1)
    gone = Cell(graph, "value", None, 0, lambda: number.get() + 1, eager=True)
    gone.get()
    graph.begin()
    gone.retire()
    number.put(3)
    assert gone not in graph.pending
    assert graph.changed() == [number]
