"""The rulebook: every row with its source and history; a new row is entered by one person and confirmed by another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from casebook.rules import rulebook as units
from casebook.rules.rulebook import COUNTS, EVERYWHERE, Rule
from casebook.rules.words import source_told
from sync_server import access
from sync_server.access import Verb
from sync_server.rules_desk import LAST_SCHOOL_DAY, NO, YES, Draft, RulesDesk, choices
from sync_server.store import accounts
from sync_server.web.console.page import Ask, Console, go

FIELDS = ("value", "effective_from", "source", "because", "counted", "roll", "warn")
MOST_FIELDS = 60


def show(console: Console, ask: Ask) -> Response:
    """Every row that holds today, and the proposals that wait for a second person."""
    with console.wiring.store.read() as conn:
        use = desk(console)
        lines, waiting, names = use.lines(conn), use.waiting(conn), accounts.names(conn, console.school)
        holding = {line.now.key: line.now for line in lines}
    return console.page(
        ask, "rulebook", lines=lines, waiting=waiting, holding=holding, names=names, value_of=_value_of(ask),
        scope_of=_scope_of(ask), source_of=_source_of(ask), may_confirm=_may_confirm(ask), done=ask.query("done"),
    )  # fmt: skip


def card(console: Console, ask: Ask) -> Response:
    """One row with everything it was and will be, and the form for a new one. Raises NoSuchPage."""
    return _drawn(console, ask)


def propose(console: Console, ask: Ask) -> Response:
    """Files a proposal, or shows what is wrong. Raises NotAllowed, NoSuchPage."""
    typed = {name: ask.form.get(name, "") for name in FIELDS}
    typed["value"] = " ".join(ask.all_of("value"))
    draft = Draft(key=ask.part("key"), **typed)
    faults = desk(console).propose(ask.actor, draft)
    return _drawn(console, ask, tuple(faults), draft) if faults else go("/rulebook?done=proposed")


def decide(console: Console, ask: Ask) -> Response:
    """The second person confirms or refuses. Raises NotAllowed, NoSuchPage, AlreadyDecided, RequestMalformed."""
    access.require(ask.actor, Verb.CONFIRM_RULES)
    confirm = ask.one_of("decision", "confirm", "refuse") == "confirm"
    done = desk(console).decide(ask.actor, ask.form.get("proposal", ""), confirm, ask.form.get("remark", ""))
    return go(f"/rulebook?done={('confirmed' if confirm else 'refused') if done else 'past'}")


def desk(console: Console) -> RulesDesk:
    """The use case, over the console's wiring."""
    return RulesDesk(console.wiring.store, console.school, console.wiring.office, console.wiring.clock)


def _drawn(console: Console, ask: Ask, faults: tuple[str, ...] = (), draft: Draft | None = None) -> Response:
    with console.wiring.store.read() as conn:
        line = desk(console).line(conn, ask.part("key"))
        names = accounts.names(conn, console.school)
    today = console.wiring.clock().date()
    return console.page(
        ask, "rulebook_row", 422 if faults else 200, line=line, names=names, faults=faults, draft=draft,
        choices=choices(line.now), counts=COUNTS, length=line.now.unit in units.LENGTHS, units=units,
        may_edit=access.allows(ask.actor, Verb.EDIT_RULES), may_confirm=_may_confirm(ask), today=today,
        value_of=_value_of(ask), scope_of=_scope_of(ask), source_of=_source_of(ask), typed_value=_typed(line.now),
        yes=YES, no=NO, last_school_day=LAST_SCHOOL_DAY, one_code=lambda rule, code: replace(rule, value=code),
    )  # fmt: skip


def _may_confirm(ask: Ask) -> bool:
    return access.allows(ask.actor, Verb.CONFIRM_RULES)


def _value_of(ask: Ask) -> Callable[[Rule], str]:
    """Says the value of a rule with its unit, how it is counted and compared."""

    def said(rule: Rule) -> str:
        wording = ask.wording
        parts = rule.value if isinstance(rule.value, list | tuple) else [rule.value]
        value = wording("console.list_comma").join(_part(ask, rule, part) for part in parts)
        if rule.unit in units.LENGTHS:
            value = wording(f"ruledesk.unit.{rule.unit}.{rule.counted}", value=value)
            return wording("ruledesk.rolled", value=value) if rule.roll else value
        if rule.unit == units.PERCENT:
            return wording(f"ruledesk.{rule.comparator}", value=value)
        return wording(f"ruledesk.unit.{rule.unit}", value=value)

    return said


def _part(ask: Ask, rule: Rule, part: object) -> str:
    if isinstance(part, bool):
        return ask.wording("ruledesk.yes" if part else "ruledesk.no")
    for key in (f"ruledesk.code.{part}", f"rule.paper.{part}", f"reports.addressee.{part}"):
        if rule.unit in (units.CODE, units.CODES, units.DAY_OF_MONTH) and ask.wording.has(key):
            return ask.wording(key)
    return str(part)


def _scope_of(ask: Ask) -> Callable[[Rule], str]:
    """Says for whom a row is."""
    return lambda rule: ask.wording(f"ruledesk.scope.{'all' if rule.scope == EVERYWHERE else rule.scope.split(':')[0]}")


def _source_of(ask: Ask) -> Callable[[Rule], str]:
    """Says where a rule comes from."""
    return lambda rule: source_told(rule.source, ask.wording)


def _typed(rule: Rule) -> str:
    """The value as it stands in the form's field."""
    if isinstance(rule.value, bool):
        return YES if rule.value else NO
    return ", ".join(map(str, rule.value)) if isinstance(rule.value, list | tuple) else str(rule.value)
