"""The viewfinder, for shells that have a camera of their own (a browser's file chooser offers the camera itself)."""

from __future__ import annotations

import importlib
import logging
from typing import Any

import flet as ft

from fieldapp.ui import places, theme
from fieldapp.ui.actions import go, guard, screen
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.widgets.layout import frame, mark, primary, quiet
from fieldapp.ui.widgets.picture import CAMERA, keep_photo
from fieldapp.ui.widgets.rich import plain

log = logging.getLogger("jiafang.ui")
UNKNOWN, READY, BROKEN = "unknown", "ready", "broken"


@screen
def Viewfinder() -> ft.View:
    """Preview and shutter; the picture is kept and shown in the form at once."""
    app = use_app()
    params = ft.use_route_params()
    visit = app.visit(params["draft"])
    field = visit.named(params["question"])
    lens: ft.Ref[Any] = ft.use_memo(ft.Ref, [])
    ready, set_ready = ft.use_state(UNKNOWN)
    back, words = places.visit(visit.draft.draft_id), app.words

    async def aim() -> None:
        allowed = await app_of(ft.context.page).device.camera_allowed()
        set_ready(READY if allowed and lens.current and await _aimed(lens.current) else BROKEN)

    async def shoot() -> None:
        page = ft.context.page
        if field and lens.current:
            await keep_photo(visit, field, await lens.current.take_picture(), CAMERA)
        page.navigate(back)

    ft.use_effect(guard(aim), [])
    sight = ft.Text(words("app.camera.broken")) if ready == BROKEN else _sight(lens)
    return frame(plain(field.question.label) if field else words("app.photo.take"), [
        mark("viewfinder", ft.Container(sight, height=460, alignment=ft.Alignment.CENTER, bgcolor=theme.CARD))],
        route=places.camera(visit.draft.draft_id, params["question"]),
        bottom=[primary("shoot", words("app.camera.shoot"), guard(shoot), ft.Icons.PHOTO_CAMERA,
                        disabled=ready != READY or field is None),
                quiet("camera-back", words("app.back"), go(back), ft.Icons.ARROW_BACK)])


def _sight(lens: ft.Ref[Any]) -> ft.Control:
    """The camera control, anew at every render as Flet wants it; nothing where the shell has none."""
    try:
        camera: ft.Control = importlib.import_module("flet_camera").Camera(ref=lens, expand=True)
        return camera
    except ImportError:
        return ft.ProgressRing()


async def _aimed(lens: Any) -> bool:
    """Opens the camera that looks outward; False when the device has none or gives none."""
    camera = importlib.import_module("flet_camera")
    try:
        found = await lens.get_available_cameras()
        outward = [one for one in found if one.lens_direction == camera.CameraLensDirection.BACK] or found
        await lens.initialize(outward[0], camera.ResolutionPreset.HIGH, enable_audio=False)
    except Exception:
        log.info("no camera to open")
        return False
    return True
