"""The school's notices N1–N3: the addressee, the next number, the text from the case, no word of command (R32-R35)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import assets
from casebook.feeds import STUDENTS
from casebook.rules.facts import Contact, Deed
from casebook.rules.guards import return_by
from casebook.rules.lifecycle import Lifecycle
from casebook.rules.reckoning import reckon
from casebook.rules.rulebook import SCHOOL_DAYS, Rule, Rules
from casebook.rules.service import SERVED
from casebook.wording import Wording
from sync_server.registry import Village
from sync_server.roster import register
from sync_server.store import register as kept
from sync_server.store import rows
from sync_server.store.engine import Connection

GUARDIAN_NOTICE, VILLAGE_LETTER = "N1", "N2"
UNSET = "none"  # the value of a contact row that the school has not filled in


@dataclass(frozen=True)
class OnFile:
    """What a paper says of a child: names, home, and the place of the household register, empty when unknown."""

    case: str
    name: str
    gender: str
    class_name: str
    guardians: tuple[str, ...]
    home: str
    village: str
    hukou: str = ""
    hukou_village: str = ""
    hukou_kind: str = "village"

    @property
    def address(self) -> str:
        """Where the child lives, the village said once."""
        return self.home if self.village in self.home else self.village + self.home

    @property
    def moved(self) -> bool:
        """Whether the household register names another village than the child lives in (R33)."""
        return self.hukou_village not in ("", self.village)

    @property
    def hukou_unknown(self) -> bool:
        """Whether the register does not say in which village the household is registered."""
        return not self.hukou_village


@dataclass(frozen=True)
class Draft:
    """A notice before it is issued; `text` are its paragraphs, one a line."""

    notice: str
    no: str
    addressee: str
    text: str


def on_file(conn: Connection, school: str, case: str) -> OnFile:
    """The child as the register knows it, else as the phones do. Who may ask is settled before."""
    row = rows.one(conn, school, STUDENTS, case) or {}
    entry = kept.entry(conn, school, kept.STUDENT, case)
    guardians = [one for one in row.get("guardians", ()) if one.get("legal")] or row.get("guardians", ())
    told = OnFile(
        case, str(row.get("name", "")), str(row.get("gender", "")), str(row.get("class_name", "")),
        tuple(str(one["name"]) for one in guardians),
        str(row.get("home_address", "")), str(row.get("village_name", "")),
    )  # fmt: skip
    if entry is None:
        return told
    student = register.student_from(entry)
    found = kept.entry(conn, school, kept.VILLAGE, student.hukou_village) or {}
    village = Village(**{name: found.get(name, "") for name in Village.__dataclass_fields__})
    return replace(told, hukou=student.hukou_address, hukou_village=village.name, hukou_kind=village.kind or "village")


def next_number(pattern: str, used: Iterable[str], year: int) -> str:
    """The number after the highest that was given in this year by the same pattern; 1 when there is none."""
    head, _, tail = pattern.replace("{year}", str(year)).partition("{n}")
    serials = [text.removeprefix(head).removesuffix(tail) for text in used
               if text.startswith(head) and text.endswith(tail)]  # fmt: skip
    last = max((int(text) for text in serials if text.isascii() and text.isdigit()), default=0)
    return f"{head}{last + 1}{tail}"


def numbers(deeds: Iterable[Deed], act: str) -> dict[tuple[int, str], str]:
    """(year, number) -> the record that took it, of all acts of one kind, those included that do not count."""
    taken: dict[tuple[int, str], str] = {}
    for deed in deeds:
        if deed.act == act:
            taken.setdefault((deed.day().year, bare(deed.text("no"))), deed.rid)
    return taken


def bare(number: str) -> str:
    """A number without blanks, as people type it in different ways."""
    return "".join(number.split())


def commands_in(*texts: str) -> list[str]:
    """Words of command in a school's text: they belong to the government alone (R35)."""
    return [word for word in command_words() if any(word in text for text in texts)]


@cache
def command_words() -> tuple[str, ...]:
    """The list, which is data."""
    return tuple(json.loads(assets.read_bytes("rules/command_words.json"))["words"])


