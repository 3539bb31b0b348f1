"""Writes the cast as roster files such as schools send, so that it comes in through the import like any other."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sync_server.play.cast import Cast, ChildRole
from sync_server.roster.people import CONFERRED
from sync_server.roster.vocabulary import CLASSES, STAFF, STUDENTS, VILLAGES, vocabulary
from sync_server.sample.numbers import Numbering
from sync_server.sample.people import BOY, FATHER, GIRL, Names

COLUMNS: Mapping[str, tuple[str, ...]] = {
    VILLAGES: ("name", "kind", "signal", "distance"),
    STAFF: ("name", "gender", "roles", "login"),
    CLASSES: ("class", "class_teacher"),
    STUDENTS: (
        "class", "name", "gender", "birth", "student_no", "id_no", "household", "village", "hukou_village",
        "home_address", "home_landmark", "g1.name", "g1.relation", "g1.phone", "g1.legal", "g1.can_read",
        "g1.caretaker", "g2.name", "g2.relation", "g2.phone", "g2.legal", "g2.can_read", "g2.caretaker", "key_flags",
        "family_flags", "roll_status",
    ),
}  # fmt: skip
_YEARS_BEFORE_FIRST_GRADE = 6
_MOST_ADULTS = 2
Row = Mapping[str, str]


@dataclass(frozen=True)
class RosterFiles:
    """A workbook of staff, classes and villages, a text file of children, and whom each roll number belongs to."""

    school: bytes
    children: bytes
    names: Mapping[str, str]


def roster_files(cast: Cast) -> RosterFiles:
    """The files of a cast; the same cast gives the same children."""
    making = _Making(cast, "")
    rows = {child.key: making.student(child) for child in cast.children.values()}
    sheets: dict[str, Sequence[Row]] = {
        VILLAGES: [_village(name, parts) for name, parts in cast.villages.items()],
        STAFF: list(_staff(cast)),
        CLASSES: [{"class": room, "class_teacher": cast.people[cast.teachers[room]].name}
                  for room in cast.rooms if room in cast.teachers],
    }  # fmt: skip
    named = {row["student_no"]: key for key, row in rows.items()}
    return RosterFiles(_workbook(sheets), _text_file(list(rows.values())), named)


def children_file(cast: Cast, children: Sequence[ChildRole], salt: str) -> tuple[bytes, list[str]]:
    """A text file of some children, and the number on the roll of each; another `salt` invents other numbers."""
    making = _Making(cast, salt)
    rows = [making.student(child) for child in children]
    return _text_file(rows), [row["student_no"] for row in rows]


class _Making:
    """Invents what a story does not say of its children."""

    def __init__(self, cast: Cast, salt: str) -> None:
        self._numbering = Numbering(Random(f"{cast.code}:numbers{salt}"))
        self._names = Names(Random(f"{cast.code}:names{salt}"))
        self._rng = Random(f"{cast.code}:births{salt}")
        self._year = dt.date.fromisoformat(str(cast.terms[0]["first"])).year

    def student(self, child: ChildRole) -> Row:
        """One line of the list of children."""
        said, grade = child.said, int(child.room[0]) if child.room[0].isdecimal() else 1
        asked = str(said.get("gender", ""))
        gender = vocabulary().value("gender", asked) or self._rng.choice((BOY, GIRL))
        birth = said.get("birth") or self._birth(grade)
        family = self._names.family_name(False)
        number = said.get("id_no", None)
        number = self._numbering.identity(birth, gender) if number is None else number
        row = {
            "class": child.room, "name": said.get("name") or self._names.child(family, gender, False, grade),
            "gender": asked if asked not in ("", gender) else vocabulary().name_of("gender", gender),
            "birth": birth.isoformat(), "id_no": number,
            "student_no": said.get("student_no") or (f"G{number}" if number else self._numbering.temporary(birth)),
            "household": said.get("household", ""), "village": said.get("village", ""),
            "hukou_village": said.get("hukou_village", said.get("village", "")),
            "home_address": said.get("address", ""), "home_landmark": said.get("landmark", ""),
            "key_flags": " ".join(child.flags), "family_flags": " ".join(said.get("family", ())),
            "roll_status": vocabulary().name_of("roll_status", said.get("status", "enrolled")),
        }  # fmt: skip
        for slot, adult in zip(("g1", "g2"), self._adults(child, family)[:_MOST_ADULTS], strict=False):
            row |= {f"{slot}.{name}": text for name, text in adult.items()}
        return row

    def _birth(self, grade: int) -> dt.date:
        return dt.date(self._year - _YEARS_BEFORE_FIRST_GRADE - grade, 9, 1) + dt.timedelta(self._rng.randrange(365))

    def _adults(self, child: ChildRole, family: str) -> list[Row]:
        """The guardians named, or a father who reads and has a telephone."""
        if not child.guardians:
            father: dict[str, Any] = {"name": self._names.full(family, BOY, False), "relation": FATHER,
                                      "phone": self._numbering.phone(), "reads": "yes"}  # fmt: skip
            return [_adult(father, True)]
        return [_adult(one, place == 0) for place, one in enumerate(child.guardians)]


def _adult(said: Mapping[str, Any], first: bool) -> Row:
    words = vocabulary()
    relation = str(said["relation"])
    reads = str(said.get("reads", "yes"))
    found = {
        "name": str(said["name"]), "relation": words.name_of("relation", relation), "phone": str(said.get("phone", "")),
        "can_read": words.name_of("can_read", reads),
    }  # fmt: skip
    for name, usual in (("legal", None), ("caretaker", first)):
        if (told := said.get(name, usual)) is not None:
            found[name] = words.name_of("yes_no", "yes" if told else "no")
    return found


def _village(name: str, said: Mapping[str, Any]) -> Row:
    words = vocabulary()
    return {
        "name": name, "kind": words.name_of("kind", said.get("kind", "village")), "distance": said.get("km", "1"),
        "signal": words.name_of("signal", said.get("signal", "ok")),
    }  # fmt: skip


def _staff(cast: Cast) -> Iterable[Row]:
    for person in cast.people.values():
        conferred = [role for role in person.roles if role in CONFERRED]
        if len(conferred) == len(person.roles):
            roles = ",".join(vocabulary().name_of("roles", role) for role in conferred)
            yield {"name": person.name, "roles": roles, "login": person.key}


def _text_file(rows: Sequence[Row]) -> bytes:
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerow([vocabulary().header(STUDENTS, name) for name in COLUMNS[STUDENTS]])
    writer.writerows([row.get(name, "") for name in COLUMNS[STUDENTS]] for row in rows)
    return kept.getvalue().encode("utf-8-sig")


def _workbook(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    from openpyxl import Workbook

    book, kept = Workbook(write_only=True), io.BytesIO()
    for sheet, rows in sheets.items():
        if rows:
            page = book.create_sheet(str(vocabulary().said["sheets"][sheet][0]))
            page.append([vocabulary().header(sheet, name) for name in COLUMNS[sheet]])
            for row in rows:
                page.append([row.get(name, "") for name in COLUMNS[sheet]])
    book.save(kept)
    return kept.getvalue()
