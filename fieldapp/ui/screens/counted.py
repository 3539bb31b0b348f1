"""A headcount that is sealed: its heads, whom to call, its history; and a class with all its headcounts of the day."""

from __future__ import annotations

import flet as ft

from casebook.rules.words import absence_key
from casebook.wording import Wording
from fieldapp.cards import OutboxState
from fieldapp.counted import Absentee, Counted, Version
from fieldapp.headcounts import CountSheet, SessionCard
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import Handler, go, guard, screen
from fieldapp.ui.screens.household import begin
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.layout import (
    banner,
    card,
    frame,
    heading,
    mark,
    onward,
    quiet,
    small,
    tag,
    work_safe,
)
from fieldapp.ui.widgets.seats import look
from fieldapp.ui.widgets.tallied import heads
from fieldapp.ui.widgets.work import CALM, DUE, LATE, STATE_LOOK

CALL, ABSENCE = "call", "absence"  # purposes of the forms that answer an absence
STATUS_LOOK = {
    "met": (ft.Icons.DONE, *CALM), "met_late": (ft.Icons.SCHEDULE, *DUE), "overdue": (ft.Icons.ERROR_OUTLINE, *LATE),
}


def what_stands(app: AppState, roll: CountSheet, count: Counted) -> list[ft.Control]:
    """What was sealed, the children somebody has to call and visit today, and every former version."""
    words = app.words
    state = OutboxState(count.outbox) if count.outbox else None
    sealed = [tag(spoken.way(words, state, count.receipt_no), *STATE_LOOK[state])] if state else []
    unexcused = [one for one in count.absentees if one.unexcused]
    others = [one for one in count.absentees if not one.unexcused]
    return [
        *sealed, heads(words, count.expected, count.present), *_gaps(words, roll, count),
        *[_unexcused(app, one, at) for at, one in enumerate(unexcused, 1)], *_others(app, others),
        *_history(words, count), ft.Container(height=8)]


def correct(app: AppState, roll: CountSheet) -> ft.Control:
    """Opens what stands to be ticked anew."""
    def begin_anew() -> None:
        here = app_of(ft.context.page)
        here.desk.headcounts.jot(roll.which, roll.tally)
        here.close_sheet(roll.which.key)

    return quiet("correct", app.words("headcount.correct"), guard(begin_anew), ft.Icons.EDIT)


def _gaps(words: Wording, roll: CountSheet, count: Counted) -> list[ft.Control]:
    """Heads that do not agree with another headcount, and headcounts that stand beside this one."""
    found: list[ft.Control] = [
        banner(words(f"headcount.gap.{gap.code}", heads=gap.class_heads, other=gap.other_heads)) for gap in roll.gaps]
    return found + [banner(words("headcount.rival", name=one.author_name, present=one.present, at=spoken.clock(one.at)))
                    for one in count.rivals]


