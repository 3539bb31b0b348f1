"""Counts tries per address or login, so that nobody can guess in a hurry."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from casebook.errors import TooManyTries

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter


class Rate:
    """At most so many tries for one key in a moving window of some minutes; kept in memory.

    The library is loaded when somebody first tries, not when we start.
    """

    def __init__(self, tries: int, minutes: int = 1) -> None:
        self.tries, self.minutes = tries, minutes

    def count(self, key: str) -> None:
        """Counts a try. Raises TooManyTries."""
        if not self._window.hit(self._limit, key):
            raise TooManyTries(minutes=self.minutes)

    def forget(self, key: str) -> None:
        """Starts counting anew, after a try that was right."""
        self._window.clear(self._limit, key)

    @cached_property
    def _window(self) -> MovingWindowRateLimiter:
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())

    @cached_property
    def _limit(self) -> RateLimitItem:
        from limits import RateLimitItemPerMinute

        return RateLimitItemPerMinute(self.tries, self.minutes)
