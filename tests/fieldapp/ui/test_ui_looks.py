"""What keeps the screens readable: contrast in sunlight, sizes for fingers and tired eyes, dates as people say them."""

from __future__ import annotations

import flet as ft
import pytest

from assets import load_wording
from fieldapp.ui import spoken, theme
from tests.fieldapp.ui.little_school import ABSENT
from tests.fieldapp.ui.phone import Phone, played

READ_TOGETHER = [
    ("ink", "paper"), ("ink", "card"), ("faint", "paper"), ("faint", "card"), ("action", "paper"), ("action", "card"),
    ("on_action", "action"), ("on_pine_wash", "pine_wash"), ("on_amber_wash", "amber_wash"), ("red", "paper"),
    ("red", "card"), ("on_red", "red"), ("on_red_wash", "red_wash"),
]  # fmt: skip


def light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ_TOGETHER)
def test_text_is_readable_in_sunlight(palette: theme.Palette, text: str, ground: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 7


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_edges_and_marks_can_be_seen(palette: theme.Palette) -> None:
    assert min(contrast(palette.border, palette.card), contrast(palette.pine, palette.paper)) >= 4.5


def test_body_text_is_eighteen_and_large_text_a_third_more() -> None:
    normal, big = (theme.theme(theme.LIGHT, large).text_theme.body_medium.size for large in (False, True))
    assert (normal, big) == (18, pytest.approx(18 * 1.35))


@played
async def test_everything_that_is_tapped_says_what_it_is(phone: Phone) -> None:
    client = await phone.start(route=f"/visit/{phone.desk.start(ABSENT, 'absence_visit')}")
    for route in ("/", "/students", f"/students/{ABSENT}", "/outbox", "/settings", client.page.route):
        client.page.navigate(route)
        await client.settle()
        marked = {id(control) for mark in client.find(ft.Semantics) if mark.identifier
                  for control in client.controls(mark)}  # fmt: skip
        loose = [control for control in client.controls(client.view())
                 if getattr(control, "on_click", None) and id(control) not in marked]  # fmt: skip
        assert loose == [], route
        names = client.identifiers()
        assert len(names) == len(set(names)), route


@played
async def test_large_text_has_room_to_wrap_and_to_grow(phone: Phone) -> None:
    """What a phone at twice the size of text would cut off or push out of a narrow screen."""
    draft = phone.desk.start(ABSENT, "absence_visit")
    phone.desk.open_draft(draft).answer("/data/visit/mode", "door")
    client = await phone.start(route=f"/visit/{draft}", width=360, height=740)
    for route in (*(f"/visit/{draft}{more}" for more in ("", "/read", "/finish", "/household")), "/", "/students",
                  f"/students/{ABSENT}", "/outbox", "/settings"):  # fmt: skip
        client.page.navigate(route)
        await client.settle()
        rows = [row for row in client.find(ft.Row, client.view()) if not row.wrap]
        stiff = [text.value for row in rows for text in row.controls if isinstance(text, ft.Text) and not text.expand]
        assert stiff == [], route
        low = [text.value for box in client.controls(client.view()) if getattr(box, "height", None)
               for text in client.find(ft.Text, box)]  # fmt: skip
        assert low == [], route


def test_the_title_bar_holds_two_lines_of_enlarged_text() -> None:
    """Flutter enlarges the titles of bars by at most 1.34, whatever the phone asks for."""
    title = theme.theme(theme.LIGHT).appbar_theme.title_text_style
    assert 2 * title.size * title.height * 1.34 <= theme.BAR


@pytest.mark.parametrize(("locale", "text", "said"), [
    ("zh_CN", "2025-10-16", "10月16日（周四）"), ("en", "2025-10-16T23:00:00+08:00", "Thu 16 Oct"),
    ("zh_CN", "soon", "soon"), ("zh_CN", None, ""),
])  # fmt: skip
def test_a_day_as_it_is_said(locale: str, text: str | None, said: str) -> None:
    assert spoken.day(load_wording(locale), text) == said


@pytest.mark.parametrize(("text", "said"), [
    ("2025-10-16", "今天"), ("2025-10-17", "明天"), ("2025-10-15", "昨天"), ("2025-10-20", "10月20日（周一）"), (None, ""),
])  # fmt: skip
def test_a_near_day_as_it_is_said(text: str | None, said: str) -> None:
    assert spoken.near_day(load_wording(), text, "2025-10-16") == said


@pytest.mark.parametrize(("count", "said"), [(0, "0 KB"), (1, "1 KB"), (340_000, "340 KB"), (3_149_000, "3.1 MB")])
def test_a_size_as_it_is_said(count: int, said: str) -> None:
    assert spoken.size(count) == said


def test_a_moment_as_it_is_said() -> None:
    assert spoken.moment(load_wording(), "2025-10-16T16:20:05+08:00") == "10月16日（周四） 16:20"
    assert spoken.clock("nonsense") == ""
