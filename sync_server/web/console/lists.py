"""What the lists of visits have in common: pages, and a line's words and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casebook.rules.evidence import Part
from sync_server.store import accounts, forms
from sync_server.store.engine import Connection
from sync_server.store.visit_lists import VisitLine
from sync_server.web.console.page import Ask, Console

PAGE_LINES = 25


@dataclass(frozen=True)
class Pages:
    """Which page of how many, and how many lines there are in all."""

    number: int
    total: int
    size: int = PAGE_LINES

    @property
    def count(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """Lines before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class DrawnLine:
    """A visit in a list, ready to be drawn; `photo` is the hash of one that may be shown there, if there is any."""

    line: VisitLine
    title: str
    visitor: str
    parts: Sequence[Part]
    photo: str


def pages(ask: Ask, total: int, size: int = PAGE_LINES) -> Pages:
    """The page asked for; beyond the last one, the last."""
    last = Pages(1, total, size).count
    return Pages(min(ask.page_number(), last), total, size)


def drawn(console: Console, conn: Connection, ask: Ask, lines: Sequence[VisitLine]) -> list[DrawnLine]:
    """The lines with titles, names and evidence."""
    names = accounts.names(conn, console.school)
    titles = forms.titles(conn, console.school)
    parts = console.visits.parts_of(conn, [line.visit for line in lines], [line.case for line in lines])
    photos = console.visits.faces(conn, [line.visit for line in lines])
    language = ask.wording.locale[:2]
    return [
        DrawnLine(
            line, titles.get(line.form_id, {}).get(language, line.form_id), names.get(line.author, ""),
            parts.get(line.visit, ()), photos.get(line.visit, ""),
        )
        for line in lines
    ]  # fmt: skip
