"""For each policy the smallest form that shows it: what foreign engines really do, not what we remember of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.casebook.forms.authoring import rows
from tests.differential.engines import Job, Step
from tests.differential.sheets import Row, Sheets
from tests.differential.writing.lists import CHINESE, PEOPLE, choices


@dataclass(frozen=True)
class Witness:
    """A survey as a table, and what is done with it."""

    survey: str
    script: tuple[Step, ...] = ()
    languages: bool = False
    entities: tuple[Row, ...] = ()

    def job(self) -> Job:
        """The compiled form with its script."""
        survey = tuple({"label": row.get("name", ""), **row} for row in rows(self.survey))
        survey = tuple(_silent(row) for row in survey)
        settings = {"form_id": "witness", "version": "1"} | ({"default_language": CHINESE} if self.languages else {})
        sheets = Sheets(survey, tuple(choices(self.languages)), self.entities, settings, {"people.csv": PEOPLE})
        return Job("witness", sheets.compiled(), self.script, sheets.files)


def _silent(row: Mapping[str, str]) -> dict[str, str]:
    unlabelled = row["type"] in ("calculate", "csv-external") or row["type"].startswith("end_")
    translated = any(column.startswith("label::") for column in row)
    return {column: cell for column, cell in row.items() if column != "label" or not (unlabelled or translated)}


WITNESSES: Mapping[str, Witness] = {
    "guidance": Witness("| type | name | guidance_hint |\n| text | a | Ask slowly |"),
    "truth-text": Witness("| type | name | calculation |\n| calculate | a | 1 < 2 |"),
    "choice-order": Witness("| type | name |\n| select_multiple abc | a |", (["set", "/data/a", "b a"],)),
    "unreadable": Witness("| type | name |\n| integer | a |", (["set", "/data/a", "1.5"],)),
    "unreadable-taken": Witness("| type | name |\n| date | a |", (["set", "/data/a", "soon"],)),
    "full-width": Witness("| type | name |\n| integer | a |", (["set", "/data/a", "１２"],)),
    "blank-count": Witness(
        "| type | name | repeat_count |\n| integer | n | |\n| begin_repeat | r | ${n} |\n| text | a | |\n| end_repeat | | |"
    ),
    "irrelevant-count": Witness("""
        | type         | name | repeat_count | relevant   | default |
        | integer      | n    |              | 1 > 2      | 3       |
        | begin_repeat | r    | ${n}         |            |         |
        | text         | a    |              |            |         |
        | end_repeat   |      |              |            |         |"""),
    "count-in-passing": Witness("""
        | type         | name | repeat_count | relevant   | default | calculation |
        | calculate    | c    |              |            |         | 'x'         |
        | integer      | n    |              | ${c} = ''  | 3       |             |
        | begin_repeat | r    | ${n}         |            |         |             |
        | text         | a    |              |            |         |             |
        | end_repeat   |      |              |            |         |             |"""),
    "greatest-below-zero": Witness("""
        | type      | name | relevant | calculation      |
        | integer   | n    | 1 > 2    |                  |
        | calculate | x    |          | max(0 - 41, ${n}) |"""),
    "least-of-irrelevant-at-start": Witness("""
        | type    | name | relevant | default                     |
        | integer | n    | 1 > 2    | 7                           |
        | integer | x    |          | if(true(), min(10, ${n}), '') |"""),
    "most-instances": Witness(
        "| type | name | repeat_count |\n| begin_repeat | r | 500 + 1 |\n| text | a | |\n| end_repeat | | |"
    ),
    "no-count": Witness(
        "| type | name | repeat_count |\n| begin_repeat | r | 0 |\n| text | a | |\n| end_repeat | | |"
    ),
    "sum-of-none": Witness("""
        | type         | name | calculation | relevant |
        | begin_repeat | r    |             | 1 > 2    |
        | integer      | a    |             |          |
        | end_repeat   |      |             |          |
        | calculate    | s    | sum(${a})   |          |"""),
    "sum-of-removed": Witness("""
        | type         | name | calculation       |
        | begin_repeat | r    |                   |
        | begin_group  | g    |                   |
        | integer      | a    |                   |
        | end_group    |      |                   |
        | begin_repeat | s    |                   |
        | calculate    | x    | coalesce(${a}, 0) |
        | end_repeat   |      |                   |
        | end_repeat   |      |                   |
        | begin_group  | h    |                   |
        | begin_repeat | q    |                   |
        | end_repeat   |      |                   |
        | calculate    | t    | sum(${x})         |
        | end_group    |      |                   |""", (["set", "/data/r[1]/g/a", "3"], ["remove", "/data/r", 1])),
    "count-irrelevant": Witness("""
        | type         | name | calculation | relevant |
        | begin_repeat | r    |             | 1 > 2    |
        | integer      | a    |             |          |
        | end_repeat   |      |             |          |
        | calculate    | c    | count(${a}) |          |"""),
    "whole-decimal": Witness(
        "| type | name | calculation |\n| decimal | a | |\n| calculate | t | concat(${a}, '!') |", (["set", "/data/a", "2"],)
    ),
    "default-of-calculation": Witness(
        "| type | name | calculation | default |\n| calculate | c | 1 + 1 | |\n| integer | a | | if(true(), ${c}, '') |"
    ),
    "default-of-irrelevant": Witness("""
        | type    | name | relevant | default             |
        | text    | t    |          |                     |
        | integer | a    | ${t} = 'x' | if(true(), 5, '') |""", (["set", "/data/t", "x"],)),
    "default-of-counted": Witness("""
        | type         | name | repeat_count | relevant   | default                              |
        | text         | t    |              |            |                                      |
        | begin_repeat | r    | 1 + 1        | ${t} = 'x' |                                      |
        | integer      | a    |              |            | if(true(), string-length(${t}), '')  |
        | end_repeat   |      |              |            |                                      |""", (["set", "/data/t", "x"],)),
    "default-of-filtered": Witness("""
        | type                | name | choice_filter | default                            |
        | select_multiple abc | m    | name = 'b'    | a b                                |
        | integer             | a    |               | if(true(), count-selected(${m}), '') |"""),
    "irrelevant-read": Witness(
        "| type | name | relevant | default |\n| integer | a | 1 > 2 | 7 |\n| text | t | | if(true(), concat(${a}, '!'), '') |"
    ),
    "least-of-absent": Witness(
        "| type | name | calculation | relevant |\n| integer | a | | 1 > 2 |\n| calculate | m | min(${a}, 4) | |"
    ),
    "add-irrelevant": Witness(
        "| type | name | relevant |\n| text | t | |\n| begin_repeat | r | ${t} = 'x' |\n| text | a | |\n| end_repeat | | |",
        (["add", "/data/r"],)),
    "pruned-at-start": Witness("""
        | type                | name | choice_filter | default | calculation          |
        | select_multiple abc | m    | name = 'b'    | a b     |                      |
        | calculate           | c    |               |         | selected-at(${m}, 0) |"""),
    "pruned-required": Witness(
        "| type | name | choice_filter | default | required |\n| select_one abc | m | name = 'b' | a | yes |"
    ),
    "offered-again": Witness("""
        | type           | name | choice_filter               |
        | text           | t    |                             |
        | select_one abc | a    | ${t} != 'x' or name != 'a'  |""",
        (["set", "/data/a", "a"], ["set", "/data/t", "x"], ["set", "/data/t", "y"])),
    "stale-choices": Witness("""
        | type           | name | choice_filter                | default | relevant   |
        | text           | t    |                              |         |            |
        | integer        | n    |                              | 7       | ${t} = 'x' |
        | select_one abc | a    | 0.5 < ${n} or name = 'b'     |         |            |""", (["set", "/data/t", "x"],)),
    "count-shrinks": Witness(
        "| type | name | repeat_count |\n| integer | n | |\n| begin_repeat | r | ${n} |\n| text | a | |\n| end_repeat | | |",
        (["set", "/data/n", "5"], ["set", "/data/n", "2"]),
    ),
    "metadata-in-repeat": Witness(
        "| type | name |\n| begin_repeat | r |\n| text | a |\n| username | u |\n| end_repeat | |", (["add", "/data/r"],)
    ),
    "join-irrelevant": Witness("""
        | type         | name | calculation       | relevant   |
        | text         | t    |                   |            |
        | begin_repeat | r    |                   | ${t} = ''  |
        | text         | a    |                   |            |
        | end_repeat   |      |                   |            |
        | calculate    | j    | join(', ', ${a})  |            |""",
        (["add", "/data/r"], ["set", "/data/t", "x"])),
    "choice-name-language": Witness("""
        | type          | name | calculation                   | label::中文 (zh) | label::English (en) |
        | select_one yn | a    |                               | 问               | Ask                 |
        | calculate     | c    | jr:choice-name(${a}, '${a}')  |                  |                     |""",
        (["set", "/data/a", "yes"], ["language", "English (en)"]), languages=True),
    "stale-aggregate": Witness("""
        | type         | name | calculation | relevant   | repeat_count |
        | integer      | n    |             |            |              |
        | begin_group  | g    |             | ${n} < 1   |              |
        | begin_repeat | r    |             |            | 1 + 1        |
        | calculate    | x    | coalesce(${n}, 0) |      |              |
        | end_repeat   |      |             |            |              |
        | calculate    | m    | max(${x})   |            |              |
        | end_group    |      |             |            |              |""",
        (["set", "/data/n", "10"], ["set", "/data/n", "-1"])),
    "day-as-instant": Witness("| type | name | calculation |\n| calculate | d | date('2026-11-20') |"),
    "instant-as-text": Witness("| type | name | calculation |\n| dateTime | t | |\n| calculate | x | string(${t}) |",
        (["set", "/data/t", "2026-11-20T08:30:00.000+08:00"],)),
    "written-day": Witness("""
        | type | name | calculation                      | constraint     |
        | date | a    |                                  |                |
        | date | b    | format-date(today(), '%Y-%m-%d') | . > date(${a}) |""", (["set", "/data/a", "2024-02-29"],)),
    "no-day": Witness("| type | name | calculation |\n| date | d | |\n| calculate | x | date(${d} + 3) |"),
    "boolean-of-blank": Witness("| type | name | calculation |\n| text | t | |\n| calculate | x | if(boolean(${t}), 'y', 'n') |"),
    "boolean-of-pruned": Witness("""
        | type           | name | default | choice_filter | calculation                   |
        | select_one abc | s    | b       | name != 'b'   |                               |
        | calculate      | x    |         |               | if(boolean(${s}), 'y', 'n')   |"""),
    "boolean-of-zero": Witness(
        "| type | name | calculation |\n| calculate | n | 0 |\n| calculate | x | if(boolean(coalesce(${n}, '')), 'y', 'n') |"
    ),
    "boolean-under-blank-count": Witness("""
        | type         | name | repeat_count | calculation | relevant      |
        | integer      | n    |              |             |               |
        | calculate    | z    |              | 0           |               |
        | begin_repeat | r    | ${n}         |             | boolean(${z}) |
        | text         | a    |              |             |               |
        | end_repeat   |      |              |             |               |"""),
    "day-through-number": Witness(
        "| type | name | calculation |\n| date | d | |\n| date | x | date(decimal-date-time(${d}) + 3) |",
        (["set", "/data/d", "2026-11-20"],),
    ),
    "instant-as-day": Witness(
        "| type | name | calculation |\n| dateTime | t | |\n| date | d | ${t} |",
        (["set", "/data/t", "2026-11-20T10:30:00.000+08:00"],),
    ),
    "blank-between-values": Witness(
        "| type | name | label |\n| text | a | A |\n| text | b | ${a} ${a} |", (["set", "/data/a", "x"],)
    ),
    "unknown-text": Witness(
        "| type | name | calculation | label::中文 (zh) | label::English (en) |\n| calculate | c | jr:itext('none') | | |\n"
        "| text | a | | 甲 | A |", languages=True,
    ),
    "missing-translation": Witness("| type | name | label::中文 (zh) | label::English (en) |\n| text | a | 甲 | |\n| text | b | 乙 | B |",
        (["language", "English (en)"],), languages=True),
    "irrelevant-file": Witness("""
        | type  | name | relevant     |
        | text  | t    |              |
        | image | p    | ${t} = 'x'   |
        | text  | q    | ${p} != ''   |""",
        (["set", "/data/t", "x"], ["set", "/data/p", "a.jpg"], ["set", "/data/t", "y"])),
    "override": Witness("""
        | type | name | calculation                 |
        | text | a    |                             |
        | text | b    | substr(${a}, 0, 1)          |""",
        (["set", "/data/a", "xy"], ["set", "/data/b", "mine"], ["set", "/data/a", "xz"])),
    "override-in-passing": Witness("""
        | type         | name | calculation |
        | begin_repeat | r    |             |
        | calculate    | x    | 0 + 0       |
        | end_repeat   |      |             |
        | integer      | a    | min(${x})   |""", (["set", "/data/a", "5"], ["add", "/data/r"])),
    "override-of-whole": Witness("| type | name | calculation |\n| decimal | d | |\n| integer | a | ${d} + 0 |",
        (["set", "/data/d", "2"], ["set", "/data/a", "1"], ["set", "/data/d", "2.25"])),
    "long-separator": Witness("| type | name | calculation |\n| calculate | x | substring-after('abcabc', 'ca') |"),
    "place-of-another": Witness("""
        | type         | name | calculation        | repeat_count |
        | begin_repeat | r    |                    | 1 + 1        |
        | text         | t    |                    |              |
        | end_repeat   |      |                    |              |
        | calculate    | x    | position(${r}[2])  |              |"""),
    "infinity": Witness("| type | name | calculation |\n| calculate | a | 1 div 0 |\n| calculate | x | if(${a} = ${a}, 'y', 'n') |"),
    "areas": Witness("""
        | type      | name | calculation                                                               |
        | calculate | s    | '39.9 116.4 0 0; 39.9 116.5 0 0; 40.0 116.5 0 0; 39.9 116.4 0 0'           |
        | calculate | x    | round(area(${s}), -3)                                                     |"""),
    "blank-in-aggregate": Witness("| type | name | calculation |\n| integer | n | |\n| calculate | x | max(${n}, 1) |"),
    "instant-beside": Witness(
        "| type | name | calculation |\n| dateTime | t | |\n| calculate | x | ${t} - date('2026-11-20') |",
        (["set", "/data/t", "2026-11-20T08:30:00.000+08:00"],)),
    "instant-as-number": Witness("| type | name | calculation |\n| dateTime | t | |\n| calculate | x | number(${t}) |",
        (["set", "/data/t", "2026-11-20T08:30:00.000+08:00"],)),
    "day-as-number": Witness("| type | name | calculation |\n| date | d | |\n| calculate | x | number(${d}) |",
        (["set", "/data/d", "2026-11-20"],)),
    "written-day-as-number": Witness("| type | name | calculation |\n| date | d | |\n"
                                     "| calculate | x | number(format-date(${d}, '%Y-%m-%d')) |",
        (["set", "/data/d", "2026-11-20"],)),
    "digest": Witness("| type | name | calculation |\n| calculate | x | digest(number('a'), 'MD5') |"),
    "nan-in-text": Witness("| type | name | calculation |\n| calculate | x | concat(number('a'), '!') |"),
    "trigger-at-start": Witness("""
        | type    | name | default           | trigger | calculation |
        | integer | a    | if(true(), 5, '') |         |             |
        | text    | b    |                   | ${a}    | 'x'         |"""),
    "count-at-start": Witness("""
        | type         | name | relevant | default                      |
        | begin_repeat | r    | 1 > 2    |                              |
        | text         | t    |          |                              |
        | end_repeat   |      |          |                              |
        | integer      | a    |          | if(true(), count(${r}), '')  |"""),
    "once-of-aggregate": Witness("""
        | type         | name | repeat_count | calculation                |
        | begin_repeat | r    | 1 + 1        |                            |
        | calculate    | p    |              | position(..)               |
        | end_repeat   |      |              |                            |
        | calculate    | j    |              | join(', ', ${p})           |
        | begin_repeat | s    |              |                            |
        | text         | t    |              |                            |
        | calculate    | k    |              | once(concat(${j}, '-', ${t})) |
        | end_repeat   |      |              |                            |"""),
    "both-at-start": Witness("""
        | type         | name | default           | trigger | calculation | relevant |
        | integer      | a    | if(true(), 5, '') |         |             |          |
        | begin_repeat | r    |                   |         |             | 1 > 2    |
        | integer      | x    |                   |         |             |          |
        | end_repeat   |      |                   |         |             |          |
        | text         | b    |                   | ${a}    | count(${x}) |          |"""),
    "entity-after-removal": Witness("""
        | type                | name | save_to  |
        | begin_repeat        | r    |          |
        | text                | t    | people#x |
        | end_repeat          |      |          |
        | select_multiple abc | m    |          |""",
        (["add", "/data/r"], ["remove", "/data/r", 1], ["set", "/data/m", "c"]),
        entities=({"list_name": "people", "label": "${t}", "create_if": "selected(${m}, 'c')"},)),
    "trigger-by-relevance": Witness("""
        | type    | name | default | trigger | calculation | relevant   |
        | text    | t    |         |         |             |            |
        | integer | a    | 5       |         |             | ${t} = 'x' |
        | text    | b    |         | ${a}    | 'x'         |            |""", (["set", "/data/t", "x"],)),
}  # fmt: skip
