"""Lets go of a call at once when the teacher stops the sync, however long the school's answer takes.

The call runs beside, and whatever comes of it later is not looked at: every request may be repeated or lost.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Any, TypeVar, cast

from fieldapp.sync.conversation import Conversation
from fieldapp.sync.exchange import Cancelled

LOOK_EVERY_S = 0.1

T = TypeVar("T")


def stoppable(call: Callable[..., T], stopped: Callable[[], bool]) -> Callable[..., T]:
    """The same call; raises Cancelled as soon as `stopped()` says so before the call has come back."""

    @functools.wraps(call)
    def guarded(*args: Any) -> T:
        found: Future[T] = Future()
        Thread(target=_run, args=(found, call, args), daemon=True).start()
        while not wait([found], LOOK_EVERY_S).done:
            if stopped():
                raise Cancelled
        return found.result()

    return guarded


def stoppable_conversation(conversation: Conversation, stopped: Callable[[], bool]) -> Conversation:
    """The conversation, whose every call is stoppable."""
    return cast(Conversation, _Stoppable(conversation, stopped))


class _Stoppable:
    def __init__(self, conversation: Conversation, stopped: Callable[[], bool]) -> None:
        self._conversation, self._stopped = conversation, stopped

    def __getattr__(self, name: str) -> Any:
        return stoppable(getattr(self._conversation, name), self._stopped)


def _run(found: Future[T], call: Callable[..., T], args: tuple[Any, ...]) -> None:
    try:
        found.set_result(call(*args))
    except BaseException as error:
        found.set_exception(error)
