"""Visits and calls of a story: the form filled in at the door, signed, photographed, sealed on the teacher's phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random

from casebook.records import Attachment, FormRef, Place
from sync_server.play.filling import FormUnfinished, Sheet, fill
from sync_server.play.knowing import cases_row
from sync_server.play.phonebook import PhoneBook, pointed_at
from sync_server.play.phones import Phone, Written, new_id
from sync_server.play.said import StoryBroken
from sync_server.play.stage import compiled_form, definition
from sync_server.play.story import Event

CALL_FORM, CALL_MINUTES, VISIT_MINUTES = "call_log", 3, 20
ACCURACY_M = 18
# In the open Pacific: nobody lives where a story's coordinates point to.
SCHOOL_LAT, SCHOOL_LNG, SPREAD = 200_000_000, 1_500_000_000, 400_000


class Goings:
    """Makes visits and calls; remembers their photos for those who share one."""

    def __init__(self, phones: PhoneBook) -> None:
        self._phones, self._stage = phones, phones.stage
        self._photos: dict[str, Attachment] = {}

    def go(self, event: Event, child: str, phone: Phone, number: int) -> str:
        """The record of one visit; the `number`-th of an event begins when those before it are over.

        Raises StoryBroken when the form and the answers do not fit.
        """
        phone.refresh()
        form = event.get("form", CALL_FORM)
        minutes = dt.timedelta(minutes=event.get("minutes", CALL_MINUTES if form == CALL_FORM else VISIT_MINUTES))
        started = event.at + minutes * number
        case = self._stage.students[child]
        if case not in phone.children:
            phone.sync()
        if case not in phone.children:
            raise StoryBroken(event.place, "play.broken.out_of_reach", said=child)
        place = _home(child, started) if event.get("location", form != CALL_FORM) else None
        sheet = self._sheet(event, child, phone, started, place)
        try:
            filled = fill(sheet)
        except FormUnfinished as error:
            raise StoryBroken(event.place, "play.broken.form", said=form, open="; ".join(error.open) or "-",
                              unasked=" ".join(error.unasked) or "-") from error  # fmt: skip
        compiled, label = compiled_form(form), event.get("as", "")
        visit, amends = self._versions(event)
        body = {
            "visit": visit, "purposes": list(compiled.purposes), "instance": filled.session.to_xml(),
            "language": filled.session.language or "", "answered": filled.session.answered,
            "signatures": filled.signatures, **self._outing(event),
        }  # fmt: skip
        rid = phone.write(
            Written("visit", body, case, started, max(filled.now, started + minutes), filled.says, amends,
                    filled.attachments, FormRef(form, compiled.version, compiled.sha256), place), filled.files,
        )  # fmt: skip
        self._name(event, label, visit, rid, filled.attachments)
        return rid

    def _sheet(self, event: Event, child: str, phone: Phone, started: dt.datetime, place: Place | None) -> Sheet:
        case, cast = self._stage.students[child], self._stage.cast
        row = cases_row(phone.children[case], phone.villages, phone.file(case), self._phones.life(child))
        author = cast.people[phone.owner]
        fellows = [cast.people[one].name for one in event.get("with", ())]
        form = event.get("form", CALL_FORM)
        company = {"covisitors": " ".join(fellows)} if fellows else {"with_whom": "alone"}
        answers = (company if form != CALL_FORM else {}) | event.get("answers", {})
        if not event.get("photos", True):
            answers = {"photo_why": "unwilling"} | answers
        return Sheet(
            definition(form), row, answers, {"case": case, "visitor": author.name, "role": author.roles[0]},
            phone.shown(started), event.get("photos", True), _point(place), self._photos,
            frozenset({*company, "photo_why"}),
        )  # fmt: skip

    def _versions(self, event: Event) -> tuple[str, list[str]]:
        """The visit's id, and the version that a supplement stands beside."""
        former = event.get("supplements")
        if not former:
            return new_id(), []
        return pointed_at(self._stage, event, former), [self._stage.labels[f"{former}.record"]]

    def _outing(self, event: Event) -> Mapping[str, str]:
        first = event.get("outing")
        return {"outing": pointed_at(self._stage, event, first)} if first else {}

    def _name(self, event: Event, label: str, visit: str, rid: str, attachments: list[Attachment]) -> None:
        self._stage.call(f"{event.get('form', 'call')}:{event.place.line}", label, visit, rid)
        if label:
            self._stage.labels[f"{label}.record"] = rid
            photos = [one for one in attachments if one.role == "photo"]
            self._photos |= {label: photos[0]} if photos else {}


def _home(child: str, seen_at: dt.datetime) -> Place:
    """The family's door: the same spot every time, give or take the phone's error."""
    home, fix = Random(f"home:{child}"), Random(f"fix:{child}{seen_at.isoformat()}")
    lat = SCHOOL_LAT + home.randrange(SPREAD) + fix.randrange(1_500)
    lng = SCHOOL_LNG + home.randrange(SPREAD) + fix.randrange(1_500)
    return Place(lat, lng, ACCURACY_M + fix.randrange(30), seen_at.isoformat(timespec="seconds"))


def _point(place: Place | None) -> str:
    return f"{place.lat / 1e7:.7f} {place.lng / 1e7:.7f} 0 {place.acc}" if place else ""
