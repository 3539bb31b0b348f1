"""Reads the facts of one child out of its records, the same in whatever order they arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from casebook.casefile import Entry
from casebook.errors import FormBroken
from casebook.kinds.entry import COLLECTED, ISSUED
from casebook.kinds.roll import APPROVED, ENTERED
from casebook.rules.facts import CHINA, Chronicle, Contact, Deed, EntryNotice, Leave, Pause, Stamp, day_from


def chronicle(
    case: str, entries: Iterable[Entry], offsets: Mapping[str, int] | None = None, zone: dt.tzinfo = CHINA
) -> Chronicle:
    """The facts of one child's records, whatever their order; `offsets` are seconds a clock was ahead, by record."""
    kept = sorted({entry.rid: entry for entry in entries}.values(), key=lambda entry: entry.order)
    read = _Reader(offsets or {}, zone)
    return Chronicle(
        case,
        tuple(sorted((read.contact(chain) for chain in _chains(kept, "visit")), key=lambda fact: fact.order)),
        tuple(sorted((read.leave(chain) for chain in _chains(kept, "leave")), key=lambda fact: fact.order)),
        tuple(sorted(read.deeds(kept), key=lambda fact: fact.order)),
        {day: entry.rid for entry in kept if (day := _noted_absent(entry))},
        tuple(sorted((read.notice(chain) for chain in _chains(kept, "entry")), key=lambda fact: fact.order)),
        tuple(sorted(read.pauses(kept), key=lambda fact: fact.order)),
    )


def with_visits(
    told: Chronicle, fresh: Sequence[Entry], offsets: Mapping[str, int], zone: dt.tzinfo = CHINA
) -> Chronicle | None:
    """The same facts and these visits more: what came before is not read again.

    None when one of them is no visit, or a further version of a visit that is told of: then all must be read.
    """
    known = {contact.visit for contact in told.contacts}
    if any(entry.record.type != "visit" or entry.record.body["visit"] in known for entry in fresh):
        return None
    contacts = (*told.contacts, *chronicle(told.case, fresh, offsets, zone).contacts)
    return replace(told, contacts=tuple(sorted(contacts, key=lambda fact: fact.order)))


def stamp_of(entry: Entry, offsets: Mapping[str, int], zone: dt.tzinfo = CHINA) -> Stamp:
    """The times of a record, in the school's zone."""
    captured = dt.datetime.fromisoformat(entry.record.at.started).astimezone(zone)
    received = dt.datetime.fromisoformat(entry.received_at).astimezone(zone) if entry.received_at else None
    return Stamp(captured, received, offsets.get(entry.rid, 0), entry.record.hlc)


def heads(entries: list[Entry]) -> list[Entry]:
    """The records that no other amends, in order."""
    amended = {rid for entry in entries for rid in entry.record.amends}
    return [entry for entry in entries if entry.rid not in amended] or entries[-1:]


@dataclass(frozen=True)
class _Reader:
    """Reads facts out of records."""

    offsets: Mapping[str, int]
    zone: dt.tzinfo

    def contact(self, chain: list[Entry]) -> Contact:
        first, head = chain[0], heads(chain)[-1].record
        body = head.body
        return Contact(
            first.rid, first.record.author, self._stamp(first), visit=body["visit"],
            purposes=frozenset(body.get("purposes", ())), said={**answers(body.get("instance", "")), **head.set},
            form=head.form.id if head.form else "", photos=sum(a.role == "photo" for a in head.att),
        )  # fmt: skip

    def leave(self, chain: list[Entry]) -> Leave:
        first, body = chain[0], heads(chain)[-1].record.body
        return Leave(
            first.rid, first.record.author, self._stamp(first), leave=body["leave"],
            first=dt.date.fromisoformat(body["first"]), last=dt.date.fromisoformat(body["last"]), kind=body["kind"],
            reason=body["reason"], proof=body["proof"], verified=_instant(body.get("verified_at"), self.zone),
            returned_on=day_from(body.get("returned_on")), withdrawn=body.get("withdrawn", ""),
        )  # fmt: skip

    def deeds(self, entries: list[Entry]) -> Iterable[Deed]:
        acts = heads([entry for entry in entries if entry.record.type == "act"])
        for entry in acts:
            body = entry.record.body
            yield Deed(entry.rid, entry.record.author, self._stamp(entry), body["act"], body["role"], body)
        for entry in entries:
            if entry.record.type == "case" and entry.record.body["act"] == "open":
                body = {"because": entry.record.body.get("rule", "")}
                yield Deed(entry.rid, entry.record.author, self._stamp(entry), "opened", "academic_office", body)

    def notice(self, chain: list[Entry]) -> EntryNotice:
        issued = next((entry for entry in chain if entry.record.body["step"] == ISSUED), chain[0])
        body = issued.record.body
        collected = next((entry for entry in chain if entry.record.body["step"] == COLLECTED), None)
        return EntryNotice(
            issued.rid, issued.record.author, self._stamp(issued), no=str(body.get("no", "")),
            on=dt.date.fromisoformat(body["on"]),
            collected_on=dt.date.fromisoformat(collected.record.body["on"]) if collected else None,
            collected=self._stamp(collected).at if collected else None,
        )  # fmt: skip

    def pauses(self, entries: list[Entry]) -> Iterable[Pause]:
        """Suspensions and deferrals that the principal approved; what was entered says until when."""
        rolls = [entry for entry in entries if entry.record.type == "roll"]
        until = {entry.record.body["event"]: day_from(entry.record.body.get("until")) for entry in rolls
                 if entry.record.body["step"] == ENTERED}  # fmt: skip
        for entry in rolls:
            last = until.get(entry.record.body["event"])
            if entry.record.body["step"] == APPROVED and last is not None:
                yield Pause(entry.rid, entry.record.author, self._stamp(entry), until=last)

    def _stamp(self, entry: Entry) -> Stamp:
        return stamp_of(entry, self.offsets, self.zone)


@lru_cache(4096)
def answers(instance: str) -> dict[str, str]:
    """Question name -> answer of a form's instance; empty when it cannot be read. Not to be changed by the caller."""
    from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, local_name, parse_xml  # a phone's start does without forms

    try:
        root, _ = parse_xml(instance.encode(), MAX_ANSWERS_BYTES)
    except FormBroken:
        return {}
    return {local_name(node.tag): node.text.strip() for node in root.iter() if len(node) == 0 and node.text}


def _chains(entries: list[Entry], kind: str) -> Iterable[list[Entry]]:
    """The versions of each thing of a kind, oldest first."""
    chains: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.record.type == kind:
            chains.setdefault(entry.record.body[kind], []).append(entry)
    return chains.values()


def _noted_absent(entry: Entry) -> dt.date | None:
    return day_from(entry.record.body["absent_on"]) if entry.record.type == "incident" else None


def _instant(value: object, zone: dt.tzinfo) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(value)).astimezone(zone) if value else None
