"""The question whose answer is a voice note: record, stop, listen, again, remove; or choose a recording."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import flet as ft

from fieldapp.capture.sound import LONGEST_S
from fieldapp.ui import spoken, theme
from fieldapp.ui.actions import guard, part, say
from fieldapp.ui.picking import SOUND, Chosen, upload_folder
from fieldapp.ui.recording import Loudspeaker, Microphone
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.choosing import ChooseButton, remove_button
from fieldapp.ui.widgets.layout import mark, primary, quiet, side_by_side, small

MICROPHONE, CHOSEN = "microphone", "chosen"
TICK_S = 0.5


@ft.observable
@dataclass
class Take:
    """The note that is being recorded: for how long already; `running` while it is."""

    running: bool = False
    seconds: int = 0


@ft.observable
@dataclass
class Hearing:
    """Who plays the note now; nobody while it is silent. Held here, or Flet would forget the player."""

    speaker: Loudspeaker | None = None


def voice(visit: OpenVisit, field: Field) -> ft.Control:
    """One voice note."""
    recorder: ft.Control = Recorder(visit, field, key=f"recorder-{field.name}")
    if not field.question.value:
        return recorder
    return ft.Column([NoteKept(visit, field), recorder], spacing=8,
                     horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


async def keep_sound(visit: OpenVisit, field: Field, data: bytes, source: str, seconds: int = 0) -> None:
    """Keeps a note and shows it. Raises SoundUnreadable, SoundTooLarge, StorageFull."""
    if not visit.stands(field):
        return
    visit.draft.attach_sound(field.question.ref, data, source, seconds * 1000 or None)
    visit.redraw()


@part
def Recorder(visit: OpenVisit, field: Field) -> ft.Control:
    """Record and stop, or choose a file. A note that runs when the page is left is kept."""
    words = use_app().words
    take = ft.use_memo(Take, [])
    ft.use_state(take)
    ft.use_effect(lambda: None, [], cleanup=guard(partial(_stop, visit, field, take)))
    if take.running:
        told = words("app.sound.running", length=spoken.length(take.seconds), longest=spoken.length(LONGEST_S))
        return ft.Column([
            mark(f"q-{field.name}-running", ft.Row([ft.Icon(ft.Icons.FIBER_MANUAL_RECORD, color=theme.RED),
                                                    ft.Text(told, expand=True)])),
            primary(f"q-{field.name}-stop", words("app.sound.stop"), guard(partial(_stop, visit, field, take)),
                    ft.Icons.STOP),
        ], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)

    async def keep(chosen: Chosen) -> None:
        await keep_sound(visit, field, chosen.data, CHOSEN)

    again = bool(field.question.value)
    record = quiet(f"q-{field.name}-record", words("app.sound.again" if again else "app.sound.record"),
                   guard(partial(_record, visit, field, take)), ft.Icons.MIC)
    choose = ChooseButton(field, words("app.sound.choose"), ft.Icons.AUDIO_FILE, SOUND, keep)
    return ft.Column([record, choose], spacing=10, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


@part
def NoteKept(visit: OpenVisit, field: Field) -> ft.Control:
    """The note as it is kept: how long, how large; listen and remove."""
    words = use_app().words
    hearing = ft.use_memo(Hearing, [field.question.value])
    ft.use_state(hearing)
    ft.use_effect(lambda: None, [], cleanup=guard(partial(_hush, hearing)))
    attached = visit.draft.attached(field.question.ref)
    if attached is None:
        return ft.Text(words("app.file.lost"), color=theme.RED)
    told = [spoken.length(attached.said["length_ms"] // 1000)] if "length_ms" in attached.said else []
    told.append(spoken.size(attached.file.size))
    listen = quiet(f"q-{field.name}-hush", words("app.sound.hush"), guard(partial(_hush, hearing)),
                   ft.Icons.STOP) if hearing.speaker \
        else quiet(f"q-{field.name}-play", words("app.sound.play"),
                   guard(partial(_play, visit, field, hearing)), ft.Icons.PLAY_ARROW)
    return ft.Column([
        mark(f"q-{field.name}-kept", ft.Row([ft.Icon(ft.Icons.GRAPHIC_EQ, color=theme.PINE),
                                             ft.Text(" · ".join(told), expand=True)])),
        small(words("app.sound.kept")),
        side_by_side(listen, remove_button(visit, field, "app.sound.remove.ask")),
    ], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


async def _record(visit: OpenVisit, field: Field, take: Take) -> None:
    """Records until somebody stops it or the longest note is full; either way it is kept."""
    app, page = app_of(ft.context.page), ft.context.page
    microphone = _microphone(app, page)
    if microphone is None or not await microphone.start():
        say(app.words("app.sound.no_microphone"))
        return
    clock = asyncio.get_running_loop().time
    began, take.seconds, take.running = clock(), 0, True
    while take.running and take.seconds < LONGEST_S:
        await asyncio.sleep(TICK_S)
        take.seconds = int(clock() - began)
    await _stop(visit, field, take)


async def _stop(visit: OpenVisit, field: Field, take: Take) -> None:
    """Ends the note, if one runs, and keeps it."""
    if not take.running:
        return
    take.running = False
    app = app_of(ft.context.page)
    microphone = _microphone(app, ft.context.page)
    recorded = await microphone.stop() if microphone else b""
    if recorded:
        await keep_sound(visit, field, recorded, MICROPHONE, take.seconds)
    else:
        say(app.words("app.sound.nothing"))


async def _play(visit: OpenVisit, field: Field, hearing: Hearing) -> None:
    words = app_of(ft.context.page).words
    content = visit.draft.file(field.question.ref)
    if content is None:
        say(words("app.file.lost"))
        return

    def ended() -> None:
        hearing.speaker = None

    try:
        hearing.speaker = speaker = Loudspeaker(content, ended)
    except ImportError:
        say(words("app.sound.no_loudspeaker"))
        return
    await speaker.play()


async def _hush(hearing: Hearing) -> None:
    speaker, hearing.speaker = hearing.speaker, None
    if speaker:
        await speaker.stop()


def _microphone(app: AppState, page: ft.Page) -> Microphone | None:
    folder: Path = upload_folder(app.folder)
    return app.device.microphone(folder, streams=bool(page.web))
