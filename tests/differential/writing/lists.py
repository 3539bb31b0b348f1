"""The choice lists and the case list that random forms use."""

from __future__ import annotations

from tests.differential.sheets import Row

PEOPLE = """name,label,town,age,since,__version,__trunkVersion,__branchId
p1,张三,t1,7,2026-09-01,1,,
p2,李四,t2,12,2026-10-15,3,2,b1
p3,王五,t1,15,,2,,
p4,赵六,t3,,2026-11-20,1,,
"""

_LETTERS = ("a", "b", "c", "d")
_ENTRIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "yn": (("yes", "是", "Yes"), ("no", "否", "No")),
    "abc": tuple((letter, f"选项{letter}", f"Option {letter}") for letter in _LETTERS),
    "num": (("1", "一", "One"), ("2", "二", "Two"), ("3", "三", "Three")),
    "town": (("t1", "东镇", "East"), ("t2", "西镇", "West"), ("t3", "北镇", "North")),
}
_VILLAGES = (("v1", "t1"), ("v2", "t1"), ("v3", "t2"), ("v4", "t2"), ("v5", "t3"))
#: values of each list, for expressions that name one
VALUES = {name: tuple(entry[0] for entry in entries) for name, entries in _ENTRIES.items()} | {
    "village": tuple(village for village, _ in _VILLAGES),
    "people": ("p1", "p2", "p3", "p4"),
}


def choices(languages: bool) -> list[Row]:
    """The rows of the choices sheet; villages name their town."""
    rows: list[Row] = []
    for name, entries in _ENTRIES.items():
        rows += [{"list_name": name, "name": value, **label(zh, en, languages)} for value, zh, en in entries]
    for village, town in _VILLAGES:
        words = label(f"{village}村", f"Village {village}", languages)
        rows.append({"list_name": "village", "name": village, **words, "town": town})
    return rows


def label(zh: str, en: str, languages: bool, column: str = "label") -> dict[str, str]:
    """The cells of a text, in both languages or in one."""
    if languages:
        return {f"{column}::{CHINESE}": zh, f"{column}::{ENGLISH}": en}
    return {column: zh}


CHINESE, ENGLISH = "中文 (zh)", "English (en)"
