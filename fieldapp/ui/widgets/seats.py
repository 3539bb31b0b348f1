"""The children of a class, two in a row: one tap for who is missing, then chips for the kind of absence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import flet as ft

from casebook.kinds.headcount import PRESENT_KINDS
from casebook.rules.attendance import UNEXCUSED
from casebook.rules.words import absence_key
from fieldapp.headcounts import Seat
from fieldapp.ui import theme
from fieldapp.ui.actions import guard, part
from fieldapp.ui.state import use_app
from fieldapp.ui.widgets.choice import option
from fieldapp.ui.widgets.layout import mark, small

FIRST_KIND = "unexcused"
USUAL = (FIRST_KIND, "sick", "personal", "official", "late", "left_early")
SELDOM = ("not_registered", "home_taught", "suspended")
Mark = Callable[[str, str], None]


@ft.observable
@dataclass
class Tick:
    """What is ticked for one child: a kind of absence, "" for in class; `more` when the seldom kinds are shown."""

    kind: str = ""
    more: bool = False


@dataclass(frozen=True)
class Place:
    """A child with its number in the list and its tick."""

    number: int
    seat: Seat
    tick: Tick


def seats(places: list[Place], big_text: bool, mark_as: Mark) -> list[ft.Control]:
    """The whole class; one in a row where the text is large. `mark_as(child, kind)` keeps a tick, or raises."""
    wide = 1 if big_text else 2
    return [Line(places[at:at + wide], [place.tick for place in places[at:at + wide]], wide, mark_as)
            for at in range(0, len(places), wide)]


@part
def Line(places: list[Place], ticks: list[Tick], wide: int, mark_as: Mark) -> ft.Control:
    """One row: drawn anew alone when one of its ticks changes."""
    for tick in ticks:
        ft.use_state(tick)
    cells: list[ft.Control] = [_cell(place, mark_as) for place in places]
    cells += [ft.Container(expand=True)] * (wide - len(cells))
    row = ft.Row(cells, spacing=8, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH)
    return ft.Column([row, *[_kinds(place, mark_as) for place in places if place.tick.kind]], spacing=8,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _cell(place: Place, mark_as: Mark) -> ft.Control:
    """The child's name; the whole cell is the target, and says in words what it is ticked as."""
    words, kind = use_app().words, place.tick.kind

    def toggle() -> None:
        wanted = "" if place.tick.kind else place.seat.known or FIRST_KIND
        mark_as(place.seat.id, wanted)
        place.tick.kind = wanted

    icon, ground, colour = look(kind)
    said = words(absence_key(kind)) if kind else ""
    lines: list[ft.Control] = [ft.Text(place.seat.name, color=colour, weight=ft.FontWeight.W_600)]
    lines += [small(said, color=colour)] if said else []
    sign = ft.Icon(icon, size=20, color=colour, semantics_label=None if kind else words("headcount.here"))
    box = ft.Container(
        ft.Row([sign, ft.Column(lines, spacing=0, expand=True)], spacing=8), bgcolor=ground, ink=True,
        border=ft.Border.all(1.5, colour if kind else theme.LINE), border_radius=theme.ROUND,
        padding=ft.Padding.symmetric(horizontal=10, vertical=12), on_click=guard(toggle))
    return mark(f"seat-{place.number}", box, button=True, expand=True)


def look(kind: str) -> tuple[ft.IconData, str, str]:
    """Icon, ground and colour of a kind of absence; never colour alone."""
    if kind in UNEXCUSED:
        return ft.Icons.PERSON_OFF_OUTLINED, theme.RED_WASH, theme.ON_RED_WASH
    if kind in PRESENT_KINDS:
        return ft.Icons.SCHEDULE, theme.AMBER_WASH, theme.ON_AMBER_WASH
    if kind:
        return ft.Icons.EVENT_AVAILABLE, theme.AMBER_WASH, theme.ON_AMBER_WASH
    return ft.Icons.CHECK, theme.CARD, theme.INK


def _kinds(place: Place, mark_as: Mark) -> ft.Control:
    """Why the child is missing: the usual kinds, and the seldom ones behind one more tap."""
    words, tick = use_app().words, place.tick

    def choose(kind: str) -> None:
        mark_as(place.seat.id, kind)
        tick.kind = kind

    def show_more() -> None:
        tick.more = True

    shown = (*USUAL, *SELDOM) if tick.more or tick.kind in SELDOM else USUAL
    chips = [option(f"kind-{place.number}-{kind}", words(absence_key(kind)), kind == tick.kind, partial(choose, kind))
             for kind in shown]
    more = [] if len(shown) > len(USUAL) else [
        mark(f"kind-{place.number}-more", ft.TextButton(words("headcount.more_kinds"), on_click=guard(show_more)))]
    return ft.Container(ft.Column([
        small(words("headcount.why", name=place.seat.name)),
        ft.Row([*chips, *more], wrap=True, spacing=8, run_spacing=8)], spacing=6),
        padding=ft.Padding.only(left=10, bottom=6), border=ft.Border.only(left=ft.BorderSide(3, theme.BORDER)))
