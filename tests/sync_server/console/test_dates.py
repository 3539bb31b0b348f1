"""Days and times as people read them, local to the school."""

from __future__ import annotations

import datetime as dt

import pytest

from assets import load_wording
from sync_server.web.console.dates import Dates

ZONE = dt.timezone(dt.timedelta(hours=8))
ZH, EN = (Dates(load_wording(locale), ZONE, dt.date(2025, 11, 21)) for locale in ("zh_CN", "en"))


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("2025-10-16", "10月16日（周四）", "Thu 16 Oct"),
        (dt.date(2024, 2, 29), "2024年2月29日（周四）", "Thu 29 Feb 2024"),
        ("2025-10-15T20:30:00Z", "10月16日（周四）", "Thu 16 Oct"),
        (None, "—", "—"),
        ("", "—", "—"),
        ("soon", "soon", "soon"),
    ],
)
def test_days(value: str | dt.date | None, zh: str, en: str) -> None:
    assert (ZH.day(value), EN.day(value)) == (zh, en)


def test_instants_are_shown_in_the_schools_zone() -> None:
    assert ZH.moment("2025-10-16T08:20:59Z") == "10月16日（周四） 16:20"
    assert ZH.moment("nonsense") == ZH.time(None) == "—"


def test_a_span_names_the_second_day_only_when_it_is_another() -> None:
    assert ZH.span("2025-10-16T16:20:00+08:00", "2025-10-16T16:55:00+08:00") == "10月16日（周四） 16:20–16:55"
    over_midnight = ZH.span("2025-10-16T23:50:00+08:00", "2025-10-17T00:10:00+08:00")
    assert over_midnight == "10月16日（周四） 23:50–10月17日（周五） 00:10"


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("2025-2026-1", "2025—2026学年第一学期", "2025–2026, first term"),
        ("2025-2026-2", "2025—2026学年第二学期", "2025–2026, second term"),
        ("2025-2026-3", "2025-2026-3", "2025-2026-3"),
    ],
)
def test_terms(code: str, zh: str, en: str) -> None:
    assert (ZH.term(code), EN.term(code)) == (zh, en)


def test_days_among_facts_are_told_and_the_rest_stays() -> None:
    facts = {"day": "2025-10-16", "count": 3, "no": "2025-10-160"}
    assert ZH.told(facts) == {"day": "10月16日（周四）", "count": 3, "no": "2025-10-160"}
