"""Rounding as forms expect it: halves go away from zero."""

from __future__ import annotations

import math


def round_half_away(number: float) -> float:
    """To a whole number; NaN and infinities stay."""
    if not math.isfinite(number):
        return number
    return math.copysign(math.floor(abs(number) + 0.5), number) + 0.0


def round_to(number: float, places: int) -> float:
    """To that many decimal places; negative places round to tens, hundreds …"""
    if not math.isfinite(number) or abs(places) > 300:
        return number
    if places == 0:
        return round_half_away(number)
    from decimal import ROUND_HALF_UP, Decimal  # loads slowly

    exact = Decimal(repr(number))
    if places > 0 and -exact.as_tuple().exponent <= places:  # type: ignore[operator]
        return number
    shifted = exact.scaleb(places).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return float(shifted.scaleb(-places))
