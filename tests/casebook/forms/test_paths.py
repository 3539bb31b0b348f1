"""Walking trees: axes, predicates, and look-ups that give what a scan would give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.forms.lists import ListSource, LookupSource, TableSource
from casebook.forms.values import to_text
from tests.casebook.forms.authoring import LETTERS, begin, fill, form, rows

TREE = """
| type        | name  | calculation |
| begin group | g     |             |
| calculate   | a     | 1           |
| calculate   | b     | 2           |
| end group   |       |             |
| begin group | h     |             |
| calculate   | a     | 3           |
| end group   |       |             |
| calculate   | x     | {formula}   |
"""


@pytest.mark.parametrize(("formula", "text"), [
    ("sum(/data/g/*)", "3"), ("count(//a)", "2"), ("name(/data/g/..)", "data"), ("/data/g/a/following-sibling::b", "2"),
    ("/data/g/b/preceding-sibling::*", "1"), ("count(/data/h/a/ancestor::*)", "2"), ("name(/data/h/a/ancestor-or-self::node()[2])", "h"),
    ("/data/h/a/preceding::a", "1"), ("count(/data/g/following::a)", "1"), ("/data/*[name() = 'h']/a", "3"), ("/data/*/a[. > 1]", "3"),
    ("/data/g/a | /data/h/a | /data/g/a", "1"), ("count(/data/g/a | /data/h/a | /data/g/a)", "2"), ("count(/data/g/nothing)", "0"),
    ("/data/g/*[2]", "2"), ("/data/g/*[last()]", "2"), ("/data/g/*[position() = 1]", "1"), ("count(/data/g/text())", "0"), ("/data/@id", "test"),
    ("../h/a", "3"), ("count(/)", "1"), ("(/data/g/a)[1]", "1"), ("count(/data/descendant::a)", "2"), ("local-name(/data/g)", "g"),
])  # fmt: skip
def test_where_a_path_leads(formula: str, text: str) -> None:
    session = fill(TREE.format(formula=formula.replace("|", "¦")))
    assert session.value("/data/x") == text


LOOKUP = form("""
| type         | name  | calculation                                               |
| csv-external | cases |                                                           |
| hidden       | key   |                                                           |
| calculate    | one   | instance('cases')/root/item[name=${key}]/label            |
| calculate    | mine  | count(instance('cases')/root/item[class=${key}])          |
| calculate    | both  | count(instance('cases')/root/item[class=${key}][name='b'])|
| calculate    | slow  | count(instance('cases')/root/item[class=normalize-space(${key})])    |
| calculate    | old   | pulldata('cases', 'label', 'name', ${key})                |
""")
TABLE = rows("""
| name | label | class |
| a    | 甲    | 1     |
| b    | 乙    | 1     |
| c    | 丙    | 2     |
| d    | 丁    |       |
""")


def test_a_list_is_searched_by_any_column() -> None:
    session = begin(LOOKUP, {"cases": TableSource(TABLE)})
    session.set("/data/key", "b")
    assert (session.value("/data/one"), session.value("/data/old")) == ("乙", "乙")
    session.set("/data/key", "1")
    assert (session.value("/data/mine"), session.value("/data/both")) == ("2", "1")


def test_a_blank_key_finds_the_rows_that_lack_the_column() -> None:
    session = begin(LOOKUP, {"cases": TableSource(TABLE)})
    assert session.value("/data/mine") == "1"


@given(st.lists(st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"class": st.sampled_from(["", "1", "2"])}), max_size=8),
       st.sampled_from(["", "1", "2", "a"]))  # fmt: skip
def test_a_lookup_gives_what_a_scan_gives(table: list[dict[str, str]], key: str) -> None:
    session = begin(LOOKUP, {"cases": TableSource(table)})
    session.set("/data/key", key)
    assert session.value("/data/mine") == session.value("/data/slow")


def test_a_store_is_asked_for_single_rows_never_for_all() -> None:
    asked = []

    def find(column: str, value: str) -> list[dict[str, str]]:
        asked.append((column, value))
        return [row for row in TABLE if row.get(column) == value]

    def everything() -> list[dict[str, str]]:
        raise AssertionError("the whole store was read")

    quick = form("""
    | type         | name  | calculation                                    |
    | csv-external | cases |                                                |
    | hidden       | key   |                                                |
    | calculate    | one   | instance('cases')/root/item[name=${key}]/label |
    | calculate    | too   | instance('cases')/root/item[name=${key}]/class |
    """)
    session = begin(quick, {"cases": LookupSource(["name", "label"], find, everything)}, prefill={"key": "c"})
    assert (session.value("/data/one"), session.value("/data/too")) == ("丙", "2")
    assert asked == [("name", "c")]


@pytest.mark.parametrize("source", [TableSource(TABLE), LookupSource(["class"], lambda column, value: [r for r in TABLE if r.get(column) == value], lambda: TABLE)])
def test_both_kinds_of_source_serve_the_same_rows(source: ListSource) -> None:
    assert list(source.rows()) == TABLE
    assert [row["name"] for row in source.find("class", "1")] == ["a", "b"]
    assert list(source.find("colour", "red")) == []
    assert list(source.find("colour", "")) == TABLE


def test_a_missing_list_is_empty_not_an_error() -> None:
    session = begin(LOOKUP, prefill={"key": "a"})
    assert (session.value("/data/one"), session.value("/data/mine")) == ("", "0")


def test_the_rows_of_a_session_stay_the_same_while_the_store_changes() -> None:
    table = [{"name": "a", "label": "甲"}]
    session = begin(LOOKUP, {"cases": LookupSource(["name", "label"], lambda column, value: list(table), lambda: table)})
    session.set("/data/key", "a")
    table[0] = {"name": "a", "label": "changed"}
    session.set("/data/key", "")
    session.set("/data/key", "a")
    assert session.value("/data/one") == "甲"


def test_nothing_is_the_text_of_no_node() -> None:
    assert to_text([]) == ""


def test_the_chosen_of_a_list_come_in_its_order() -> None:
    session = begin(form("""
        | type                | name  | calculation                                                    |
        | select_multiple abc | all   |                                                                |
        | calculate           | found | join(' ', instance('abc')/root/item[selected(${all}, name)]/name) |
        | calculate           | label | instance('abc')/root/item[selected(${all}, name)][2]/label     |""", LETTERS))  # fmt: skip
    assert session.value("/data/found") == ""
    session.set("/data/all", "c a")
    assert (session.value("/data/found"), session.value("/data/label")) == ("a c", session.words("/data/all").split("、")[0])
