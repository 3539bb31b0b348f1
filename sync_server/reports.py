"""The reports RA–RF: what is due, to whom, and the text filled in from the case or from the figures (R21, R34, R47)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from casebook.casefile import Entry
from casebook.days import day_written
from casebook.kinds.act import CASE_REPORTS, SCHOOL_REPORTS
from casebook.rules.absence import World
from casebook.rules.deadlines import deadlines
from casebook.rules.due import MET, MET_LATE, Deadline
from casebook.rules.facts import PHONE_MODES, Contact, Deed
from casebook.rules.lifecycle import LEDGER_DROPOUT, LEDGER_SUSPECTED, LEDGER_WATCH, Lifecycle
from casebook.rules.rulebook import Rules
from casebook.rules.school_deadlines import monthly_reports
from casebook.rules.service import SERVED, Service
from casebook.rules.weeksheet import ON_TIME
from casebook.rules.words import absence_key
from casebook.wording import Wording
from sync_server.figures import month_figures
from sync_server.notices import OnFile, day_in_words

FAILURE, RETURN, MONTHLY, WEEKLY = "RC", "RD", "RE", "RF"
KINDS = (*CASE_REPORTS, *SCHOOL_REPORTS)
CONFIRMATION = "confirmed"  # the sheet with the basis of the school's decision (R30); it goes to nobody outside
REPORT_OF_DEADLINE = {"gov_report": FAILURE, "return_report": RETURN, "monthly_report": MONTHLY}
SECRET_PLACES = frozenset({"D11"})  # custody and special schools are named in no report (domain 4.10)
# What a visit was for, where it was not to persuade (domain 4.5); the first one that fits names it.
_NOT_PERSUASION = ("serve", "talk", "followup", "term_key", "aid", "census", "spot_check", "home_teach", "routine")
_CALL = "call"
Known = Callable[[str], str]
_WEEK, _WEEKS_AT_MOST = re.compile(r"\d{4}-W(\d\d)\Z", re.ASCII), 53


class SignedWeek(Protocol):
    """The week of a class, and the newest signature under it."""

    @property
    def room(self) -> Mapping[str, Any]: ...
    @property
    def signature(self) -> Entry | None: ...
    @property
    def changed(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Owed:
    """A report that is due and not sent: of a child's case, or of a month."""

    report: str
    case: str
    deadline: Deadline
    status: str


@dataclass(frozen=True)
class Sent:
    """A report that was sent, with the act that says so; `case` is empty for the whole school's."""

    case: str
    deed: Deed


def owed(lives: Iterable[Lifecycle], world: World, deeds: Sequence[Deed]) -> list[Owed]:
    """Reports due and not sent yet, the nearest first; `deeds` are the school's own acts."""
    cases = [(life.child.case, due) for life in lives for due in deadlines(life)]
    months = [("", due) for due in monthly_reports(world, deeds)]
    found = [
        Owed(REPORT_OF_DEADLINE[due.key], case, due, due.status(world.now))
        for case, due in (*cases, *months)
        if due.key in REPORT_OF_DEADLINE and due.status(world.now) not in (MET, MET_LATE)
    ]
    return sorted(found, key=lambda one: (one.deadline.due or dt.date.max, one.report, one.case))


def sent(lives: Iterable[Lifecycle], deeds: Sequence[Deed]) -> list[Sent]:
    """Every report sent so far, the newest first."""
    of_cases = [Sent(life.child.case, deed) for life in lives for deed in life.facts.done("reported")]
    found = [*of_cases, *(Sent("", deed) for deed in deeds if deed.act == "reported")]
    return sorted(found, key=lambda one: (one.deed.day(), one.deed.rid), reverse=True)


def addressees(report: str, rules: Rules, words: Wording) -> list[str]:
    """Who gets this kind of report, by the rulebook."""
    key = "addressees.case" if report in CASE_REPORTS else f"addressees.{report}"
    return [_named(code, words) for code in rules.codes(key)]


def text_of_case(report: str, life: Lifecycle, child: OnFile, words: Wording) -> str:
    """The report of one child: facts, dates, reason, whereabouts, attempts, papers, attitude, what is asked for."""
    facts = _facts(life, child, words)
    lines = [words(f"reports.{part}", **facts) for part in _parts(report, life)]
    return "\n".join(lines)


