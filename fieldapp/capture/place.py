"""Where a visit happened: a position fix as whole numbers, or the reason why there is none. No fix never blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from casebook.errors import AnswerInvalid
from casebook.records import Place

SCALE = 10_000_000  # records hold degrees as integers of 1e-7 degree, about 1 cm


class NoFix(StrEnum):
    """Why there is no position. Wording key `place.<reason>`."""

    DENIED = "denied"
    SWITCHED_OFF = "switched_off"
    NO_SIGNAL = "no_signal"
    TIMED_OUT = "timed_out"
    UNSUPPORTED = "unsupported"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Fix:
    """A position as the device reports it: degrees, metres of accuracy, and when it was fixed (ISO 8601)."""

    latitude: float
    longitude: float
    accuracy_m: float
    fixed_at: str

    def as_place(self) -> Place:
        """The fix as a record holds it. Raises AnswerInvalid when it cannot be a place on Earth."""
        numbers = (self.latitude, self.longitude, self.accuracy_m)
        if not all(map(isfinite, numbers)) or abs(self.latitude) > 90 or abs(self.longitude) > 180:
            raise AnswerInvalid(what="place")
        lat, lng = round(self.latitude * SCALE), round(self.longitude * SCALE)
        return Place(lat, lng, max(0, round(self.accuracy_m)), self.fixed_at)

    def as_answer(self) -> str:
        """The fix as a geopoint answer: latitude, longitude, altitude (unknown: 0), accuracy."""
        return f"{self.latitude:.7f} {self.longitude:.7f} 0 {self.accuracy_m:.1f}"


def accuracy_of(answer: str) -> int | None:
    """The metres of accuracy that a geopoint answer tells; None when it tells none."""
    numbers = answer.split()
    try:
        return round(float(numbers[3])) if len(numbers) > 3 else None
    except (ValueError, OverflowError):
        return None


def fix_of(place: Place) -> Fix:
    """The fix that a stored place came from, to the precision of 1e-7 degree."""
    return Fix(place.lat / SCALE, place.lng / SCALE, float(place.acc), place.fixed_at)
