"""The desk of the rulebook: all rows with their history; a new row for the school takes two people (domain 0.1, §1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.casefile import Entry
from casebook.days import day_written
from casebook.errors import AlreadyDecided, NoSuchPage, NotAllowed
from casebook.kinds.act import CASE_REPORTS, SCHOOL_REPORTS
from casebook.kinds.rule import CONFIRMED, PROPOSED, REFUSED
from casebook.rules import rulebook as units
from casebook.rules.attendance import ROLL_SESSIONS
from casebook.rules.rulebook import Rule, RuleBroken
from sync_server import access, audit, rulebook
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.notices import commands_in
from sync_server.office import Office
from sync_server.rulebook import default_rows, key_of
from sync_server.store import typed
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store

LONGEST = 400
LAST_SCHOOL_DAY = "last_school_day"
YES, NO = "yes", "no"
ON_PAPERS = frozenset({"number", "document", "basis", "addressees", "contact"})  # rows that papers are made of
_BETWEEN = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")
_KNOWN_CODES: Mapping[str, tuple[str, ...]] = {
    "report_sessions": ROLL_SESSIONS, "case_reports": CASE_REPORTS, "school_reports": SCHOOL_REPORTS,
    "left_evidence": ("either", "both"),
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A row as somebody types it; `value` as text, codes one after another."""

    key: str
    value: str
    effective_from: str
    source: str
    because: str
    counted: str = ""
    roll: str = ""
    warn: str = ""


@dataclass(frozen=True)
class Proposal:
    """A row that somebody proposed, and the second person's answer, None while it waits."""

    entry: Entry
    answer: Entry | None

    @property
    def rid(self) -> str:
        """The proposal's record."""
        return self.entry.rid

    @property
    def row(self) -> Mapping[str, Any]:
        """The proposed row."""
        row: Mapping[str, Any] = self.entry.record.body["row"]
        return row

    @property
    def rule(self) -> Rule:
        """The same as a rule."""
        return Rule.from_row(self.row)

    @property
    def step(self) -> str:
        """proposed, confirmed or refused."""
        return str(self.answer.record.body["step"]) if self.answer else PROPOSED


@dataclass(frozen=True)
class RowLine:
    """One key: the row that holds today, rows that will hold, all that ever held, and proposals that wait."""

    now: Rule
    coming: tuple[Rule, ...]
    history: tuple[tuple[Rule, Proposal | None], ...]
    waiting: tuple[Proposal, ...]


