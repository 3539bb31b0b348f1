"""Makes a form and its script smaller while the fault stays: what remains is for a person to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.differential.engines import Job
from tests.differential.panel import Panel
from tests.differential.sheets import Row, Sheets, Unwritable

_Item = TypeVar("_Item")
#: trials for one form
MOST_TRIALS = 400


class Shrinker:
    """One job with a fault, and the sheets of its form if those may shrink too."""

    def __init__(self, sheets: Sheets | None, job: Job, panel: Panel) -> None:
        self._sheets = sheets
        self._job = job
        self._panel = panel
        self._trials = 0
        self._fault = self._faults(job)

    def shrunk(self) -> tuple[Sheets | None, Job]:
        """The smallest sheets and job found."""
        self._shorten()
        if self._sheets is not None:
            self._drop_blocks()
            self._drop_cells()
            self._drop_blocks()
            _smaller(list(self._sheets.survey), lambda kept: self._keeps(self._with_rows(kept)))
            self._shorten()
        return self._sheets, self._job

    def _drop_blocks(self) -> None:
        assert self._sheets is not None
        blocks = list(_blocks(self._sheets.survey))
        _smaller(blocks, lambda kept: self._keeps(self._with_rows(row for block in kept for row in block)))

    def _drop_cells(self) -> None:
        """Makes each row as plain as it can be, the last first: what it read may go afterwards."""
        assert self._sheets is not None
        for place in reversed(range(len(self._sheets.survey))):
            for column in list(self._sheets.survey[place]):
                rows = list(self._sheets.survey)
                plainer = {name: cell for name, cell in rows[place].items() if name != column}
                if column.startswith("label") and "${" in rows[place][column]:
                    plainer = {**rows[place], column: rows[place]["name"]}
                if column not in ("type", "name"):
                    rows[place] = plainer
                    self._keeps(self._with_rows(rows))

    def _shorten(self) -> None:
        _smaller(list(self._job.script), lambda kept: self._keeps((self._sheets, replace(self._job, script=kept))))

    def _with_rows(self, rows: Iterable[Row]) -> tuple[Sheets | None, Job | None]:
        assert self._sheets is not None
        sheets = self._sheets.with_survey(rows)
        try:
            return sheets, replace(self._job, xml=sheets.compiled())
        except Unwritable:
            return sheets, None

    def _keeps(self, found: tuple[Sheets | None, Job | None]) -> bool:
        """Whether a smaller form still has the fault; then it is the one to go on with."""
        sheets, job = found
        self._trials += job is not None
        if job is None or self._trials > MOST_TRIALS or self._fault.isdisjoint(self._faults(job)):
            return False
        self._sheets, self._job = sheets, job
        return True

    def _faults(self, job: Job) -> set[tuple[str, str]]:
        return {(split.name, split.aspect) for split in self._panel.verdict(job).unexplained}


def _blocks(survey: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows that can go together: a frame with all in it, and every other row alone."""
    block: list[Row] = []
    depth = 0
    for row in survey:
        depth += row["type"].startswith("begin_")
        depth -= row["type"].startswith("end_")
        block.append(row)
        if depth == 0:
            yield block
            block = []


def _smaller(items: list[_Item], keeps: Callable[[Sequence[_Item]], bool]) -> None:
    """Leaves out pieces as long as `keeps` says yes: large ones first, and from the end, for later reads earlier."""
    size = max(1, len(items) // 2)
    while size:
        end = len(items)
        while end > 0:
            rest = items[: max(0, end - size)] + items[end:]
            if keeps(rest):
                items = rest
            end -= size
        size //= 2
