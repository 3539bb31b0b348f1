"""The addresses of the register — roster, imports, classes, households, events — and of the school calendar."""

from __future__ import annotations

from sync_server.web.console import (
    calendar_pages,
    entry_pages,
    registry_classes,
    registry_completeness,
    registry_correct,
    registry_events,
    registry_households,
    registry_import,
    registry_list,
    registry_new,
    registry_rekeying,
    registry_villages,
    registry_year,
)
from sync_server.web.console.answering import Action

ACTIONS = (
    Action("GET", "/calendar", calendar_pages.show),
    Action("GET", "/calendar/{term}", calendar_pages.card),
    Action("POST", "/calendar/{term}", calendar_pages.save),
    Action("GET", "/roster", registry_list.show),
    Action("GET", "/roster/new", registry_new.show),
    Action("POST", "/roster/new", registry_new.save),
    Action("GET", "/roster/classes", registry_classes.show),
    Action("POST", "/roster/classes", registry_classes.freeze),
    Action("GET", "/roster/classes/{class_id}", registry_classes.card),
    Action("GET", "/roster/completeness", registry_completeness.show),
    Action("GET", "/roster/households", registry_households.show),
    Action("POST", "/roster/households", registry_households.save),
    Action("GET", "/roster/villages", registry_villages.show),
    Action("POST", "/roster/villages", registry_villages.save),
    Action("GET", "/roster/events", registry_events.show),
    Action("POST", "/roster/events", registry_events.enter, most_bytes=registry_events.MOST_BYTES),
    Action("GET", "/roster/events/new", registry_events.new),
    Action("GET", "/roster/events/{event}", registry_events.card),
    Action("POST", "/roster/events/{event}/decide", registry_events.decide),
    Action("GET", "/roster/events/{event}/paper", registry_events.paper),
    Action("GET", "/roster/rekeying", registry_rekeying.show),
    Action("POST", "/roster/rekeying/{event}", registry_rekeying.tick),
    Action("GET", "/roster/entry", entry_pages.show),
    Action("POST", "/roster/entry", entry_pages.issue, most_fields=entry_pages.MOST_FIELDS),
    Action("POST", "/roster/entry/{student}/collected", entry_pages.collect),
    Action("GET", "/roster/entry/{rid}/paper", entry_pages.paper),
    Action("GET", "/roster/year", registry_year.show),
    Action("POST", "/roster/year", registry_year.save, most_fields=registry_year.MOST_FIELDS),
    Action("GET", "/roster/children/{student}", registry_list.card),
    Action("GET", "/roster/children/{student}/correct", registry_correct.show),
    Action(
        "POST", "/roster/children/{student}/correct", registry_correct.save, most_fields=registry_correct.MOST_FIELDS
    ),
    Action("GET", "/roster/download", registry_list.download),
    Action("POST", "/roster/download", registry_list.export),
    Action("GET", "/roster/template", registry_import.template),
    Action("GET", "/roster/import", registry_import.show),
    Action("POST", "/roster/import", registry_import.upload, most_bytes=registry_import.MOST_BYTES),
    Action("GET", "/roster/import/{draft}", registry_import.preview),
    Action("POST", "/roster/import/{draft}/confirm", registry_import.confirm),
    Action("POST", "/roster/import/{draft}/discard", registry_import.discard),
)
