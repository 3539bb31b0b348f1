"""The school's papers: reports due, notices issued, reports sent; one paper printed as it was sealed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from assets import load_wording
from casebook.errors import NoSuchFile, NoSuchPage, NotAllowed, StoreDamaged
from casebook.feeds import CLASSES, STUDENTS
from casebook.kinds.act import EXTERNAL_DOCUMENTS
from casebook.records import Record
from casebook.rules.aid import AID_ACTS
from casebook.rules.facts import day_from
from casebook.rules.guards import return_by
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.rulebook import Rules
from casebook.rules.service import SERVED
from casebook.wording import Wording
from sync_server import access, audit, notices, reports
from sync_server.access import Subject, Verb
from sync_server.audit import Act
from sync_server.escalation import PAPER, Declined, require_role
from sync_server.notices import OnFile
from sync_server.store import accounts, files, originals, rows
from sync_server.web.console.case_life import PAPERS
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.step_fields import FILE, REPORT_WAYS, TEXT, Field, Option, report_fields
from sync_server.web.console.step_show import PAPER_LANGUAGE, escalation, retold, sent_body
from sync_server.web.console.weekly_pages import weeklies
from sync_server.weeklies import monday_of

MOST_SHOWN = 200
_RID = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Printed:
    """A paper ready for the printer: everything in it was sealed, but the day by which the child is to be back."""

    kind: str
    title: str
    body: Mapping[str, Any]
    on: str
    signed: str
    rid: str
    child: OnFile | None
    paragraphs: tuple[str, ...]
    terms: str
    return_by: str
    school_phone: str
    hotline: str
    flags: tuple[str, ...]


def show(console: Console, ask: Ask) -> Response:
    """What is due and what went out, of the children the reader may read. Raises NotAllowed."""
    _require_desk(ask)
    with console.wiring.store.read() as conn:
        within = access.reach(ask.actor, Verb.READ_CASE)
        lives, world = console.wiring.lives.within(conn, within), console.wiring.lives.world(conn)
        deeds = console.wiring.lives.school_deeds(conn) if within.whole_school else []
        children = rows.of_feed(conn, console.school, STUDENTS)
        names = accounts.names(conn, console.school)
    issued = [(life, deed) for life in lives for deed in life.facts.done("notice_issued")]
    issued.sort(key=lambda one: (one[1].day(), one[1].rid), reverse=True)
    return console.page(
        ask, "papers", owed=reports.owed(lives, world, deeds), sent=reports.sent(lives, deeds)[:MOST_SHOWN],
        issued=[(life, deed, _standing(life, deed.text("no")), _proof(life, deed.text("no")))
                for life, deed in issued[:MOST_SHOWN]],
        children=children, names=names, school_kinds=world.book.on(world.today).codes("school_reports"),
        may_report=access.allows(ask.actor, Verb.SEND_REPORT), proof=reports.proof_in_words,
    )  # fmt: skip


def new_report(console: Console, ask: Ask) -> Response:
    """The form of a report of the whole school, filled in from the figures. Raises NotAllowed, NoSuchPage."""
    report = ask.query("v") or reports.MONTHLY
    return _report_page(console, ask, report, _report_form(console, ask, report, ask.query("period")), None)


def save_report(console: Console, ask: Ask) -> Response:
    """Writes it, or shows the form with all that is missing. Raises NotAllowed, NoSuchPage."""
    report = ask.form.get("variant", "")
    fields = _report_form(console, ask, report, ask.form.get("period", ""))
    body = {**sent_body(ask, fields), "report": report, "period": ask.form.get("period", "")}
    answer = escalation(console).report_school(ask.actor, body, ask.sent.file)
    if isinstance(answer, Declined):
        return _report_page(console, ask, report, retold(fields, body), answer)
    return go(f"/papers/{answer}")


def card(console: Console, ask: Ask) -> Response:
    """One paper, to be printed on A4; reading it leaves a line. Raises NoSuchPage, NotAllowed."""
    rid, record = _paper(console, ask)
    wiring = console.wiring
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.PRINT_PAPER, f"record:{rid}"))
    return console.page(
        ask, "paper", printed=_printed(console, rid, record), words=load_wording(PAPER_LANGUAGE),
        case=record.case, has_photo=bool(record.body.get(PAPER)),
    )  # fmt: skip


def photo(console: Console, ask: Ask) -> Response:
    """The photographed receipt or document. Raises NoSuchPage, NotAllowed, NoSuchFile, StoreDamaged."""
    rid, record = _paper(console, ask, (*PAPERS, *AID_ACTS))
    sha256, wiring = str(record.body.get(PAPER, "")), console.wiring
    with wiring.store.read() as conn:
        file = files.one(conn, console.school, sha256) if sha256 else None
    if file is None:
        raise NoSuchFile(sha256=sha256)
    content = b"".join(wiring.blobs.files.read(sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoreDamaged()
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_FILE, f"record:{rid}", sha256=sha256))
    return Response(content, media_type=file.type, headers={"Content-Disposition": "inline"})


def _require_desk(ask: Ask) -> None:
    """The desk is for those who send reports or issue notices. Raises NotAllowed."""
    if not access.scopes(ask.actor, Verb.SEND_REPORT) | access.scopes(ask.actor, Verb.ISSUE_NOTICE):
        raise NotAllowed(verb=Verb.SEND_REPORT.value)


def _paper(console: Console, ask: Ask, acts: Collection[str] = PAPERS) -> tuple[str, Record]:
    """The act behind a paper, for who may read the child's case, its aid, or the school's reports."""
    rid = ask.part("rid")
    with console.wiring.store.read() as conn:
        original = originals.one(conn, console.school, rid) if _RID.match(rid) else None
        record = console.seals.open(conn, original).record if original else None
        if record is None or record.type != "act" or record.body["act"] not in acts:
            raise NoSuchPage()
        if record.case is None:
            access.require(ask.actor, Verb.SEND_REPORT)  # it names children of every class
        else:
            verb = Verb.READ_AID if record.body["act"] in AID_ACTS else Verb.READ_CASE
            access.require(ask.actor, verb, console.cases.open(conn, record.case).subject)
    return rid, record


def _printed(console: Console, rid: str, record: Record) -> Printed:
    words, body = load_wording(PAPER_LANGUAGE), record.body
    with console.wiring.store.read() as conn:
        life = console.wiring.lives.of(conn, record.case) if record.case else None
        child = notices.on_file(conn, console.school, record.case) if record.case else None
        world = console.wiring.lives.world(conn)
    kind = str(body.get("notice") or body.get("report") or body.get("document") or body["act"])
    on = day_from(body.get("on")) or dt.date.fromisoformat(record.at.started[:10])
    rules = world.book.on(on)
    to_guardian = life is not None and kind == notices.GUARDIAN_NOTICE
    back = return_by(life.seen) if life and to_guardian and _served(life, str(body.get("no"))) else None
    return Printed(
        kind=kind, title=_title(kind, rules, words), body=body, on=notices.day_in_words(on, words),
        signed=str(body.get("name", "")), rid=rid, child=child,
        paragraphs=tuple(line for line in _text(console, record, kind, child, words).splitlines() if line),
        terms=notices.return_terms(life.rules.rule("return_by"), words) if life else "",
        return_by=notices.day_in_words(back, words) if back else "",
        school_phone=notices.contact_of(rules, "school"), hotline=notices.contact_of(rules, "hotline"),
        flags=_flags(kind, child),
    )  # fmt: skip


def _text(console: Console, record: Record, kind: str, child: OnFile | None, words: Wording) -> str:
    """The sealed text; where an act carries none, what the case said at its moment."""
    text = str(record.body.get("text", ""))
    if text or child is None or record.case is None or kind in EXTERNAL_DOCUMENTS:
        return text
    with console.wiring.store.read() as conn:
        then = console.wiring.lives.of(conn, record.case, dt.datetime.fromisoformat(record.at.started))
    if kind in (*reports.KINDS, reports.CONFIRMATION):
        return reports.text_of_case(kind, then, child, words)
    return notices.draft(kind, then, child, str(record.body["no"]), words).text


def _title(kind: str, rules: Rules, words: Wording) -> str:
    if kind in EXTERNAL_DOCUMENTS:
        return words(f"acts.paper.{kind}")
    if kind in (*reports.KINDS, reports.CONFIRMATION):
        return words(f"reports.title.{kind}")
    return notices.title(kind, rules, words)


def _flags(kind: str, child: OnFile | None) -> tuple[str, ...]:
    """What the registrar should look at before the letter goes out (R33)."""
    if kind != notices.VILLAGE_LETTER or child is None:
        return ()
    return ("acts.hukou.unknown",) if child.hukou_unknown else ("acts.hukou.moved",) if child.moved else ()


def _served(life: Lifecycle, no: str) -> bool:
    return any(one.outcome == SERVED and one.receipt.doc_no == no for one in life.seen.services)


def _standing(life: Lifecycle, no: str) -> str:
    """served, defective, not served yet: how far a notice got."""
    found = [one.outcome for one in life.seen.services if one.receipt.doc_no == no]
    return SERVED if SERVED in found else found[-1] if found else "waiting"


def _proof(life: Lifecycle, no: str) -> str:
    """The visit on which a notice was served, or was tried to be last; empty when there was none."""
    visits = {contact.rid: contact.visit for contact in life.contacts}
    tried = [one for one in life.seen.services if one.receipt.doc_no == no and one.source in visits]
    tried.sort(key=lambda one: one.outcome == SERVED)
    return visits[tried[-1].source] if tried else ""


def _report_form(console: Console, ask: Ask, report: str, about_period: str) -> list[Field]:
    require_role(ask.actor, "reported", Subject(""))
    with console.wiring.store.read() as conn:
        world, lives = console.wiring.lives.world(conn), console.wiring.lives.all(conn)
        deeds = escalation(console).deeds(conn)
        classes = sorted(rows.of_feed(conn, console.school, CLASSES))
        children = rows.of_feed(conn, console.school, STUDENTS)
    rules, words = world.book.on(world.today), load_wording(PAPER_LANGUAGE)
    if report not in rules.codes("school_reports"):
        raise NoSuchPage()
    used = [deed.text("no") for deed in deeds if deed.act == "reported"]
    no = notices.next_number(rules.code("number.reports"), used, world.today.year)
    about = world
    if report == reports.WEEKLY:
        with console.wiring.store.read() as conn:
            weeks = weeklies(console).of_week(conn, ask.actor, world.today)
        text = reports.text_of_week(weeks, monday_of(world.today), words)
    else:
        about = reports.month_to_report(world, deeds, about_period)
        with console.wiring.store.read() as conn:
            lives = console.wiring.lives.all(conn, about.now)
        text = reports.text_of_month(lives, about, classes, lambda case: _name(children.get(case, {}), words), words)
    ways = tuple(Option(way, ask.wording(f"acts.choice.way.{way}")) for way in REPORT_WAYS)
    made = report_fields(no, world.today.isoformat(), reports.addressees(report, rules, words), text, ways)
    return [Field("period", TEXT, reports.period(report, about.today)), *made, Field("paper", FILE, needed=False)]


def _name(child: Mapping[str, Any], words: Wording) -> str:
    """A child with its class, as a list names it."""
    return str(child.get("name", "")) + words("console.bracketed", text=child.get("class_name", ""))


def _report_page(
    console: Console, ask: Ask, report: str, fields: list[Field], declined: Declined | None
) -> Response:
    return console.page(
        ask, "papers_report", 422 if declined else 200, report=report, fields=fields,
        faults=declined.sentences(ask.wording) if declined else [],
    )  # fmt: skip
