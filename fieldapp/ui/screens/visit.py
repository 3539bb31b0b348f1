"""Writing a visit: one section a screen, every answer saved before it shows as saved, leaving is always harmless."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

import flet as ft

from fieldapp.ui import places, theme
from fieldapp.ui.actions import Handler, go, guard, part, screen
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.visit_state import HEADING, Field, Leaf, OpenVisit, Saved
from fieldapp.ui.widgets import instances
from fieldapp.ui.widgets.layout import banner, bar_link, frame, mark, primary, quiet, side_by_side, small
from fieldapp.ui.widgets.question import QuestionView
from fieldapp.ui.widgets.rich import plain
from fieldapp.ui.widgets.shown import notes

if TYPE_CHECKING:
    from casebook.forms import Repeat

NOTE = "note"
READBACK = "readback"  # the page that is turned to the guardian


@screen
def Visit() -> ft.View:
    """The section where the teacher is."""
    app = use_app()
    visit = app.visit(ft.use_route_params()["draft"])
    ft.use_state(visit.leaf)
    column: ft.Ref[ft.Column] = ft.use_memo(ft.Ref, [])
    scroll = _scroller(visit, column)
    ft.use_effect(scroll, [visit.leaf.turned])
    ft.use_effect(lambda: None, [], cleanup=app.flush)
    words, draft, leaf = app.words, visit.draft, visit.leaf
    remark = [mark("remark", banner(draft.remark, title=words("app.visit.remark"), icon=ft.Icons.REPLY))] \
        if draft.remark else []
    family = [] if draft.amends else [
        bar_link("household", words("app.outing.short"), go(places.household(draft.draft_id)))]
    return frame(
        words("app.visit.title", name=draft.student.get("name", ""), form=draft.form_title),
        [*remark, *_to_guardian(visit), *_questions(visit), ft.Container(height=24)],
        route=places.visit(draft.draft_id), safe=_progress(visit), column=column,
        body_key=f"leaf-{leaf.ref}-{leaf.turned}", bottom=[Turns(visit, leaf, scroll)], actions=family)


def _questions(visit: OpenVisit) -> list[ft.Control]:
    """The questions of the open page, and after each repeat what adds to it; notes in a row share one ground."""
    repeats = visit.repeats()
    items: list[Field | Repeat] = list(visit.shown(visit.leaf.ref))
    for repeat in reversed(repeats):
        items.insert(repeat.at, repeat)
    owners = {repeat.ref: repeat for repeat in repeats}
    found: list[ft.Control] = []
    for note, group in groupby(items, lambda item: isinstance(item, Field) and item.question.kind == NOTE):
        views = [_view(visit, item, owners) for item in group]
        found += [notes(views)] if note else views
    return found


def _view(visit: OpenVisit, item: Field | Repeat, owners: Mapping[str, Repeat]) -> ft.Control:
    """A question, the title of an instance that may be taken out, or the button that adds one."""
    if not isinstance(item, Field):
        return instances.adding(visit, item)
    repeat = owners.get(item.question.ref.rpartition("[")[0])
    if item.question.kind == HEADING and repeat and item.question.ref.endswith("]"):
        return instances.title(visit, item, repeat)
    view: ft.Control = QuestionView(visit, item, item.question.ref == visit.leaf.here, key=item.question.ref)
    return view


def _scroller(visit: OpenVisit, column: ft.Ref[ft.Column]) -> Handler:
    """Brings the question where the teacher stopped into sight, once the page is there."""
    async def scroll() -> None:
        here = visit.leaf.here
        if here and column.current:
            await column.current.scroll_to(scroll_key=here, duration=250)

    return guard(scroll)


def _progress(visit: OpenVisit) -> ft.Control:
    pages, at = visit.pages(), visit.position()
    words = use_app().words
    title = words("app.visit.section", at=at + 1, count=len(pages), title=plain(pages[at].title))
    return ft.Column([
        ft.Row([mark("section", ft.Text(title, weight=ft.FontWeight.BOLD), header=True), SavedSign(visit.saved)],
               wrap=True, run_spacing=0, alignment=ft.MainAxisAlignment.SPACE_BETWEEN),
        ft.ProgressBar(value=(at + 1) / len(pages), color=theme.PINE, bgcolor=theme.LINE, bar_height=6,
                       border_radius=3)], spacing=6, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@part
def SavedSign(saved: Saved) -> ft.Control:
    """The small sign that answers "is it saved?"."""
    words = use_app().words
    if saved.failed:
        told = ft.Text(words("app.visit.not_saved"), color=theme.RED, expand=True, expand_loose=True)
        return mark("saved", ft.Row([ft.Icon(ft.Icons.ERROR_OUTLINE, color=theme.RED, size=20), told], tight=True,
                                    spacing=4), live_region=True)
    icon, key = (ft.Icons.CHECK, "app.visit.saved") if saved.done else (ft.Icons.MORE_HORIZ, "app.visit.saving")
    told = small(words(key), expand=True, expand_loose=True)
    return mark("saved", ft.Row([ft.Icon(icon, color=theme.PINE, size=20), told], tight=True, spacing=4))


def _to_guardian(visit: OpenVisit) -> list[ft.Control]:
    """On the read-back page: the button that turns the screen to the guardian."""
    if visit.leaf.ref.rsplit("/", 1)[-1] != READBACK:
        return []
    return [quiet("read", use_app().words("app.read.open"), go(places.read(visit.draft.draft_id)),
                  ft.Icons.SCREEN_ROTATION_ALT)]


@part
def Turns(visit: OpenVisit, leaf: Leaf, scroll: Handler) -> ft.Control:
    """Back and next. The first "next" over open questions shows them; the second goes on, nothing blocks."""
    words, draft_id = use_app().words, visit.draft.draft_id
    pages, at = visit.pages(), visit.position()
    last = at + 1 >= len(pages)

    async def forth() -> None:
        page = ft.context.page
        open_fields = visit.check(leaf.ref)
        if open_fields and not leaf.warned:
            leaf.warned, leaf.here = True, open_fields[0].question.ref
            await scroll()
        elif last or leaf.checking:
            page.navigate(places.finish(draft_id))
        else:
            visit.turn_to(visit.pages()[visit.position() + 1].ref)

    def back() -> None:
        if at > 0:
            visit.turn_to(pages[at - 1].ref)
        else:
            app_of(ft.context.page).flush()
            ft.context.page.navigate(places.TODAY)

    count = sum(field.question.problem is not None for field in visit.shown(leaf.ref)) if leaf.warned else 0
    missing = [banner(words("app.visit.open_questions", count=count))] if count else []
    onward = "app.visit.finish" if last else "app.visit.recheck" if leaf.checking else "app.visit.next"
    forward = "app.visit.anyway" if count else onward
    return ft.Column([*missing, side_by_side(
        quiet("go-back", words("app.visit.back" if at > 0 else "app.visit.leave"), guard(back), ft.Icons.ARROW_BACK),
        primary("go-next", words(forward), guard(forth), ft.Icons.ARROW_FORWARD))], spacing=8,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
