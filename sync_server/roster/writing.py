"""Writes rosters as .xlsx workbooks: a template to fill in, and the current roster, which can be imported again."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from assets import load_wording
from sync_server.registry import RESTRICTED_FLAGS, Guardian, Student
from sync_server.roster.numbers import masked
from sync_server.roster.register import Register, on_class_list
from sync_server.roster.vocabulary import CLASSES, STAFF, STUDENTS, VILLAGES, vocabulary

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    STUDENTS: (
        "class", "seat_no", "name", "gender", "birth", "ethnic", "student_no", "id_no", "enrolled_on", "boarder",
        "placement", "household", "village", "hukou_village", "hukou_address", "home_address", "home_landmark",
        "g1.name", "g1.relation", "g1.phone", "g1.can_read", "g2.name", "g2.relation", "g2.phone", "key_flags",
        "family_flags", "roll_status",
    ),
    CLASSES: ("class", "class_teacher"),
    STAFF: ("name", "gender", "phone", "roles", "login"),
    VILLAGES: ("code", "name", "kind", "signal", "distance"),
}  # fmt: skip
_AS_TEXT = "@"  # or a spreadsheet would round identity numbers and turn 8.2 into a date
_GUIDE_LINES = 10
_PINE = "FF2F6B5E"
_SPARE_ROWS = 300
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
Row = Sequence[str]


def write_template() -> bytes:
    """An empty roster with a page that explains it."""
    return _book({sheet: [] for sheet in COLUMNS}, with_guide=True)


def write_roster(register: Register, class_ids: Iterable[str], full_numbers: bool) -> bytes:
    """The children on the lists of these classes with their classes; identity numbers masked unless `full_numbers`."""
    wanted = set(class_ids)
    rooms = [one for one in register.ordered_classes() if one.id in wanted]
    children = [one for room in rooms for one in register.on_list(room.id)]
    rest = [one for one in register.students.values() if one.class_id in wanted and not on_class_list(one)]
    listed = [*children, *sorted(rest, key=lambda one: (one.class_id, one.name))]
    return _book({
        STUDENTS: [_student(register, one, full_numbers) for one in listed],
        CLASSES: [(room.name, register.teacher_name(room.id)) for room in rooms],
    })  # fmt: skip


def _student(register: Register, one: Student, full: bool) -> Row:
    names, number = vocabulary().name_of, (lambda text: text) if full else masked
    first, second = [*one.guardians, None, None][:2]
    said: dict[str, str] = {
        "class": register.classes[one.class_id].name, "seat_no": one.seat_no, "name": one.name,
        "gender": names("gender", one.gender), "birth": one.birth.isoformat(),
        "ethnic": vocabulary().ethnic_name(one.ethnic), "student_no": number(one.student_no),
        "id_no": number(one.id_no), "enrolled_on": one.enrolled_on,
        "boarder": names("boarder", "yes" if one.boarder else "no"), "placement": names("placement", one.placement),
        "household": one.household, "village": register.village(one.village).name,
        "hukou_village": register.village(one.hukou_village).name, "hukou_address": one.hukou_address,
        "home_address": one.home_address, "home_landmark": one.home_landmark,
        "key_flags": _flags(one.key_flags), "family_flags": _flags(one.family_flags),
        "roll_status": names("roll_status", one.roll_status),
    }  # fmt: skip
    said |= _guardian("g1", first) | _guardian("g2", second)
    return [said.get(name, "") for name in COLUMNS[STUDENTS]]


def _flags(flags: Iterable[str]) -> str:
    """Flags by their codes; restricted ones stand in no list."""
    return " ".join(flag for flag in flags if flag not in RESTRICTED_FLAGS)


def _guardian(slot: str, adult: Guardian | None) -> dict[str, str]:
    if adult is None:
        return {}
    names = vocabulary().name_of
    return {
        f"{slot}.name": adult.name, f"{slot}.relation": names("relation", adult.relation),
        f"{slot}.phone": adult.phone, f"{slot}.can_read": names("can_read", adult.can_read),
    }  # fmt: skip


def _book(sheets: Mapping[str, Sequence[Row]], with_guide: bool = False) -> bytes:
    from openpyxl import Workbook as Book

    book = Book()
    book.remove(book.active)
    for sheet, rows in sheets.items():
        page = book.create_sheet(str(vocabulary().said["sheets"][sheet][0]))
        _write(page, sheet, rows)
    if with_guide:
        _write_guide(book.create_sheet(str(vocabulary().said["guide"][1])))
        _offer_choices(book[str(vocabulary().said["sheets"][STUDENTS][0])])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write(page: Worksheet, sheet: str, rows: Sequence[Row]) -> None:
    from openpyxl.styles import Font, PatternFill

    header = [vocabulary().header(sheet, name) for name in COLUMNS[sheet]]
    for number, row in enumerate([header, *rows], 1):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place, _harmless(text) if number > 1 else text)
            cell.number_format = _AS_TEXT
            if number == 1:
                cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=_PINE)
    for place, name in enumerate(COLUMNS[sheet]):
        letter = page.cell(1, place + 1).column_letter
        page.column_dimensions[letter].width = _width(name)
        for number in range(2, _SPARE_ROWS if not rows else 2):
            page.cell(number, place + 1).number_format = _AS_TEXT
    page.freeze_panes = "A2"


def _harmless(text: str) -> str:
    """A cell that a spreadsheet program does not run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _width(name: str) -> int:
    wide: Mapping[str, int] = {"id_no": 22, "student_no": 23, "home_address": 30, "hukou_address": 26, "birth": 13}
    return wide.get(name, 15 if "phone" in name or name == "class" else 11)


def _offer_choices(page: Worksheet) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    for name in ("gender", "boarder", "placement", "g1.relation", "g2.relation", "g1.can_read"):
        field = name.partition(".")[2] or name
        words = [str(names[0]) for code, names in vocabulary().said["values"][field].items() if code not in ("0", "9")]
        offered = DataValidation("list", formula1='"' + ",".join(words) + '"', allow_blank=True, showErrorMessage=False)
        page.add_data_validation(offered)
        letter = page.cell(1, COLUMNS[STUDENTS].index(name) + 1).column_letter
        offered.add(f"{letter}2:{letter}3000")


def _write_guide(page: Worksheet) -> None:
    from openpyxl.styles import Alignment

    wording = load_wording()
    for number in range(1, _GUIDE_LINES + 1):
        cell = page.cell(number, 1, wording(f"registry.guide.{number}"))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions["A"].width = 100
