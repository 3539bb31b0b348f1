"""The addresses of the register: roster, imports, classes, households, events of the roll."""

from __future__ import annotations

from sync_server.web.console import registry_import, registry_list
from sync_server.web.console.answering import Action

ACTIONS = (
    Action("GET", "/roster", registry_list.show),
    Action("GET", "/roster/children/{student}", registry_list.card),
    Action("GET", "/roster/download", registry_list.download),
    Action("POST", "/roster/download", registry_list.export),
    Action("GET", "/roster/template", registry_import.template),
    Action("GET", "/roster/import", registry_import.show),
    Action("POST", "/roster/import", registry_import.upload, most_bytes=registry_import.MOST_BYTES),
    Action("GET", "/roster/import/{draft}", registry_import.preview),
    Action("POST", "/roster/import/{draft}/confirm", registry_import.confirm),
    Action("POST", "/roster/import/{draft}/discard", registry_import.discard),
)
