"""Children who are due for entry, with their notices: issued together, collected one by one, printed (R06)."""

from __future__ import annotations

import datetime as dt
import re

from starlette.responses import Response

from assets import load_wording
from casebook.errors import NoSuchPage
from casebook.rules.facts import day_from
from sync_server import access, audit, notices
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.roster.entries import DUE, ENTRY, EXEMPT, HERE, LATE, NOTICE, PAPER_LANGUAGE, UNTOLD, YOUNG, Entries
from sync_server.store import originals
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.papers_show import Printed
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

MOST_FIELDS = 2000
_RID = re.compile(r"[0-9a-f]{64}\Z")


def show(console: Console, ask: Ask) -> Response:
    """The list. Raises NotAllowed."""
    return _page(console, ask)


def issue(console: Console, ask: Ask) -> Response:
    """Issues the notices of the ticked children. Raises NotAllowed."""
    count = entries(console).issue(ask.actor, ask.all_of("child"))
    return go(f"/roster/entry?done=issued&count={count}")


def accept(console: Console, ask: Ask) -> Response:
    """Puts the ticked finds of the census on the register, or notes why one of them need not come on it.

    Raises NotAllowed, NoSuchPage.
    """
    if one := ask.form.get("aside", ""):
        fault = entries(console).set_aside(ask.actor, one, ask.form.get("why", ""))
        return _page(console, ask, fault) if fault else go("/roster/entry?done=aside")
    count = entries(console).accept(ask.actor, ask.all_of("find"))
    return go(f"/roster/entry?done=accepted&count={count}")


def collect(console: Console, ask: Ask) -> Response:
    """Notes who came for a notice. Raises NotAllowed, NoSuchPage, AlreadyDecided."""
    fault = entries(console).collect(
        ask.actor, ask.part("student"), ask.form.get("by", ""), ask.form.get("on", "")
    )
    return _page(console, ask, fault) if fault else go("/roster/entry?done=collected")


def paper(console: Console, ask: Ask) -> Response:
    """One notice, to be printed on A4; reading it leaves a line. Raises NotAllowed, NoSuchPage."""
    access.require(ask.actor, Verb.ENTER_ROLL_EVENT)
    rid, wiring = ask.part("rid"), console.wiring
    with wiring.store.read() as conn:
        original = originals.one(conn, console.school, rid) if _RID.match(rid) else None
        record = console.seals.open(conn, original).record if original else None
        if record is None or record.type != ENTRY or "text" not in record.body or record.case is None:
            raise NoSuchPage()
        child = notices.on_file(conn, console.school, record.case)
        world = wiring.lives.world(conn)
    on = day_from(record.body.get("on")) or dt.date.fromisoformat(record.at.started[:10])
    rules, words = world.book.on(on), load_wording(PAPER_LANGUAGE)
    wiring.store.run_tx(lambda conn: audit.note(conn, ask.actor, wiring.now(), Act.PRINT_PAPER, f"record:{rid}"))
    printed = Printed(
        kind=NOTICE, title=notices.title(NOTICE, rules, words), body=record.body, on=notices.day_in_words(on, words),
        signed=str(record.body.get("name", "")), rid=rid, child=child,
        paragraphs=tuple(line for line in str(record.body["text"]).splitlines() if line), terms="", return_by="",
        school_phone=notices.contact_of(rules, "school"), hotline=notices.contact_of(rules, "hotline"), flags=(),
    )  # fmt: skip
    return console.page(ask, "paper", printed=printed, words=words, case=record.case, has_photo=False)


def entries(console: Console) -> Entries:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Entries(wiring.store, console.school, wiring.office, wiring.lives, wiring.clock)


def _page(console: Console, ask: Ask, fault: str = "") -> Response:
    lines, now = entries(console).lines(ask.actor), loaded(console, ask)
    groups = {name: [line for line in lines if line.group == name] for name in (DUE, EXEMPT, YOUNG)}
    told = {state: sum(line.state == state for line in groups[DUE]) for state in (UNTOLD, LATE, HERE)}
    count, found = ask.query("count"), entries(console).finds(ask.actor)
    return console.page(
        ask, "registry_entry", 422 if fault else 200, groups=groups, told=told, words=Words.of(ask, now), register=now,
        fault=fault, done=ask.query("done"), count=count if count.isdecimal() else "0", chosen=ask.part("student"),
        today=console.wiring.clock().date().isoformat(), finds=[find for find in found if not find.set_aside],
        aside=[find for find in found if find.set_aside], opened=ask.form.get("aside", ""),
        states={"late": LATE, "untold": UNTOLD, "collected": HERE},
    )  # fmt: skip
