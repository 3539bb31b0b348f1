"""Forms for tests, written as the tables that authors write, and sessions that fill them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from pyxform.xls2xform import convert

from assets import load_wording
from casebook.forms import Env, FormDef, ListSource, Session
from casebook.forms.environment import CHINA

WORDING = load_wording("zh_CN")
ENGLISH = load_wording("en")
NOW = "2026-11-21T09:02:03+08:00"
YES_NO = """
| list_name | name | label |
| yn        | yes  | 是    |
| yn        | no   | 否    |
"""
LETTERS = """
| list_name | name | label |
| abc       | a    | 甲    |
| abc       | b    | 乙    |
| abc       | c    | 丙    |
"""


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table drawn with bars; blank cells are left out. `¦` stands for a bar inside a cell."""
    lines = [[cell.strip().replace("¦", "|") for cell in line.strip().strip("|").split("|")]
             for line in table.strip().splitlines()]  # fmt: skip
    head, *body = lines
    return [{name: cell for name, cell in zip(head, line, strict=True) if cell} for line in body]


@cache
def compiled(survey: str, choices: str = "", entities: str = "", settings: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The XForm of the tables; a question without label is labelled with its name."""
    asked = []
    for row in rows(survey):
        labelled = any(column.startswith("label") for column in row)
        silent = row["type"] in ("calculate", "hidden", "csv-external") or row["type"].startswith("end")
        asked.append(row if labelled or silent else {**row, "label": row.get("name", "")})
    columns = dict.fromkeys(column for row in asked for column in row)
    sheets: dict[str, Any] = {
        "survey": asked,
        "survey_header": [columns],
        "settings": [{"form_id": "test", "version": "1", "form_title": "测试", **dict(settings)}],
    }
    if choices:
        sheets["choices"] = rows(choices)
    if entities:
        sheets["entities"] = rows(entities)
    return convert(sheets, validate=False, pretty_print=False).xform.encode()


def form(survey: str, choices: str = "", entities: str = "", **settings: str) -> FormDef:
    """The form of the tables, read by the engine."""
    return FormDef.from_xml(compiled(survey, choices, entities, tuple(sorted(settings.items()))))


class Counter:
    """Identifiers u1, u2, … and chance 0.1, 0.2, …: different each time, the same in each run."""

    def __init__(self) -> None:
        self.given = 0

    def uuid(self) -> str:
        self.given += 1
        return f"u{self.given}"

    def random(self) -> float:
        self.given += 1
        return self.given / 10 % 1


def env(now: str = NOW, tz: dt.tzinfo = CHINA) -> Env:
    """A standing clock and counted identifiers."""
    counter = Counter()
    moment = dt.datetime.fromisoformat(now)
    return Env(now=lambda: moment, uuid=counter.uuid, random=counter.random, tz=tz, username="teacher", deviceid="d1")


def begin(
    definition: FormDef,
    lists: Mapping[str, ListSource] | None = None,
    draft: Mapping[str, Any] | None = None,
    language: str | None = None,
    prefill: Mapping[str, str] | None = None,
    now: str = NOW,
    tz: dt.tzinfo = CHINA,
) -> Session:
    """A session with the standing clock."""
    return Session(definition, lists or {}, env(now, tz), draft, language, prefill, wording=WORDING)


def fill(survey: str, choices: str = "", entities: str = "", **more: Any) -> Session:
    """A session on a form that a test writes down at once."""
    return begin(form(survey, choices, entities), **more)


def value_of(formula: str, now: str = NOW, tz: dt.tzinfo = CHINA) -> str:
    """The text that a calculation without questions gives."""
    survey = f"| type | name | calculation |\n| calculate | x | {formula.replace('|', '¦')} |"
    return fill(survey, now=now, tz=tz).value("/data/x")
