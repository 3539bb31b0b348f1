"""Corrects a child's card by hand: one form, which first shows what would change and then keeps exactly that."""

from __future__ import annotations

from starlette.responses import Response

from sync_server import access
from sync_server.access import Verb
from sync_server.registry import RESTRICTED_FLAGS, Student
from sync_server.roster import correcting, search
from sync_server.roster.correcting import FIELDS, FLAGS, NO, NUMBERS, OF_GUARDIAN, YES, Correction, Corrections, slots
from sync_server.roster.register import Register
from sync_server.roster.vocabulary import vocabulary
from sync_server.web.console.page import Ask, Console, go
from sync_server.web.console.registry_list import loaded
from sync_server.web.console.registry_words import Words

LONGEST = 200
MOST_FIELDS = 400
FLAG_GROUPS = {"key_flags": "KS", "family_flags": "FM"}
#: The form's fields in their order; a code is chosen, everything else is typed.
SHOWN = (
    "name", "former_name", "gender", "birth", "ethnic", "id_type", "id_no", "student_no", "seat_no", "enrolled_on",
    "boarder", "placement", "village", "home_address", "home_landmark", "hukou_village", "hukou_address",
)  # fmt: skip
CHOSEN = ("gender", "id_type", "placement", "relation", "can_read")
TICKED = ("legal", "caretaker", "away")
KINDS_OF_INPUT = {"birth": "date", "enrolled_on": "month"}


def show(console: Console, ask: Ask) -> Response:
    """The form with the card as it stands. Raises NotAllowed, NoSuchPage."""
    access.require(ask.actor, Verb.KEEP_REGISTER)
    now = loaded(console, ask)
    child = search.child_of(now, ask.actor, ask.part("student"))
    return _form(console, ask, child, _as_it_stands(now, child))


def save(console: Console, ask: Ask) -> Response:
    """Shows what would change; keeps it when that was shown before. Raises NotAllowed, NoSuchPage."""
    student, typed, seen = ask.part("student"), _typed(ask), ask.form.get("seen", "")
    use = Corrections(console.wiring.store, console.school, console.wiring.clock)
    if not seen:
        found = use.look(ask.actor, student, typed)
        return _form(console, ask, found.before, typed, found)
    done, found = use.keep(ask.actor, student, typed, seen)
    if done:
        return go(f"/roster/children/{student}?done=corrected")
    return _form(console, ask, found.before, typed, found, stale=found.may_go_on)


def _typed(ask: Ask) -> dict[str, str]:
    names = [*FIELDS, *(f"{slot}.{part}" for slot in _sent_slots(ask) for part in OF_GUARDIAN)]
    typed = {name: ask.form.get(name, "").strip()[:LONGEST] for name in names}
    return typed | {name: " ".join(ask.all_of(name)) for name in FLAGS}


def _sent_slots(ask: Ask) -> list[str]:
    sent = {name.partition(".")[0] for name in ask.form if name.endswith(".name")}
    return sorted(slot for slot in sent if slot[:1] == "g" and slot[1:].isdecimal())


def _as_it_stands(now: Register, child: Student) -> dict[str, str]:
    """The card as the form would send it; numbers of people stay in the register."""
    typed = {name: str(getattr(child, name)) for name in FIELDS if name not in NUMBERS}
    typed |= dict.fromkeys(NUMBERS, "") | {name: now.village(typed[name]).name for name in correcting.VILLAGES}
    typed |= {name: " ".join(getattr(child, name)) for name in FLAGS}
    typed["boarder"] = YES if child.boarder else NO
    for slot, adult in zip(slots(child), child.guardians, strict=False):
        told = {name: getattr(adult, name) for name in ("id", "name", "relation", "phone", "can_read")}
        told |= {name: YES if getattr(adult, name) else "" for name in TICKED}
        typed |= {f"{slot}.{name}": str(value) for name, value in told.items()}
    return typed


def _form(
    console: Console, ask: Ask, child: Student, typed: dict[str, str], found: Correction | None = None,
    stale: bool = False,
) -> Response:  # fmt: skip
    now, said = loaded(console, ask), vocabulary().said
    flags = [
        code for code in dict.fromkeys(vocabulary().flags.values())
        if code not in RESTRICTED_FLAGS or correcting.may_see_restricted(ask.actor)
    ]  # fmt: skip
    status = 409 if stale else 422 if found is not None and found.complaints else 200
    return console.page(
        ask, "registry_correct", status, child=child, typed=typed, found=found, stale=stale, words=Words.of(ask, now),
        shown=SHOWN, slots=slots(child), codes={name: list(said["values"][name]) for name in CHOSEN},
        nationalities=[f"{number:02d}" for number in range(1, len(said["ethnic"]) + 1)], ticked=TICKED,
        flags={name: [code for code in flags if code[:2] == prefix] for name, prefix in FLAG_GROUPS.items()},
        villages=sorted({one.name for one in now.villages.values()}), inputs=KINDS_OF_INPUT, longest=LONGEST,
        masked={name: getattr(child, name)[-4:] for name in NUMBERS},
        new_villages=[one.name for one in found.villages] if found else [],
    )  # fmt: skip
