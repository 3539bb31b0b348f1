"""What one line of a roster says about a child, as typed facts; what cannot be right is told with its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sync_server.authoring.complaints import Complaint
from sync_server.roster import numbers
from sync_server.roster.classnames import ClassName, class_name
from sync_server.roster.reading import Line
from sync_server.roster.texts import LOST_DIGITS, code_text, day_of, line_text, month_of, name_text, phones_in
from sync_server.roster.vocabulary import vocabulary

NAME_LENGTH = range(2, 31)
_HIDDEN = ("...", "*")  # a number as our own lists show it: it says nothing
_LINES = ("former_name", "hukou_address", "home_address", "home_landmark")
_CODES = ("gender", "placement", "id_type", "roll_status")
_SLOTS = ("g1", "g2", "father", "mother")
_PARENTS_NAMES = ("father.name", "mother.name")
_IDENTITY_TYPES = ("", "identity_card", "household_register")


@dataclass(frozen=True)
class SaidGuardian:
    """An adult as a line names it; None and blank: the line does not say."""

    name: str
    relation: str = ""
    phone: str = ""
    legal: bool | None = None
    caretaker: bool | None = None
    can_read: str = ""


@dataclass
class Said:
    """The facts of one line: only what it really says is in `facts`."""

    line: Line
    facts: dict[str, Any] = field(default_factory=dict)
    guardians: list[SaidGuardian] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    remarks: list[Complaint] = field(default_factory=list)
    blamed: set[str] = field(default_factory=set)  # fields that a complaint is about

    def complain(self, sentence: str, name: str = "", /, **facts: object) -> None:
        """Something that must be put right before the import."""
        self.blamed.add(name)
        self.complaints.append(self.line.finding(sentence, name, **facts))

    def remark(self, sentence: str, name: str = "", /, **facts: object) -> None:
        """Something to look at; the import may go on."""
        self.remarks.append(self.line.finding(sentence, name, **facts))


def read_student(line: Line, today: dt.date) -> Said:
    """Everything a line says about one child."""
    said = Said(line)
    _say_name(said)
    _say_numbers(said)
    _say_birth_and_gender(said, today)
    _say_class(said)
    _say_rest(said)
    said.guardians = list(_guardians(said))
    return said


def _text(said: Said, name: str) -> str:
    """What a cell says; the words for "nothing" count as blank."""
    text = said.line.get(name)
    return "" if vocabulary().is_nothing(code_text(text)) else text


def _say_name(said: Said) -> None:
    name = name_text(said.line.get("name"))
    if not name:
        said.complain("registry.row.no_name", "name")
    elif len(name) not in NAME_LENGTH:
        said.complain("registry.row.name_length", "name", least=NAME_LENGTH.start, most=NAME_LENGTH.stop - 1)
    else:
        said.facts["name"] = name


def _say_numbers(said: Said) -> None:
    for name in ("student_no", "id_no"):
        number = code_text(_text(said, name)).upper()
        if not number or any(sign in number for sign in _HIDDEN):
            continue
        if LOST_DIGITS.match(number) or (len(number) == 18 and number.endswith("000") and _is_rounded(number)):
            said.complain("registry.row.digits_lost", name)
        else:
            said.facts[name] = number
    if "student_no" in said.facts and not numbers.is_roll_number(said.facts["student_no"]):
        said.remark("registry.row.student_no_form", "student_no")
    _check_identity(said)


def _is_rounded(number: str) -> bool:
    """A spreadsheet keeps 15 digits of a number and makes the others zero."""
    return numbers.is_identity(number) and not numbers.check_digit_right(number)


def _check_identity(said: Said) -> None:
    number = said.facts.get("id_no", "")
    kind = vocabulary().value("id_type", _text(said, "id_type")) or ""
    if not number or kind not in _IDENTITY_TYPES:
        return
    if not numbers.is_identity(number):
        said.complain("registry.row.id_form", "id_no", count=len(number))
        del said.facts["id_no"]
    elif numbers.birth_in(number) is None:
        said.remark("registry.row.id_birth_impossible", "id_no")
    elif not numbers.check_digit_right(number):
        said.remark("registry.row.id_check_digit", "id_no")


def _say_birth_and_gender(said: Said, today: dt.date) -> None:
    vocab, number = vocabulary(), said.facts.get("id_no", "")
    known = number if numbers.is_identity(number) else ""
    birth_text, gender_text = _text(said, "birth"), _text(said, "gender")
    birth = day_of(birth_text) if birth_text else None
    gender = vocab.value("gender", gender_text) if gender_text else None
    if birth_text and birth is None:
        said.complain("registry.row.birth_unreadable", "birth")
    if gender_text and gender is None:
        said.complain("registry.row.gender_unknown", "gender")
    in_number = numbers.birth_in(known) if known else None
    if birth and in_number and birth != in_number:
        said.remark("registry.row.birth_differs", "birth", other=in_number.isoformat())
    if gender in ("1", "2") and known and gender != numbers.gender_in(known):
        said.remark("registry.row.gender_differs", "gender")
    birth = birth or (in_number if not birth_text else None)
    gender = gender or (numbers.gender_in(known) if known and not gender_text else None)
    if birth:
        said.facts["birth"] = birth
        if numbers.age_on(birth, today) not in numbers.AGES:
            said.remark("registry.row.age", "birth", age=numbers.age_on(birth, today))
    if gender:
        said.facts["gender"] = gender


def _say_class(said: Said) -> None:
    line = said.line
    grade, word = line.get("grade"), line.get("class")
    found: ClassName | None = class_name(grade, word) if word else None
    if found is not None:
        said.facts["class"] = found
    elif word:
        said.complain("registry.row.class_unclear", "class")
    teacher = name_text(_text(said, "class_teacher"))
    if teacher:
        said.facts["class_teacher"] = teacher


def _say_rest(said: Said) -> None:
    vocab = vocabulary()
    for name in _LINES:
        if text := line_text(_text(said, name)):
            said.facts[name] = text
    for name in ("seat_no", "household"):
        if text := code_text(_text(said, name)):
            said.facts[name] = text
    for name in ("village", "hukou_village"):
        if text := line_text(_text(said, name)):
            said.facts[name] = text
    for name in _CODES[1:]:
        _say_code(said, name, vocab.value(name, said.line.get(name)))
    _say_code(said, "ethnic", vocab.ethnic(said.line.get("ethnic")) if said.line.get("ethnic") else None)
    boards = vocab.value("boarder", said.line.get("boarder"))
    _say_code(said, "boarder", boards and boards == "yes")
    if _text(said, "enrolled_on"):
        _say_code(said, "enrolled_on", month_of(said.line.get("enrolled_on")))
    for name in ("key_flags", "family_flags"):
        if flags := said.line.get(name):
            codes = {vocab.flags.get(part.upper()) for part in re.split(r"\W+", flags) if part}
            _say_code(said, name, tuple(sorted(filter(None, codes))) if None not in codes else None)


def _say_code(said: Said, name: str, value: Any) -> None:
    if value is not None:
        said.facts[name] = value
    elif _text(said, name):
        said.remark("registry.row.value_unknown", name)


def _guardians(said: Said) -> Iterator[SaidGuardian]:
    for slot in _SLOTS:
        adult = read_guardian(said, slot)
        if adult is not None:
            yield adult
        elif _phone(said, f"{slot}.phone") and slot == "g1" and not any(map(said.line.get, _PARENTS_NAMES)):
            said.remark("registry.row.phone_without_name", f"{slot}.phone")


def read_guardian(said: Said, slot: str) -> SaidGuardian | None:
    """The adult whom the cells of one slot (g1, father …) name; None when they name nobody."""
    vocab = vocabulary()
    relations = {code: vocab.said["relation_words"][code] for code in ("51", "52")}
    name = name_text(_text(said, f"{slot}.name"))
    if not name:
        return None
    phone = _phone(said, f"{slot}.phone")
    named = {"father": relations["51"], "mother": relations["52"]}.get(slot) or _text(said, f"{slot}.relation")
    relation = vocab.value("relation", named) or vocab.value("relation", "".join(filter(str.isdecimal, named)))
    relation = relation or _relation_code(named)
    if named and not relation:
        said.remark("registry.row.value_unknown", f"{slot}.relation")
    return SaidGuardian(
        name, relation or "", phone, _yes_no(said, f"{slot}.legal"), _yes_no(said, f"{slot}.caretaker"),
        vocab.value("can_read", _text(said, f"{slot}.can_read")) or "",
    )  # fmt: skip


def _relation_code(text: str) -> str:
    code = code_text(text)[:2]
    return code if code in vocabulary().said["values"]["relation"] else ""


def _yes_no(said: Said, name: str) -> bool | None:
    answer = vocabulary().value("yes_no", said.line.get(name))
    return None if answer is None else answer == "yes"


def _phone(said: Said, name: str) -> str:
    found = phones_in(_text(said, name))
    if not found:
        if _text(said, name):
            said.remark("registry.row.value_unknown", name)
        return ""
    if len(found) > 1:
        said.remark("registry.row.several_phones", name)
    if not numbers.is_phone(found[0]):
        said.remark("registry.row.phone_form", name)
    return found[0]