def _unexcused(app: AppState, one: Absentee, at: int) -> ft.Control:
    """A child nobody has excused: call now, write the call down, go there today."""
    words = app.words
    call = mark(f"call-{at}", ft.FilledButton(
        words("headcount.call", phone=one.phone), icon=ft.Icons.CALL, action=ft.OpenUrl(f"tel:{one.phone}"),
    )) if one.phone else small(words("app.guardian.no_phone"))
    icon, ground, colour = look(one.kind)
    lines: list[ft.Control] = [
        tag(words(absence_key(one.kind)), icon, ground, colour),
        ft.Text(one.name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        *([small(words("headcount.guardian", name=one.guardian_name))] if one.guardian_name else []), call,
        quiet(f"note-call-{at}", words("headcount.note_call"), _begin(one.id, CALL), ft.Icons.EDIT_NOTE),
        quiet(f"visit-today-{at}", words("headcount.visit"), _begin(one.id, ABSENCE), ft.Icons.HOME_OUTLINED)]
    return mark(f"unexcused-{at}", card(ft.Column(
        lines, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)), container=True)


def _begin(child: str, purpose: str) -> Handler:
    """Begins the form of that purpose, or opens the child's page when this phone has no such form."""
    def start() -> None:
        page = ft.context.page
        form = next((one.form_id for one in app_of(page).desk.forms_for(child) if one.purpose == purpose), None)
        if form:
            begin(child, form, None)
        else:
            page.navigate(places.student(child))

    return guard(start)


def _others(app: AppState, others: list[Absentee]) -> list[ft.Control]:
    rows = [mark(f"absent-{at}", card(ft.Row([
        ft.Icon(look(one.kind)[0], color=theme.PINE), ft.Text(one.name, expand=True),
        ft.Text(app.words(absence_key(one.kind)), expand=True, text_align=ft.TextAlign.END)]),
        on_tap=go(places.student(one.id))), button=True) for at, one in enumerate(others, 1)]
    return [heading(app.words("headcount.others")), *rows] if rows else []


def _history(words: Wording, count: Counted) -> list[ft.Control]:
    """Every version, the newest first: heads, author, time, reason, and what it changed."""
    newest_first = enumerate(reversed(count.versions), 1)
    rows: list[ft.Control] = [mark(f"version-{at}", _version(words, one)) for at, one in newest_first]
    return [heading(words("headcount.history")), card(ft.Column(rows, spacing=12))]


def _version(words: Wording, one: Version) -> ft.Control:
    def kind(code: str) -> str:
        return words(absence_key(code)) if code else words("headcount.here")

    changes = [ft.Text(words("headcount.changed", name=change.name, was=kind(change.was), now=kind(change.now)))
               for change in one.changes]
    reason = [ft.Text(words("headcount.because", reason=one.reason))] if one.reason else []
    return ft.Column([
        small(words("headcount.written", name=one.author_name, at=spoken.moment(words, one.at))),
        ft.Text(words("headcount.there", present=one.present, expected=one.expected)), *changes, *reason], spacing=2)


@screen
def ClassDay() -> ft.View:
    """A class today: what is counted, what is due, its lessons, and the days before."""
    app = use_app()
    ft.use_state(app.news)
    day = app.desk.headcounts.day(ft.use_route_params()["class"])
    words = app.words
    no_class = [] if day.school_day else [banner(words("headcount.no_school_day"))]
    lessons = [quiet(f"lesson-{at}", _lesson(words, one, at), go(_route(one, day.day)))
               for at, one in enumerate(day.lessons, 1)]
    return frame(day.name, [
        *no_class, *[session_card(app, one, f"session-{at}", day.day) for at, one in enumerate(day.sessions, 1)],
        heading(words("headcount.lessons")), ft.Row(lessons, wrap=True, spacing=8, run_spacing=8),
        *([heading(words("headcount.earlier"))] if day.earlier else []),
        *[session_card(app, one, f"earlier-{at}", day.day) for at, one in enumerate(day.earlier, 1)],
        ft.Container(height=8)], route=places.class_day(day.id), safe=work_safe(app.desk.today()))


@screen
def Classes() -> ft.View:
    """The classes this teacher may count, the teacher's own first."""
    app = use_app()
    ft.use_state(app.news)
    words, today = app.words, app.desk.headcounts.which("", "").day
    rows: list[ft.Control] = []
    for at, one in enumerate(app.desk.headcounts.classes(), 1):
        said = [small(session_words(words, session, today)) for session in one.sessions]
        rows.append(mark(f"class-{at}", card(ft.Column([
            ft.Text(one.name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), *said], spacing=4),
            on_tap=go(places.class_day(one.id))), button=True))
    return frame(words("headcount.classes"), [*(rows or [ft.Text(words("headcount.no_class"))]),
                                              ft.Container(height=8)], route=places.CLASSES)


def session_card(app: AppState, one: SessionCard, identifier: str, today: str) -> ft.Control:
    """One session of a class: how many were there, or until when it is to be counted; a tap opens it."""
    words = app.words
    look_of = STATUS_LOOK.get(one.status)
    late = [tag(words(f"headcount.status.{one.status}", by=one.by), *look_of)] if look_of else []
    action = "headcount.open" if one.present is not None else "headcount.go_on" if one.begun else "headcount.begin"
    return mark(identifier, card(ft.Column([
        *late, ft.Text(session_words(words, one, today), theme_style=ft.TextThemeStyle.TITLE_SMALL),
        onward(words(action))], spacing=4), on_tap=go(_route(one, today))), button=True)


def session_words(words: Wording, one: SessionCard, today: str) -> str:
    """A session and what came of it in one line."""
    session = words(f"headcount.session.{one.which.kind}", lesson=one.which.lesson)
    day = "" if one.which.day == today else spoken.near_day(words, one.which.day, today)
    if one.present is not None:
        came = words("headcount.there", present=one.present, expected=one.expected)
    else:
        came = words("headcount.due", by=one.by) if one.by else words("headcount.open_yet")
    return " · ".join(filter(None, (day, session, came)))


def _lesson(words: Wording, one: SessionCard, number: int) -> str:
    name = words("headcount.lesson", lesson=number)
    return name if one.present is None else f"{name} {one.present}/{one.expected}"


def _route(one: SessionCard, today: str) -> str:
    which = one.which
    return places.headcount(which.class_id, which.session, "" if which.day == today else which.day)
