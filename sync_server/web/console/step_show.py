"""One step of a case: its form with the evidence it wants, and writing it or saying everything that is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from assets import load_wording
from casebook.errors import NoSuchPage
from casebook.kinds.act import ACTS
from casebook.rules.aid import AID_ACTS
from casebook.rules.guards import Person
from casebook.rules.states import find
from sync_server import access, notices
from sync_server.access import Subject, Verb
from sync_server.escalation import Declined, Escalation, evidence, likely, require_role
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.step_fields import FILE, MANY, WORDED, Desk, Field, fields_of, variants

MOST_BYTES = 11 * 1024 * 1024
MOST_FIELDS = 80
PAPER_LANGUAGE = "zh_CN"  # papers of the school are Chinese, whatever language the console speaks


@dataclass(frozen=True)
class AskedStep:
    """Which act somebody wants to write about which child, in which role."""

    act: str
    subject: Subject
    role: str


def show(console: Console, ask: Ask) -> Response:
    """The form. Raises NoSuchCase, NoSuchPage, NotAllowed."""
    step = _asked(console, ask)
    desk = _desk(console, ask, step)
    return _page(console, ask, step, desk, fields_of(step.act, desk), None)


def save(console: Console, ask: Ask) -> Response:
    """Writes the act, or shows the form again with all that is missing. Raises NoSuchCase, NoSuchPage, NotAllowed."""
    step = _asked(console, ask)
    desk = _desk(console, ask, step)
    fields = fields_of(step.act, desk)
    body = sent_body(ask, fields)
    part, _ = variants(step.act, desk.rules)
    if part:
        body[part] = desk.variant
    answer = escalation(console).write(ask.actor, step.subject, step.act, body, ask.sent.file)
    if isinstance(answer, Declined):
        return _page(console, ask, step, desk, retold(fields, body), answer)
    if step.act in AID_ACTS:
        return go("/aid?done=settled")
    return go(f"/papers/{answer}" if step.act in WORDED else f"/cases/{step.subject.case}?done=step")


def escalation(console: Console) -> Escalation:
    """The use case, over the console's wiring."""
    wiring = console.wiring
    return Escalation(wiring.store, console.school, wiring.lives, wiring.office, wiring.uploads, wiring.clock)


def sent_body(ask: Ask, fields: list[Field]) -> dict[str, Any]:
    """What the form says, part by part; what was left empty is left out."""
    read = {field.name: field.read(ask.all_of(field.name)) for field in fields if field.kind != FILE}
    return {name: value for name, value in read.items() if value not in ("", [], False)}


def retold(fields: list[Field], body: dict[str, Any]) -> list[Field]:
    """The form as it was sent."""
    typed = (field for field in fields if field.kind != FILE)
    told = {field.name: replace(field, value=field.shown(body.get(field.name, ""))) for field in typed}
    return [told.get(field.name, field) for field in fields]


def _asked(console: Console, ask: Ask) -> AskedStep:
    act = ask.part("act")
    if act not in ACTS:
        raise NoSuchPage()
    with console.wiring.store.read() as conn:
        subject = console.cases.open(conn, ask.part("case")).subject
    access.require(ask.actor, Verb.READ_AID if act in AID_ACTS else Verb.READ_CASE, subject)
    return AskedStep(act, subject, require_role(ask.actor, act, subject))


def _desk(console: Console, ask: Ask, step: AskedStep) -> Desk:
    with console.wiring.store.read() as conn:
        life = console.wiring.lives.of(conn, step.subject.case)
        child = notices.on_file(conn, console.school, step.subject.case)
        names, deeds = accounts.names(conn, console.school), escalation(console).deeds(conn)
    rules = life.world.book.on(life.world.today)
    _, codes = variants(step.act, rules)
    asked = ask.form.get("variant") or ask.query("v")
    variant = asked if asked in codes else next(iter(codes), "")
    paper_words = load_wording(PAPER_LANGUAGE)
    return Desk(life, child, ask.actor, names, deeds, ask.wording, paper_words, console.dates(ask), variant)


def _page(
    console: Console, ask: Ask, step: AskedStep, desk: Desk, fields: list[Field], declined: Declined | None
) -> Response:
    life, act = desk.life, step.act
    part, codes = variants(act, desk.rules)
    ticked = {field.name: list(field.value) for field in fields if field.kind == MANY and declined}
    body = likely(act, life) | ({part: desk.variant, "papers": []} if part else {}) | ticked
    situation = life.situation(Person(ask.actor.id, step.role, ask.actor.name), body)
    return console.page(
        ask, "step", 422 if declined else 200, act=act, case=life.child.case, child=desk.child, state=life.state,
        fields=fields, variants=codes, variant=desk.variant, role=step.role, move=find(act, life.state),
        evidence=evidence(act, situation), faults=declined.sentences(ask.wording) if declined else [],
        of_aid=act in AID_ACTS,
        letter=act == "letter" or (act == "notice_issued" and desk.variant == notices.VILLAGE_LETTER),
    )  # fmt: skip
