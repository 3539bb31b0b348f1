"""Counts tries per client address, so that nobody can guess in a hurry."""

from __future__ import annotations

from typing import Any

from casebook.errors import TooManyTries


class Rate:
    """At most so many tries a minute for one address, in a moving window; kept in memory."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._strategy: Any = None

    def count(self, address: str) -> None:
        """Counts a try. Raises TooManyTries."""
        from limits import RateLimitItemPerMinute  # loaded when somebody first tries, not when we start
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        if self._strategy is None:
            self._strategy = MovingWindowRateLimiter(MemoryStorage())
        if not self._strategy.hit(RateLimitItemPerMinute(self._per_minute), address):
            raise TooManyTries(minutes=1)
