"""One child: whom to call, what was promised, what happened, and the button that starts a visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import flet as ft

from fieldapp.cards import (
    ContactValue,
    Contested,
    FormChoice,
    GuardianCard,
    Promise,
    StudentPage,
    TaskCard,
    TimelineItem,
)
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import Handler, go, guard, screen
from fieldapp.ui.screens.household import begin, still_here
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.widgets.duty import RETURNED, has_own_place, task_card
from fieldapp.ui.widgets.layout import (
    banner,
    card,
    fact,
    frame,
    heading,
    link,
    mark,
    primary,
    quiet,
    small,
    tag,
    work_safe,
)
from fieldapp.ui.widgets.standing import Standing, state_in_words
from fieldapp.ui.widgets.steps import steps_and_leave
from fieldapp.ui.widgets.work import DUE, draft_card


@dataclass(frozen=True)
class Asking:
    """What the page asks before a visit begins: which form (none chosen yet), or whether `form` goes on an outing."""

    form: str = ""
    outing: str | None = None


QUIET = ("none", "ended")  # states of which the head of the page says nothing
Ask = Callable[[Asking | None], None]


@screen
def Student() -> ft.View:
    """The contact card and the case file as far as the phone knows it."""
    app = use_app()
    ft.use_state(app.news)
    nothing: Asking | None = None
    asking, ask = ft.use_state(nothing)
    student_id = ft.use_route_params()["student"]
    child, now = app.desk.student(student_id), app.desk.today()
    words, today = app.words, now.day
    forms = app.desk.forms_for(student_id)
    if asking:
        return _same_outing(app, child, asking.form, ask) if asking.form else _forms(app, child, forms, asking, ask)
    body = [
        *_outing(app, child, ask), *[_returned(app, task, at, now.now) for at, task in enumerate(child.returned, 1)],
        *[draft_card(app, draft, f"draft-{at}", today) for at, draft in enumerate(child.drafts, 1)],
        *[_task(app, child, task, f"task-{at}", now.now, ask) for at, task in enumerate(child.tasks, 1)
          if task.kind != RETURNED and not task.draft_id and (task.form_id or has_own_place(task))],
        _card(app, child), *_conflicts(app, child.conflicts), *_standing(child),
        heading(words("app.student.guardians")), *_guardians(app, child.guardians),
        *steps_and_leave(app, child.id), *_promises(app, child.promises, today), *_timeline(app, child.timeline),
        *_siblings(app, child), ft.Container(height=8)]
    return frame(child.name, body, route=places.student(student_id), safe=work_safe(now),
                 bottom=_starters(app, child, forms, ask))


def _start(child: StudentPage, form_id: str, ask: Ask) -> Handler:
    """Begins a visit; where this door was visited a moment ago, asks whether a form of the door goes on with it."""
    if child.outing and any(form.form_id == form_id for form in child.outing.forms):
        return guard(lambda: ask(Asking(form_id)))
    return guard(lambda: begin(child.id, form_id, None))


def _outing(app: AppState, child: StudentPage, ask: Ask) -> list[ft.Control]:
    """At the top while the teacher is still at this door: brothers and sisters, and other forms."""
    outing, words = child.outing, app.words
    if outing is None:
        return []
    own = {draft.draft_id for draft in child.drafts}  # they stand on the page anyway
    others = replace(outing, stops=[stop for stop in outing.stops if stop.draft_id not in own])
    more = link("outing-other", words("app.outing.other_form", name=child.name),
                guard(lambda: ask(Asking(outing=outing.id))))
    title = [] if (shown := still_here(app, others)) else [heading(words("app.outing.title"))]
    return [*title, *shown, *([more] if outing.forms else [])]


def _same_outing(app: AppState, child: StudentPage, form_id: str, ask: Ask) -> ft.View:
    """Whether the visit that is to begin belongs to what was just written at this door."""
    words, outing = app.words, child.outing
    time, same = (spoken.clock(outing.arrived), outing.id) if outing else ("", None)
    return frame(child.name, [
        ft.Text(words("app.outing.ask", time=time), theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        ft.Text(words("app.outing.ask.meaning")),
    ], route=places.student(child.id), bottom=[
        primary("same-outing", words("app.outing.same"), guard(lambda: begin(child.id, form_id, same))),
        quiet("another-outing", words("app.outing.anew"), guard(lambda: begin(child.id, form_id, None))),
        link("start-cancel", words("app.back"), guard(lambda: ask(None)))])


def _starters(app: AppState, child: StudentPage, forms: list[FormChoice], ask: Ask) -> list[ft.Control]:
    """The suggested form is one tap; the others are two."""
    words = app.words
    if not forms:
        return [small(words("app.student.no_forms"))]
    first, rest = forms[0], forms[1:]
    choose = guard(lambda: ask(Asking()))
    if not first.suggested and rest:
        return [primary("start-visit", words("app.student.start"), choose, ft.Icons.HOME_OUTLINED)]
    begin = primary("start-visit", words("app.student.start_form", form=first.title),
                    _start(child, first.form_id, ask), ft.Icons.HOME_OUTLINED)
    return [begin, *([link("start-other", words("app.student.other"), choose)] if rest else [])]


def _forms(app: AppState, child: StudentPage, forms: list[FormChoice], asking: Asking, ask: Ask) -> ft.View:
    """All forms, for the visit that is not the obvious one."""
    words = app.words

    def start(form_id: str) -> Handler:
        if asking.outing:
            return guard(lambda: begin(child.id, form_id, asking.outing))
        return _start(child, form_id, ask)

    rows = [mark(f"start-{form.form_id}", card(ft.Row([
        ft.Column([ft.Text(form.title, weight=ft.FontWeight.W_600),
                   *([small(words("app.student.suggested"))] if form.suggested else [])], spacing=2, expand=True),
        ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.ACTION)]), on_tap=start(form.form_id)), button=True)
        for form in forms]
    return frame(child.name, [ft.Text(words("app.student.which")), *rows], route=places.student(child.id), bottom=[
        quiet("start-cancel", words("app.back"), guard(lambda: ask(None)), ft.Icons.ARROW_BACK)])


def _task(app: AppState, child: StudentPage, task: TaskCard, identifier: str, now: str, ask: Ask) -> ft.Control:
    """A duty for this child: one tap begins its form, or opens the screen that answers it."""
    start = _start(child, task.form_id, ask) if task.form_id else None
    return task_card(app, task, identifier, now, start, "start" if start else "")


def _standing(child: StudentPage) -> list[ft.Control]:
    """How the child stands, where there is anything to say."""
    standing = child.standing
    said = standing and (standing.state != "none" or standing.days)
    return [Standing(standing)] if said else []


def _returned(app: AppState, task: TaskCard, at: int, now: str) -> ft.Control:
    """A visit the principal sent back: the remark, and one tap to answer it."""
    return task_card(app, task, f"returned-{at}", now)


def _card(app: AppState, child: StudentPage) -> ft.Control:
    words = app.words
    flags = [words(f"app.flag.{flag}") for flag in (*child.key_flags, *child.family_flags)
             if words.has(f"app.flag.{flag}")]
    age = words("app.student.age", age=child.age) if child.age is not None else ""
    gender = words(f"app.gender.{child.gender}") if words.has(f"app.gender.{child.gender}") else ""
    state = [tag(state_in_words(words, child.standing.state), ft.Icons.FLAG_OUTLINED, *DUE)] \
        if child.standing and child.standing.state not in QUIET else []
    rows = [("app.student.class", " · ".join(filter(None, (child.class_name, gender, age)))),
            ("app.student.village", child.village_name), ("app.student.address", child.home_address),
            ("app.student.landmark", child.home_landmark),
            ("app.student.signal", words(f"app.signal.{child.signal}") if child.signal else ""),
            ("app.student.flags", words("app.comma").join(flags)),
            ("aid.pair", words("app.comma").join(child.pairs)), ("app.student.id", child.id_masked)]
    return card(ft.Column([*state, *[fact(words(key), value) for key, value in rows if value]], spacing=6))


def _guardians(app: AppState, guardians: list[GuardianCard]) -> list[ft.Control]:
    words = app.words
    return [_guardian(app, guardian, at) for at, guardian in enumerate(guardians, 1)] \
        or [ft.Text(words("app.student.no_guardian"))]


def _guardian(app: AppState, guardian: GuardianCard, at: int) -> ft.Control:
    """Name and relation, what to mind, and the number as a button that calls it."""
    words = app.words
    relation = words(f"app.relation.{guardian.relation}") \
        if words.has(f"app.relation.{guardian.relation}") else ""
    roles = [words(f"app.guardian.{role}") for role in ("legal", "caretaker") if getattr(guardian, role)]
    reading = [words(f"app.guardian.reads.{guardian.can_read}")] if guardian.can_read in ("little", "no") else []
    call = mark(f"call-{at}", ft.OutlinedButton(
        words("app.guardian.call", phone=guardian.phone), icon=ft.Icons.CALL,
        action=ft.OpenUrl(f"tel:{guardian.phone}"))) if guardian.phone else small(words("app.guardian.no_phone"))
    return card(ft.Column([
        ft.Text(" · ".join(filter(None, (guardian.name, relation))), theme_style=ft.TextThemeStyle.TITLE_SMALL),
        *([small(" · ".join(roles))] if roles else []),
        *[ft.Row([ft.Icon(ft.Icons.RECORD_VOICE_OVER_OUTLINED, color=theme.PINE), ft.Text(text, expand=True)])
          for text in reading], call], spacing=6, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))


def _conflicts(app: AppState, conflicts: list[Contested]) -> list[ft.Control]:
    """Several people wrote different values: all are shown with what is used meanwhile; nobody is corrected here."""
    words = app.words
    told = []
    for found in conflicts:
        lines = [_said(app, one) for one in found.values]
        lines.append(words("homes.until", value=_in_words(app, found.until) or words("homes.until_nothing")))
        told.append(banner("\n".join([*lines, words("homes.office_decides")]),
                           title=words("homes.contested", what=words(f"app.prop.{found.prop}"))))
    return told


def _said(app: AppState, one: ContactValue) -> str:
    """A value, and who wrote it down on which day."""
    words, day = app.words, spoken.day(app.words, one.at[:10]) if one.at else ""
    if one.mine:
        return words("homes.mine", value=_in_words(app, one.value), day=day)
    name = one.author_name or words("homes.somebody")
    return words("homes.theirs", value=_in_words(app, one.value), day=day, name=name)


def _in_words(app: AppState, value: str) -> str:
    """A relation is a code; everything else stands as it was written."""
    return app.words(f"app.relation.{value}") if app.words.has(f"app.relation.{value}") else value


def _promises(app: AppState, promises: list[Promise], today: str) -> list[ft.Control]:
    if not promises:
        return []
    words = app.words
    rows: list[ft.Control] = [ft.Text(words(f"app.promise.{promise.status}", date=spoken.day(words, promise.date),
                          made=spoken.near_day(words, promise.made_at, today))) for promise in promises]
    return [heading(words("app.student.promises")), card(ft.Column(rows, spacing=6))]


def _timeline(app: AppState, timeline: list[TimelineItem]) -> list[ft.Control]:
    words = app.words
    title = heading(words("app.student.timeline"))
    if not timeline:
        return [title, ft.Text(words("app.student.no_timeline"))]
    return [title, *[_event(app, item, at) for at, item in enumerate(timeline, 1)]]


def _event(app: AppState, item: TimelineItem, at: int) -> ft.Control:
    words = app.words
    known = [small(_way(app, item))] if words.has(f"outbox.{item.status}") else []
    return mark(f"event-{at}", ft.Row([
        ft.Container(width=10, height=10, border_radius=5, bgcolor=theme.PINE, margin=ft.Margin.only(top=8)),
        ft.Column([small(spoken.moment(words, item.at)), ft.Text(words(item.title_key, **item.facts)), *known],
                  spacing=2, expand=True)], vertical_alignment=ft.CrossAxisAlignment.START))


def _way(app: AppState, item: TimelineItem) -> str:
    facts, number = item.facts, item.facts.get("number")
    return spoken.way(app.words, item.status or "", number if isinstance(number, int) else None,
                      files_sent=facts.get("files_sent"), files_total=facts.get("files_total"))


def _siblings(app: AppState, child: StudentPage) -> list[ft.Control]:
    if not child.siblings:
        return []
    return [heading(app.words("app.student.siblings")), *[
        quiet(f"sibling-{at}", f"{row.name} · {row.class_name}", go(places.student(row.id)))
        for at, row in enumerate(child.siblings, 1)]]