def text_of_month(
    lives: Sequence[Lifecycle], world: World, classes: Sequence[str], known: Known, words: Wording
) -> str:
    """The report of the month up to the day of `world`; a zero report says on what it rests (R47), any other names the
    children behind each figure. The figures are those of the page of figures.

    `known` gives the name of a child by its id.
    """
    found = month_figures(lives, world, world.today.replace(day=1), world.today, classes)
    kinds = (LEDGER_DROPOUT, LEDGER_SUSPECTED, LEDGER_WATCH)
    lost, suspected, watched = (found.by_ledger.get(kind, ()) for kind in kinds)
    facts = {
        "month": words("reports.month", year=found.month.year, month=found.month.month), "classes": len(classes),
        "made": found.made, "owing": found.owed, "confirmed": len(found.confirmed), "lost": len(lost),
        "back": len(found.back), "suspected": len(suspected), "watch": len(watched),
    }  # fmt: skip
    named = {"month_lost": lost, "month_back": tuple(dict.fromkeys(found.back)), "month_suspected": suspected}
    nothing = not any(named.values()) and not found.confirmed
    told = [words(f"reports.{part}", **facts) for part in ("month_head", "month_counts")]
    told.append(words("reports.month_zero" if nothing else "reports.month_cases", **facts))
    for part, cases in named.items():
        names = words("notices.between").join(map(known, cases))
        told += [words(f"reports.{part}", names=names)] if names else []
    return "\n".join(told)


def text_of_week(weeks: Sequence[SignedWeek], first: dt.date, words: Wording) -> str:
    """The week's report (R21): of each class the figures that its director signed; what is not signed says so."""
    last = first + dt.timedelta(days=6)
    told = [words("reports.week_head", first=day_in_words(first, words), last=day_in_words(last, words))]
    for week in weeks:
        name, entry = str(week.room["name"]), week.signature
        if entry is None:
            told.append(words("reports.week_unsigned", name=name))
            continue
        figures = entry.record.body["figures"]
        totals = {kind: count for kind, count in figures["totals"].items() if count}
        away = words("notices.between").join(
            words("reports.week_kind", kind=words(absence_key(kind)), count=count) for kind, count in totals.items()
        )
        days = sum(bool(day["reported"]) for day in figures["days"])
        visits = sum(outcome != ON_TIME for _, _, outcome in figures["visits"])
        facts = {"days": days, "away": away or words("reports.week_nobody"), "moves": len(figures["moves"])}
        told.append(words("reports.week_class", name=name, **facts))
        told += [words("reports.week_late", count=visits)] if visits else []
        told += [words("reports.week_changed")] if week.changed else []
    return "\n".join(told)


def owed_months(world: World, deeds: Sequence[Deed]) -> list[str]:
    """The months whose report nobody has sent, this one last."""
    return [due.subject for due in monthly_reports(world, deeds) if due.kept is None]


def month_to_report(world: World, deeds: Sequence[Deed], asked: str = "") -> World:
    """The school at the end of the month that is asked for, else of the oldest that is owed; now if that still runs."""
    this = period(MONTHLY, world.today)
    known = is_period(MONTHLY, asked) and asked <= this
    month = asked if known else next(iter(owed_months(world, deeds)), this)
    if month == this:
        return world
    after = (dt.date.fromisoformat(f"{month}-01") + dt.timedelta(days=31)).replace(day=1)
    return replace(world, now=dt.datetime.combine(after, dt.time(), world.now.tzinfo) - dt.timedelta(seconds=1))


