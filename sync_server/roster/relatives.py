"""Adults and brothers and sisters of a child: what a roster adds to them, without losing what is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sync_server.registry import Guardian, Student
from sync_server.roster.people import fresh_id
from sync_server.roster.plan import Planned
from sync_server.roster.register import Register
from sync_server.roster.saying import Said, SaidGuardian

PARENTS = frozenset({"51", "52", "57", "58"})
SINGLE = frozenset({"51", "52"})  # a child has one father and one mother: another name is a correction
OTHER_RELATIVE = "97"


def merged_guardians(base: Student, said: Said, draft: str) -> tuple[Guardian, ...]:
    """The adults known and those the line names, in their order; nobody is left out for not being named."""
    adults = list(base.guardians)
    for one in said.guardians:
        place = _place_of(adults, one)
        if place is None:
            adults.append(_new(one, said, draft, first=not adults))
        else:
            adults[place] = _told(adults[place], one)
    return tuple(adults)


def with_siblings(register: Register, planned: Mapping[str, Planned]) -> dict[str, Planned]:
    """The plan with brothers and sisters: everybody of the same household is one of them."""
    found = dict(planned)
    now = {**register.students, **{id: one.after for id, one in planned.items()}}
    homes: dict[str, list[str]] = defaultdict(list)
    for id, one in now.items():
        if isinstance(one, Student) and one.household:
            homes[one.household].append(id)
    touched = {home for one in planned.values() for home in _homes(one)}
    for home in touched:
        for id in homes.get(home, []):
            child, siblings = now[id], tuple(sorted(set(homes[home]) - {id}))
            if isinstance(child, Student) and tuple(sorted(child.siblings)) != siblings:
                before = found.get(id, Planned(child, child))
                found[id] = replace(before, after=replace(child, siblings=siblings))
    return found


def _homes(one: Planned) -> set[str]:
    """Households that gain or lose somebody."""
    before = one.before.household if isinstance(one.before, Student) else ""
    after = one.after.household if isinstance(one.after, Student) else ""
    return {before, after} - {""} if before != after else set()


def _place_of(adults: list[Guardian], said: SaidGuardian) -> int | None:
    for place, known in enumerate(adults):
        if known.name == said.name or (said.relation in SINGLE and known.relation == said.relation):
            return place
    return None


def _told(known: Guardian, said: SaidGuardian) -> Guardian:
    return replace(
        known, name=said.name, relation=said.relation or known.relation, phone=said.phone or known.phone,
        legal=known.legal if said.legal is None else said.legal,
        caretaker=known.caretaker if said.caretaker is None else said.caretaker,
        can_read=said.can_read or known.can_read,
    )  # fmt: skip


def _new(said: SaidGuardian, line: Said, draft: str, first: bool) -> Guardian:
    if not said.relation:
        line.remark("registry.row.relation_missing", "g1.relation", name=said.name)
    return Guardian(
        id=fresh_id(draft, "guardian", line.line.sheet, str(line.line.row), said.name), name=said.name,
        relation=said.relation or OTHER_RELATIVE, phone=said.phone,
        legal=said.relation in PARENTS if said.legal is None else said.legal,
        caretaker=first if said.caretaker is None else said.caretaker, can_read=said.can_read or "yes",
    )  # fmt: skip
