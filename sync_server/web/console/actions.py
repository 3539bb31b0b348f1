"""Every action of the console with its address, and how they join the application."""

from __future__ import annotations

from starlette.routing import BaseRoute

from casebook.ed25519 import Ed25519Verifier
from sync_server.seals import Seals
from sync_server.web.console import (
    account_show,
    case_routes,
    code_make,
    conflicts_list,
    file_show,
    forms_decide,
    forms_list,
    forms_preview,
    forms_show,
    forms_try,
    forms_upload,
    held_list,
    home_show,
    incidents_list,
    login_save,
    login_show,
    logout_save,
    record_show,
    registry_routes,
    school_choose,
    school_routes,
    staff_pages,
    static_show,
    students_list,
    upkeep_show,
    visit_review,
    visit_show,
    visits_list,
)
from sync_server.web.console.answering import Action, nowhere, route
from sync_server.web.console.page import Console
from sync_server.wiring import Wiring

ACTIONS = (
    Action("GET", "/login", login_show.show, public=True),
    Action("POST", "/login", login_save.save, public=True),
    Action("GET", "/school", school_choose.show, public=True),
    Action("POST", "/school", school_choose.save, public=True),
    Action("POST", "/logout", logout_save.save, public=True),
    Action("GET", "/static/{name}", static_show.show, public=True),
    Action("GET", "/favicon.ico", static_show.show, public=True),
    Action("GET", "/", home_show.show),
    Action("GET", "/visits", visits_list.show),
    Action("GET", "/visits/{visit}", visit_show.show),
    Action("POST", "/visits/{visit}/review", visit_review.save),
    Action("GET", "/visits/{visit}/files/{sha256}", file_show.show),
    Action("GET", "/visits/{visit}/files/{sha256}/small", file_show.show_small),
    Action("GET", "/records/{rid}", record_show.show),
    Action("GET", "/incidents", incidents_list.show),
    Action("GET", "/conflicts", conflicts_list.show),
    Action("GET", "/held", held_list.show),
    Action("GET", "/students", students_list.show),
    *case_routes.ACTIONS,
    Action("GET", "/forms", forms_list.show),
    Action("POST", "/forms", forms_upload.save, most_bytes=forms_upload.MOST_BYTES),
    Action("GET", "/forms/{form}", forms_show.show),
    Action("POST", "/forms/{form}/adopt", forms_upload.adopt),
    Action("GET", "/forms/{form}/draft", forms_show.show_draft),
    Action("POST", "/forms/{form}/draft/publish", forms_decide.publish),
    Action("POST", "/forms/{form}/draft/discard", forms_decide.discard),
    Action("POST", "/forms/{form}/withdraw", forms_decide.withdraw),
    Action("POST", "/forms/{form}/offer", forms_decide.offer),
    Action("GET", "/forms/{form}/versions/{version}", forms_preview.show),
    Action("GET", "/forms/{form}/versions/{version}/sheets", forms_preview.download),
    Action("GET", "/forms/{form}/versions/{version}/try", forms_try.show),
    Action(
        "POST", "/forms/{form}/versions/{version}/try", forms_try.save,
        most_bytes=forms_try.MOST_BYTES, most_fields=forms_try.MOST_FIELDS,
    ),
    Action("GET", "/account", account_show.show),
    Action("POST", "/account/codes", code_make.save),
    Action("POST", "/account/password", account_show.change_password),
    Action("GET", "/staff", staff_pages.show),
    Action("POST", "/staff", staff_pages.add, most_fields=staff_pages.MOST_FIELDS),
    Action("GET", "/staff/{account}", staff_pages.card),
    Action("POST", "/staff/{account}", staff_pages.save, most_fields=staff_pages.MOST_FIELDS),
    Action("POST", "/staff/{account}/phones", staff_pages.block),
    Action("GET", "/upkeep", upkeep_show.show),
    Action("POST", "/upkeep", upkeep_show.begin, on_full_disk=True),
    *registry_routes.ACTIONS,
    *school_routes.ACTIONS,
)


def console_routes(wiring: Wiring) -> list[BaseRoute]:
    """Every route of the console, to be mounted at the root; the last one answers what nobody knows."""
    seals = Seals(wiring.school.id, Ed25519Verifier(), wiring.keys.receipt.public_key)
    console = Console(wiring, seals)
    return [*(route(console, action) for action in ACTIONS), nowhere(console)]
