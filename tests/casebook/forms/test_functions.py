"""What each function gives, checked through a calculation of a form."""

from __future__ import annotations

import math
from datetime import UTC

import pytest

from casebook.forms.expressions.chance import seed_of, shuffle_by_seed
from tests.casebook.forms.authoring import value_of

TEXT = [
    ("concat('a', 1, true())", "a1true"), ("join('-', 'a', 'b')", "a-b"), ("string-length('学生a')", "3"),
    ("normalize-space('  a   b ')", "a b"), ("contains('abc', 'b')", "true"), ("starts-with('abc', 'b')", "false"),
    ("ends-with('abc', 'c')", "true"), ("substring-before('a-b', '-')", "a"), ("substring-after('a-b', '-')", "b"),
    ("substring('12345', 1.5, 2.6)", "234"), ("substring('12345', 2)", "2345"), ("substr('hello', 1, 3)", "el"),
    ("substr('hello', -3)", "llo"), ("substr('hello', 4, 2)", ""), ("translate('abca', 'ab', 'x')", "xcx"),
    ("upper-case('aé')", "AÉ"), ("lower-case('AÉ')", "aé"), ("string(1 div 0)", "Infinity"),
    ("regex('12000000001', '^1[0-9]{10}$')", "true"), ("regex('x12', '[0-9]+')", "false"), ("regex('a', '[')", "false"),
    ("digest('abc', 'SHA-256', 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("digest('abc', 'MD5')", "kAFQmDzST7DWlj99KOF/cg=="), ("digest('abc', 'shake')", ""), ("base64-decode('5a2m')", "学"),
    ("base64-decode('***')", ""), ("boolean-from-string('TRUE')", "true"), ("string('')", ""),
]  # fmt: skip
NUMBERS = [
    ("1 + 2 * 3", "7"), ("7 mod 3", "1"), ("-7 mod 3", "-1"), ("7 div 2", "3.5"), ("1 div 0", "Infinity"), ("0 div 0", ""),
    ("round(2.5)", "3"), ("round(-2.5)", "-3"), ("round(1.005, 2)", "1.01"), ("round(1234, -2)", "1200"), ("int(-2.7)", "-2"),
    ("floor(-2.1)", "-3"), ("ceiling(2.1)", "3"), ("abs(-4)", "4"), ("pow(2, 10)", "1024"), ("pow(-1, 0.5)", ""), ("sqrt(-1)", ""),
    ("round(pi(), 4)", "3.1416"), ("log(0)", "-Infinity"), ("log(-1)", ""), ("exp(1000)", "Infinity"), ("pow(-10, 401)", "-Infinity"), ("exp10(2)", "100"), ("min(3, 1, 2)", "1"), ("max(3, '', 2)", ""),
    ("sum('4')", "4"), ("number('1e3')", "1000"), ("number('x')", ""), ("round(atan2(1, 1), 4)", "0.7854"), ("pow(10, 400)", "Infinity"),
]  # fmt: skip
TRUTH = [
    ("1 = 1.0", "true"), ("'a' != 'b'", "true"), ("'10' > '9'", "true"), ("not(false())", "true"), ("boolean('false')", "true"),
    ("'2026-11-21' > '2026-11-20'", "true"), ("true() = 'x'", "true"), ("if(0, 'a', 'b')", "b"), ("coalesce('', 'x')", "x"),
    ("coalesce(number(''), 5)", "5"), ("coalesce('', '')", ""), ("checklist(1, 2, true(), false(), true())", "true"),
    ("checklist(-1, 1, true(), true())", "false"), ("weighted-checklist(3, -1, true(), 2, true(), 2)", "true"),
]  # fmt: skip
CHOICES = [
    ("selected('a b', 'b')", "true"), ("selected('ab', 'a')", "false"), ("selected-at('a b', 1)", "b"), ("selected-at('a b', 7)", ""),
    ("selected-at('a b', 'x')", ""), ("count-selected(' a  b ')", "2"),
]  # fmt: skip
DAYS = [
    ("today()", "2026-11-21"), ("now()", "2026-11-21T09:02:03.000+08:00"), ("date('2026-11-20' + 3)", "2026-11-23"),
    ("format-date('2026-11-05', '%Y年%n月%e日 %a')", "2026年11月5日 周四"), ("format-date('2026-11-05', '%b %y %%')", "11月 26 %"),
    ("format-date('2026-11-05', '{%d} {0} %q %')", "{05} {0} %q %"),
    ("format-date-time(now(), '%H:%M:%S.%3')", "09:02:03.000"), ("format-date('', '%Y')", ""), ("format-date('x', '%Y')", ""),
    ("decimal-date-time('1970-01-02T00:00:00Z')", "1"), ("decimal-time('12:00')", "0.5"), ("date('2026-02-30')", ""),
    ("date(1e12)", ""), ("date-time('2026-11-20')", "2026-11-20T00:00:00.000+08:00"), ("int(date('2026-11-21') - date('2026-11-10'))", "11"),
]  # fmt: skip
PLACES = [
    ("distance('0 0 0 0;0 1 0 0')", "111318.85"), ("distance('0 0', '0 0')", "0"), ("distance('x')", ""),
    ("area('0 0;1 1')", "0"), ("geofence('0.5 0.5', '0 0;0 1;1 1;1 0')", "true"), ("geofence('2 2', '0 0;0 1;1 1')", "false"),
]  # fmt: skip
OUTSIDE = [
    ("uuid()", "u2"), ("string-length(uuid(12))", "12"), ("random()", "0.2"), ("version()", "1"), ("property('username')", "teacher"),
    ("property('email')", ""),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), [*TEXT, *NUMBERS, *TRUTH, *CHOICES, *DAYS, *PLACES, *OUTSIDE])
def test_what_a_function_gives(formula: str, expected: str) -> None:
    assert value_of(formula) == expected


def test_the_day_is_that_of_the_given_zone_not_of_the_machine() -> None:
    late = "2026-11-21T17:30:00+00:00"
    assert value_of("today()", now=late) == "2026-11-22"
    assert value_of("today()", now=late, tz=UTC) == "2026-11-21"
    assert value_of("format-date-time(now(), '%H:%M')", now=late) == "01:30"


def test_the_area_of_a_degree_at_the_equator() -> None:
    metres_squared = float(value_of("area('0 0;0 1;1 1;1 0')"))
    exact = 6_378_100**2 * math.radians(1) * math.sin(math.radians(1))
    assert metres_squared == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(("seed", "order"), [(42, "AFCBDE"), (1, "BFEACD"), (11111111, "ACDBFE")])
def test_a_seed_gives_the_order_that_other_clients_give(seed: int, order: str) -> None:
    assert "".join(shuffle_by_seed(list("ABCDEF"), seed)) == order


def test_a_text_is_a_seed_as_well() -> None:
    assert seed_of(math.nan, "name") == seed_of(math.nan, "name") != seed_of(math.nan, "other")
