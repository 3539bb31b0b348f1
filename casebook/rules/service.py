"""Was a notice validly served, and on which day? Each way has its own demands (domain 4.6, R32)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from casebook.rules.facts import Chronicle, Contact, Deed, day_from
from casebook.rules.rulebook import Rules

SERVED, DEFECTIVE, NOT_SERVED = "served", "defective", "not_served"
DIRECT, COHABITING, LEFT, POST, ELECTRONIC, COMMITTEE, POSTED = (
    "direct", "cohabiting_adult", "left", "post", "electronic", "committee", "posted",
)  # fmt: skip
WAYS = (DIRECT, COHABITING, LEFT, POST, ELECTRONIC, COMMITTEE, POSTED)
_WAY_OF_RECEIVER = {"guardian": DIRECT, "cohabiting_adult": COHABITING, "refuses": LEFT}


@dataclass(frozen=True)
class Receipt:
    """What a proof of service 送达回证 says. `grassroots` are signed witnesses of the village or the street."""

    doc_no: str
    way: str
    on: dt.date
    servers: int = 0
    sign_mode: str = ""
    signed: bool = False
    adult: bool = True
    lives_together: bool = True
    attesters: int = 0
    left: bool = False
    grassroots: int = 0
    pictures: int = 0
    slip_on: dt.date | None = None
    consent: bool = False
    reading_confirmed: bool = False


@dataclass(frozen=True)
class Service:
    """The verdict over one receipt: served on a day, or defective with the codes of what is missing."""

    receipt: Receipt
    outcome: str
    served_on: dt.date | None
    defects: tuple[str, ...]
    source: str = ""
    moment: dt.datetime | None = None


@dataclass(frozen=True)
class Bench:
    """What the verdict looks at beside the receipt: numbers issued with their day, and the rules of the case."""

    rules: Rules
    issued: Mapping[str, dt.date] = field(default_factory=dict)


def judge(receipt: Receipt, bench: Bench, source: str = "", moment: dt.datetime | None = None) -> Service:
    """The verdict. A way that serves nobody by itself (committee, posted, absent) is no service at all."""
    check = _CHECKS.get(receipt.way)
    if check is None:
        return Service(receipt, NOT_SERVED, None, (f"way_{receipt.way or 'none'}",), source, moment)
    on = receipt.slip_on if receipt.way == POST else receipt.on
    defects = (*_number(receipt, bench, on), *check(receipt, bench.rules))
    if defects:
        return Service(receipt, DEFECTIVE, None, defects, source, moment)
    return Service(receipt, SERVED, on, (), source, moment)


def services(facts: Chronicle, bench: Bench) -> list[Service]:
    """All attempts at serving a notice, in order: forms of service and what the office logged."""
    found = [judge(receipt_of(contact), bench, contact.rid, contact.stamp.at)
             for contact in facts.contacts if contact.is_service]  # fmt: skip
    found += [judge(_receipt_of_deed(deed), bench, deed.rid, deed.stamp.at) for deed in facts.done("served")]
    return sorted(found, key=lambda one: (one.moment or dt.datetime.min, one.source))


def issued(deeds: Iterable[Deed]) -> dict[str, dt.date]:
    """Numbers of the notices to guardians that were issued, with their day."""
    notices = (deed for deed in deeds if deed.act == "notice_issued" and deed.text("notice") == "N1")
    return {deed.text("no"): deed.day() for deed in notices}


def receipt_of(contact: Contact) -> Receipt:
    """The receipt that a form of service fills in (F4)."""
    way = _WAY_OF_RECEIVER.get(contact.text("receiver"), "")
    mode = contact.text("receipt_mode")
    signed = {"handwritten": "guardian_signature", "thumb_on_paper": "photos_thumb", "seal": "photos_seal"}
    witnesses = [number for number in ("1", "2") if contact.text(f"witness_{number}_signature")]
    return Receipt(
        doc_no=contact.text("doc_no"), way=way, on=contact.stamp.day,
        servers=sum(bool(contact.text(f"server_{number}_signature")) for number in ("1", "2")),
        sign_mode=mode, signed=bool(contact.text(signed.get(mode, ""))),
        adult=contact.text("met_adult") != "no", lives_together=contact.text("lives_together") != "no",
        attesters=len(witnesses), left=contact.text("left_at_home") == "yes",
        grassroots=sum(contact.text(f"witness_{number}_post") != "teacher" for number in witnesses),
        pictures=sum(bool(contact.text(name)) for name in ("photos_notice", "photos_scene")),
    )  # fmt: skip


def _receipt_of_deed(deed: Deed) -> Receipt:
    body: Mapping[str, Any] = deed.body
    return Receipt(
        doc_no=deed.text("no"), way=deed.text("way"), on=deed.day(),
        slip_on=day_from(body.get("slip_on")),
        consent=bool(body.get("consent")), reading_confirmed=bool(body.get("reading_confirmed")),
    )  # fmt: skip


def _number(receipt: Receipt, bench: Bench, on: dt.date | None) -> Iterator[str]:
    day = bench.issued.get(receipt.doc_no)
    if day is None:
        yield "number_unknown"
    elif on is not None and on < day:
        yield "before_issue"


def _servers(receipt: Receipt, rules: Rules) -> Iterator[str]:
    if receipt.servers < rules.number("servers"):
        yield "server"


def _direct(receipt: Receipt, rules: Rules) -> Iterator[str]:
    """Signed on the signing day by an adult; a thumbprint on paper needs adults who attest (domain 4.6)."""
    yield from _servers(receipt, rules)
    if not receipt.adult:
        yield "adult"
    if not receipt.signed:
        yield "signature"
    if receipt.sign_mode == "thumb_on_paper" and receipt.attesters < rules.number("thumb_attesters"):
        yield "attesters"


def _cohabiting(receipt: Receipt, rules: Rules) -> Iterator[str]:
    yield from _direct(receipt, rules)
    if not receipt.lives_together:
        yield "home"


def _left(receipt: Receipt, rules: Rules) -> Iterator[str]:
    """Left at the home after a refusal, before a witness of the village, or shown by pictures."""
    yield from _servers(receipt, rules)
    if not receipt.left:
        yield "left"
    witness, pictures = receipt.grassroots > 0, receipt.pictures >= rules.number("left_photos")
    if rules.code("left_evidence") == "both":
        yield from (code for code, given in (("witness", witness), ("pictures", pictures)) if not given)
    elif not witness and not pictures:
        yield "witness_or_pictures"


def _post(receipt: Receipt, rules: Rules) -> Iterator[str]:
    if receipt.slip_on is None:
        yield "slip"


def _electronic(receipt: Receipt, rules: Rules) -> Iterator[str]:
    """Without consent and a confirmed reading it is a courtesy copy."""
    if not receipt.consent:
        yield "consent"
    if not receipt.reading_confirmed:
        yield "reading"


_CHECKS: dict[str, Callable[[Receipt, Rules], Iterator[str]]] = {
    DIRECT: _direct, COHABITING: _cohabiting, LEFT: _left, POST: _post, ELECTRONIC: _electronic,
}  # fmt: skip
DEFECTS = (
    "number_unknown", "before_issue", "server", "adult", "signature", "attesters", "home", "left", "witness",
    "pictures", "witness_or_pictures", "slip", "consent", "reading", "way_committee", "way_posted", "way_none",
)  # fmt: skip
