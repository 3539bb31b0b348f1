"""Events of the roll: the list, entering one, its page with the papers, and the principal's decision."""

from __future__ import annotations

import datetime as dt
import hashlib

from starlette.responses import Response

from casebook.errors import NoSuchFile, NoSuchPage, StoreDamaged
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.roster.register import Register
from sync_server.roster.roll import KINDS
from sync_server.roster.rollbook import TEXTS, Entry, RollBook
from sync_server.roster.search import child_of
from sync_server.store import accounts, files, roll_events
from sync_server.store.roll_events import DONE, ENTERED, RollEvent
from sync_server.web.console.lists import pages
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

MOST_BYTES = 11 * 1024 * 1024
PAGE_EVENTS = 50
WARN_BEFORE = dt.timedelta(days=10)  # of the end of a suspension or exemption (domain 3.3)


def show(console: Console, ask: Ask) -> Response:
    """What waits for the principal, what is about to run out, and everything that happened. Raises NotAllowed."""
    now = loaded(console, ask)
    within = access.reach(ask.actor, Verb.READ_REGISTER)
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
        every = [
            one for one in roll_events.of_school(conn, console.school)
            if within.whole_school or one.class_id in within.classes
        ]  # fmt: skip
    shown = pages(ask, len(every), PAGE_EVENTS)
    today = console.wiring.clock().date()
    return console.page(
        ask, "registry_events", events=every[shown.offset : shown.offset + shown.size], pages=shown, names=names,
        waiting=[one for one in every if one.status == ENTERED],
        ending=[one for one in every if _is_ending(now, one, today)],
        words=Words.of(ask, now), address=lambda number: ask.address(page=number),
    )  # fmt: skip


def new(console: Console, ask: Ask) -> Response:
    """The form for one kind of event of one child. Raises NotAllowed, NoSuchPage."""
    return _form(console, ask, Entry(ask.query("student"), ask.query("kind"), ""), ())


def enter(console: Console, ask: Ask) -> Response:
    """Enters the event, or shows the form again with what is missing. Raises NotAllowed, NoSuchPage."""
    form = ask.form
    texts = {name: form.get(name, "") for name in TEXTS}
    entry = Entry(
        form.get("student", ""), form.get("kind", ""), form.get("on_day", ""), form.get("until", ""), texts,
        ask.sent.file,
    )  # fmt: skip
    event, faults = rollbook(console).enter(ask.actor, entry)
    return _form(console, ask, entry, tuple(faults)) if faults else go(f"/roster/events/{event}?done=entered")


def card(console: Console, ask: Ask) -> Response:
    """One event with its papers and the decision. Raises NotAllowed, NoSuchPage."""
    now, event = _seen(console, ask)
    with console.wiring.store.read() as conn:
        names = accounts.names(conn, console.school)
    may_decide = (
        event.status == ENTERED and access.allows(ask.actor, Verb.APPROVE_ROLL_EVENT) and event.account != ask.actor.id
    )
    return console.page(
        ask, "registry_event", event=event, kind=KINDS[event.kind], child=now.students[event.student], names=names,
        words=Words.of(ask, now), texts=TEXTS, may_decide=may_decide, done=ask.query("done"),
    )  # fmt: skip


def decide(console: Console, ask: Ask) -> Response:
    """The principal approves or refuses. Raises NotAllowed, NoSuchPage, AlreadyDecided, RequestMalformed."""
    access.require(ask.actor, Verb.APPROVE_ROLL_EVENT)
    event, approved = ask.part("event"), ask.one_of("decision", "approve", "refuse") == "approve"
    rollbook(console).decide(ask.actor, event, approved, ask.form.get("remark", ""))
    return go(f"/roster/events/{event}?done=decided")


def paper(console: Console, ask: Ask) -> Response:
    """The photographed paper. Raises NotAllowed, NoSuchPage, NoSuchFile, StoreDamaged."""
    _, event = _seen(console, ask)
    sha256, wiring = str(event.facts.get("paper_sha256", "")), console.wiring
    with wiring.store.read() as conn:
        file = files.one(conn, console.school, sha256)
    if file is None:
        raise NoSuchFile(sha256=sha256)
    content = b"".join(wiring.blobs.files.read(sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoreDamaged()
    subject = f"student:{event.student}"
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_FILE, subject, sha256=sha256))
    return Response(content, media_type=file.type, headers={"Content-Disposition": "inline"})


def rollbook(console: Console) -> RollBook:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return RollBook(wiring.store, console.school, wiring.office, wiring.uploads, wiring.clock)


def _form(console: Console, ask: Ask, entry: Entry, faults: tuple[str, ...]) -> Response:
    access.require(ask.actor, Verb.ENTER_ROLL_EVENT)
    now = loaded(console, ask)
    child, kind = child_of(now, ask.actor, entry.student), KINDS.get(entry.kind)
    if kind is None:
        raise NoSuchPage()
    return console.page(
        ask, "registry_event_new", 422 if faults else 200, child=child, kind=kind, entry=entry, faults=faults,
        words=Words.of(ask, now), today=console.wiring.clock().date().isoformat(),
    )  # fmt: skip


def _seen(console: Console, ask: Ask) -> tuple[Register, RollEvent]:
    now = loaded(console, ask)
    with console.wiring.store.read() as conn:
        event = roll_events.one(conn, console.school, ask.part("event"))
    if event is None:
        raise NoSuchPage()
    child = now.students[event.student]
    access.require(ask.actor, Verb.READ_REGISTER, Subject(child.id, child.class_id))
    return now, event


def _is_ending(now: Register, event: RollEvent, today: dt.date) -> bool:
    """Whether a suspension or exemption that still holds has run out or soon will (R10)."""
    child = now.students.get(event.student)
    if child is None or event.status != DONE or not event.until or child.roll_status != KINDS[event.kind].after:
        return False
    return dt.date.fromisoformat(event.until) <= today + WARN_BEFORE
