"""The roster: children found by name, pinyin, class or standing; one child's card; the roster as a workbook."""

from __future__ import annotations

from starlette.responses import Response

from casebook.errors import NotAllowed
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.roster import register, roll, search
from sync_server.roster.completeness import completeness
from sync_server.roster.plan import FieldChange, Planned
from sync_server.roster.register import Register, student_from
from sync_server.roster.vocabulary import vocabulary
from sync_server.roster.writing import write_roster
from sync_server.store import accounts, roll_events
from sync_server.store import register as kept
from sync_server.store.register import Change
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.registry_import import attachment
from sync_server.web.console.registry_words import Words

PAGE_CHILDREN = 60
MOST_HISTORY = 30
SHOWN = (
    "name", "former_name", "gender", "birth", "ethnic", "id_type", "id_no", "student_no", "class_id", "seat_no",
    "enrolled_on", "boarder", "placement", "roll_status", "household", "siblings", "village", "hukou_village",
    "hukou_address", "home_address", "home_landmark", "key_flags", "family_flags",
)  # fmt: skip


def show(console: Console, ask: Ask) -> Response:
    """The children found, as far as the asker may see them. Raises NotAllowed."""
    now = loaded(console, ask)
    query, class_id, status = ask.query("q")[:40], ask.query("class"), ask.query("status")
    found = search.find(now, ask.actor, query, class_id, status)
    shown = pages(ask, len(found), PAGE_CHILDREN)
    within = access.reach(ask.actor, Verb.READ_REGISTER)
    rooms = [room for room in now.ordered_classes() if within.whole_school or room.id in within.classes]
    return console.page(
        ask, "registry_list", children=found[shown.offset : shown.offset + shown.size], pages=shown, query=query,
        rooms=rooms, chosen_class=class_id, chosen_status=status, words=Words.of(ask, now), register=now,
        statuses=tuple(vocabulary().said["values"]["roll_status"]), address=lambda number: ask.address(page=number),
        may_export=access.allows(ask.actor, Verb.EXPORT_REGISTER),
    )  # fmt: skip


def card(console: Console, ask: Ask) -> Response:
    """One child's card with its history. Raises NoSuchPage, NotAllowed."""
    now = loaded(console, ask)
    one = search.child_of(now, ask.actor, ask.part("student"))
    with console.wiring.store.read() as conn:
        history = kept.changes_of(conn, console.school, kept.STUDENT, one.id, MOST_HISTORY)
        events = roll_events.of_student(conn, console.school, one.id)
        names = accounts.names(conn, console.school)
    words = Words.of(ask, now)
    told = [(change, _fields(change, words)) for change in history]
    wiring, subject = console.wiring, f"student:{one.id}"
    wiring.store.run_tx(lambda conn: audit.note(conn, ask.actor, wiring.now(), Act.READ_REGISTER, subject))
    return console.page(
        ask, "registry_card", child=one, words=words, shown=SHOWN, history=told, names=names,
        complete=completeness(one), events=events, possible=roll.possible(one.roll_status),
        may_enter=access.allows(ask.actor, Verb.ENTER_ROLL_EVENT), done=ask.query("done"),
    )  # fmt: skip


def _fields(change: Change, words: Words) -> list[FieldChange]:
    """What changed, as far as the asker may see it: a restricted flag that came or went leaves no trace."""
    if change.before is None:
        return []
    found = Planned(student_from(change.before), student_from(change.after)).changes()
    return [one for one in found if words.value(one.field, one.before) != words.value(one.field, one.after)]


def download(console: Console, ask: Ask) -> Response:
    """The roster of the classes one may see, numbers masked. Raises NotAllowed."""
    now = loaded(console, ask)
    within = access.reach(ask.actor, Verb.READ_REGISTER)
    rooms = [room for room in now.classes if within.whole_school or room in within.classes]
    return _written(console, ask, now, rooms, full=False)


def export(console: Console, ask: Ask) -> Response:
    """The roster with full identity numbers, for a stated purpose. Raises NotAllowed."""
    access.require(ask.actor, Verb.EXPORT_REGISTER)
    return _written(console, ask, loaded(console, ask), list(loaded(console, ask).classes), full=True)


def loaded(console: Console, ask: Ask) -> Register:
    """The register, for those who may see any of it. Raises NotAllowed."""
    if not access.scopes(ask.actor, Verb.READ_REGISTER):
        raise NotAllowed(verb=Verb.READ_REGISTER.value)
    with console.wiring.store.read() as conn:
        return register.load(conn, console.school)


def _written(console: Console, ask: Ask, now: Register, rooms: list[str], full: bool) -> Response:
    wiring, facts = console.wiring, {"classes": len(rooms), "full": full, "purpose": ask.form.get("purpose", "")[:40]}
    wiring.store.run_tx(lambda conn: audit.note(conn, ask.actor, wiring.now(), Act.EXPORT_ROSTER, "roster", **facts))
    return attachment(write_roster(now, rooms, full), "roster.xlsx")
