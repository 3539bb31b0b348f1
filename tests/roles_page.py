"""Which permission each door of the console asks for; renews docs/roles.md from the table: python -m tests.roles_page"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sync_server.access import EVERYBODY, TABLE, Scope, Verb
from sync_server.escalation import VERB_OF_ACT
from sync_server.store.reach import OF_CHILD, OF_VISITS

PAGE = Path(__file__).parent.parent / "docs" / "roles.md"
LETTERS = {Scope.SCHOOL: "●", Scope.CLASS: "class", Scope.ASSIGNED: "assigned", Scope.VILLAGE: "village"}
BESIDES = {
    Scope.ASSIGNED: "children assigned to one", Scope.VILLAGE: "children of the villages one leads",
    Scope.JOINED: "children one has visited", Scope.WRITTEN: "what one has written",
}  # fmt: skip

# What a permission is asked about: nothing in particular (the whole school), any of it at all, a class, a child, a visit.
SCHOOL, ANY, CLASS, CHILD, VISIT = "school", "any", "class", "child", "visit"


@dataclass(frozen=True)
class Door:
    """What one of `verbs`, and `also` this one, must reach; no verbs: everybody who is logged in, within reach."""

    about: str = ANY
    verbs: tuple[Verb, ...] = ()
    also: Verb | None = None


def _doors(about: str, verb: Verb, *addresses: str) -> dict[str, Door]:
    return dict.fromkeys(addresses, Door(about, (verb,)))


DOORS: dict[str, Door] = {
    **dict.fromkeys(
        ("GET /", "GET /visits", "GET /incidents", "GET /conflicts", "GET /students", "GET /account", "GET /duties",
         "GET /calendar", "GET /calendar/{term}", "GET /rulebook", "GET /rulebook/{key}", "POST /account/password"),
        Door(),
    ),
    **_doors(
        VISIT, Verb.READ_EVIDENCE, "GET /visits/{visit}", "GET /visits/{visit}/files/{sha256}",
        "GET /visits/{visit}/files/{sha256}/small", "GET /records/{rid}",
    ),
    "GET /visits/{visit}/proof": Door(VISIT, (Verb.READ_EVIDENCE, Verb.ISSUE_NOTICE)),
    **_doors(SCHOOL, Verb.REVIEW_VISIT, "POST /visits/{visit}/review"),
    **_doors(SCHOOL, Verb.READ_DEVICES, "GET /held", "GET /upkeep"),
    **_doors(SCHOOL, Verb.MAKE_ENROL_CODE, "POST /account/codes"),
    **_doors(
        SCHOOL, Verb.KEEP_STAFF, "GET /staff", "POST /staff", "GET /staff/{account}", "POST /staff/{account}",
        "POST /staff/{account}/phones", "POST /upkeep",
    ),
    **_doors(CHILD, Verb.READ_CASE, "GET /cases/{case}", "GET /cases/{case}/leaves"),
    **_doors(SCHOOL, Verb.EXPORT_CASE, "POST /cases/{case}/bundle"),
    **_doors(SCHOOL, Verb.RESOLVE_CONFLICT, "POST /cases/{case}/resolve"),
    **_doors(CHILD, Verb.ASSIGN, "POST /cases/{case}/assigned"),
    **_doors(CHILD, Verb.KEEP_LEAVE, "POST /cases/{case}/leaves", "POST /cases/{case}/leaves/{leave}"),
    "GET /papers": Door(ANY, (Verb.SEND_REPORT, Verb.ISSUE_NOTICE)),
    **_doors(SCHOOL, Verb.SEND_REPORT, "GET /papers/report", "POST /papers/report"),
    **_doors(
        SCHOOL, Verb.AUTHOR_FORMS, "GET /forms", "POST /forms", "GET /forms/{form}", "POST /forms/{form}/adopt",
        "GET /forms/{form}/draft", "POST /forms/{form}/draft/publish", "POST /forms/{form}/draft/discard",
        "POST /forms/{form}/withdraw", "POST /forms/{form}/offer", "GET /forms/{form}/versions/{version}",
        "GET /forms/{form}/versions/{version}/sheets", "GET /forms/{form}/versions/{version}/try",
        "POST /forms/{form}/versions/{version}/try",
    ),
    **_doors(SCHOOL, Verb.EDIT_CALENDAR, "POST /calendar/{term}"),
    **_doors(ANY, Verb.READ_REGISTER, "GET /roster", "GET /roster/classes", "GET /roster/events", "GET /roster/download"),
    **_doors(ANY, Verb.READ_REGISTER, "GET /roster/completeness"),
    **_doors(CHILD, Verb.READ_REGISTER, "GET /roster/children/{student}"),
    **_doors(CLASS, Verb.READ_REGISTER, "GET /roster/classes/{class_id}"),
    **_doors(
        SCHOOL, Verb.KEEP_REGISTER, "GET /roster/new", "POST /roster/new", "POST /roster/classes",
        "POST /roster/households", "GET /roster/import", "POST /roster/import", "GET /roster/template",
        "GET /roster/import/{draft}", "POST /roster/import/{draft}/confirm", "POST /roster/import/{draft}/discard",
        "GET /roster/households", "GET /roster/villages", "POST /roster/villages",
    ),
    **_doors(
        SCHOOL, Verb.KEEP_REGISTER, "GET /roster/children/{student}/correct", "POST /roster/children/{student}/correct",
    ),
    **_doors(SCHOOL, Verb.EXPORT_REGISTER, "POST /roster/download"),
    **_doors(SCHOOL, Verb.KEEP_REGISTER, "GET /roster/year", "POST /roster/year"),
    **_doors(
        SCHOOL, Verb.ENTER_ROLL_EVENT, "GET /roster/entry", "POST /roster/entry", "POST /roster/entry/found",
        "POST /roster/entry/{student}/collected", "GET /roster/entry/{rid}/paper",
    ),
    **_doors(
        SCHOOL, Verb.ENTER_ROLL_EVENT, "POST /roster/events", "GET /roster/events/new", "GET /roster/rekeying",
        "POST /roster/rekeying/{event}",
    ),
    **_doors(ANY, Verb.READ_REGISTER, "GET /roster/events/{event}", "GET /roster/events/{event}/paper"),
    **_doors(SCHOOL, Verb.APPROVE_ROLL_EVENT, "POST /roster/events/{event}/decide"),
    **_doors(ANY, Verb.READ_HEADCOUNT, "GET /attendance"),
    **_doors(CLASS, Verb.READ_HEADCOUNT, "GET /attendance/{class_id}"),
    "POST /attendance/{class_id}": Door(CLASS, (Verb.ENTER_HEADCOUNT,), Verb.LIST_STUDENTS),
    **_doors(CLASS, Verb.ENTER_HEADCOUNT, "POST /attendance/{class_id}/check"),
    **_doors(CLASS, Verb.READ_CASE, "GET /attendance/{class_id}/start"),
    **_doors(CLASS, Verb.SURVEY_CLASS, "POST /attendance/{class_id}/start"),
    **_doors(ANY, Verb.LIST_STUDENTS, "GET /weekly"),
    **_doors(CLASS, Verb.LIST_STUDENTS, "GET /weekly/{class_id}"),
    **_doors(CLASS, Verb.SIGN_WEEKLY, "POST /weekly"),
    **_doors(ANY, Verb.READ_FIGURES, "GET /figures"),
    "GET /aid": Door(ANY, (Verb.READ_AID, Verb.ASSIGN)),
    **_doors(SCHOOL, Verb.EDIT_RULES, "POST /rulebook/{key}"),
    **_doors(SCHOOL, Verb.CONFIRM_RULES, "POST /rulebook"),
}  # fmt: skip
#: Doors of which the thing behind says whose they are: of a paper its case, of a step the act (VERB_OF_ACT).
BY_WHAT_IS_BEHIND = {
    "GET /papers/{rid}", "GET /papers/{rid}/photo", "GET /cases/{case}/steps/{act}", "POST /cases/{case}/steps/{act}",
}  # fmt: skip


def table() -> str:
    """Every verb with how far each role may go."""
    lines = [f"| verb | {' | '.join(TABLE)} |", f"|---|{'---|' * len(TABLE)}"]
    for verb in Verb:
        cells = [LETTERS[TABLE[role][verb]] if verb in TABLE[role] else "" for role in TABLE]
        lines.append(f"| `{verb}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def everybody() -> str:
    """What every member of staff may do besides."""
    return "\n".join(f"* `{verb}`: {BESIDES[scope]}" for verb, scope in EVERYBODY)


def doors() -> str:
    """Every address of the console with what it asks for."""
    lines = ["| asks for | about | pages and forms |", "|---|---|---|"]
    groups: dict[Door, list[str]] = {}
    for address, door in DOORS.items():
        groups.setdefault(door, []).append(f"`{address}`")
    for door, addresses in groups.items():
        verbs = " or ".join(f"`{verb}`" for verb in door.verbs) or "a login"
        verbs += f" and `{door.also}`" if door.also else ""
        lines.append(f"| {verbs} | {door.about if door.verbs else ''} | {', '.join(addresses)} |")
    return "\n".join(lines)


def steps() -> str:
    """Which verb each step of a case asks for."""
    return "\n".join(["| step | asks for |", "|---|---|", *(f"| `{act}` | `{verb}` |" for act, verb in VERB_OF_ACT.items())])


def feed() -> str:
    """What flows to a phone, by verb."""
    kinds = ", ".join(f"`{kind}`" for kind in OF_VISITS)
    lines = ["| what | must be reached by |", "|---|---|", *(f"| rows of `{feed}` | `{verb}` |" for feed, verb in OF_CHILD.items()),
             f"| records {kinds} | `{Verb.READ_EVIDENCE}` |", f"| other records of a child | `{Verb.READ_CASE}` |",
             f"| headcounts and surveys of classes | `{Verb.READ_HEADCOUNT}` and `{Verb.LIST_STUDENTS}` |",
             f"| records of the school itself | `{Verb.READ_FIGURES}`, whole school |"]  # fmt: skip
    return "\n".join(lines)


PARTS: dict[str, Callable[[], str]] = {
    "table": table, "everybody": everybody, "doors": doors, "steps": steps, "feed": feed,
}  # fmt: skip


def renewed(page: str) -> str:
    """The page with every generated part made anew."""
    for name, make in PARTS.items():
        marks = re.compile(rf"(<!-- made: {name} -->\n).*?(\n<!-- end -->)", re.S)
        page, count = marks.subn(lambda found, make=make: found[1] + make() + found[2], page)  # type: ignore[misc]
        assert count == 1, name
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
