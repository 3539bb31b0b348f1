"""Equips a sample teacher for a planned visit: the child's row, the published form, the answers and the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random

from assets import load_wording
from casebook.casefile import CaseFile
from casebook.forms import FormDef
from casebook.records import FormRef, Place
from casebook.rules.calendar import SchoolCalendar
from sync_server.forms import Compiled
from sync_server.registry import Staff, Student, Village
from sync_server.sample import casting, story
from sync_server.sample.casting import Days
from sync_server.sample.fieldwork import Assignment
from sync_server.sample.knowledge import Absence, known_row
from sync_server.sample.school import SampleSchool

SUBJECT_TEACHER = "subject_teacher"
ACCURACY_M = 18
# In the open Pacific: nobody lives where the sample's coordinates point to.
SCHOOL_LAT, SCHOOL_LNG = 200_000_000, 1_500_000_000
UNITS_PER_TENTH_KM = 8_990  # 1e-7 degrees of latitude


class Errands:
    """Makes assignments out of planned visits."""

    def __init__(self, school: SampleSchool, forms: Mapping[str, Compiled], days: Days) -> None:
        self._school, self._days = school, days
        self._forms = {form_id: (FormDef.from_xml(form.xml), form) for form_id, form in forms.items()}
        self._calendar = SchoolCalendar.from_rows(school.roster.terms)
        self._villages = {village.code: village for village in school.roster.villages}
        self._people = {person.login: person for person in school.roster.staff if person.login}

    def assignment(
        self, child: Student, told: story.ChildStory, event: story.PlannedVisit, case: CaseFile, started: dt.datetime
    ) -> Assignment:
        """What the teacher sets out with; `started` is by the telephone's clock."""
        definition, form = self._forms[event.form]
        village, today = self._villages[child.village], started.date()
        class_name = next(one.name for one in self._school.roster.classes if one.id == child.class_id)
        absence = self._absence(told, event)
        row = known_row(child, class_name, self._villages, case, absence, today)
        place = _home_of(child, village, started)
        facts = self.facts(child, event, place)
        return Assignment(
            case=case, row=row, form=definition, ref=FormRef(form.form_id, form.version, form.sha256),
            purposes=form.purposes, place=place, started=started, minutes=event.minutes, wording=load_wording(),
            answers={name: self.told(answer, facts) for name, answer in event.answers.items()},
            usual={name: self.told(answer, facts) for name, answer in story.usual_answers().items()},
        )  # fmt: skip

    def teacher_of(self, child: Student) -> Staff:
        """The class teacher."""
        return self._people[child.class_id.replace("class", "teacher")]

    def told(self, answer: str, facts: Mapping[str, str]) -> str:
        """A planned text with its blanks filled in; `@-2` is a school day."""
        if answer.startswith("@"):
            return self._days.day(int(answer[1:])).isoformat()
        return answer.format_map(facts)

    def facts(self, child: Student, event: story.PlannedVisit, place: Place) -> dict[str, str]:
        """What the blanks in planned answers stand for."""
        caretaker = casting.caretaker_of(child)
        other = next((adult for adult in child.guardians if adult is not caretaker), caretaker)
        return {
            "fellow": self._fellow_of(child).name,
            "met": "met_guardian" if caretaker.legal else "met_caretaker",
            "caretaker": caretaker.name, "relation": caretaker.relation, "reads": caretaker.can_read,
            "other_parent": other.name, "other_relation": other.relation,
            "first_reason": event.answers.get("judged", "").partition(" ")[0],
            "place": f"{place.lat / 1e7:.7f} {place.lng / 1e7:.7f} 0 {place.acc}",
        } | self.papers(child)  # fmt: skip

    def papers(self, child: Student) -> dict[str, str]:
        """What the blanks in documents about a child stand for."""
        guardian = next((adult for adult in child.guardians if adult.legal), child.guardians[0])
        village = self._villages[child.hukou_village or child.village]
        return {"guardian": guardian.name, "village": village.name, "year": str(self._days.day(0).year)}

    def _absence(self, told: story.ChildStory, event: story.PlannedVisit) -> Absence | None:
        """The time of being away that the visit is about: the last one begun by then."""
        begun = [away for away in told.away if away.first <= event.moment.day]
        if not begun:
            return None
        first, last = self._days.day(begun[-1].first), self._days.day(min(begun[-1].last, event.moment.day))
        back = self._days.day(begun[-1].last + 1) if begun[-1].last < event.moment.day else None
        days_back = self._calendar.school_days(back, self._days.day(event.moment.day)) if back else 0
        return Absence(first, self._calendar.school_days(first, last), back, days_back)

    def _fellow_of(self, child: Student) -> Staff:
        """The colleague who goes along: always the same one for a class."""
        colleagues = [person for person in self._school.roster.staff if SUBJECT_TEACHER in person.roles]
        return colleagues[int(child.class_id.removeprefix("class")) % len(colleagues)]


def _home_of(child: Student, village: Village, seen_at: dt.datetime) -> Place:
    """A position fix at the family's door: the same spot every time, give or take the telephone's error."""
    home, fix = Random(f"home:{child.household}"), Random(f"fix:{child.id}{seen_at.isoformat()}")
    away = village.distance_km_x10 * UNITS_PER_TENTH_KM
    east = 1 if int(village.code) % 2 else -1
    lat = SCHOOL_LAT + away // 2 + home.randrange(20_000) + fix.randrange(1_500)
    lng = SCHOOL_LNG + east * away // 2 + home.randrange(20_000) + fix.randrange(1_500)
    return Place(lat, lng, ACCURACY_M + fix.randrange(30), seen_at.isoformat(timespec="seconds"))
