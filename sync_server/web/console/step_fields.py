"""What the form of each step asks for, filled in from the case as far as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.kinds.act import ACTS, CLOSING_CODES, EXTERNAL_DOCUMENTS, NOTICES, OFFICE_WAYS
from casebook.rules.aid import AID_ACTS, asked
from casebook.rules.facts import Contact, Deed
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.rulebook import Rules
from casebook.rules.words import paper_key
from casebook.wording import Wording
from sync_server import notices, reports
from sync_server.notices import OnFile
from sync_server.store.accounts import Account
from sync_server.web.console.dates import Dates

TEXT, LONG, DAY, ONE, MANY, TICK, FILE = "text", "long", "day", "one", "many", "tick", "file"
MARKS = ("suspected", "dropout", "left_otherwise")
REPORT_WAYS = ("handed_over", "post", "electronic", "platform")
WORDED = frozenset({"notice_issued", "reported"})  # acts whose whole wording is sealed with them
APPROVED = frozenset({"Z3", "Z4", "Z5"})  # closings that end on a day
WITH_PAPER = frozenset({
    "letter", "served", "reported", "external", "struck_off", "closing", "police_report", *AID_ACTS,
})  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One of several answers; `barred` says why this person may not choose it."""

    code: str
    label: str
    barred: str = ""


@dataclass(frozen=True)
class Field:
    """One question of a form; `value` is a text, or the chosen codes where several may be chosen."""

    name: str
    kind: str
    value: Any = ""
    options: tuple[Option, ...] = ()
    needed: bool = True

    def read(self, values: Sequence[str]) -> Any:
        """What was sent, as an act says it."""
        if self.kind == MANY:
            open_codes = {option.code for option in self.options if not option.barred}
            return [value for value in values if value in open_codes]
        if self.kind == TICK:
            return bool(values)
        text = values[-1].strip().replace("\r\n", "\n") if values else ""
        if self.kind == ONE:
            return text if text in {option.code for option in self.options} else ""
        return [line.strip() for line in text.splitlines() if line.strip()] if self.name == "addressees" else text

    def shown(self, told: Any) -> Any:
        """What was sent, to be shown again."""
        return "\n".join(told) if self.name == "addressees" and isinstance(told, list) else told


@dataclass(frozen=True)
class Desk:
    """What a form is filled in from: the case, the child on file, the person, all acts of the school so far."""

    life: Lifecycle
    child: OnFile
    account: Account
    names: Mapping[str, str]
    deeds: Sequence[Deed]
    wording: Wording
    paper_words: Wording
    dates: Dates
    variant: str = ""

    @property
    def today(self) -> str:
        """Today as a form's day."""
        return self.life.world.today.isoformat()

    @property
    def rules(self) -> Rules:
        """The rules of today: numbers and names of papers are the school's of today."""
        return self.life.world.book.on(self.life.world.today)

    def next_number(self, key: str, act: str) -> str:
        """The next number of a series."""
        year = self.life.world.today.year
        used = [deed.text("no") for deed in self.deeds if deed.act == act]
        return notices.next_number(self.rules.code(key), used, year)

    def options(self, group: str, codes: Iterable[str]) -> tuple[Option, ...]:
        """Codes with their words."""
        return tuple(Option(code, self.wording(f"acts.choice.{group}.{code}")) for code in codes)


def variants(act: str, rules: Rules) -> tuple[str, tuple[str, ...]]:
    """The part of an act that decides what its form asks, and its codes; blank when there is only one form."""
    if act == "notice_issued":
        return "notice", NOTICES
    if act == "reported":
        return "report", rules.codes("case_reports")
    return ("code", CLOSING_CODES) if act == "closing" else ("", ())


def fields_of(act: str, desk: Desk) -> list[Field]:
    """The form of one act; every part that the act must say is in it."""
    remark = act not in WORDED and "because" not in ACTS[act].fields
    more = (Field("note", LONG, needed=False),) if remark else ()
    photo = (Field("paper", FILE, needed=False),) if act in WITH_PAPER else ()
    return [*FIELDS[act](desk), *more, *photo]


def report_fields(no: str, today: str, told: Sequence[str], text: str, ways: tuple[Option, ...]) -> list[Field]:
    """The form of a report; whom it goes to stands one a line."""
    return [
        Field("no", TEXT, no), Field("addressees", LONG, "\n".join(told)), Field("on", DAY, today),
        Field("way", ONE, "handed_over", ways), Field("proof", TEXT), Field("text", LONG, text),
    ]  # fmt: skip


def _because(desk: Desk) -> list[Field]:
    return [Field("because", LONG)]


def _by(desk: Desk) -> list[Field]:
    return [Field("by", ONE, "guardian", desk.options("by", ("guardian", "student")))]


def _on(desk: Desk) -> list[Field]:
    return [Field("on", DAY, desk.today)]


def _numbered_on(desk: Desk) -> list[Field]:
    return [Field("no", TEXT), *_on(desk)]


def _marked(desk: Desk) -> list[Field]:
    return [Field("mark", ONE, "suspected", desk.options("mark", MARKS)), *_on(desk)]


def _proposed(desk: Desk) -> list[Field]:
    usual = "ineffective" if desk.life.state == "C4" else "confirmed"
    return [Field("what", ONE, usual, desk.options("what", ("confirmed", "ineffective"))), *_because(desk)]


