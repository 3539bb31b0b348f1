"""How the app looks: colours that survive sunlight, sizes that survive tired eyes, one place to change either."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

BODY, SMALL, TITLE, BIG, HUGE = 18, 16, 21, 25, 32
BIG_TEXT = 1.35
GAP, EDGE, ROUND = 12, 16, 12
BAR = 68  # the title bar holds two lines, even when the phone enlarges them by a third, its most for titles


@dataclass(frozen=True)
class Palette:
    """The colours of one mode as hex; `on_` is the text that stands on a colour, wash a pale ground of it."""

    paper: str
    card: str
    ink: str
    faint: str
    line: str
    border: str
    pine: str
    action: str
    on_action: str
    pine_wash: str
    on_pine_wash: str
    amber_wash: str
    on_amber_wash: str
    red: str
    on_red: str
    red_wash: str
    on_red_wash: str


LIGHT = Palette(
    paper="#FBF6EC", card="#FFFDF8", ink="#1E1B16", faint="#4A453C", line="#DDD3C0", border="#756C5C",
    pine="#2F6B5E", action="#235448", on_action="#FFFFFF", pine_wash="#E1EEE9", on_pine_wash="#173F36",
    amber_wash="#FCE9C6", on_amber_wash="#5A3800", red="#8E1B12", on_red="#FFFFFF",
    red_wash="#FBE4E0", on_red_wash="#7A150D",
)
DARK = Palette(
    paper="#151816", card="#1F2421", ink="#F1ECE2", faint="#CFC9BC", line="#3B443F", border="#9AA39D",
    pine="#7CC4B1", action="#93D6C4", on_action="#05251E", pine_wash="#1F3A33", on_pine_wash="#D5EEE6",
    amber_wash="#46340F", on_amber_wash="#FFDFA3", red="#FFB4A8", on_red="#3A0703",
    red_wash="#4A1A15", on_red_wash="#FFDAD3",
)

# The names by which widgets ask for a colour; the theme in force decides which hex that is.
PAPER = ft.Colors.SURFACE
CARD = ft.Colors.SURFACE_CONTAINER_LOWEST
INK = ft.Colors.ON_SURFACE
FAINT = ft.Colors.ON_SURFACE_VARIANT
LINE = ft.Colors.OUTLINE_VARIANT
BORDER = ft.Colors.OUTLINE
PINE = ft.Colors.SECONDARY
ACTION = ft.Colors.PRIMARY
ON_ACTION = ft.Colors.ON_PRIMARY
PINE_WASH = ft.Colors.PRIMARY_CONTAINER
ON_PINE_WASH = ft.Colors.ON_PRIMARY_CONTAINER
AMBER_WASH = ft.Colors.TERTIARY_CONTAINER
ON_AMBER_WASH = ft.Colors.ON_TERTIARY_CONTAINER
RED = ft.Colors.ERROR
RED_WASH = ft.Colors.ERROR_CONTAINER
ON_RED_WASH = ft.Colors.ON_ERROR_CONTAINER


def dress(page: ft.Page, *, big_text: bool, dark: bool, locale: str) -> None:
    """Puts the look on a page: both themes, light or dark, and the language of pickers and back buttons."""
    page.theme, page.dark_theme = theme(LIGHT, big_text), theme(DARK, big_text)
    page.theme_mode = ft.ThemeMode.DARK if dark else ft.ThemeMode.LIGHT
    chinese, english = ft.Locale("zh", "CN", "Hans"), ft.Locale("en", "US")
    page.locale_configuration = ft.LocaleConfiguration(
        supported_locales=[ft.Locale("zh"), chinese, english], current_locale=english if locale == "en" else chinese)


def theme(palette: Palette, big_text: bool = False) -> ft.Theme:
    """The Flet theme of one palette; `big_text` enlarges every text by BIG_TEXT."""
    scale = BIG_TEXT if big_text else 1.0
    button = _button_style(palette, scale)
    return ft.Theme(
        color_scheme=_scheme(palette),
        scaffold_bgcolor=palette.paper,
        visual_density=ft.VisualDensity.STANDARD,  # a browser on a desk would make every target smaller
        text_theme=_texts(palette, scale),
        appbar_theme=ft.AppBarTheme(
            bgcolor=palette.paper, color=palette.ink, elevation=0, elevation_on_scroll=0, center_title=False,
            title_text_style=_style(TITLE, scale, palette.ink, ft.FontWeight.BOLD, height=1.2),
        ),
        filled_button_theme=ft.FilledButtonTheme(style=button),
        outlined_button_theme=ft.OutlinedButtonTheme(style=_quiet_style(palette, scale, palette.border)),
        text_button_theme=ft.TextButtonTheme(style=_quiet_style(palette, scale, None)),
        dialog_theme=ft.DialogTheme(bgcolor=palette.card),
        divider_theme=ft.DividerTheme(color=palette.line, thickness=1, space=1),
        snackbar_theme=ft.SnackBarTheme(
            bgcolor=palette.ink, content_text_style=_style(BODY, scale, palette.paper)),
    )


def _scheme(p: Palette) -> ft.ColorScheme:
    return ft.ColorScheme(
        primary=p.action, on_primary=p.on_action, primary_container=p.pine_wash, on_primary_container=p.on_pine_wash,
        secondary=p.pine, on_secondary=p.on_action, secondary_container=p.pine_wash,
        on_secondary_container=p.on_pine_wash, tertiary=p.on_amber_wash, on_tertiary=p.amber_wash,
        tertiary_container=p.amber_wash, on_tertiary_container=p.on_amber_wash,
        error=p.red, on_error=p.on_red, error_container=p.red_wash, on_error_container=p.on_red_wash,
        surface=p.paper, on_surface=p.ink, on_surface_variant=p.faint, surface_tint=p.paper,
        surface_container_lowest=p.card, surface_container_low=p.card, surface_container=p.card,
        surface_container_high=p.card, surface_container_highest=p.line,
        outline=p.border, outline_variant=p.line, inverse_surface=p.ink, on_inverse_surface=p.paper,
    )


def _style(
    size: float, scale: float, colour: str | None = None, weight: ft.FontWeight = ft.FontWeight.W_400,
    height: float = 1.4,
) -> ft.TextStyle:
    return ft.TextStyle(size=round(size * scale, 1), weight=weight, color=colour, height=height)


def _texts(p: Palette, scale: float) -> ft.TextTheme:
    bold = ft.FontWeight.BOLD
    return ft.TextTheme(
        body_large=_style(BODY, scale, p.ink), body_medium=_style(BODY, scale, p.ink),
        body_small=_style(SMALL, scale, p.faint), label_large=_style(BODY, scale, p.ink, ft.FontWeight.W_600),
        label_medium=_style(SMALL, scale, p.faint), label_small=_style(SMALL, scale, p.faint),
        title_small=_style(BODY, scale, p.ink, bold), title_medium=_style(TITLE, scale, p.ink, bold),
        title_large=_style(BIG, scale, p.ink, bold), headline_small=_style(HUGE, scale, p.ink, bold),
        headline_medium=_style(HUGE, scale, p.ink, bold),
    )


def _button_style(p: Palette, scale: float) -> ft.ButtonStyle:
    return ft.ButtonStyle(
        color={ft.ControlState.DISABLED: p.faint, ft.ControlState.DEFAULT: p.on_action},
        bgcolor={ft.ControlState.DISABLED: p.line, ft.ControlState.DEFAULT: p.action},
        text_style=_style(20, scale, weight=ft.FontWeight.BOLD),
        padding=ft.Padding.symmetric(horizontal=18, vertical=15), icon_size=24 * scale,
        shape=ft.RoundedRectangleBorder(radius=ROUND),
    )


def _quiet_style(p: Palette, scale: float, border: str | None) -> ft.ButtonStyle:
    side = {ft.ControlState.DEFAULT: ft.BorderSide(1.5, border)} if border else None
    return ft.ButtonStyle(
        color={ft.ControlState.DISABLED: p.border, ft.ControlState.DEFAULT: p.action},
        text_style=_style(BODY, scale, weight=ft.FontWeight.W_600),
        padding=ft.Padding.symmetric(horizontal=14, vertical=13), icon_size=24 * scale,
        shape=ft.RoundedRectangleBorder(radius=ROUND), side=side,
    )
