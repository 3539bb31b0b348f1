"""Makes a form and its script smaller while the fault stays: what remains is for a person to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from tests.differential.engines import Job
from tests.differential.panel import Panel
from tests.differential.sheets import Row, Sheets, Unwritable

_Item = TypeVar("_Item")
#: trials for one form
MOST_TRIALS = 250


class Shrinker:
    """One form with a fault."""

    def __init__(self, sheets: Sheets, job: Job, panel: Panel) -> None:
        self.sheets = sheets
        self.job = job
        self._panel = panel
        self._trials = 0

    def shrunk(self) -> tuple[Sheets, Job]:
        """The smallest form and script found."""
        steps = _smaller(list(self.job.script), self._fails_with_script)
        self.job = self._with(self.sheets, steps)
        rows = _smaller(list(_blocks(self.sheets.survey)), self._fails_with_rows)
        self.sheets = self.sheets.with_survey(row for block in rows for row in block)
        self.job = self._with(self.sheets, _smaller(list(self.job.script), self._fails_with_script))
        return self.sheets, self.job

    def _with(self, sheets: Sheets, script: Sequence) -> Job:  # type: ignore[type-arg]
        return Job(self.job.id, sheets.compiled(), script, sheets.files)

    def _fails_with_script(self, script: Sequence) -> bool:  # type: ignore[type-arg]
        return self._fails(self.sheets, script)

    def _fails_with_rows(self, blocks: Sequence[Sequence[Row]]) -> bool:
        return self._fails(self.sheets.with_survey(row for block in blocks for row in block), self.job.script)

    def _fails(self, sheets: Sheets, script: Sequence) -> bool:  # type: ignore[type-arg]
        self._trials += 1
        if self._trials > MOST_TRIALS:
            return False
        try:
            return bool(self._panel.verdict(self._with(sheets, script)).unexplained)
        except Unwritable:
            return False


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


def _smaller(items: list[_Item], fails: Callable[[Sequence[_Item]], bool]) -> list[_Item]:
    """Leaves out pieces, large ones first, as long as it still fails."""
    size = max(1, len(items) // 2)
    while size:
        place = 0
        while place < len(items):
            rest = items[:place] + items[place + size :]
            if rest and fails(rest):
                items = rest
            else:
                place += size
        size //= 2
    return items
