"""Checks the numbers of people: identity number (GB 11643), roll number, telephone. Pure."""

from __future__ import annotations

import datetime as dt
import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_IDENTITY = re.compile(r"\d{17}[\dX]\Z")
_ROLL_NUMBER = re.compile(r"[GLJ]\d{17}[\dX]\Z")
_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LANDLINE = re.compile(r"0\d{9,11}\Z|[2-9]\d{6,7}\Z")
AGES = range(5, 19)


def is_identity(number: str) -> bool:
    """Whether it has the form of an identity number: 17 digits and a digit or X."""
    return bool(_IDENTITY.match(number))


def check_digit_right(number: str) -> bool:
    """Whether the last character of an identity number fits the first 17 (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == number[17]


def birth_in(number: str) -> dt.date | None:
    """The day of birth that an identity number names; None when it names none."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def gender_in(number: str) -> str:
    """ "1" (boy) or "2" (girl), by the 17th digit."""
    return "1" if int(number[16]) % 2 else "2"


def is_roll_number(number: str) -> bool:
    """Whether it looks like 学籍号: G, L or J, 17 digits, and a digit or X."""
    return bool(_ROLL_NUMBER.match(number))


def is_phone(number: str) -> bool:
    """Whether it can be a mobile or a landline number of China."""
    return bool(_MOBILE.match(number) or _LANDLINE.match(number))


def age_on(birth: dt.date, day: dt.date) -> int:
    """Full years of age."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def masked(number: str) -> str:
    """An identity or roll number with only its last four characters."""
    return f"…{number[-4:]}" if number else ""
