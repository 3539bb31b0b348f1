"""Cuts the connection of a real phone to a real server: at every byte of a sync, and at random through a day."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fieldapp.desk import Desk
from sync_server.wiring import Wiring
from tests.faults.little import code_for, differences, enrolled, pictures, sealed_visit
from tests.sync_server.schoolhouse import make_school, served
from tests.whole.link import Link

VISITS_A_SCHOOL = 150  # then a new school begins: long days cost more, and prove no more
MOST_SYNCS = 60


@dataclass
class Came:
    """What came of a series: visits made, cuts, bytes the phones sent and those they had to send, what went wrong."""

    visits: int = 0
    cuts: int = 0
    sent: int = 0
    content: int = 0
    wrong: list[str] = field(default_factory=list)


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


def at_every_byte(folder: Path, step: int, first: int = 0) -> Came:
    """A sync of one visit, cut after the byte `first`, `first + step`, … that the phone has sent, and received.

    Every other cut leaves the link dead until the next sync; the others only break what is open.
    """
    came = Came()
    sent, got = _measured(folder / "measured")
    places = [(n, None) for n in range(first, sent, step)] + [(None, n) for n in range(first, got, step)]
    for begin in range(0, len(places), VISITS_A_SCHOOL):
        with site(folder / str(begin)) as here:
            desk = here.phone(folder / str(begin) / "phone")
            for number, place in enumerate(places[begin : begin + VISITS_A_SCHOOL]):
                _one_cut(here, desk, number, place, came)
            came.wrong += differences(here.wiring, [desk])
            desk.close()
    return came


def at_random(folder: Path, cuts: int, seed: int) -> Came:
    """Days of ten visits with three photos each, cut after random amounts until `cuts` cuts have happened."""
    came, dice, day = Came(), random.Random(seed), 0
    while came.cuts < cuts:
        day += 1
        with site(folder / str(day)) as here:
            desk = here.phone(folder / str(day) / "phone")
            here.link.reset()
            _record(desk, came, 10, 3, 200)
            _talk(here.link, desk, dice, came, 0.4)
            came.cuts += here.link.cuts
            came.wrong += differences(here.wiring, [desk])
            desk.close()
    return came


def day_of_many(folder: Path, phones: int, visits: int, seed: int) -> Came:
    """Many phones at once, each on a bad link of its own, until everything of all has arrived."""
    came, dice = Came(), random.Random(seed)
    with site(folder) as here:
        links = [Link(here.link.target) for _ in range(phones)]
        desks = [enrolled(folder / f"phone{n}", link.url, code_for(here.wiring)) for n, link in enumerate(links)]
        for number, desk in enumerate(desks):
            _record(desk, came, visits, 3, 200, f"p{number}-")
        tales = [Came() for _ in desks]
        threads = [threading.Thread(target=_talk, args=(link, desk, random.Random(dice.random()), tale, 0.5))
                   for link, desk, tale in zip(links, desks, tales, strict=True)]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        came.cuts, came.sent = sum(link.cuts for link in links), sum(tale.sent for tale in tales)
        came.wrong = [wrong for tale in tales for wrong in tale.wrong] + differences(here.wiring, desks)
        for desk, link in zip(desks, links, strict=True):
            desk.close()
            link.close()
    return came


def _measured(folder: Path) -> tuple[int, int]:
    """Bytes that a phone sends and receives in an undisturbed sync of such a visit."""
    with site(folder) as here:
        desk = here.phone(folder / "phone")
        sealed_visit(desk, "m", pictures())
        here.link.reset()
        assert desk.sync().complete
        desk.close()
        return here.link.sent, here.link.received


def _one_cut(here: Site, desk: Desk, number: int, place: tuple[int | None, int | None], came: Came) -> None:
    content = pictures()
    sealed_visit(desk, f"v{number}", content)
    here.link.reset()
    here.link.cut_after(*place, once=number % 2 == 1)
    first = desk.sync()
    here.link.cut_after(None)
    came.visits, came.cuts = came.visits + 1, came.cuts + here.link.cuts
    if not (first.complete or desk.sync().complete):
        came.wrong.append(f"cut at {place}: not complete")


def _record(desk: Desk, came: Came, visits: int, photos: int, side: int, name: str = "v") -> None:
    for number in range(visits):
        content = pictures(photos, side)
        sealed_visit(desk, f"{name}{number}", content)
        came.visits += 1
        came.content += sum(map(len, content.values()))


def _talk(link: Link, desk: Desk, dice: random.Random, came: Came, chance_once: float) -> None:
    """Syncs over a link that is cut after a random amount each time, until all is done."""
    for attempt in range(MOST_SYNCS):
        amount = dice.randrange(200, 60_000)
        downwards = dice.random() < 0.3
        link.cut_after(None if downwards else amount, amount // 8 if downwards else None, once=dice.random() < chance_once)
        if attempt == MOST_SYNCS - 1:
            link.cut_after(None)
        if desk.sync().complete and attempt > 1:
            break
    else:
        came.wrong.append("never complete")
    link.cut_after(None)
    if not desk.sync().complete:
        came.wrong.append("not complete on a good link")
    came.sent += link.sent
