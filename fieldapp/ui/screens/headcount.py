"""Taking a headcount: the whole class on one screen, one tap when all are there, else only the absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import flet as ft

from casebook.kinds.headcount import LESSON, SOURCES
from casebook.rules.words import absence_key
from fieldapp.cards import OutboxState
from fieldapp.headcounts import CountSheet
from fieldapp.ui import spoken, theme
from fieldapp.ui.actions import Handler, guard, part, say, screen
from fieldapp.ui.count_state import OpenCount
from fieldapp.ui.screens.counted import correct, what_stands
from fieldapp.ui.sheet import Turn
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.asked import choice, line
from fieldapp.ui.widgets.layout import (
    banner,
    card,
    frame,
    heading,
    link,
    mark,
    primary,
    quiet,
    safe_line,
    small,
)
from fieldapp.ui.widgets.seats import SELDOM, USUAL, look, seats
from fieldapp.ui.widgets.tallied import heads

SOURCE_ORDER = ("roll", "monitor", "duty")
assert set(SOURCE_ORDER) == SOURCES


@screen
def Headcount() -> ft.View:
    """The sheet to tick; its summary before sealing; or what stands already."""
    app = use_app()
    ft.use_state(app.news)
    reviewing, review = ft.use_state(False)
    words, params = app.words, ft.use_route_params()
    which = app.desk.headcounts.which(params["class"], params["session"], params.get("day", ""))
    roll = app.desk.headcounts.sheet(which)
    if roll.standing and not roll.begun:
        safe = words("headcount.sealed" if roll.standing.outbox == OutboxState.SEALED else "headcount.at_school")
        return frame(title(app, roll), what_stands(app, roll, roll.standing), route=_route(), safe=safe_line(safe),
                     bottom=[correct(app, roll)])
    count = app.sheet(which.key, lambda: OpenCount(app.desk, roll))
    seal = _seal(roll, count, lambda: review(False))
    if reviewing:
        return _review(app, roll, count, seal, guard(lambda: review(False)))
    return _taking(app, roll, count, seal, guard(lambda: review(True)))


def title(app: AppState, roll: CountSheet) -> str:
    """Which headcount: the class, the session, the day unless it is today."""
    words, which = app.words, roll.which
    session = words(f"headcount.session.{which.kind}", lesson=which.lesson)
    day = "" if which.day == app.desk.headcounts.which("", "").day else spoken.day(words, which.day)
    return " · ".join(filter(None, (roll.class_name, day, session)))


def _taking(app: AppState, roll: CountSheet, count: OpenCount, seal: Handler, review: Handler) -> ft.View:
    words = app.words
    hint = words("headcount.correcting") if roll.standing else words("headcount.hint")
    lesson = [LessonHeads(roll, count, count.turn)] if roll.which.kind == LESSON else []
    body = [
        ft.Text(hint), *_notes(app, roll), *seats(count.places(roll), app.look.big_text, count.mark), *lesson,
        Source(count, count.turn), _leave_off(app, roll, count), ft.Container(height=8)]
    return frame(title(app, roll), body, route=_route(), safe=safe_line(words("headcount.safe")),
                 bottom=[CountBar(roll, count, count.turn, seal, review)])


def _notes(app: AppState, roll: CountSheet) -> list[ft.Control]:
    """What to know before sealing; nothing of it stands in the way."""
    words, found = app.words, []
    if not roll.seats:
        found.append(banner(words("headcount.nobody")))
    if roll.base is not None and roll.base != roll.expected:
        found.append(mark("base", banner(words("headcount.base", base=roll.base, expected=roll.expected))))
    known = Counter(seat.known for seat in roll.seats if seat.known)
    if known and not roll.standing:
        kinds = words("app.comma").join(f"{words(absence_key(kind))} {number}" for kind, number in known.items())
        found.append(banner(words("headcount.known", kinds=kinds), icon=ft.Icons.EVENT_AVAILABLE))
    return found


@part
def CountBar(roll: CountSheet, count: OpenCount, turn: Turn, seal: Handler, review: Handler) -> ft.Control:
    """The heads so far, and the one next step: seal at once when all are there, else look once more."""
    ft.use_state(turn)
    words, tally = use_app().words, count.tally
    heads_now = small(words("headcount.heads", expected=roll.expected, present=roll.present(tally),
                            away=roll.expected - roll.present(tally), source=words(f"headcount.source.{tally.source}")))
    known = {seat.id: seat.known for seat in roll.seats if seat.known}
    as_known = not roll.standing and tally.marks == known and tally.heads is None
    if as_known:
        text = words("headcount.all_but_leave") if known else words("headcount.all")
        button = primary("all-present", text, seal, ft.Icons.DONE_ALL, disabled=not roll.seats)
    else:
        button = primary("review", words("headcount.review"), review, ft.Icons.ARROW_FORWARD)
    return ft.Column([mark("heads", heads_now, live_region=True), button], spacing=8, tight=True,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@part
def Source(count: OpenCount, turn: Turn) -> ft.Control:
    """How the heads are known, and who told them."""
    ft.use_state(turn)
    words = use_app().words
    texts = {source: words(f"headcount.source.{source}") for source in SOURCE_ORDER}
    told = [] if count.tally.source == SOURCE_ORDER[0] else line(count, "reporter", words("headcount.reporter"))
    return ft.Column([*choice(count, "source", words("headcount.source"), texts), *told], spacing=theme.GAP,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@part
def LessonHeads(roll: CountSheet, count: OpenCount, turn: Turn) -> ft.Control:
    """A lesson may count heads without knowing every name."""
    ft.use_state(turn)
    words, present = use_app().words, roll.present(count.tally)

    def step(by: int) -> None:
        count.count_heads(min(roll.expected, max(0, roll.present(count.tally) + by)))

    def button(name: str, icon: ft.IconData, by: int) -> ft.Control:
        return mark(f"heads-{name}", ft.IconButton(icon, tooltip=words(f"app.question.{name}"), width=52, height=52,
                                                   on_click=guard(lambda: step(by), repeats=True)))

    return ft.Column([heading(words("headcount.lesson_heads")), ft.Row([
        button("less", ft.Icons.REMOVE, -1),
        mark("lesson-heads", ft.Text(str(present), theme_style=ft.TextThemeStyle.TITLE_LARGE, expand=True,
                                     text_align=ft.TextAlign.CENTER), expand=True),
        button("more", ft.Icons.ADD, 1)]), small(words("headcount.lesson_heads.why"))], spacing=6)


def _review(app: AppState, roll: CountSheet, count: OpenCount, seal: Handler, back: Handler) -> ft.View:
    """What will be sealed, to be read once more; a correction asks why."""
    words, tally = app.words, count.tally
    names = {seat.id: seat.name for seat in roll.seats}
    kinds: dict[str, list[str]] = {}
    for child, kind in tally.marks.items():
        kinds.setdefault(kind, []).append(names.get(child) or words("headcount.left_class"))
    rows = [_named(app, kind, sorted(kinds[kind])) for kind in (*USUAL, *SELDOM) if kind in kinds]
    why = line(count, "reason", words("headcount.reason"), lines=2) if roll.standing else []
    told = f"{words(f'headcount.source.{tally.source}')} {tally.reporter}".strip()
    return frame(title(app, roll), [
        heads(words, roll.expected, roll.present(tally)), *rows, *_unnamed(app, roll, count),
        small(words("headcount.by_source", source=told)), *_notes(app, roll), *why, ft.Container(height=8),
    ], route=_route(), safe=safe_line(words("headcount.safe")), bottom=[
        small(words("headcount.meaning")),
        primary("seal", words("headcount.seal"), seal, ft.Icons.LOCK_OUTLINE),
        quiet("go-back", words("headcount.change"), back, ft.Icons.ARROW_BACK)])


def _named(app: AppState, kind: str, names: list[str]) -> ft.Control:
    icon, ground, colour = look(kind)
    said = app.words("headcount.kind_count", kind=app.words(absence_key(kind)), count=len(names))
    listed = ft.Text(app.words("app.comma").join(names), color=colour)
    return card(ft.Row([ft.Icon(icon, color=colour), ft.Column([
        ft.Text(said, color=colour, weight=ft.FontWeight.BOLD), listed,
    ], spacing=2, expand=True)], vertical_alignment=ft.CrossAxisAlignment.START), bgcolor=ground)


def _unnamed(app: AppState, roll: CountSheet, count: OpenCount) -> list[ft.Control]:
    """Heads that are missing in a lesson and that nobody has named."""
    unnamed = roll.unnamed(count.tally)
    return [banner(app.words("headcount.unnamed", count=unnamed))] if unnamed else []


def _seal(roll: CountSheet, count: OpenCount, done: Callable[[], object]) -> Handler:
    def seal() -> None:
        app = app_of(ft.context.page)
        if roll.standing and not count.tally.reason.strip():
            say(app.words("headcount.reason.missing"))
            return
        app.desk.headcounts.seal(roll.which, count.tally)
        app.sync.report = None  # the last sync knew nothing of this record
        done()
        app.close_sheet(roll.which.key)

    return guard(seal)


def _leave_off(app: AppState, roll: CountSheet, count: OpenCount) -> ft.Control:
    """Throws the ticks away: what stands, or an empty sheet, shows again."""
    def forget() -> None:
        app.desk.headcounts.forget(roll.which)
        app.close_sheet(roll.which.key)

    text = app.words("headcount.leave_off" if roll.standing else "headcount.anew")
    return link("leave-off", text, guard(forget), ft.Icons.UNDO)


def _route() -> str:
    return ft.use_view_path() or "/"

