"""A child's case file 一生一案: contact card, what is known and from where, conflicts, and all in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from casebook.casefile import Shown
from casebook.rules.aid import flags_with_both, proposed_flags
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.words import event_key
from casebook.wording import Wording
from sync_server import access, audit
from sync_server.access import Subject, Verb
from sync_server.answers import is_restricted
from sync_server.audit import Act
from sync_server.cases import CaseView, Child, may_read
from sync_server.contactcard import on_card
from sync_server.seals import Examined
from sync_server.store import forms, register
from sync_server.store.accounts import Account
from sync_server.store.visits import VisitRow
from sync_server.web.console import assign_save, case_life
from sync_server.web.console.dates import Dates
from sync_server.web.console.page import Ask, Console, role_names
from sync_server.web.console.step_show import escalation
from sync_server.web.console.values import name_of, rank, value_in_words

CARE_FLAGS = ("KS11", "KS12")  # on the child's card in the register, on no row
# Once set by records of their own, now worked out from everything (docs/rules.md) and shown as such.
DERIVED = frozenset({
    "state", "incident_state", "case_no", "episode", "absent_since", "case_opened_on", "last_present", "return_by",
    "returned_on", "service_defects",
})  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A value with its provenance, ready to be drawn; `address` leads to the record it came from."""

    shown: Shown
    label: str
    words: str
    author: str
    source: str
    address: str
    restricted: bool = False


@dataclass(frozen=True)
class Side:
    """A property of which several values stand side by side; `until` is used until somebody decides.

    No `until` means that no record ever said it: what the contact card shows is used, `card`, in words.
    """

    prop: str
    values: Sequence[Known]
    until: Known | None
    card: str


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline."""

    at: str
    title: str
    author: str
    address: str
    words: str
    broken: bool
    visit: VisitRow | None


@dataclass(frozen=True)
class Telling:
    """What is needed to say a case file: words, the reader, and form titles in the reader's language."""

    wording: Wording
    dates: Dates
    account: Account
    view: CaseView
    titles: Mapping[str, str]


def show(console: Console, ask: Ask) -> Response:
    """The page. Raises NoSuchCase, NotAllowed."""
    case, wiring = ask.part("case"), console.wiring
    with wiring.store.read() as conn:
        view = console.cases.open(conn, case)
        access.require(ask.actor, Verb.READ_CASE, view.subject)
        titles = forms.titles(conn, console.school)
        life, case_no = wiring.lives.of(conn, case), wiring.lives.case_no(conn, case)
        answering = assign_save.assigning(console).of(conn, view.subject)
        kept = register.entry(conn, console.school, register.STUDENT, case) or {}
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_CASE, f"case:{case}"))
    language = ask.wording.locale[:2]
    in_language = {id: words.get(language, id) for id, words in titles.items()}
    telling = Telling(ask.wording, console.dates(ask), ask.actor, view, in_language)
    child, reads_care = view.child, access.allows(ask.actor, Verb.READ_CARE, view.subject)
    return console.page(
        ask,
        "case",
        case=case,
        child=child,
        flags=_flags(child, life),
        care=[flag for flag in CARE_FLAGS if flag in kept.get("key_flags", ()) and reads_care],
        life=life,
        case_no=case_no,
        told=case_life.Telling(ask.wording, telling.dates, ask.actor, life, view.names),
        offers=escalation(console).offers(life, ask.actor, view.subject),
        age=_age(child["birth"], wiring.clock().date()),
        properties=_properties(telling),
        conflicts=_conflicts(telling),
        siblings=view.siblings,
        timeline=[_moment(telling, one) for one in view.records],
        value_in_words=value_in_words,
        done=ask.query("done"),
        may_export=access.allows(ask.actor, Verb.EXPORT_CASE),
        may_resolve=access.allows(ask.actor, Verb.RESOLVE_CONFLICT),
        may_see_leaves=access.allows(ask.actor, Verb.READ_CASE, Subject(case, child["class_id"])),
        answering=answering,
        may_assign=access.allows(ask.actor, Verb.ASSIGN, view.subject),
        roles_of=lambda person: role_names(ask.wording, person),
    )


