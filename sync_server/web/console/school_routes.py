"""The addresses of the school's day: headcounts, leaves, weekly reports, duties, figures, aid and the rulebook."""

from __future__ import annotations

from sync_server.web.console import (
    aid_pages,
    attendance_pages,
    duties_pages,
    figures_show,
    leaves_pages,
    rules_pages,
    termstart_pages,
    weekly_pages,
)
from sync_server.web.console.answering import Action

ACTIONS = (
    Action("GET", "/attendance", attendance_pages.show),
    Action("GET", "/attendance/{class_id}", attendance_pages.card),
    Action("POST", "/attendance/{class_id}", attendance_pages.enter, most_fields=attendance_pages.MOST_FIELDS),
    Action("POST", "/attendance/{class_id}/check", attendance_pages.check),
    Action("GET", "/attendance/{class_id}/start", termstart_pages.show),
    Action("POST", "/attendance/{class_id}/start", termstart_pages.enter),
    Action("GET", "/cases/{case}/leaves", leaves_pages.show),
    Action("POST", "/cases/{case}/leaves", leaves_pages.enter),
    Action("POST", "/cases/{case}/leaves/{leave}", leaves_pages.step),
    Action("GET", "/weekly", weekly_pages.show),
    Action("POST", "/weekly", weekly_pages.sign, most_fields=weekly_pages.MOST_FIELDS),
    Action("GET", "/weekly/{class_id}", weekly_pages.card),
    Action("GET", "/duties", duties_pages.show),
    Action("GET", "/figures", figures_show.show),
    Action("GET", "/aid", aid_pages.show),
    Action("GET", "/rulebook", rules_pages.show),
    Action("POST", "/rulebook", rules_pages.decide),
    Action("GET", "/rulebook/{key}", rules_pages.card),
    Action("POST", "/rulebook/{key}", rules_pages.propose, most_fields=rules_pages.MOST_FIELDS),
)
