"""The app as a whole: which screen at which address, what a session begins with, how the shells start it."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import Any

import flet as ft
from flet.utils import is_embedded, is_pyodide

from assets import SOURCE_LOCALE, load_wording, locales
from casebook.errors import CasebookError
from fieldapp.desk import Desk
from fieldapp.platform import ports
from fieldapp.platform.clock import SystemClock
from fieldapp.platform.folders import data_folder
from fieldapp.ui import places
from fieldapp.ui.actions import guard, part, say
from fieldapp.ui.device import DeviceServices
from fieldapp.ui.journal import keep_log
from fieldapp.ui.picking import upload_folder
from fieldapp.ui.screens.camera import Viewfinder
from fieldapp.ui.screens.counted import ClassDay, Classes
from fieldapp.ui.screens.enrol import Enrol
from fieldapp.ui.screens.finish import Finish, Sealed
from fieldapp.ui.screens.headcount import Headcount
from fieldapp.ui.screens.household import Household
from fieldapp.ui.screens.leave import Leave
from fieldapp.ui.screens.locked import Locked
from fieldapp.ui.screens.outbox import Outbox
from fieldapp.ui.screens.read import Read
from fieldapp.ui.screens.settings import Settings
from fieldapp.ui.screens.sign import Sign
from fieldapp.ui.screens.step import Step
from fieldapp.ui.screens.student import Student
from fieldapp.ui.screens.students import Students
from fieldapp.ui.screens.today import Today
from fieldapp.ui.screens.visit import Visit
from fieldapp.ui.state import AppState, Look, app_context
from fieldapp.ui.theme import dress
from fieldapp.ui.widgets.work import resume_sync

log = logging.getLogger("jiafang.ui")
HERE, DEFAULT_PORT = "127.0.0.1", 8550
LOOK_AT_THE_DAY_S = 60.0
LEAVING = (ft.AppLifecycleState.INACTIVE, ft.AppLifecycleState.HIDE, ft.AppLifecycleState.PAUSE)

ROUTES = [ft.Route(component=Today, children=[
    ft.Route(path="students", component=Students, children=[ft.Route(path=":student", component=Student, children=[
        ft.Route(path="leave", component=Leave), ft.Route(path="step/:act", component=Step)])]),
    ft.Route(path="visit/:draft", component=Visit, children=[
        ft.Route(path="photo/:question", component=Viewfinder),
        ft.Route(path="sign/:question", component=Sign),
        ft.Route(path="read", component=Read),
        ft.Route(path="finish", component=Finish),
        ft.Route(path="household", component=Household),
    ]),
    ft.Route(path="sealed/:rid", component=Sealed),
    ft.Route(path="classes", component=Classes),
    ft.Route(path="headcount/:class", component=ClassDay, children=[
        ft.Route(path=":session", component=Headcount), ft.Route(path=":session/:day", component=Headcount)]),
    ft.Route(path="outbox", component=Outbox),
    ft.Route(path="settings", component=Settings),
    ft.Route(path="enrol", component=Enrol),
])]

# The store of a phone is one per process; sessions (a second tab, a restarted activity) share it.
_desks: dict[Path, Desk] = {}


@part
def App(app: AppState) -> Any:
    """The screens; the enrolment as long as nobody owns this phone, the lock when the school has switched it off."""
    anew, enrol_anew = ft.use_state(False)
    ft.use_state(app.look)
    ft.use_state(app.news)
    ft.use_effect(guard(partial(_look_ahead, app)), [])
    ft.use_effect(guard(partial(_watch_the_day, app)), [])
    standing = app.desk.standing()
    ft.use_effect(lambda: enrol_anew(False), [standing.revoked])
    if not standing.enrolled or (standing.revoked and anew):
        return app_context(app, lambda: [Enrol()])
    if standing.revoked:
        return app_context(app, lambda: [Locked(lambda: enrol_anew(True))])
    return app_context(app, lambda: ft.Router(ROUTES, manage_views=True, not_found=Today))


def main(page: ft.Page) -> None:
    """One session. Flet may call it again in a living process (a second tab, a restarted activity): nothing is cached
    but the desk."""
    folder = data_folder()
    keep_log(folder)
    session: Any = page.session
    session.error = _last_net
    app = AppState(desk_of(folder), Look(), folder, DeviceServices(SystemClock()))
    app.look = Look.kept(app.desk, os.environ.get("JIAFANG_LOCALE", SOURCE_LOCALE))
    session.store.set("app", app)
    page.title = app.words("app.name")
    dress(page, big_text=app.look.big_text, dark=app.look.dark, locale=app.look.locale)
    page.on_app_lifecycle_state_change = guard(partial(_come_and_go, app))
    page.on_disconnect = guard(app.flush)
    page.on_close = guard(app.leave)
    page.render_views(App, app)
    place = _place_to_reopen(app)
    if page.route in ("", places.TODAY) and place != places.TODAY:
        page.navigate(place)


async def _come_and_go(app: AppState, event: ft.AppLifecycleStateChangeEvent) -> None:
    """Leaving saves what was typed; coming back looks at the day and goes on with what still waits to be sent."""
    if event.state in LEAVING:
        return app.flush()
    app.look_at_the_day()
    if event.state is ft.AppLifecycleState.RESUME:
        await resume_sync(app)
    return None


async def _look_ahead(app: AppState) -> None:
    """Once the first screen is there, what the next start will show; a browser has no thread for that."""
    in_browser: Any = is_pyodide
    if app.desk.standing().enrolled and not in_browser():
        await asyncio.to_thread(app.desk.look_ahead)


async def _watch_the_day(app: AppState) -> None:
    """A phone that is left open overnight shows the new day though nobody touches it."""
    look = guard(app.look_at_the_day)
    while not app.left:
        await look()
        await asyncio.sleep(LOOK_AT_THE_DAY_S)


def run() -> None:
    """Starts the app: packaged or in a browser as its shell wants it, else as a web app on this machine only."""
    packaged: Any = is_embedded
    in_browser: Any = is_pyodide
    if packaged() or in_browser():
        ft.run(main)
        return
    from fieldapp.platform.web_fonts import web_assets

    port = _port_to_take()
    folder = data_folder()
    keep_log(folder)
    os.environ.setdefault("FLET_SECRET_KEY", secrets.token_hex(32))  # signs the addresses of photo uploads
    os.environ.setdefault("FLET_FORCE_WEB_SERVER", "true")  # without it no web server runs beside a desktop
    cache = Path(os.environ.get("JIAFANG_CACHE") or folder / "cache")
    ft.run(
        main, host=HERE, port=port, view=None, no_cdn=True, web_renderer=ft.WebRenderer.CANVAS_KIT,
        assets_dir=str(web_assets(cache)), upload_dir=str(_uploads(folder)))


def _port_to_take() -> int:
    """The port of the web mode. Ends the program with a sentence where the port or the language cannot be had."""
    locale, port = os.environ.get("JIAFANG_LOCALE", SOURCE_LOCALE), os.environ.get("JIAFANG_PORT", str(DEFAULT_PORT))
    if locale not in locales():
        sys.exit(load_wording()("plainly.setting.JIAFANG_LOCALE", name="JIAFANG_LOCALE"))
    if not port.isdecimal() or not ports.free(HERE, int(port)):
        sys.exit(load_wording(locale)("app.port_taken", port=port))
    return int(port)


def desk_of(folder: Path) -> Desk:
    """The desk of a data folder; opened once in a process. Raises StorageFull, StoreDamaged."""
    if folder not in _desks:
        _desks[folder] = Desk.open(folder, locale=os.environ.get("JIAFANG_LOCALE", SOURCE_LOCALE))
    return _desks[folder]


def _uploads(folder: Path) -> Path:
    """The upload folder, emptied: what a killed upload left there belongs to no visit."""
    uploads = upload_folder(folder)
    uploads.mkdir(exist_ok=True, mode=0o700)
    for left in uploads.iterdir():
        left.unlink(missing_ok=True)
    return uploads


def _place_to_reopen(app: AppState) -> str:
    """Where the teacher was; today's page when that visit is no longer a draft."""
    place = app.desk.last_place()
    parts = place.strip("/").split("/")
    if parts[0] == "visit" and len(parts) > 1:
        try:
            app.visit(parts[1])
        except CasebookError as error:
            log.warning("the last draft does not open: %s", error.code)
            return places.TODAY
        return places.visit(parts[1]) if "photo" in parts else place
    return place if app.desk.standing().enrolled else places.TODAY


def _last_net(message: str) -> None:
    """What slipped through every guard: logged, and a word instead of a dead screen."""
    log.error("unguarded: %s", message)
    page = ft.context.page
    app = page.session.store.get("app")
    say((app.words if app else load_wording())("error.error.safe"))
