"""Understands how a class is named: 八年级(2)班, 八2班, 初二（2）班, 802 and "年级 八, 班 2" are all the same class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sync_server.registry import SchoolClass
from sync_server.roster.texts import code_text
from sync_server.roster.vocabulary import bare, vocabulary

GRADES = range(1, 10)
LAST_PRIMARY_GRADE = 6
_NUMBER = re.compile(r"\d{1,2}\Z")
_GRADE_AND_NUMBER = re.compile(r"([1-9])[.\-(]?(\d{1,2})\)?\Z")


@dataclass(frozen=True)
class ClassName:
    """A class as grade and number (`word` instead, when it has no number: 阳光班)."""

    grade: int
    number: int
    word: str = ""

    @property
    def name(self) -> str:
        """How we write it."""
        said = vocabulary().said
        if self.word:
            return self.word
        return str(said["class_name"]).format(grade=said["grade_names"][self.grade - 1], number=self.number)

    @property
    def stage(self) -> str:
        """ "primary" or "junior"."""
        return "primary" if self.grade <= LAST_PRIMARY_GRADE else "junior"


@lru_cache(4096)
def class_name(grade_text: str, class_text: str) -> ClassName | None:
    """The class that a grade column and a class column (or one of them alone) name; None when no grade can be told."""
    word = code_text(class_text)
    grade, rest = _grade_in_front(word)
    if grade is None:
        grade, rest = grade_of(grade_text), word
        joined = _GRADE_AND_NUMBER.match(_without_class_word(word))
        if joined and (grade is None or (grade == int(joined[1]) and _number(word) is None)):
            return ClassName(int(joined[1]), int(joined[2]))
    if grade is None or not bare(rest or class_text):
        return None
    number = _number(rest)
    return ClassName(grade, number) if number else ClassName(grade, 0, word)


def grade_of(text: str) -> int | None:
    """The grade that a cell names: 八年级, 初二, 八, 8."""
    plain, said = bare(text), vocabulary()
    if plain.isdecimal() and int(plain) in GRADES:
        return int(plain)
    numerals = said.said["numerals"]
    if plain in numerals and numerals.index(plain) + 1 in GRADES:
        return int(numerals.index(plain)) + 1
    return said.grades.get(plain)


def named(one: SchoolClass) -> ClassName:
    """An existing class, understood the same way."""
    return class_name(str(one.grade), one.name) or ClassName(one.grade, 0, code_text(one.name))


def one_up(name: ClassName) -> ClassName:
    """The same class a grade higher; a name of words keeps them, but for the grade that they begin with."""
    said = vocabulary().said["grade_names"]
    here, above = (str(said[grade - 1]) for grade in (name.grade, name.grade + 1))
    word = above + name.word.removeprefix(here) if name.word.startswith(here) else name.word
    return ClassName(name.grade + 1, name.number, word)


def graduated_name(name: str, year: str) -> str:
    """How a class is called once it has graduated in a year."""
    return str(vocabulary().said["graduated_class"]).format(name=name, year=year)


def _grade_in_front(word: str) -> tuple[int | None, str]:
    """The grade that a class name begins with, and what follows."""
    said = vocabulary()
    for alias in sorted(said.grades, key=len, reverse=True):
        if word.startswith(alias):
            return said.grades[alias], word[len(alias) :]
    numerals = said.said["numerals"]
    if len(word) > 1 and word[0] in numerals and numerals.index(word[0]) + 1 in GRADES:
        rest = _without_class_word(word[1:])
        if _number(rest):
            return int(numerals.index(word[0])) + 1, rest
    return None, word


def _number(text: str) -> int | None:
    plain = bare(_without_class_word(text))
    if _NUMBER.match(plain):
        return int(plain) or None
    numerals = vocabulary().said["numerals"]
    if plain in numerals:
        return int(numerals.index(plain)) + 1
    if len(plain) == 2 and plain[0] == numerals[9] and plain[1] in numerals:
        return 10 + int(numerals.index(plain[1])) + 1
    return None


def _without_class_word(text: str) -> str:
    return text.removesuffix(str(vocabulary().said["class_word"]))
