"""Orders that look random: repeatable from a seed (ODK's Park-Miller shuffle), or by injected chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

_Item = TypeVar("_Item")
_MODULUS = 2_147_483_647
_MULTIPLIER = 16_807


def seed_of(number: float, text: str) -> int:
    """The seed a value stands for: its whole part, or a hash of text that is no number."""
    if math.isfinite(number):
        return int(number)
    import hashlib  # few forms want it, and it loads slowly

    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def shuffle_by_seed(items: list[_Item], seed: int) -> list[_Item]:
    """The same seed always gives the same order, on every ODK client."""
    state = seed % _MODULUS
    if state <= 0:
        state += _MODULUS - 1

    def chance() -> float:
        nonlocal state
        state = state * _MULTIPLIER % _MODULUS
        return (state - 1) / (_MODULUS - 1)

    return shuffle_by_chance(items, chance)


def shuffle_by_chance(items: list[_Item], chance: Callable[[], float]) -> list[_Item]:
    """Fisher and Yates, inside out; `chance` gives numbers from 0 up to 1."""
    shuffled: list[_Item] = []
    for place, item in enumerate(items):
        other = int(chance() * (place + 1))
        if other == place:
            shuffled.append(item)
        else:
            shuffled.append(shuffled[other])
            shuffled[other] = item
    return shuffled
