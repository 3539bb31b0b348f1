"""Ten visits over a weak link (2 Mbit/s up, 200 ms there and back), whole and with the signal lost every 0.6 MB."""

from __future__ import annotations

import time
from pathlib import Path

from fieldapp.desk import Desk, over_http
from tests.bench.limits import json_bytes
from tests.bench.measure import Figure
from tests.bench.school import BenchSchool
from tests.whole.handset import answer_all, enrolled
from tests.whole.phone_files import sealed_visits
from tests.whole.visits import absence_visit, photo
from tests.whole.weaklink import WeakLink

VISITS, UP_KBIT, RTT, CUT_EVERY, PATIENCE = 10, 2000, 0.2, 600_000, 120.0
GRAIN = 11  # the phone makes photos of some 250 KB of such pictures


def figures(folder: Path) -> list[Figure]:
    """The same ten visits' worth twice, each time from a phone of its own."""
    with BenchSchool(folder / "school") as school:
        whole = _arrive(folder / "whole", school, None)
        cut = _arrive(folder / "cut", school, CUT_EVERY)
    return [*whole, *cut]


def _arrive(folder: Path, school: BenchSchool, cut_every: int | None) -> list[Figure]:
    desk = enrolled(folder / "phone", school.server)
    visit_all(desk, folder, 1000 if cut_every else 0)
    desk.close()
    visits = sealed_visits(folder / "phone")
    content = sum(json_bytes(visit) + sum(one["size"] for one in visit["att"]) for visit in visits)
    ideal = content / (UP_KBIT * 125)
    with WeakLink(school.server.port, UP_KBIT, rtt=RTT, cut_every=cut_every) as link:
        desk = Desk.open(folder / "phone", connect=lambda _url, token: over_http(link.url, token))
        start = time.perf_counter()
        while not (report := desk.sync()).complete and time.perf_counter() - start < PATIENCE:
            pass
        took = time.perf_counter() - start
        arrived = VISITS if report.complete else VISITS - report.files_left / 4
        desk.close()
    name = f"signal lost every {CUT_EVERY / 1e6:.1f} MB" if cut_every else "no cuts"
    budgets = (1.6, 1.08) if cut_every else (1.12, 1.03)
    found = [
        Figure(f"weak link, {name}: time of {VISITS} visits", took, "s", ideal, "the bytes at full rate",
               ratio_budget=budgets[0]),
        Figure(f"weak link, {name}: bytes up", link.bytes["up"] / 1e6, "MB", content / 1e6, "the content",
               ratio_budget=budgets[1]),
        Figure(f"weak link, {name}: visits that did not arrive", VISITS - arrived, "", 1, "one", budget=0),
    ]  # fmt: skip
    if cut_every:
        wasted = (link.bytes["up"] - content) / max(1, link.cuts) / 1024
        found.append(Figure(f"weak link: sent again or beside the content, per cut ({link.cuts} cuts)", wasted, "KB",
                            UP_KBIT * 125 * RTT / 2 / 1024, "what was under way when the signal went"))  # fmt: skip
    return found


def visit_all(desk: Desk, folder: Path, first_photo: int) -> None:
    """As many children visited; photos that the school knows from another phone would not be sent."""
    children = [row.id for row in desk.students("", VISITS).students]
    for seed, child in enumerate(children):
        taken = [photo(folder / f"{seed}-{number}.jpg", first_photo + seed * 10 + number, grain=GRAIN) for number in range(3)]
        draft = desk.open_draft(desk.start(child, "absence_visit"))
        answer_all(draft, {**absence_visit(taken[:2]), "photos_3": taken[2]})
        draft.finish()
