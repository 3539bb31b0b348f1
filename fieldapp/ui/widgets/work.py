"""Cards for the work itself: drafts, where a visit is on its way, and the sync with its real numbers."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import flet as ft

from casebook.wording import Wording
from fieldapp.cards import Difference, DraftCard, OutboxItem, OutboxState, Progress, Standing
from fieldapp.ui import places, spoken, theme
from fieldapp.ui.actions import go, guard, part
from fieldapp.ui.state import AppState, News, SyncWatch, app_of, use_app
from fieldapp.ui.widgets.layout import banner, card, mark, onward, quiet, small, tag

CALM = (theme.PINE_WASH, theme.ON_PINE_WASH)
DUE = (theme.AMBER_WASH, theme.ON_AMBER_WASH)
LATE = (theme.RED_WASH, theme.ON_RED_WASH)
URGENCY = {
    "overdue": (ft.Icons.ERROR_OUTLINE, *LATE), "today": (ft.Icons.TODAY, *DUE),
    "soon": (ft.Icons.SCHEDULE, *CALM), "later": (ft.Icons.SCHEDULE, *CALM),
}
STATE_LOOK = {
    OutboxState.DRAFT: (ft.Icons.EDIT_NOTE, *DUE), OutboxState.SEALED: (ft.Icons.LOCK_OUTLINE, *CALM),
    OutboxState.TEXT_SENT: (ft.Icons.CHECK, *CALM), OutboxState.PHOTOS: (ft.Icons.IMAGE_OUTLINED, *CALM),
    OutboxState.RECEIVED: (ft.Icons.DONE_ALL, *CALM), OutboxState.ACCEPTED: (ft.Icons.VERIFIED_OUTLINED, *CALM),
    OutboxState.RETURNED: (ft.Icons.REPLY, *DUE), OutboxState.REFUSED: (ft.Icons.ERROR_OUTLINE, *LATE),
    OutboxState.QUARANTINED: (ft.Icons.HOURGLASS_EMPTY, *DUE),
}


def draft_card(app: AppState, draft: DraftCard, identifier: str, today: str) -> ft.Control:
    """A visit that is half written: one tap goes on where the teacher stopped."""
    words = app.words
    when = f"{spoken.near_day(words, draft.changed_at, today)} {spoken.clock(draft.changed_at)}".strip()
    title = words("app.draft.supplement", form=draft.form_title) if draft.amends else draft.form_title
    lines: list[ft.Control] = [
        tag(words("outbox.draft"), *STATE_LOOK[OutboxState.DRAFT]),
        ft.Text(draft.student_name, theme_style=ft.TextThemeStyle.TITLE_MEDIUM), ft.Text(title),
        small(words("app.draft.at", page=draft.page_title, when=when) if draft.page_title
              else words("app.draft.when", when=when)),
        onward(words("app.task.continue")),
    ]
    return mark(identifier, card(ft.Column(lines, spacing=4), on_tap=go(places.visit(draft.draft_id))), button=True)


def state_tag(app: AppState, item: OutboxItem) -> ft.Control:
    """Where a visit is, in the one vocabulary used everywhere."""
    text = app.words(f"outbox.{item.state}", done=item.files_sent, total=item.files_total,
                     files_sent=item.files_sent, files_total=item.files_total, receipt_no=item.receipt_no or "—")
    return tag(text, *STATE_LOOK[item.state])


async def run_sync(app: AppState) -> None:
    """Talks to the school off the event loop; figures come back to the loop, never from the worker itself."""
    watch = app.sync
    if watch.running:
        return
    app.flush()
    loop, session = asyncio.get_running_loop(), copy_context()  # what a thread tells is drawn in this session
    watch.running, watch.cancelled, watch.progress, watch.report = True, False, None, None

    def told(progress: Progress) -> None:
        loop.call_soon_threadsafe(setattr, watch, "progress", progress, context=session)

    await app.device.keep_awake(True)
    try:
        watch.report = await asyncio.to_thread(app.desk.sync, told, lambda: watch.cancelled)
        await asyncio.to_thread(app.desk.look_ahead)
    finally:
        watch.running = False
        app.news.version += 1
        await app.device.keep_awake(False)


async def resume_sync(app: AppState) -> None:
    """Back in the app: what still waits goes to school, unless the teacher has stopped that."""
    watch = app.sync
    stopped = watch.running or (watch.report is not None and watch.report.cancelled)
    if stopped or not app.desk.standing().enrolled:
        return
    today = app.desk.today()
    if today.unsent or today.unsent_files:
        await run_sync(app)


@part
def SyncPanel(watch: SyncWatch, news: News) -> ft.Control:
    """Is my work at school? The figures, the button, and what came of the last try."""
    app = use_app()
    words = app.words
    if watch.running:
        return _running(app, watch)

    async def start() -> None:
        await run_sync(app_of(ft.context.page))

    today, standing = app.desk.today(), app.desk.standing()
    waiting = (spoken.counted(words, "app.sync.waiting", today.unsent, today.unsent_files)
               if today.unsent or today.unsent_files else words("app.sync.nothing"))
    last = spoken.near_day(words, standing.last_sync_at, today.day)
    when = words("app.sync.last", when=f"{last} {spoken.clock(standing.last_sync_at)}") if standing.last_sync_at \
        else words("app.sync.never")
    return card(ft.Column([
        mark("safe", ft.Row([ft.Icon(ft.Icons.SHIELD_OUTLINED, color=theme.PINE), ft.Text(waiting, expand=True)])),
        small(when), *_wrong_clock(app, standing), *_little_room(app, standing), *_outcome(app, watch),
        quiet("sync", words("app.sync.start"), guard(start), ft.Icons.SYNC),
    ], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))


def _wrong_clock(app: AppState, standing: Standing) -> list[ft.Control]:
    """A clock that is wrong makes every day on this phone wrong: the teacher can mend it at once."""
    if not standing.clock_ahead:
        return []
    words, which = app.words, "fast" if standing.clock_ahead > 0 else "slow"
    title = words(f"app.clock.{which}", by=spoken.span(words, abs(standing.clock_ahead)))
    return [mark("clock-wrong", banner(words("app.clock.now"), title=title, icon=ft.Icons.SCHEDULE))]


def _little_room(app: AppState, standing: Standing) -> list[ft.Control]:
    """Said while there still is room: on the way nobody can make any."""
    if standing.room is None:
        return []
    title = app.words("app.room.little", left=spoken.size(standing.room))
    return [mark("little-room", banner(app.words("app.room.now"), title=title, icon=ft.Icons.SD_STORAGE_OUTLINED))]


def _running(app: AppState, watch: SyncWatch) -> ft.Control:
    words, progress = app.words, watch.progress
    step = words(f"sync.{progress.step}") if progress else words("sync.hello")
    done = _share(progress) if progress else None

    def stop() -> None:
        watch.cancelled = True

    lines: list[ft.Control] = [ft.Text(step, weight=ft.FontWeight.W_600), ft.ProgressBar(value=done)]
    if progress and (progress.texts_total or progress.files_total):
        lines.append(mark("sync-progress", ft.Text(words(
            "app.sync.progress", texts_done=progress.texts_done, texts_total=progress.texts_total,
            files_done=progress.files_done, files_total=progress.files_total,
            left=spoken.size(max(0, progress.bytes_total - progress.bytes_done)))), live_region=True))
    if progress and progress.seconds_left is not None:
        lines.append(mark("sync-pace", small(words(
            "sync.pace", rate=spoken.size(progress.rate), left=spoken.wait(words, progress.seconds_left)))))
    stopping = small(words("app.sync.stopping")) if watch.cancelled else quiet(
        "sync-cancel", words("app.sync.cancel"), guard(stop), ft.Icons.CLOSE)
    return card(ft.Column([*lines, stopping], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))


def _outcome(app: AppState, watch: SyncWatch) -> list[ft.Control]:
    report, words = watch.report, app.words
    if report is None:
        return []
    found: list[ft.Control] = []
    if report.problem:
        code = report.problem.code
        key = f"error.{code}" if words.has(f"error.{code}") else "error.error"
        text = "\n".join(words(f"{key}{part}", **report.problem.facts) for part in (".safe", ".now"))
        found.append(mark("sync-problem", banner(text, title=words(key, **report.problem.facts)), live_region=True))
    elif report.cancelled:
        found.append(mark("sync-stopped", banner(words("app.sync.stopped")), live_region=True))
    elif report.complete:
        sent = report.texts_sent or report.files_sent
        text = spoken.counted(words, "app.sync.done", report.texts_sent, report.files_sent) if sent \
            else words("app.sync.done_nothing")
        line = ft.Row([ft.Icon(ft.Icons.DONE_ALL, color=theme.PINE), ft.Text(text, expand=True)])
        found.append(mark("sync-done", line, live_region=True))
    if report.anew:
        found.append(mark(f"sync-anew-{report.anew}", banner(words(f"sync.anew.{report.anew}")), live_region=True))
    found += [mark(f"sync-differs-{one.part}", banner(_difference(words, one)), live_region=True)
              for one in report.differences]
    if report.refused or report.quarantined:
        found.append(mark("sync-attention", banner(
            words("app.sync.attention", count=report.refused + report.quarantined)), live_region=True))
    return found


def _difference(words: Wording, one: Difference) -> str:
    key = f"sync.part.{one.part}"
    part = words(key if words.has(key) else "sync.part.other")
    return words("sync.differs", part=part, here=one.here, school=one.school)


def _share(progress: Progress) -> float | None:
    if progress.bytes_total:
        return min(1.0, progress.bytes_done / progress.bytes_total)
    return None
