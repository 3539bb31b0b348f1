"""What one open session of the app knows beyond the desk: the look, the words, what is busy, the visits that are open.

Everything durable lives at the desk; this may be thrown away at any moment. Observables are thin, so that a change
redraws only what shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import flet as ft

from assets import SOURCE_LOCALE, load_wording
from casebook.wording import Wording
from fieldapp.cards import Progress, SyncReport
from fieldapp.desk import Desk
from fieldapp.ui.device import DeviceServices
from fieldapp.ui.sheet import Sheet
from fieldapp.ui.visit_state import OpenVisit

LOCALES = (SOURCE_LOCALE, "en")
AnySheet = TypeVar("AnySheet", bound=Sheet)


@ft.observable
@dataclass
class Look:
    """How this teacher likes the app to look and speak."""

    locale: str = SOURCE_LOCALE
    big_text: bool = False
    dark: bool = False

    @classmethod
    def kept(cls, desk: Desk, locale: str = SOURCE_LOCALE) -> Look:
        """The look kept at the desk; `locale` is spoken until the teacher has chosen."""
        chosen = desk.preference("locale", locale)
        return cls(
            locale=chosen if chosen in LOCALES else SOURCE_LOCALE,
            big_text=bool(desk.preference("big_text", False)), dark=bool(desk.preference("dark", False)))


@ft.observable
@dataclass
class Busy:
    """Slow work that is running now; `key` names its wording, "" means none."""

    key: str = ""


@ft.observable
@dataclass
class News:
    """Counts up whenever the desk's contents have changed behind the screens (a sync, an enrolment)."""

    version: int = 0


@ft.observable
@dataclass
class SyncWatch:
    """The running or last sync of this session."""

    running: bool = False
    cancelled: bool = False
    progress: Progress | None = None
    report: SyncReport | None = None


@dataclass
class AppState:
    """One session: made in `main`, handed down to screens by context, to handlers through the page's session."""

    desk: Desk
    look: Look
    folder: Path
    device: DeviceServices
    busy: Busy = field(default_factory=Busy)
    news: News = field(default_factory=News)
    sync: SyncWatch = field(default_factory=SyncWatch)
    visits: dict[str, OpenVisit] = field(default_factory=dict)
    sheets: dict[str, Any] = field(default_factory=dict)  # half said: headcounts, leaves, steps
    taps: dict[str, float] = field(default_factory=dict)  # when which control was last tapped
    left: bool = False  # the session is over

    def __post_init__(self) -> None:
        self._day = self.desk.day()

    @property
    def words(self) -> Wording:
        """The catalogue of the language chosen."""
        return load_wording(self.look.locale)

    def visit(self, draft_id: str) -> OpenVisit:
        """The open draft; opened at the first call. Raises NoSuchDraft, FormUnknown."""
        if draft_id not in self.visits:
            self.visits[draft_id] = OpenVisit(self.desk.open_draft(draft_id), self.look.locale)
        return self.visits[draft_id]

    def close_visit(self, draft_id: str) -> None:
        """Forgets an open draft that was sealed or discarded; nothing of it is written any more."""
        visit = self.visits.pop(draft_id, None)
        if visit:
            visit.abandon()

    def sheet(self, key: str, make: Callable[[], AnySheet]) -> AnySheet:
        """What is half said under `key`; made at the first call."""
        if key not in self.sheets:
            self.sheets[key] = make()
        kept: AnySheet = self.sheets[key]
        return kept

    def close_sheet(self, key: str) -> None:
        """Forgets what was sealed or thrown away; nothing of it is written any more. The screens look anew."""
        sheet = self.sheets.pop(key, None)
        if sheet:
            sheet.abandon()
        self.news.version += 1

    def flush(self) -> None:
        """Saves what was typed a moment ago in every open visit and sheet."""
        for one in (*self.visits.values(), *self.sheets.values()):
            one.flush()

    def look_at_the_day(self) -> None:
        """The screens look anew when another day has begun since they last did: what was today's is yesterday's."""
        if self.desk.day() != self._day:
            self._day = self.desk.day()
            self.flush()
            self.news.version += 1

    def leave(self) -> None:
        """The session is over: what was typed is saved, and nobody looks at the day any more."""
        self.left = True
        self.flush()

    def choose(self, **look: object) -> None:
        """Changes the look and keeps it at the desk."""
        for name, value in look.items():
            setattr(self.look, name, value)
        self.desk.prefer(**look)
        for visit in self.visits.values():
            visit.speak(self.look.locale)


app_context: Any = ft.create_context(None)


def use_app() -> AppState:
    """The session's state, inside a component."""
    app: AppState | None = ft.use_context(app_context)
    assert app is not None, "rendered outside the app"
    return app


def app_of(page: ft.Page) -> AppState:
    """The session's state, inside a handler."""
    app: AppState = page.session.store.get("app")
    return app
