"""Finding a child: by name, pinyin initials, class or village, in a list that is never longer than it helps."""

from __future__ import annotations

import flet as ft

from casebook.rules.words import duty_key
from fieldapp.cards import StudentRow
from fieldapp.ui import places, theme
from fieldapp.ui.actions import go, guard, screen
from fieldapp.ui.state import AppState, use_app
from fieldapp.ui.widgets.layout import frame, mark, small, tag, work_safe
from fieldapp.ui.widgets.work import URGENCY

LIMIT = 40


@screen
def Students() -> ft.View:
    """Search box on top, matches below; "n more" instead of an endless list."""
    app = use_app()
    words = app.words
    query, set_query = ft.use_state("")
    found = app.desk.students(query, LIMIT)
    more = found.total - len(found.students)
    note = words("app.more", count=more) if more > 0 else words("app.students.count", count=found.total)
    search = mark("search", ft.TextField(
        value=query, prefix_icon=ft.Icons.SEARCH, hint_text=words("app.students.hint"),
        on_change=guard(lambda event: set_query(event.control.value or ""))), words("app.students.search"))
    rows = [_row(app, student, at) for at, student in enumerate(found.students, 1)]
    nobody = [ft.Text(words("app.students.nobody"))] if not rows else []
    return frame(words("app.students.title"), [*rows, *nobody, small(note), ft.Container(height=8)],
                 route=places.STUDENTS, safe=search, bottom=[work_safe(app.desk.today())])


def _row(app: AppState, student: StudentRow, at: int) -> ft.Control:
    words = app.words
    flags = [words(f"app.flag.{flag}") for flag in student.key_flags if words.has(f"app.flag.{flag}")]
    lines: list[ft.Control] = [
        ft.Text(student.name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM),
        small(" · ".join(filter(None, (student.class_name, student.village_name, *flags))))]
    if student.open_task:
        lines.append(tag(words(duty_key(student.open_task)), *URGENCY[student.urgency]))
    return mark(f"student-{at}", ft.Container(
        ft.Row([ft.Column(lines, spacing=3, expand=True), ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.FAINT)]),
        on_click=go(places.student(student.id)), ink=True, padding=ft.Padding.symmetric(vertical=8, horizontal=4),
        border=ft.Border.only(bottom=ft.BorderSide(1, theme.LINE))), button=True)