class RulesDesk:
    """The rulebook of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, office: Office, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._office, self._clock = store, school, office, clock

    @property
    def scope(self) -> str:
        """For whom a row is that is added here."""
        return f"school:{self._school}"

    def lines(self, conn: Connection) -> list[RowLine]:
        """Every key of the rulebook, in the order in which the defaults name them."""
        found, book = self._rules(conn), rulebook.book(conn, self._school)
        today, proposals = self._clock().date(), self.proposals(conn)
        holding = book.on(today).by_key
        places = {row["key"]: place for place, row in enumerate(default_rows())}
        keys = sorted(holding, key=lambda key: (places.get(key, len(places)), key))
        return [_line(holding[key], [rule for rule in found if rule.key == key], proposals, today) for key in keys]

    def line(self, conn: Connection, key: str) -> RowLine:
        """One key. Raises NoSuchPage."""
        found = next((line for line in self.lines(conn) if line.now.key == key), None)
        if found is None:
            raise NoSuchPage()
        return found

    def proposals(self, conn: Connection) -> list[Proposal]:
        """Every proposal with its answer, the newest first."""
        entries = typed.of_type(conn, self._school, "rule")
        answers = {entry.record.body.get("proposal"): entry for entry in entries}
        made = [entry for entry in entries if entry.record.body["step"] == PROPOSED]
        return [Proposal(entry, answers.get(entry.rid)) for entry in reversed(made)]

    def waiting(self, conn: Connection) -> list[Proposal]:
        """Proposals that nobody has answered."""
        return [one for one in self.proposals(conn) if one.answer is None]

    def read(self, conn: Connection, draft: Draft) -> tuple[dict[str, Any] | None, list[str]]:
        """The row of a draft, or wording keys of everything that is wrong with it. Raises NoSuchPage."""
        now = self.line(conn, draft.key).now
        row = {"key": now.key, "unit": now.unit, "clause": now.clause, "scope": self.scope}
        row |= {"comparator": now.comparator, "effect": now.effect} if now.unit == units.PERCENT else {}
        row |= {"value": _value(now, draft.value), "source": draft.source.strip()[:LONGEST]}
        row |= _counting(now, draft)
        begins = day_written(draft.effective_from)
        faults = [] if begins else ["ruledesk.fault.effective_from"]
        faults += ["ruledesk.fault.past"] if begins and begins < self._clock().date() else []
        faults += [] if draft.source.strip() else ["ruledesk.fault.source"]
        faults += [] if draft.because.strip() else ["ruledesk.fault.because"]
        row["effective_from"] = draft.effective_from
        if not _is_right(row) or not _is_known(now, row["value"]):
            faults.append("ruledesk.fault.value")
        if _commands(row):
            faults.append("ruledesk.fault.command")
        return (None if faults else row), faults

    def propose(self, account: Account, draft: Draft) -> list[str]:
        """Files the proposal; it holds once a second person has confirmed it. Returns what is wrong.

        Raises NotAllowed, NoSuchPage.
        """
        access.require(account, Verb.EDIT_RULES)

        def write(conn: Connection) -> list[str]:
            row, faults = self.read(conn, draft)
            if row is not None:
                body = {"step": PROPOSED, "row": row, "because": draft.because.strip()[:LONGEST]}
                outcome = self._office.write(conn, account, "rule", None, body=body)
                self._note(conn, account, Act.PROPOSE_RULE, row, outcome.rid)
            return faults

        return self._store.run_tx(write)

    def decide(self, account: Account, rid: str, confirm: bool, remark: str) -> bool:
        """The second person's answer; a confirmed row goes to all phones in the same transaction.

        False, and nothing is written, when the row would hold from a day that has passed: an old case keeps the rules
        of its day, so none is dated back. Raises NotAllowed (also for one's own proposal), NoSuchPage, AlreadyDecided.
        """
        access.require(account, Verb.CONFIRM_RULES)

        def write(conn: Connection) -> bool:
            found = next((one for one in self.proposals(conn) if one.rid == rid), None)
            if found is None:
                raise NoSuchPage()
            if found.answer is not None:
                raise AlreadyDecided()
            if found.entry.record.author == account.id:
                raise NotAllowed(verb=Verb.CONFIRM_RULES.value)
            if confirm and found.rule.effective_from < self._clock().date():
                return False
            step = CONFIRMED if confirm else REFUSED
            body = {"step": step, "proposal": rid, "remark": remark.strip()[:LONGEST]}
            outcome = self._office.write(conn, account, "rule", None, body=body)
            if confirm:
                # with all that hold already: one row alone in the feed would be the whole book
                every = [*rulebook.rows_of(conn, self._school), found.row]
                rulebook.publish(conn, self._school, every, self._clock().isoformat(timespec="seconds"))
            self._note(conn, account, Act.DECIDE_RULE, found.row, outcome.rid, step=step)
            return True

        return self._store.run_tx(write)

    def _rules(self, conn: Connection) -> list[Rule]:
        return [Rule.from_row(row) for row in rulebook.rows_of(conn, self._school)]

    def _note(
        self, conn: Connection, account: Account, act: Act, row: Mapping[str, Any], rid: str, **facts: str
    ) -> None:
        at = self._clock().isoformat(timespec="seconds")
        audit.note(conn, account, at, act, f"rule:{key_of(row)}", rid=rid, **facts)


def choices(rule: Rule) -> tuple[str, ...]:
    """The codes a row may hold, as far as they are known; none where any text may stand."""
    if rule.key in _KNOWN_CODES:
        return _KNOWN_CODES[rule.key]
    family = rule.key.partition(".")[0]
    alike = [row["value"] for row in default_rows() if row["key"].partition(".")[0] == family]
    codes = (code for value in alike if rule.unit == units.CODES for code in value)
    return tuple(dict.fromkeys(codes))


def _line(now: Rule, rules: Sequence[Rule], proposals: Sequence[Proposal], today: dt.date) -> RowLine:
    mine = [one for one in proposals if one.row["key"] == now.key]
    origin = {_name(one.rule): one for one in reversed(mine) if one.step == CONFIRMED}
    ordered = sorted(rules, key=lambda rule: rule.effective_from, reverse=True)
    return RowLine(
        now, tuple(rule for rule in ordered if rule.effective_from > today),
        tuple((rule, origin.get(_name(rule))) for rule in ordered), tuple(one for one in mine if one.answer is None),
    )  # fmt: skip


def _name(rule: Rule) -> tuple[str, str, dt.date]:
    return rule.scope, rule.key, rule.effective_from


def _value(now: Rule, text: str) -> Any:
    """The typed text as the value of a row of this unit; what does not fit stays text and is found wrong."""
    text = text.strip()
    if now.unit == units.SWITCH:
        return {YES: True, NO: False}.get(text, text)
    if now.unit == units.CODES:
        return [code for code in _BETWEEN.split(text) if code]
    if now.unit in (units.CODE, units.CLOCK, units.PERCENT) or text == LAST_SCHOOL_DAY:
        return text
    numbers = [part for part in _BETWEEN.split(text) if part]
    if not all(part.isdecimal() and len(part) < 5 for part in numbers):
        return text
    if isinstance(now.value, list | tuple):
        return [int(part) for part in numbers]
    return int(numbers[0]) if len(numbers) == 1 else text


def _counting(now: Rule, draft: Draft) -> dict[str, Any]:
    """How a length is counted; other rows have nothing to count."""
    warn = draft.warn.strip()
    told: dict[str, Any] = {"warn": int(warn) if warn.isdecimal() and len(warn) < 3 else now.warn}
    if now.unit not in units.LENGTHS:
        return told if now.warn else {}
    return {**told, "counted": draft.counted or now.counted, "roll": draft.roll == YES}


def _is_known(now: Rule, value: Any) -> bool:
    """Whether all codes are among those that have words and rules here: another one would mean nothing."""
    known = choices(now)
    return not known or set(value if isinstance(value, list) else [value]) <= set(known)


def _commands(row: Mapping[str, Any]) -> bool:
    """Whether a row whose text stands on the school's papers holds a word of command (R35)."""
    if str(row["key"]).partition(".")[0] not in ON_PAPERS:
        return False
    said = row["value"] if isinstance(row["value"], list) else [row["value"]]
    return bool(commands_in(*map(str, said)))


def _is_right(row: Mapping[str, Any]) -> bool:
    if row["value"] == []:
        return False
    try:
        return bool(Rule.from_row(row))
    except RuleBroken:
        return False
