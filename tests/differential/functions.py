"""Calls of every function that our expressions know, over a small form with answers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.differential.engines import Job
from tests.differential.sheets import Row, Sheets
from tests.differential.writing.lists import CHINESE, PEOPLE, choices

_ASKED: Mapping[str, tuple[str, str]] = {
    "t": ("text", "abcabc"), "n": ("integer", "7"), "z": ("integer", ""), "x": ("decimal", "2.5"), "d": ("date", "2026-11-20"),
    "m": ("select_multiple abc", "a c"), "o": ("select_one yn", "yes"), "w": ("dateTime", "2026-11-20T08:30:00.000+08:00"), "h": ("time", "08:30:00.000+08:00"),
    "g": ("geopoint", "39.9 116.4 0.0 0.0"),
}  # fmt: skip
_SHAPE = "'39.9 116.4 0 0; 39.9 116.5 0 0; 40.0 116.5 0 0; 39.9 116.4 0 0'"
_ANY = ("0", "0.3", "-0.7", "1", "${n}", "${z}", "1000", "-1000", "1 div 0")

#: functions that no other engine knows
ALONE = ("jr:guidance", "lower-case", "upper-case")
#: the calls by function; every result is a text, so that nothing is rounded away
CALLS: Mapping[str, Sequence[str]] = {
    **{name: [f"{name}({value})" for value in _ANY] for name in ("abs", "exp", "exp10", "sin", "cos", "tan", "atan", "int", "floor", "ceiling", "number")},
    **{name: [f"{name}({value})" for value in ("0", "0.3", "-0.7", "1")] for name in ("asin", "acos")},
    **{name: [f"{name}({value})" for value in ("1", "0.3", "10", "${n}", "0", "-1", "${z}")] for name in ("log", "log10", "sqrt")},
    "atan2": ["atan2(1, 2)", "atan2(-1, 0)"], "pi": ["pi()"], "pow": ["pow(2, 10)", "pow(${x}, 2)", "pow(4, 0.5)", "pow(0, 0)", "pow(0, -1)", "pow(-10, 401)", "pow(10, 400)", "pow(-8, 0.5)"],
    "round": ["round(2.5)", "round(${x})", "round(1.234, 2)", "round(1555, -2)", "round(0.15, 1)"],
    "true": ["if(true(), 1, 2)"], "false": ["if(false(), 1, 2)"], "not": ["if(not(${n} > 3), 1, 2)"], "if": ["if(${z} = '', 'blank', 'there')"],
    "boolean": ["if(boolean(${n}), 1, 2)", "if(boolean(0), 1, 2)", "if(boolean('x'), 1, 2)"],
    "boolean-from-string": [f"if(boolean-from-string('{text}'), 1, 2)" for text in ("true", "1", "yes", "", "false")],
    "coalesce": ["coalesce(${z}, ${n})", "coalesce('', 'b')"], "concat": ["concat(${t}, 1, 'x')", "concat()"], "join": ["join('-', 'a', ${t}, 'b')"],
    "contains": ["if(contains(${t}, 'cab'), 1, 2)"], "starts-with": ["if(starts-with(${t}, 'ab'), 1, 2)"], "ends-with": ["if(ends-with(${t}, 'bc'), 1, 2)"],
    "substring-before": ["substring-before(${t}, 'ca')", "substring-before(${t}, 'zz')"], "substring-after": ["substring-after(${t}, 'ca')", "substring-after(${t}, 'zz')"],
    "substr": ["substr(${t}, 1, 3)", "substr(${t}, 2)", "substr(${t}, 0, -1)"], "substring": ["substring(${t}, 2, 3)"],
    "translate": ["translate(${t}, 'abc', 'xy')"], "normalize-space": ["normalize-space('  a   b ')"], "string": ["string(${n})", "string(1.50)", "string(1000000)"],
    "string-length": ["string-length(${t})", "string-length('中文')"], "upper-case": ["upper-case(${t})"], "lower-case": ["lower-case('ABC')"],
    "regex": ["if(regex(${t}, '^[abc]+$'), 1, 2)", "if(regex(${t}, '^x'), 1, 2)"],
    "digest": [f"digest('abc', '{name}', '{kind}')" for name in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512") for kind in ("hex", "base64")],
    "base64-decode": ["base64-decode('5Lit5paH')"], "selected": ["if(selected(${m}, 'c'), 1, 2)", "if(selected(${m}, 'b'), 1, 2)"],
    "selected-at": ["selected-at(${m}, 1)", "selected-at(${m}, 5)"], "count-selected": ["count-selected(${m})", "count-selected(${z})"],
    "checklist": ["if(checklist(1, 2, ${n} > 3, ${n} > 9), 1, 2)", "if(checklist(-1, -1, ${n} > 3), 1, 2)"],
    "weighted-checklist": ["if(weighted-checklist(2, 5, ${n} > 3, 3, ${n} > 9, 4), 1, 2)"],
    "count": ["count(${a})"], "count-non-empty": ["count-non-empty(${a})"], "sum": ["sum(${b})"], "min": ["min(3, 1, 2)", "min(${b})"], "max": ["max(3, 1, 2)", "max(${b})"],
    "indexed-repeat": ["indexed-repeat(${a}, ${r}, 2)", "indexed-repeat(${a}, ${r}, 9)"], "position": ["position(${r}[2])"],
    "last": ["instance('people')/root/item[last()]/label"], "instance": ["instance('people')/root/item[name = 'p2']/label", "count(instance('people')/root/item)"],
    "current": ["instance('people')/root/item[name = concat('p', current()/../n - 5)]/label"], "randomize": ["join(' ', randomize(instance('abc')/root/item/name, 7))"],
    "name": ["name(${t})"], "local-name": ["local-name(${t})"], "jr:choice-name": ["jr:choice-name(${o}, '${o}')"], "jr:itext": ["jr:itext('abc-0')"],
    "date": ["date(${d} + 3)", "format-date(date('2026-11-20'), '%Y-%m-%d')"], "date-time": ["format-date-time(date-time(${w}), '%Y-%m-%d %H:%M')"],
    "format-date": [f"format-date(${{d}}, '{part}')" for part in ("%Y", "%y", "%m", "%n", "%d", "%e", "%Y年%n月%e日")],
    "format-date-time": [f"format-date-time(${{w}}, '{part}')" for part in ("%H", "%h", "%M", "%S", "%Y-%m-%d %H:%M")],
    "decimal-date-time": ["round(decimal-date-time(${w}), 4)"], "decimal-time": ["round(decimal-time(${h}), 4)"],
    "today": ["format-date(today(), '%Y-%m-%d')", "if(today() > date('2020-01-01'), 1, 2)"], "now": ["format-date-time(now(), '%Y-%m-%d')"],
    "distance": ["round(distance('39.9 116.4 0 0', '40.0 116.4 0 0'), 0)", f"round(distance({_SHAPE}), 0)"], "area": ["round(area(${s}), -3)"],
    "enclosed-area": ["round(enclosed-area(${s}), -3)"], "geofence": ["if(geofence(${g}, ${s}), 1, 2)"],
    "once": ["once(${t})"], "property": ["property('username')"], "version": ["version()"], "uuid": ["string-length(uuid())", "string-length(uuid(8))"],
    "jr:guidance": ["jr:guidance('/data/t:hint')"], "random": ["if(random() < 1, 1, 2)"], "pulldata": ["pulldata('people', 'label', 'name', 'p2')"],
}  # fmt: skip


def job_of(name: str) -> Job:
    """A form with all calls of one function, its questions answered one after the other."""
    asked = [{"type": kind, "name": question, "label": question, "guidance_hint": "slowly"} for question, (kind, _) in _ASKED.items()]
    calls = [_calculate(f"call{place}", call) for place, call in enumerate(CALLS[name])]
    languages = name.startswith("jr:")
    settings = {"form_id": "functions", "version": "5"} | ({"default_language": CHINESE} if languages else {})
    survey = ({"type": "csv-external", "name": "people"}, *asked, *_REPEATED, _calculate("s", _SHAPE), *calls)
    sheets = Sheets(survey, tuple(choices(languages)), (), settings, {"people.csv": PEOPLE})
    answers = [["set", f"/data/{question}", value] for question, (_, value) in _ASKED.items()]
    return Job(name, sheets.compiled(), [*answers, ["set", "/data/r[1]/a", "one"], ["set", "/data/r[2]/a", "two"]], sheets.files)


def _calculate(name: str, formula: str) -> Row:
    return {"type": "calculate", "name": name, "calculation": formula}


_REPEATED: Sequence[Row] = (
    {"type": "begin_repeat", "name": "r", "label": "r", "repeat_count": "3"},
    {"type": "text", "name": "a", "label": "a"},
    _calculate("b", "position(..) * 2"),
    {"type": "end_repeat"},
)
