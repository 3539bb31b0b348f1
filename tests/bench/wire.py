"""What crosses the link: a visit, nothing new, a visit after a cut. Every byte is counted between phone and school."""

from __future__ import annotations

from pathlib import Path

from fieldapp.desk import Desk
from fieldapp.sync.packing import PIECE
from tests.bench import bodies
from tests.bench.limits import json_bytes
from tests.bench.measure import Figure
from tests.bench.school import BenchSchool
from tests.whole.handset import enrolled, record_visit
from tests.whole.link import Link
from tests.whole.phone_files import sealed_visits

REQUEST_LINE = '"event": "request"'


def figures(folder: Path) -> list[Figure]:
    """Bytes and requests, over HTTP with all its headers."""
    with BenchSchool(folder / "school") as school:
        link = Link(school.server.port)
        desk = enrolled(folder / "phone", school.server, link.url)
        whole = _one_visit(folder, link, desk)
        found = [whole, *_nothing_new(school, link, desk), _after_a_cut(folder, link, desk, whole.value - whole.limit)]
        desk.close()
        link.close()
    return [*found, *bodies.figures(folder / "bodies")]


def _one_visit(folder: Path, link: Link, desk: Desk) -> Figure:
    record_visit(desk, folder, seed=1)
    link.reset()
    assert desk.sync().complete
    return Figure("one visit (form, signature, 2 photos) up", link.sent, "B", _content(folder, 0), "its content",
                  ratio_budget=1.03)  # fmt: skip


def _nothing_new(school: BenchSchool, link: Link, desk: Desk) -> list[Figure]:
    desk.sync()
    link.reset()
    before = school.server.said().count(REQUEST_LINE)
    assert desk.sync().complete
    requests = school.server.said().count(REQUEST_LINE) - before
    return [
        Figure("a sync with nothing new: requests", requests, "", 1, "one request", budget=2),
        Figure("a sync with nothing new: bytes both ways, with headers", link.sent + link.received, "B", 1,
               "nothing", budget=2_400),
    ]  # fmt: skip


def _after_a_cut(folder: Path, link: Link, desk: Desk, beside: float) -> Figure:
    """The link breaks in the middle of the second photo; the next sync sends the rest.

    `beside`: what a visit costs beside its content when nothing breaks (less than nothing: texts travel packed).
    """
    child = desk.students("", 5).students[-1].id
    record_visit(desk, folder, seed=2, child=child)
    content = _content(folder, 1)
    link.reset()
    link.cut_after(content * 3 // 4)
    assert not desk.sync().complete
    link.cut_after(None)
    assert desk.sync().complete
    return Figure("a cut: bytes sent again, with the second sync's requests", link.sent - content - beside, "B", PIECE,
                  "what one piece holds", budget=8 * 1024)  # fmt: skip


def _content(folder: Path, which: int) -> int:
    """Bytes of one sealed visit and its files."""
    visit = sealed_visits(folder / "phone")[which]
    return json_bytes(visit) + sum(attachment["size"] for attachment in visit["att"])
