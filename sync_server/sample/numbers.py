"""Numbers of a sample person, recognisably fake: an area that does not exist, telephones no one is given."""

from __future__ import annotations

from datetime import date
from random import Random

AREA = "990123"  # no province has the number 99
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def check_digit(first17: str) -> str:
    """The 18th character of an identity number by GB 11643 for its first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def check_digit_right(id_no: str) -> bool:
    """Whether `id_no` has 18 characters, the last being the right check digit."""
    return len(id_no) == 18 and id_no[:17].isdigit() and check_digit(id_no[:17]) == id_no[17]


def wrong_check_digit(id_no: str) -> str:
    """The same number with a check digit that is one off."""
    following = (CHECK_DIGITS.index(id_no[17]) + 1) % len(CHECK_DIGITS)
    return id_no[:17] + CHECK_DIGITS[following]


class Numbering:
    """Gives each person of one sample school a number that no other of that school has."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def identity(self, birth: date, gender: str) -> str:
        """An identity number of the sample area; the 17th digit is odd for boys (`gender` "1")."""
        while True:
            serial = self._rng.randrange(500) * 2 + (1 if gender == "1" else 0)
            first17 = f"{AREA}{birth:%Y%m%d}{serial:03d}"
            if self._is_new(first17):
                return first17 + check_digit(first17)

    def temporary(self, birth: date) -> str:
        """A temporary roll number (L + area + birth + four digits) for a child without an identity number."""
        while True:
            number = f"L{AREA}{birth:%Y%m%d}{self._rng.randrange(10000):04d}"
            if self._is_new(number):
                return number

    def phone(self) -> str:
        """A telephone number 12xxxxxxxxx, a range not used for mobile telephones."""
        while True:
            number = f"12{self._rng.randrange(10**9):09d}"
            if self._is_new(number):
                return number

    def record_id(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._rng.getrandbits(128):032x}"

    def _is_new(self, number: str) -> bool:
        if number in self._given:
            return False
        self._given.add(number)
        return True
