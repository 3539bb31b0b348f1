"""Cuts the connection of a real phone to a real server: at every byte of a sync, and at random through a day."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fieldapp.desk import Desk
from sync_server.wiring import Wiring
from tests.faults.came import Came
from tests.faults.little import code_for, differences, enrolled, numbered, pictures, sealed_visit
from tests.sync_server.schoolhouse import make_school, served
from tests.whole.link import Link

MOST_SYNCS = 150
PATIENCE = 3  # fifty phones and their school in one process: an answer may come too late
STEADY = 64  # a sync's length is rounded up to so many bytes: it varies by some, and every byte is meant


@dataclass(frozen=True)
class Site:
    """A school that is served, and a link to it."""

    wiring: Wiring
    link: Link

    def phone(self, folder: Path) -> Desk:
        """A new phone on this link."""
        return enrolled(folder, self.link.url, code_for(self.wiring))


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A fresh school in `folder` with its server and a link that nothing disturbs yet."""
    folder.mkdir(parents=True, exist_ok=True)
    wiring = make_school(folder)
    with served(wiring) as url:
        link = Link(int(url.rsplit(":", 1)[1]))
        yield Site(wiring, link)
        link.close()
    wiring.close()


def measured(folder: Path) -> dict[bool, int]:
    """Bytes that a phone sends (True) and receives (False) in an undisturbed sync of a visit, rounded up."""
    with site(folder) as here:
        desk = here.phone(folder / "phone")
        sealed_visit(desk, "v000000", numbered(0))
        here.link.reset()
        assert desk.sync().complete
        desk.close()
        both = {True: here.link.sent, False: here.link.received}
    return {up: -(-(size + 1) // STEADY) * STEADY for up, size in both.items()}


def at_bytes(folder: Path, up: bool, places: range) -> Came:
    """Syncs of one visit each, cut after as many bytes as `places` say that the phone has sent (up), or received.

    Every other cut leaves the link dead until the next sync; the others only break what is open.
    """
    came = Came()
    with site(folder) as here:
        desk = here.phone(folder / "phone")
        for number, place in enumerate(places):
            content = numbered(place)
            sealed_visit(desk, f"v{place:06}", content)
            here.link.reset()
            here.link.cut_after(place if up else None, None if up else place, once=number % 2 == 1)
            complete = desk.sync().complete
            here.link.cut_after(None)
            _count(came, here.link, content)
            if not (complete or desk.sync().complete):
                came.wrong.append(f"cut at {place}: not complete")
        came.points = len(places)
        came.wrong += differences(here.wiring, [desk])
        desk.close()
    return came


def a_day(folder: Path, cuts: int, seed: int, visits: int = 10) -> Came:
    """Days of ten visits with three photos each, cut after random amounts until `cuts` cuts have happened."""
    came, dice = Came(phones=1), random.Random(seed)
    with site(folder) as here:
        desk = here.phone(folder / "phone")
        here.link.reset()
        while here.link.cuts < cuts:
            _record(desk, came, visits, f"d{came.visits}-")
            _talk(here.link, desk, dice, came, 30_000)
        came.struck, came.sent = here.link.cuts, here.link.sent
        came.wrong += differences(here.wiring, [desk])
        desk.close()
    return came


def day_of_many(folder: Path, phones: int, visits: int, seed: int) -> Came:
    """Many phones at once, each on a bad link of its own, until everything of all has arrived."""
    came, dice = Came(phones=phones), random.Random(seed)
    with site(folder) as here:
        links = [Link(here.link.target) for _ in range(phones)]
        desks = [enrolled(folder / f"phone{n}", link.url, code_for(here.wiring)) for n, link in enumerate(links)]
        for number, desk in enumerate(desks):
            _record(desk, came, visits, f"p{number}-")
        tales = [Came() for _ in desks]
        threads = [threading.Thread(target=_talk, args=(link, desk, random.Random(dice.random()), tale, 60_000))
                   for link, desk, tale in zip(links, desks, tales, strict=True)]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        came.struck, came.sent = sum(link.cuts for link in links), sum(link.sent for link in links)
        came.wrong = [wrong for tale in tales for wrong in tale.wrong] + differences(here.wiring, desks)
        for desk, link in zip(desks, links, strict=True):
            desk.close()
            link.close()
    return came


def _count(came: Came, link: Link, content: dict[str, bytes]) -> None:
    came.visits += 1
    came.struck += link.cuts
    came.sent += link.sent
    came.content += sum(map(len, content.values()))


def _record(desk: Desk, came: Came, visits: int, name: str) -> None:
    for number in range(visits):
        content = pictures(3, 200)
        sealed_visit(desk, f"{name}{number}", content)
        came.visits += 1
        came.content += sum(map(len, content.values()))


def _talk(link: Link, desk: Desk, dice: random.Random, came: Came, most: int) -> None:
    """Syncs over a link that is cut after a random amount (bytes below `most`) each time, until all is done."""
    for attempt in range(MOST_SYNCS):
        amount = dice.randrange(200, most)
        downwards = dice.random() < 0.3
        link.cut_after(None if downwards else amount, amount // 8 if downwards else None, once=dice.random() < 0.5)
        if attempt == MOST_SYNCS - 1:
            link.cut_after(None)
        if desk.sync().complete and attempt > 1:
            break
    else:
        came.wrong.append("never complete")
    link.cut_after(None)
    if not any((last := desk.sync()).complete for _ in range(PATIENCE)):
        came.wrong.append(f"not complete on a good link: {last}")
