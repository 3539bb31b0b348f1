"""Photos of a visit: take or choose, look, take again, remove. Where a picture came from stays with it."""

from __future__ import annotations

import flet as ft

from fieldapp.ui import places, theme
from fieldapp.ui.actions import background, go, guard, part
from fieldapp.ui.picking import PICTURE, Chosen
from fieldapp.ui.state import use_app
from fieldapp.ui.visit_state import Field, OpenVisit
from fieldapp.ui.widgets.choosing import ChooseButton, remove_button
from fieldapp.ui.widgets.layout import mark, quiet, side_by_side, small
from fieldapp.ui.widgets.rich import plain

CAMERA, GALLERY = "camera", "gallery"
PHOTO_HEIGHT = 220


def photo(visit: OpenVisit, field: Field) -> ft.Control:
    """One photo question."""
    words = use_app().words
    if field.question.value:
        taken: ft.Control = PhotoTaken(visit, field)
        return taken
    buttons = [choose_button(visit, field, words("app.photo.choose"))]
    if has_camera(ft.context.page):
        buttons.insert(0, camera_button(visit, field))
    if visit.draft.photo_to_share(field.question.ref):
        buttons.append(_share_button(visit, field))
    return ft.Column(buttons, spacing=10, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def has_camera(page: ft.Page) -> bool:
    """Whether this shell has a viewfinder of its own; a browser's file chooser offers the camera itself."""
    return not page.web and page.platform in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS)


def camera_button(visit: OpenVisit, field: Field) -> ft.Control:
    """Opens the viewfinder."""
    return quiet(f"q-{field.name}-camera", use_app().words("app.photo.take"),
                 go(places.camera(visit.draft.draft_id, field.name)), ft.Icons.PHOTO_CAMERA)


def _share_button(visit: OpenVisit, field: Field) -> ft.Control:
    """Answers with the photo that another visit at this door has for the same question."""
    def share() -> None:
        visit.draft.share_photo(field.question.ref)
        visit.redraw()

    return quiet(f"q-{field.name}-share", use_app().words("app.photo.share"), guard(share), ft.Icons.PHOTO_LIBRARY)


async def keep_photo(visit: OpenVisit, field: Field, data: bytes, source: str) -> None:
    """Shrinks and keeps a picture off the event loop, then shows it. Raises PhotoUnreadable, StorageFull."""
    if not visit.stands(field):
        return
    ref = field.question.ref
    await background(lambda: visit.draft.attach_photo(ref, data, source), "app.photo.keeping")
    visit.redraw()


def choose_button(visit: OpenVisit, field: Field, text: str) -> ft.Control:
    """A picture that is on the device already, or that a browser's chooser takes with the camera."""

    async def keep(chosen: Chosen) -> None:
        await keep_photo(visit, field, chosen.data, GALLERY)

    button: ft.Control = ChooseButton(field, text, ft.Icons.ADD_A_PHOTO_OUTLINED, PICTURE, keep)
    return button


@part
def PhotoTaken(visit: OpenVisit, field: Field) -> ft.Control:
    """The picture as it is kept, and what can be done about it."""
    app, ref = use_app(), field.question.ref
    words = app.words
    data = ft.use_memo(lambda: visit.draft.file(ref), [field.question.value])

    again = (camera_button(visit, field) if has_camera(ft.context.page)
             else choose_button(visit, field, words("app.photo.again")))
    picture = ft.Image(
        src=data, height=PHOTO_HEIGHT, fit=ft.BoxFit.CONTAIN, semantics_label=plain(field.question.label)
    ) if data else ft.Text(words("app.photo.lost"), color=theme.RED)
    return ft.Column([
        mark(f"q-{field.name}-photo", ft.Container(picture, border_radius=theme.ROUND, bgcolor=theme.CARD,
                                                   border=ft.Border.all(1, theme.LINE), padding=6)),
        small(words("app.photo.kept")),
        side_by_side(again, remove_button(visit, field, "app.photo.remove.ask")),
    ], spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