def _confirmed(desk: Desk) -> list[Field]:
    options = tuple(_visit(desk, contact) for contact in desk.life.contacts)
    return [Field("basis", MANY, tuple(one.code for one in options if not one.barred), options)]


def _notice(desk: Desk) -> list[Field]:
    no = desk.next_number(f"number.{desk.variant}", "notice_issued")
    made = notices.draft(desk.variant, desk.life, desk.child, no, desk.paper_words)
    return [Field("no", TEXT, no), Field("addressee", TEXT, made.addressee), *_on(desk), Field("text", LONG, made.text)]


def _served(desk: Desk) -> list[Field]:
    issued = [deed.text("no") for deed in desk.life.seen.done("notice_issued") if deed.text("notice") == "N1"]
    numbers = tuple(Option(no, no) for no in reversed(issued))
    return [
        Field("no", ONE, numbers[0].code if numbers else "", numbers),
        Field("way", ONE, "post", desk.options("service", OFFICE_WAYS)), *_on(desk),
        Field("slip_on", DAY, needed=False), Field("consent", TICK, needed=False),
        Field("reading_confirmed", TICK, needed=False),
    ]  # fmt: skip


def _letter(desk: Desk) -> list[Field]:
    village = notices.addressee(notices.VILLAGE_LETTER, desk.child, desk.paper_words)
    return [Field("village", TEXT, village), Field("receiver", TEXT), *_on(desk)]


def _reported(desk: Desk) -> list[Field]:
    return report_fields(
        desk.next_number("number.reports", "reported"), desk.today,
        reports.addressees(desk.variant, desk.rules, desk.paper_words),
        reports.text_of_case(desk.variant, desk.life, desk.child, desk.paper_words),
        desk.options("way", REPORT_WAYS),
    )  # fmt: skip


def _external(desk: Desk) -> list[Field]:
    documents = Field("document", ONE, "N4", desk.options("document", EXTERNAL_DOCUMENTS))
    return [documents, Field("no", TEXT), Field("issuer", TEXT), *_on(desk)]


def _return_confirmed(desk: Desk) -> list[Field]:
    return [_deeds(desk, "returned")]


def _closing(desk: Desk) -> list[Field]:
    papers = desk.rules.codes(f"papers.{desk.variant}")
    options = tuple(Option(paper, desk.wording(paper_key(paper))) for paper in papers)
    until = [Field("until", DAY, needed=False)] if desk.variant in APPROVED else []
    return [Field("papers", MANY, (), options), *until]


def _closed(desk: Desk) -> list[Field]:
    return [_deeds(desk, "closing")]


def _deeds(desk: Desk, act: str) -> Field:
    """A choice among the acts of this episode that counted, the newest first; one's own cannot be chosen."""
    own = desk.wording("acts.barred.own")
    options = tuple(
        Option(deed.rid, _deed(desk, deed), own if deed.author == desk.account.id else "")
        for deed in reversed(desk.life.seen.done(act))
    )
    return Field(act, ONE, options[0].code if options else "", options)


def _deed(desk: Desk, deed: Deed) -> str:
    code = deed.text("code")
    what = f"{code} {desk.wording(f'acts.choice.code.{code}')}" if code else ""
    return " ".join(filter(None, (desk.dates.day(deed.day()), what, desk.names.get(deed.author, ""))))


def _visit(desk: Desk, contact: Contact) -> Option:
    mine = contact.author == desk.account.id or desk.account.name in contact.fellows
    way = "door" if contact.is_door else "phone" if contact.is_phone else "other"
    label = " ".join((
        desk.dates.day(contact.stamp.day), desk.wording(f"acts.contact.{way}"), desk.names.get(contact.author, ""),
    ))  # fmt: skip
    return Option(contact.visit, label, desk.wording("acts.barred.visit") if mine else "")


def _aid(desk: Desk) -> list[Field]:
    """The survey, and of what it found missing the kinds that nobody has settled."""
    found = asked(desk.life.facts)
    survey = (_survey(desk, found.survey),) if found else ()
    missing = found.open if found else ()
    kinds = tuple(Option(kind, desk.wording(f"console.value.aid_kind.{kind}")) for kind in missing)
    first = survey[0].code if survey else ""
    return [Field("survey", ONE, first, survey), Field("kinds", MANY, tuple(one.code for one in kinds), kinds)]


def _survey(desk: Desk, survey: Contact) -> Option:
    return Option(survey.visit, f"{desk.dates.day(survey.stamp.day)} {desk.names.get(survey.author, '')}")


def _aid_granted(desk: Desk) -> list[Field]:
    return [*_aid(desk), Field("given", TEXT), Field("from_on", DAY, desk.today)]


def _aid_refused(desk: Desk) -> list[Field]:
    return [*_aid(desk), *_because(desk)]


FIELDS: Mapping[str, Callable[[Desk], list[Field]]] = {
    "opened": _because, "declared_leaving": _by, "marked": _marked, "proposed": _proposed, "confirmed": _confirmed,
    "notice_issued": _notice, "served": _served, "letter": _letter, "ineffective": _because, "reported": _reported,
    "external": _external, "returned": _on, "return_confirmed": _return_confirmed, "struck_off": _numbered_on,
    "closing": _closing, "closed": _closed, "roll_moved": _on, "refuted": _because, "police_report": _numbered_on,
    "aid_granted": _aid_granted, "aid_refused": _aid_refused,
}  # fmt: skip