def _flags(child: Child, life: Lifecycle) -> list[str]:
    """Why the child is a key student, and the family's circumstances; also what follows from both (R42)."""
    family = child["family_flags"]
    return [*flags_with_both(child["key_flags"], (*family, *proposed_flags(life.facts))), *family]


def _properties(telling: Telling) -> list[Known]:
    """What is known now; what only few may read is left out for the others."""
    file = telling.view.file
    values = (file.value(prop) for prop in sorted(set(file.properties()) - DERIVED, key=rank))
    return [_known(telling, shown) for shown in values if shown is not None and _may_read(telling, shown)]


def _conflicts(telling: Telling) -> list[Side]:
    file, card = telling.view.file, on_card(telling.view.child)
    found = []
    for prop, values in file.conflicts().items():
        until = file.value(prop)
        if all(_may_read(telling, shown) for shown in values):
            known = [_known(telling, shown) for shown in values]
            on_file = value_in_words(telling.wording, telling.dates, prop, card.get(prop, ""))
            found.append(Side(prop, known, _known(telling, until) if until else None, on_file))
    return found


def _may_read(telling: Telling, shown: Shown) -> bool:
    return may_read(telling.account, shown, telling.view.subject)


def _known(telling: Telling, shown: Shown) -> Known:
    source = next((one for one in telling.view.records if one.original.rid == shown.rid), None)
    sibling = telling.view.home.get(shown.rid)
    title, address = (_title(telling, source), _address(telling, source)) if source else ("", "")
    if sibling is not None:
        title, address = telling.wording("homes.source", name=sibling["name"]), f"/cases/{sibling['id']}"
    return Known(
        shown=shown,
        label=name_of(telling.wording, shown.prop),
        words=value_in_words(telling.wording, telling.dates, shown.prop, shown.value),
        author=telling.view.names.get(shown.author, ""),
        source=title,
        address=address,
        restricted=is_restricted(shown.prop),
    )


def _moment(telling: Telling, one: Examined) -> Moment:
    original, record, view = one.original, one.record, telling.view
    row = view.visits.get(original.visit or "") if original.type == "visit" and original.visit else None
    return Moment(
        at=record.at.started if record else original.received_at,
        title=_title(telling, one), author=view.names.get(original.author, ""), address=_address(telling, one),
        words=_summary(telling, one), broken=one.broken,
        visit=row if row is not None and row.head == original.rid else None,
    )  # fmt: skip


def _title(telling: Telling, one: Examined) -> str:
    original, record = one.original, one.record
    if original.type == "visit" and record is not None and record.form is not None:
        title = telling.titles.get(record.form.id, record.form.id)
        return telling.wording("console.timeline.supplement", title=title) if record.amends else title
    if original.type == "act" and record is not None:
        return telling.wording(event_key(record.body["act"]))
    key = f"console.timeline.{original.type}"
    if original.type == "review" and record is not None:
        key = f"console.timeline.review.{record.body['decision']}"
    return telling.wording(key) if telling.wording.has(key) else telling.wording("console.timeline.other")


def _summary(telling: Telling, one: Examined) -> str:
    """One more line where the title does not say it all."""
    record, wording = one.record, telling.wording
    if record is None:
        return ""
    if record.type == "incident":
        return wording("console.timeline.absent_on", day=telling.dates.day(record.body["absent_on"]))
    if record.type == "case" and "state" in record.set:
        return value_in_words(wording, telling.dates, "state", record.set["state"])
    if record.type == "act":
        told = ("notice", "report", "document", "no", "given")
        kinds = [wording(f"console.value.aid_kind.{kind}") for kind in record.body.get("kinds", ())]
        return " ".join([*kinds, *(str(record.body[part]) for part in told if part in record.body)])
    return str(record.body.get("remark", "")) if record.type in ("review", "resolve", "case") else ""


def _address(telling: Telling, one: Examined) -> str:
    """Where the reader can look closer: the visit, else the record itself."""
    original = one.original
    about_visit = original.visit and original.type in ("visit", "review")
    verb = Verb.READ_EVIDENCE if about_visit else Verb.READ_CASE
    if not access.allows(telling.account, verb, telling.view.subject):
        return ""
    return f"/visits/{original.visit}" if about_visit else f"/records/{original.rid}"


def _age(birth: str, today: dt.date) -> int:
    born = dt.date.fromisoformat(birth)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