def addressee(notice: str, child: OnFile, words: Wording) -> str:
    """Whom the paper speaks to: the guardians, or the committee of the village of the household register."""
    if notice != VILLAGE_LETTER:
        return words("notices.between").join(child.guardians)
    name = child.hukou_village or child.village
    return words(f"notices.committee.{child.hukou_kind}", village=name)


def draft(notice: str, life: Lifecycle, child: OnFile, no: str, words: Wording) -> Draft:
    """The paper filled in from the case, as of now; the registrar may still change the text."""
    facts = _facts(notice, life, child, words)
    lines = [words(f"notices.{notice}.{part}", **facts) for part in _parts(notice, life, child)]
    return Draft(notice, no, addressee(notice, child, words), "\n".join(lines))


def day_in_words(day: dt.date | None, words: Wording) -> str:
    """2025年10月9日, as papers write it."""
    return words("notices.day", year=day.year, month=day.month, day=day.day) if day else words("notices.blank")


def return_terms(rule: Rule, words: Wording) -> str:
    """How long the family has, by the row of the rulebook (Q4), and how a day without class is treated."""
    unit = "school_days" if rule.unit == SCHOOL_DAYS else "days"
    rolled = words("notices.return.rolled") if rule.roll else ""
    return words(f"notices.return.{unit}", n=rule.value) + rolled


def legal_basis(notice: str, rules: Rules, words: Wording) -> str:
    """The articles that the paper rests on, by the row `basis.<notice>`."""
    return words("notices.between").join(words(f"notices.basis.{one}") for one in rules.codes(f"basis.{notice}"))


def title(notice: str, rules: Rules, words: Wording) -> str:
    """What the paper is called here (Q7)."""
    code = rules.code("document.N1") if notice == GUARDIAN_NOTICE else notice
    key = f"notices.title.{code}"
    return words(key) if words.has(key) else code


def contact_of(rules: Rules, which: str) -> str:
    """The school's telephone or the county's hotline; empty when the row was never filled in."""
    value = rules.code(f"contact.{which}")
    return "" if value == UNSET else value


def contacts_told(contacts: Iterable[Contact], words: Wording) -> str:
    """Day and way of every contact that counts as an attempt, oldest first."""
    told = [_contact(contact, words) for contact in contacts if contact.is_attempt]
    return words("notices.between").join(told)


def _contact(contact: Contact, words: Wording) -> str:
    way = "door" if contact.is_door else "phone" if contact.is_phone else "other"
    day = contact.stamp.day
    return words(f"notices.contact.{way}", month=day.month, day=day.day)


def _parts(notice: str, life: Lifecycle, child: OnFile) -> list[str]:
    """Which paragraphs this paper has."""
    tried = any(contact.is_attempt for contact in life.contacts)
    served = any(one.outcome == SERVED for one in life.seen.services)
    if notice == GUARDIAN_NOTICE:
        return ["absent", *(("contacts",) if tried else ()), "law", "return", "help", "report"]
    if notice == VILLAGE_LETTER:
        return ["child", *(("moved",) if child.moved else ()), "absent", *(("contacts",) if tried else ()),
                *(("served",) if served else ()), "request", "answer"]  # fmt: skip
    return ["law", "request", "help"]


def _facts(notice: str, life: Lifecycle, child: OnFile, words: Wording) -> Mapping[str, object]:
    rule, today = life.rules.rule("return_by"), life.world.today
    last = reckon(rule, today, life.world.calendar).day
    issued = life.done("notice_issued", notice=GUARDIAN_NOTICE)
    since = life.since or today
    served = next((one.served_on for one in life.seen.services if one.outcome == SERVED), None)
    return {
        "name": child.name, "class_name": child.class_name, "guardians": words("notices.between").join(child.guardians),
        "gender": words(f"console.gender.{child.gender}") if child.gender else "", "home": child.address,
        "hukou_village": child.hukou_village or child.village,
        "since": day_in_words(since, words), "days": len(life.absent_days), "today": day_in_words(today, words),
        "contacts": contacts_told(life.contacts, words), "terms": return_terms(rule, words),
        "last": day_in_words(last, words), "no": issued.text("no") if issued else words("notices.blank"),
        "served": day_in_words(served, words), "return_by": day_in_words(return_by(life.seen), words),
        "basis": legal_basis(notice, life.rules, words),
    }  # fmt: skip
