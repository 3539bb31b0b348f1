"""Rows as columns: unpacked they are exactly what they were, whatever they hold; what is no table is malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.columns import Table, packed, unpacked
from casebook.errors import RequestMalformed
from casebook.protocol import PullReply, Row, from_json, to_json
from casebook.spelling import SPELLINGS as OF_NAMES
from casebook.tables import TABLE_FROM, with_tables, without_tables

HEX = st.text("0123456789abcdef", min_size=8, max_size=8)
LEAF = st.none() | st.booleans() | st.integers(-3, 3) | HEX | st.sampled_from(["", "a", "a\nb", "王露", "key", "\ud800", "<a><b/></a>", "<a>\n><<"])
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2))
NAMES = st.sampled_from(["id", "name", "pinyin", "kin", "adults", "key", "by"])
ROWS = st.dictionaries(HEX, st.dictionaries(NAMES, VALUE, max_size=5), max_size=8)
SPELLINGS = {"pinyin": ("name", lambda row: [character.encode(errors="replace").hex() for character in row["name"]])}


def travelled(table: Table) -> Table:
    return from_json(Table, json.loads(json.dumps(to_json(table))))


def exactly(rows: Any) -> str:
    """So that neither True is 1 nor a row loses what it says."""
    return json.dumps(rows, sort_keys=True)


@given(ROWS)
def test_unpacked_rows_are_exactly_what_they_were(rows: dict[str, dict[str, Any]]) -> None:
    found = unpacked(travelled(packed("students", rows, SPELLINGS)))
    assert exactly(found) == exactly(rows)
    assert list(found) == list(rows)


@given(st.lists(st.tuples(st.sampled_from(["l", "w"]), st.sampled_from(["王", "李", "李王"])), min_size=1, max_size=9))
def test_columns_that_others_decide_or_spell_come_back(said: list[tuple[str, str]]) -> None:
    rows = {f"{n:08x}": {"id": f"{n:08x}", "class": place, "village": place * 2, "name": name, "pinyin": name.encode().hex()}
            for n, (place, name) in enumerate(said)}  # fmt: skip
    assert unpacked(travelled(packed("students", rows, SPELLINGS))) == rows


def test_each_form_is_used_where_it_fits() -> None:
    rows = {
        f"{n:032x}": {
            "id": f"{n:032x}", "sex": "12"[n % 2], "sign": "♂♀"[n % 2], "born": f"2015-09-{n + 1:02}", "name": f"王{n}",
            "pinyin": f"wang{n}" if n else "huang", "kin": [f"{n ^ 1:032x}"], "far": n,
            "adults": [{"name": f"a{n}", "legal": True}, {"name": f"b{n}"}], "flags": [], **({"home": 1} if n == 3 else {}),
        }
        for n in range(20)
    }  # fmt: skip
    table = packed("students", rows, {"pinyin": ("name", lambda row: ["wang", *row["name"][1:]])})
    said = {name: column if isinstance(column, str) else sorted(column) for name, column in table.columns.items()}
    assert said == {
        "id": "key", "sex": ["at", "once"], "sign": ["by", "each"], "born": ["text"], "name": ["text"],
        "pinyin": ["as", "but", "spells"], "kin": ["keys"], "far": list(range(20)), "adults": ["parts", "sizes"],
        "flags": ["by", "each"], "home": ["has", "of"],
    }  # fmt: skip
    assert table.columns["pinyin"]["but"] == {"0": "huang"}
    assert unpacked(table) == rows
    assert sorted(table.keys) == ["digits", "hex"]


def test_a_name_teaches_its_syllables_where_they_can_be_cut_in_one_way_only() -> None:
    said = [("王露霞", "wangluxia", "wlx"), ("王宁", "wangning", "wn"), ("宁·王", "ningwang", "nw"), ("单小单", "shanxiaodan", "sxd"),
            ("A依", "ayi", "ayi"), ("", "", "")]  # fmt: skip
    rows = {f"{n}": {"name": name, "pinyin": pinyin, "initials": initials} for n, (name, pinyin, initials) in enumerate(said)}
    table = packed("students", rows, OF_NAMES["students"])
    spelt = table.columns["pinyin"]
    assert spelt["as"] == {"王": "wang", "露": "lu", "霞": "xia", "宁": "ning", "·": "", "单": "dan", "小": "xiao"}
    assert spelt["but"] == {"3": "shanxiaodan", "4": "ayi"}
    assert unpacked(travelled(table)) == rows


@pytest.mark.parametrize(
    ("keys", "columns"),
    [
        ({"text": "a\nb\nc"}, {}),
        (["a", 1], {}),
        (["a", "a"], {}),
        ("key", {}),
        (["a", "b"], {"x": [1]}),
        (["a", "b"], {"x": {"once": [1], "at": [0, 2]}}),
        (["a", "b"], {"x": {"once": [1], "at": [0, -1]}}),
        (["a", "b"], {"x": {"once": [1], "at": [0, None]}}),
        (["a", "b"], {"x": {"once": [1], "at": "00"}}),
        (["a", "b"], {"x": {"by": "y", "each": [1]}}),
        (["a", "b"], {"x": {"keys": [[7], []]}}),
        (["a", "b"], {"x": {"keys": 5}}),
        (["a", "b"], {"x": {"hex": "!", "digits": 2}}),
        (["a", "b"], {"x": {"hex": "AAA=", "digits": 0}}),
        (["a", "b"], {"x": {"sizes": [10**9, 0], "parts": {}}}),
        (["a", "b"], {"x": {"sizes": [-1, 2], "parts": {}}}),
        (["a", "b"], {"x": {"sizes": [1, 2], "pieces": ["<a>", "<b>"]}}),
        (["a", "b"], {"x": {"sizes": [1, 1], "pieces": ["<a>", 1]}}),
        (["a", "b"], {"x": {"sizes": [1, 10**4], "pieces": {"once": ["<a>" * 10**4], "at": [0] + [1] * 10**4}}}),
        (["a", "b"], {"x": {"has": "1", "of": [1]}}),
        (["a", "b"], {"x": {"spells": "x", "as": {}, "but": {}}}),
        (["a", "b"], {"x": [1, 2], "y": {"spells": "x", "as": {}, "but": {}}}),
        (["a", "b"], {"x": {"text": 1}}),
        (["a", "b"], {"x": None}),
    ],
)
def test_what_is_no_table_is_malformed(keys: Any, columns: Any) -> None:
    with pytest.raises(RequestMalformed):
        unpacked(Table("students", 2, keys, columns))


def page(rows: list[Row]) -> PullReply:
    return PullReply([], rows, 7, True, "gen", "note", ["proof"])


def test_many_rows_of_a_page_travel_as_a_table_and_the_newest_of_a_key_counts() -> None:
    many = [Row("students", str(n), {"n": n}) for n in range(TABLE_FROM)]
    few = [Row("classes", "1", {"n": 1}), Row("students", "gone", None), Row("students", "3", {"n": "newer"})]
    sent = with_tables(page([*many, *few]), {})
    assert [table.count for table in sent.tables or []] == [TABLE_FROM]
    assert sent.rows == [few[1], few[0]] or sent.rows == few[:2]
    back = without_tables(from_json(PullReply, json.loads(json.dumps(to_json(sent)))))
    latest = {(row.feed, row.key): row.value for row in [*many, *few]}
    assert {(row.feed, row.key): row.value for row in back.rows} == latest
    assert (back.next, back.more, back.checkpoint, back.consistency, back.tables) == (7, True, "note", ["proof"], None)


def test_of_two_forms_what_both_say_travels_once() -> None:
    said = "".join(f'<text id="reason-{n}"><value>reason {n}</value></text>' for n in range(500))
    forms = page([Row("forms", f"{name}@1", {"id": name, "xml": f"<{name}>{said}</{name}>"}) for name in ("census", "visit")])
    sent = json.dumps(to_json(with_tables(forms, {})))
    assert sent.count("reason 499<") == 1 and len(sent) < 0.75 * len(json.dumps(to_json(forms)))
    assert without_tables(from_json(PullReply, json.loads(sent))) == forms
    assert with_tables(page(forms.rows[:1]), {}).tables is None


def test_few_rows_travel_alone() -> None:
    few = page([Row("students", str(n), {"n": n}) for n in range(TABLE_FROM - 1)])
    assert with_tables(few, {}) == few == without_tables(few)
