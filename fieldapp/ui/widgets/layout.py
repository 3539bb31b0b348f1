"""The frame of every screen: where am I (title), is my work safe (line below), what is next (button at the bottom)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flet as ft

from fieldapp.cards import Today
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import Handler, part
from fieldapp.ui.state import Busy, use_app

ARROWLESS = (places.TODAY, places.ENROL)  # nothing stands before their titles
Controls = Sequence[ft.Control]


def mark(identifier: str, content: ft.Control, label: str | None = None, **semantics: Any) -> ft.Semantics:
    """Gives a control the stable name that tests use and the words that a screen reader says."""
    return ft.Semantics(identifier=identifier, label=label, content=content, key=identifier, **semantics)


def scroll_key(ref: str) -> Any:
    """The name by which a page scrolls to what stands at a reference."""
    key: Any = ft.ScrollKey
    return key(ref)


def frame(
    title: str, body: Controls, *, route: str, safe: ft.Control | None = None, bottom: Controls = (),
    actions: Controls = (), column: ft.Ref[ft.Column] | None = None, body_key: str | None = None,
) -> ft.View:
    """A screen: title bar, line of safety, a body that scrolls, and what to do next, always in reach of a thumb."""
    # The margin lies inside what scrolls: a thumb at the edge of the screen must move the page too.
    inset = ft.Container(
        ft.Column(list(body), spacing=theme.GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        padding=ft.Padding.symmetric(horizontal=theme.EDGE))
    scrolling = ft.Column([inset], ref=column, key=body_key, expand=True, scroll=ft.ScrollMode.AUTO,
                          horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    parts: list[ft.BaseControl] = [BusyLine(use_app().busy)]
    if safe:
        parts.append(ft.Container(safe, padding=ft.Padding.symmetric(horizontal=theme.EDGE)))
    parts.append(scrolling)
    if bottom:
        parts.append(bottom_bar(bottom))
    return ft.View(
        route=route, padding=0, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        appbar=title_bar(title, actions=actions, indent=theme.EDGE if route in ARROWLESS else 0), controls=parts)


def title_bar(title: str, *, actions: Controls = (), indent: int = 0) -> ft.AppBar:
    """Where am I: up to two lines, for the longest names."""
    scale = theme.BIG_TEXT if use_app().look.big_text else 1.0
    return ft.AppBar(title=ft.Text(title, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS), actions=list(actions),
                     title_spacing=indent, toolbar_height=theme.BAR * scale)


def bottom_bar(controls: Controls) -> ft.Control:
    """The strip at the bottom with the next step."""
    return ft.Container(
        ft.SafeArea(ft.Column(list(controls), spacing=8, tight=True,
                              horizontal_alignment=ft.CrossAxisAlignment.STRETCH), avoid_intrusions_top=False),
        padding=ft.Padding.symmetric(horizontal=theme.EDGE, vertical=10), bgcolor=theme.PAPER,
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)))


@part
def BusyLine(busy: Busy) -> ft.Control:
    """Says that slow work runs, and what it is."""
    if not busy.key:
        return ft.Container(height=0)
    words = use_app().words
    return ft.Container(ft.Column([ft.ProgressBar(), mark("busy", ft.Text(words(busy.key)), live_region=True)],
                                  spacing=4), padding=ft.Padding.symmetric(horizontal=theme.EDGE))


def safe_line(text: str, icon: ft.IconData = ft.Icons.SHIELD_OUTLINED) -> ft.Control:
    """The answer to "is my work safe?"."""
    return mark("safe", ft.Row([ft.Icon(icon, color=theme.PINE, size=20),
                                ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, expand=True)], spacing=8))


def work_safe(today: Today) -> ft.Control:
    """The same answer where a screen shows no visit: what the school still lacks is safe here."""
    words = use_app().words
    waiting = today.unsent or today.unsent_files
    return safe_line(spoken.counted(words, "app.sync.waiting", today.unsent, today.unsent_files) if waiting
                     else words("app.sync.nothing"))


def primary(identifier: str, text: str, on_tap: Handler, icon: ft.IconData | None = None,
            disabled: bool = False) -> ft.Control:
    """The one next step of a screen."""
    return mark(identifier, ft.FilledButton(text, icon=icon, on_click=on_tap, disabled=disabled))


def quiet(identifier: str, text: str, on_tap: Handler, icon: ft.IconData | None = None,
          disabled: bool = False) -> ft.Control:
    """Another thing one may do."""
    return mark(identifier, ft.OutlinedButton(text, icon=icon, on_click=on_tap, disabled=disabled))


def link(identifier: str, text: str, on_tap: Handler, icon: ft.IconData | None = None) -> ft.Control:
    """A lesser thing one may do."""
    return mark(identifier, ft.TextButton(text, icon=icon, on_click=on_tap))


def bar_link(identifier: str, text: str, on_tap: Handler) -> ft.Control:
    """A way on in the title bar; so flat that large text is not cut in there."""
    flat = ft.ButtonStyle(padding=ft.Padding.symmetric(horizontal=12))
    return mark(identifier, ft.TextButton(text, style=flat, on_click=on_tap))


def onward(text: str) -> ft.Control:
    """What a tap on a card does, and an arrow; the text may run over two lines."""
    return ft.Row([ft.Text(text, color=theme.ACTION, weight=ft.FontWeight.W_600, expand=True, expand_loose=True),
                   ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.ACTION)], spacing=2)


def side_by_side(*controls: ft.Control) -> ft.Control:
    """Two buttons in one row, each as wide as the other."""
    for control in controls:
        control.expand = True
    return ft.Row(list(controls), spacing=10, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH)


def heading(text: str) -> ft.Control:
    """The title of a group on a screen."""
    return ft.Container(ft.Text(text, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), padding=ft.Padding.only(top=8))


def small(text: str, **options: Any) -> ft.Text:
    """Side remarks."""
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, **options)


def card(content: ft.Control, *, bgcolor: str = theme.CARD, on_tap: Handler | None = None,
         border: str = theme.LINE) -> ft.Container:
    """A sheet of paper on the desk; the whole sheet is the target when it can be tapped."""
    return ft.Container(
        content, bgcolor=bgcolor, border=ft.Border.all(1, border), border_radius=theme.ROUND,
        padding=ft.Padding.symmetric(horizontal=14, vertical=12), on_click=on_tap, ink=on_tap is not None)


def tag(text: str, icon: ft.IconData, ground: str, colour: str) -> ft.Control:
    """A short state in words with an icon: never colour alone."""
    label = ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=colour, expand=True, expand_loose=True,
                    weight=ft.FontWeight.W_600)
    sticker = ft.Container(ft.Row([ft.Icon(icon, size=18, color=colour), label], spacing=6, tight=True), bgcolor=ground,
                           border_radius=8, padding=ft.Padding.symmetric(horizontal=8, vertical=4), expand=True,
                           expand_loose=True)
    return ft.Row([sticker])


def banner(text: str, *, red: bool = False, title: str = "", icon: ft.IconData = ft.Icons.INFO_OUTLINE) -> ft.Control:
    """Something to know before going on; red only for overdue or danger."""
    ground, colour = (theme.RED_WASH, theme.ON_RED_WASH) if red else (theme.AMBER_WASH, theme.ON_AMBER_WASH)
    lines: list[ft.Control] = [ft.Text(title, color=colour, weight=ft.FontWeight.BOLD)] if title else []
    return ft.Container(
        ft.Row([ft.Icon(icon, color=colour), ft.Column([*lines, ft.Text(text, color=colour)], spacing=2, expand=True)],
               vertical_alignment=ft.CrossAxisAlignment.START, spacing=10),
        bgcolor=ground, border_radius=theme.ROUND, padding=12)


def said(question: str, answer: str) -> ft.Control:
    """An answer below its question."""
    return ft.Column([small(question), ft.Text(answer)], spacing=0)


def fact(name: str, value: str) -> ft.Control:
    """A named value; the value may run over several lines."""
    return ft.Row([ft.Container(small(name), width=96), ft.Text(value, expand=True)],
                  vertical_alignment=ft.CrossAxisAlignment.START, spacing=8)