def period(report: str, day: dt.date) -> str:
    """The month that a monthly report is about, or the week (ISO) of a weekly one."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if report == WEEKLY else day.isoformat()[:7]


def is_period(report: str, text: str) -> bool:
    """Whether `text` names a month or a week in the one way in which it is looked for later."""
    if report != WEEKLY:
        return day_written(f"{text}-01") is not None
    found = _WEEK.match(text)
    return found is not None and 0 < int(found[1]) <= _WEEKS_AT_MOST


def proof_in_words(deed: Deed, words: Wording) -> str:
    """What shows that the report arrived: a name or reference; a photographed receipt is only said to be there."""
    proof = deed.text("proof")
    return words("reports.proof.photo") if proof and proof == deed.text("paper_sha256") else proof


def _named(code: str, words: Wording) -> str:
    key = f"reports.addressee.{code}"
    return words(key) if words.has(key) else code


def _parts(report: str, life: Lifecycle) -> list[str]:
    served = any(one.outcome == SERVED for one in life.seen.services)
    parts = ["child", "absent", "attempts", *(("contacts",) if life.contacts else ())]
    told = any(voice.codes for voice in life.voices.values()) or any(one.text("whereabouts") for one in life.contacts)
    parts += ["reasons", "whereabouts"] if told or report != RETURN else []  # who is back is not looked for
    parts += ["notice"] if served else []
    return [*parts, f"closing.{report}"]


def _facts(life: Lifecycle, child: OnFile, words: Wording) -> Mapping[str, object]:
    between, attempts = words("notices.between"), life.attempts
    served = next((one for one in life.seen.services if one.outcome == SERVED), None)
    guardian = next((contact.text("attitude") for contact in reversed(life.contacts) if contact.text("attitude")), "")
    return {
        "name": child.name, "class_name": child.class_name, "guardians": between.join(child.guardians),
        "home": child.home, "hukou": child.hukou or child.hukou_village or words("reports.unknown"),
        "since": day_in_words(life.since, words), "days": len(life.absent_days),
        "today": day_in_words(life.world.today, words), "phone": attempts.phone, "door": attempts.door,
        "joint": attempts.joint, "contacts": "\n".join(_contacts(life, words)),
        "reasons": _reasons(life, words), "whereabouts": _whereabouts(life, words),
        "attitude": _coded("attitude", guardian, words),
        "no": served.receipt.doc_no if served else "", "returned": day_in_words(life.seen.returned_on, words),
        "served": day_in_words(served.served_on if served else None, words),
    }  # fmt: skip


def _contacts(life: Lifecycle, words: Wording) -> list[str]:
    """One line for each contact: day, what it was, result; of a service, whether the paper has arrived."""
    served = {one.source: one for one in life.seen.services}
    return [
        words("reports.contact", day=day_in_words(one.stamp.day, words), mode=_what(one, words),
              result=_result(one, served.get(one.rid), words))
        for one in life.contacts
    ]  # fmt: skip


def _result(contact: Contact, service: Service | None, words: Wording) -> str:
    if service is not None:
        return words(f"reports.service.{service.outcome}", no=service.receipt.doc_no)
    told = contact.text("contact_result") or "none"
    far = _CALL in contact.purposes or contact.mode in PHONE_MODES  # who is called is not met
    keys = (f"reports.result.far.{told}", f"reports.result.{told}")[not far:]
    return words(next((key for key in keys if words.has(key)), "reports.result.none"))


def _what(contact: Contact, words: Wording) -> str:
    """What the contact was: an attempt to persuade by its way, anything else by what it was for."""
    about = next((f"reports.what.{one}" for one in _NOT_PERSUASION if one in contact.purposes), "")
    if about and not contact.is_attempt:
        return words(about)
    way = contact.mode
    if _CALL in contact.purposes and way not in PHONE_MODES:
        way = contact.text("channel")  # the family called, or a message was written
    key = f"reports.mode.{way or 'other'}"
    return words(key if words.has(key) else "reports.mode.other")


def _reasons(life: Lifecycle, words: Wording) -> str:
    """The reasons of all three voices; those kept for few stand in no report (R62)."""
    told = []
    for side, voice in life.voices.items():
        reasons = words("notices.between").join(_coded("reason", code, words) for code in voice.codes)
        told += [words(f"reports.voice.{side}", reasons=reasons)] if reasons else []
    return words("reports.between_voices").join(told) or words("reports.unknown")


def _whereabouts(life: Lifecycle, words: Wording) -> str:
    code = next((found for one in reversed(life.contacts) if (found := one.text("whereabouts"))), "")
    return words("reports.kept_back") if code in SECRET_PLACES else _coded("whereabouts", code, words)


def _coded(name: str, code: str, words: Wording) -> str:
    key = f"console.value.{name}.{code}"
    return words(key) if code and words.has(key) else code or words("reports.unknown")
