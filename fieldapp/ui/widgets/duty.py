"""Cards for duties: what is to be done for whom, how long there is left, why, and the way to the right form."""

from __future__ import annotations

import re
from collections.abc import Callable

import flet as ft

from casebook.rules.reckoning import Because
from casebook.rules.words import because_key, defect_key, duty_key, refused_key
from casebook.wording import Wording
from fieldapp.cards import TaskCard
from fieldapp.ui import places, spoken
from fieldapp.ui.actions import Handler, go, guard
from fieldapp.ui.state import AppState, app_of
from fieldapp.ui.widgets.layout import card, link, mark, onward, small, tag
from fieldapp.ui.widgets.work import URGENCY

RETURNED = "complete_visit"
COUNTED = ("headcount", "check_heads")
STEPS = {"note_return": "returned"}  # duty -> the teacher's own step that answers it
CHECK_LEAVE, SURVEY = "check_leave", "survey"
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def task_card(
    app: AppState, task: TaskCard, identifier: str, now: str, on_tap: Handler | None = None, action: str = "",
) -> ft.Control:
    """One duty; `action` names what a tap does where `on_tap` does something else than opening its place."""
    words = app.words
    icon, ground, colour = URGENCY.get(task.urgency, URGENCY["later"])
    clause = words("app.task.clause", clause=words(f"rule.{task.clause}"))
    lines: list[ft.Control] = [
        tag(when(words, task, now), icon, ground, colour),
        ft.Text(task.student_name or task.class_name or words("app.today.at_school"),
                theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        ft.Text(words(duty_key(task.kind))),
        *[ft.Text(line, weight=ft.FontWeight.W_600) for line in _details(words, task)],
        small(" · ".join(filter(None, (task.class_name if task.case else "", task.village_name, clause)))),
        onward(words(f"app.task.{_action(task, action)}")),
    ]
    shown = mark(identifier, card(ft.Column(lines, spacing=4), on_tap=on_tap or _opening(task)), button=True)
    reasons = link(f"why-{identifier}", words("app.why"), _explain(task), ft.Icons.HELP_OUTLINE)
    return ft.Column([shown, ft.Row([reasons])], spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _opening(task: TaskCard) -> Handler:
    """What a tap does: a returned visit is added to at once, anything else opens its place."""
    if task.kind == RETURNED and not task.draft_id and task.visit:
        return supplement(task.case, task.visit)
    return go(place_of(task))


def supplement(case: str, visit: str) -> Handler:
    """Begins the supplement of a visit, or goes on with the one that was begun."""
    def begin() -> None:
        page = ft.context.page
        page.navigate(places.visit(app_of(page).desk.supplement(case, visit)))

    return guard(begin)


def place_of(task: TaskCard) -> str:
    """Where a tap leads: the draft, the headcount, the leave, the step, else the child's page."""
    if task.draft_id:
        return places.visit(task.draft_id)
    if task.kind in COUNTED:
        return places.headcount(task.class_id, task.session)
    if task.kind == CHECK_LEAVE:
        return places.leave(task.case)
    if task.kind in STEPS:
        return places.step(task.case, STEPS[task.kind])
    return places.student(task.case) if task.case else places.STUDENTS


def has_own_place(task: TaskCard) -> bool:
    """Whether the duty is answered on a screen of its own rather than by a form."""
    return task.kind in (*COUNTED, CHECK_LEAVE, *STEPS)


def when(words: Wording, task: TaskCard, now: str) -> str:
    """The day and what is left until then."""
    due, left = task.due_text_facts.get("due"), spoken.left(words, task.due_text_facts.get("due"), task.at, now)
    if not due or (task.urgency == "today" and not task.at):
        return left
    day = spoken.near_day(words, due, now[:10])
    return words("app.left.with_due", due=f"{day} {spoken.clock(task.at)}".strip(), left=left)


def reasons(words: Wording, because: tuple[Because, ...], clause: str) -> list[str]:
    """Why a day is what it is: one sentence for each step, and the rule."""
    told = ({name: _as_said(words, fact) for name, fact in step.facts.items()} for step in because)
    steps = [words(because_key(step.code), **facts) for step, facts in zip(because, told, strict=True)]
    steps = steps or [words("app.why.none")]
    return [*steps, words("app.why.clause", clause=words(f"rule.{clause}"), number=clause)]


def _as_said(words: Wording, fact: object) -> object:
    """A day as people say it; anything else as it is."""
    return spoken.day(words, fact) if isinstance(fact, str) and DAY.fullmatch(fact) else fact


def show_reasons(app: AppState, because: tuple[Because, ...], clause: str) -> None:
    """The reasons in a dialog over the screen."""
    words, page = app.words, ft.context.page
    page.show_dialog(ft.AlertDialog(
        title=ft.Text(words("app.why.title"), theme_style=ft.TextThemeStyle.TITLE_MEDIUM), scrollable=True,
        content=mark("why", ft.Column([ft.Text(line) for line in reasons(words, because, clause)], tight=True)),
        actions=[mark("why-close", ft.FilledButton(words("app.close"), on_click=guard(lambda: page.pop_dialog())))]))


def _explain(task: TaskCard) -> Handler:
    return guard(lambda: show_reasons(app_of(ft.context.page), task.because, task.clause))


def _action(task: TaskCard, action: str) -> str:
    """What the arrow at the bottom says."""
    if task.draft_id or task.kind == RETURNED:
        return "continue" if task.draft_id else "returned"
    if task.kind in COUNTED:
        return "count"
    if has_own_place(task):
        return "leave" if task.kind == CHECK_LEAVE else "step"
    if task.kind == SURVEY:
        return SURVEY  # the office notes it: a teacher need not have a password for the console
    return action or ("open" if task.form_id else "office")


def _details(words: Wording, task: TaskCard) -> list[str]:
    """What the duty says beside its name."""
    facts, between = task.due_text_facts, words("app.task.between")
    step = f"console.value.next_action.{facts.get('action')}"
    lines: dict[str, Callable[[], str]] = {
        "remark": lambda: words("app.task.remark", remark=facts["remark"]),
        "missing": lambda: words("app.task.missing", missing=between.join(
            words(refused_key(code)) for code in facts["missing"] if words.has(refused_key(code)))),
        "defects": lambda: words("app.task.defects", defects=between.join(
            words(defect_key(code)) for code in facts["defects"])),
        "action": lambda: words("app.task.action", action=words(step)) if words.has(step) else "",
        "number": lambda: words("app.task.number", number=facts["number"]),
        "other_heads": lambda: words("app.task.heads", **facts),
        "gap": lambda: words("aid.task.gap", kinds=words("app.comma").join(
            words(f"console.value.aid_kind.{kind}") for kind in facts["gap"])),
        "property": lambda: words("app.task.about", what=_property(words, facts["property"])),
    }
    return [text for name, line in lines.items() if facts.get(name) and (text := line())]


def _property(words: Wording, prop: str) -> str:
    key = f"app.prop.{prop}"
    return words(key) if words.has(key) else words(f"console.prop.{prop}")
