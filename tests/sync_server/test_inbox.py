"""What phones bring: one at a time, first come first served, and one wait for the disk for all who have to wait."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sync_server.together import Steps, Together
from sync_server.web.inbox import MOST, Inbox

REQUEST: contextvars.ContextVar[int] = contextvars.ContextVar("request")


def all_at(inbox: Inbox, *works: Steps[Any]) -> list[Any]:
    """What came of each, in their order: a value, or what was raised."""

    async def ask() -> list[Any]:
        return await asyncio.gather(*(inbox.take(work) for work in works), return_exceptions=True)

    return asyncio.run(ask())


def plainly(work: Callable[[], Any]) -> Steps[Any]:
    """Work that never has to wait for what others ask for as well."""
    yield from ()
    return work()


def test_whoever_came_first_is_served_first_and_nobody_beside_another() -> None:
    served: list[int] = []
    inside = threading.Lock()

    def work(number: int) -> int:
        assert inside.acquire(blocking=False), "two at once"
        served.append(number)
        time.sleep(0.002)
        inside.release()
        return number

    came = all_at(Inbox(), *(plainly(lambda n=number: work(n)) for number in range(20)))
    assert came == served == list(range(20))


def test_all_who_wait_for_the_disk_wait_once() -> None:
    done: list[int] = []
    waits: list[int] = []
    disk: Together[int] = Together(lambda batch: (done.extend(batch), waits.append(len(batch)))[0])

    def bring(number: int) -> Steps[int]:
        yield from disk.doing(number)
        return number

    assert all_at(Inbox(), *(bring(number) for number in range(MOST - 1))) == list(range(MOST - 1))
    assert done == list(range(MOST - 1))
    assert len(waits) <= 2  # the first may have found nobody beside it


def test_nobody_waits_for_ever_for_a_crowd_that_never_ends() -> None:
    begun: list[int] = []
    waits: list[int] = []
    disk: Together[int] = Together(lambda batch: waits.append(len(begun)))

    def bring(number: int) -> Steps[int]:
        begun.append(number)
        yield from disk.doing(number)
        return number

    assert len(all_at(Inbox(), *(bring(number) for number in range(MOST * 10)))) == MOST * 10
    assert 0 < waits[0] <= MOST and len(waits) >= 10


def test_what_one_raises_is_no_harm_to_the_others() -> None:
    def fail() -> None:
        raise ValueError("mine")

    def refused(batch: list[int]) -> None:
        if 2 in batch:
            raise OSError("disk")

    disk = Together(refused)

    def bring(number: int) -> Steps[int]:
        yield from disk.doing(number)
        return number

    inbox = Inbox()
    came = all_at(inbox, bring(1), plainly(fail), bring(2), bring(3))
    assert (came[0], came[3]) == (1, 3)
    assert isinstance(came[1], ValueError) and isinstance(came[2], OSError)
    assert all_at(inbox, plainly(lambda: "still open")) == ["still open"]


def test_who_went_away_does_not_hold_up_the_others() -> None:
    inbox, gate, done = Inbox(), threading.Event(), []

    async def go() -> str:
        first = asyncio.ensure_future(inbox.take(plainly(lambda: gate.wait(5) and done.append("first"))))
        second = asyncio.ensure_future(inbox.take(plainly(lambda: done.append("second"))))
        await asyncio.sleep(0.05)
        first.cancel()
        gate.set()
        await second
        return await inbox.take(plainly(lambda: "third"))

    assert asyncio.run(go()) == "third"
    assert done == ["first", "second"]  # what was begun is finished: bytes that came count


def test_what_is_logged_carries_the_id_of_its_own_request() -> None:
    seen: list[int] = []

    def steps() -> Steps[None]:
        seen.append(REQUEST.get())
        yield
        seen.append(REQUEST.get())

    async def ask(inbox: Inbox, number: int) -> None:
        REQUEST.set(number)
        await inbox.take(steps())

    async def both() -> None:
        inbox = Inbox()
        await asyncio.gather(ask(inbox, 1), ask(inbox, 2))

    asyncio.run(both())
    assert sorted(seen) == [1, 1, 2, 2]


@pytest.mark.parametrize("rest", [0.0, 0.05])
def test_an_inbox_that_was_empty_is_looked_after_again(rest: float) -> None:
    inbox = Inbox()
    for number in range(50 if not rest else 3):
        assert all_at(inbox, plainly(lambda n=number: n)) == [number]
        time.sleep(rest)
