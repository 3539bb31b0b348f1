"""Builds the sample school of domain 9.1 from a seed: the same children, families and staff on every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from sync_server.registry import Roster, Staff, Student, Village
from sync_server.sample import employees
from sync_server.sample.calendar import demonstration_terms
from sync_server.sample.circumstances import Home, homes
from sync_server.sample.families import Family, Seat, settle
from sync_server.sample.keylist import KeyStudent, key_list
from sync_server.sample.numbers import AREA, Numbering, wrong_check_digit
from sync_server.sample.people import BOY, GIRL, Names, birthdays, guardians
from sync_server.sample.words import word_list

SCHOOL_ID = "3199000001"
SCHOOL_NAME: str = word_list("school")["name"]
TOWNSHIP = f"{AREA}101"
SEED = 20260901
NAMESAKE_PAIRS = 6
WITHOUT_ID = 6
WRONG_CHECK_DIGIT = 3
BOARDING_FROM_GRADE, BOARDING_FROM_KM_X10 = 5, 60


@dataclass(frozen=True)
class SampleSchool:
    """The sample school: its number and name, its register, and the telephones of its staff."""

    id: str
    name: str
    roster: Roster
    telephones: tuple[employees.Telephone, ...]

    def staff_by_login(self, login: str) -> Staff:
        """The member of staff with this login. Raises KeyError."""
        return {person.login: person for person in self.roster.staff}[login]


def build(seed: int, today: date) -> SampleSchool:
    """The school drawn from `seed`. Only the calendar depends on `today`: it makes that day a school day."""
    numbering = Numbering(Random(f"{seed}:numbers"))
    everyone = employees.staff(Random(f"{seed}:staff"), numbering)
    all_villages = villages()
    students = _students(seed, all_villages, numbering)
    roster = Roster(students, employees.classes(everyone), everyone, all_villages, demonstration_terms(today))
    telephones = employees.telephones(Random(f"{seed}:phones"), everyone)
    return SampleSchool(SCHOOL_ID, SCHOOL_NAME, roster, telephones)


def villages() -> tuple[Village, ...]:
    """The 30 villages; the first is the township's own neighbourhood."""
    return tuple(
        Village(f"{TOWNSHIP}{number}", place["name"], "community" if number == 201 else "village", place["signal"],
                place["distance_km_x10"])
        for number, place in enumerate(word_list("places")["villages"], start=201)
    )  # fmt: skip


def _students(seed: int, all_villages: tuple[Village, ...], numbering: Numbering) -> tuple[Student, ...]:
    families = settle(Random(f"{seed}:families"))
    found_homes = homes(Random(f"{seed}:homes"), families, all_villages)
    flags = {seat: found_homes[family.number].flags for family in families for seat in family.seats}
    listed = key_list(Random(f"{seed}:keys"), flags)
    rng = Random(f"{seed}:people")
    names = Names(rng)
    placed: dict[Seat, Student] = {}
    for family, home in zip(families, found_homes, strict=True):
        placed |= _children(rng, family, home, listed, names, numbering)
    _add_namesakes(rng, placed)
    _spoil_numbers(Random(f"{seed}:papers"), placed, numbering)
    return tuple(placed[seat] for seat in sorted(placed))


def _children(
    rng: Random, family: Family, home: Home, listed: Mapping[Seat, KeyStudent], names: Names, numbering: Numbering
) -> dict[Seat, Student]:
    """The children of one household."""
    family_name = names.family_name(home.dotted_name)
    adults = guardians(rng, home, family_name, names, numbering)
    ids = [numbering.record_id() for _ in family.seats]
    address, landmark = _address(rng, home.village)
    found = {}
    for seat, birth, own_id in zip(family.seats, birthdays(rng, family.seats), ids, strict=True):
        gender = rng.choice((BOY, GIRL))
        id_no = numbering.identity(birth, gender)
        reason = listed.get(seat, KeyStudent(()))
        disabled = ("FM08",) if "KS13" in reason.flags else ()
        far = home.village.distance_km_x10 >= BOARDING_FROM_KM_X10
        found[seat] = Student(
            id=own_id,
            name=names.child(family_name, gender, home.dotted_name, seat.grade),
            gender=gender,
            birth=birth,
            ethnic=home.ethnic,
            id_no=id_no,
            student_no=f"G{id_no}",
            class_id=employees.class_id(seat.grade, seat.class_no),
            household=f"hh{family.number + 1:04d}",
            village=home.village.code,
            hukou_village=home.hukou_village.code,
            home_address=address,
            home_landmark=landmark,
            boarder=far and seat.grade >= BOARDING_FROM_GRADE,
            placement=reason.placement,
            key_flags=reason.flags,
            family_flags=tuple(sorted(home.flags + disabled)),
            siblings=tuple(other for other in ids if other != own_id),
            guardians=adults,
        )
    return found


def _address(rng: Random, village: Village) -> tuple[str, str]:
    """Where a household lives, and what one sees on the way there."""
    places, school = word_list("places"), word_list("school")
    address = school["address"].format(
        township=school["township"],
        village=village.name,
        group=rng.choice(places["groups"]),
        house=rng.randrange(1, 90),
    )
    return address, rng.choice(places["landmarks"])


def _add_namesakes(rng: Random, placed: dict[Seat, Student]) -> None:
    """Gives six children the full name of another child of their grade, so that search must tell them apart."""
    pairs: list[tuple[Seat, Seat]] = []
    used: set[Seat] = set()
    seats = sorted(placed)
    rng.shuffle(seats)
    for seat in seats:
        twin = next((other for other in seats if _may_share_name(placed, seat, other, used)), None)
        if twin is not None and seat not in used:
            used |= {seat, twin}
            pairs.append((seat, twin))
        if len(pairs) == NAMESAKE_PAIRS:
            break
    for seat, twin in pairs:
        placed[twin] = replace(placed[twin], name=placed[seat].name)


def _may_share_name(placed: Mapping[Seat, Student], seat: Seat, other: Seat, used: set[Seat]) -> bool:
    one, two = placed[seat], placed[other]
    return (
        seat != other
        and other not in used
        and seat.grade == other.grade
        and one.gender == two.gender
        and one.household != two.household
        and "·" not in one.name + two.name
        and one.name[0] == two.name[0]
    )


def _spoil_numbers(rng: Random, placed: dict[Seat, Student], numbering: Numbering) -> None:
    """Six children have no identity number yet, three have one whose check digit is wrong."""
    seats: Sequence[Seat] = rng.sample(sorted(placed), WITHOUT_ID + WRONG_CHECK_DIGIT)
    for seat in seats[:WITHOUT_ID]:
        student = placed[seat]
        placed[seat] = replace(student, id_no="", student_no=numbering.temporary(student.birth))
    for seat in seats[WITHOUT_ID:]:
        wrong = wrong_check_digit(placed[seat].id_no)
        placed[seat] = replace(placed[seat], id_no=wrong, student_no=f"G{wrong}")
