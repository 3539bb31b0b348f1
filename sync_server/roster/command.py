"""Imports a roster on the school's computer: the console's own code and sentences, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.wording import Wording
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.roster.imports import Imports
from sync_server.roster.plan import Plan
from sync_server.store.accounts import Account
from sync_server.wiring import Wiring

MOST_LINES = 50


def import_roster(wiring: Wiring, content: bytes, dry_run: bool, wording: Wording) -> tuple[bool, list[str]]:
    """Imports a file, or only says what it would do; whether all was well, and the lines to print."""
    imports = Imports(wiring.store, wiring.school.id, wiring.clock)
    at_the_computer = Account("", wiring.school.id, "", "", ("registrar",))
    try:
        draft = imports.take_in(at_the_computer, content)
    except SheetsRefused as refused:
        return False, [wording("registry.refused"), *_findings(wording, refused.complaints)]
    plan = imports.plan(at_the_computer, draft)
    lines = list(_summary(wording, plan))
    if dry_run or not plan.may_go_on:
        imports.discard(at_the_computer, draft)
        return not plan.complaints, [*lines, wording(_ending(plan))]
    done = imports.confirm(at_the_computer, draft, plan.sha256).done
    return done, [*lines, wording("registry.imported" if done else "registry.stale")]


def _ending(plan: Plan) -> str:
    if plan.complaints:
        return "registry.complaints.now"
    return "registry.preview.nothing_yet" if plan.may_go_on else "registry.nothing_to_do"


def _summary(wording: Wording, plan: Plan) -> Iterator[str]:
    colon = wording("console.colon")
    yield from (f"{wording(f'registry.count.{name}')}{colon}{count}" for name, count in plan.counts().items())
    for key, found in (("registry.complaints", plan.complaints), ("registry.remarks", plan.remarks)):
        if found:
            yield wording(key, count=len(found))
            yield from _findings(wording, found)


def _findings(wording: Wording, found: tuple[Complaint, ...]) -> Iterator[str]:
    for one in found[:MOST_LINES]:
        yield "  ".join(filter(None, [_place(wording, one), wording(one.sentence, **one.facts)]))
    if len(found) > MOST_LINES:
        yield wording("registry.more", count=len(found) - MOST_LINES)


def _place(wording: Wording, one: Complaint) -> str:
    if not one.row:
        return wording("registry.place_sheet", sheet=one.sheet) if one.sheet else ""
    line = wording("registry.place_line", row=one.row)
    place = wording("registry.place_row", sheet=one.sheet, row=one.row) if one.sheet else line
    return f"{place} {wording('registry.place_column', column=one.column)}" if one.column else place
