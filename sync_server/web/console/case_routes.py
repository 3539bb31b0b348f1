"""The addresses of a case: its page, its steps, and the papers that come of them."""

from __future__ import annotations

from sync_server.web.console import (
    assign_save,
    case_bundle,
    case_resolve,
    case_show,
    papers_show,
    proof_show,
    step_show,
)
from sync_server.web.console.answering import Action

ACTIONS = (
    Action("GET", "/cases/{case}", case_show.show),
    Action("POST", "/cases/{case}/bundle", case_bundle.export),
    Action("POST", "/cases/{case}/resolve", case_resolve.save),
    Action("POST", "/cases/{case}/assigned", assign_save.save),
    Action("GET", "/cases/{case}/steps/{act}", step_show.show),
    Action(
        "POST", "/cases/{case}/steps/{act}", step_show.save,
        most_bytes=step_show.MOST_BYTES, most_fields=step_show.MOST_FIELDS,
    ),
    Action("GET", "/papers", papers_show.show),
    Action("GET", "/papers/report", papers_show.new_report),
    Action("POST", "/papers/report", papers_show.save_report, most_bytes=step_show.MOST_BYTES),
    Action("GET", "/papers/{rid}", papers_show.card),
    Action("GET", "/papers/{rid}/photo", papers_show.photo),
    Action("GET", "/visits/{visit}/proof", proof_show.show),
)  # fmt: skip
