"""Who may do what, as a story: every role tries every step of a case and every deed of the office, near and far.

The story is made from the table of `sync_server/access.py`; whoever the table lets is not refused for the role, and
whoever it does not let is refused for exactly that, whatever else is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from casebook.kinds.act import ACTS
from sync_server.access import TABLE, Scope, Verb
from sync_server.escalation import VERB_OF_ACT, roles_of
from sync_server.play.playing import Played, play
from sync_server.play.steps import OFFICE
from sync_server.play.story import load

NEAR, FAR = "near", "far"
ROOM, ELSEWHERE = "8.2", "7.1"
FOR_THE_ROLE = {"role", "not_allowed", "role_not_held", "not_your_child", "not_your_class"}
IN_A_CASE = ("returned",)  # steps that only a case knows; whoever asks for another one is asked for the role first
DEEDS: dict[Verb, dict[str, Any]] = {
    Verb.KEEP_REGISTER: {"freeze": "2025-2026-1"},
    Verb.EDIT_CALENDAR: {"term": {"term": "2025-2026-1", "first": "2025-09-01", "last": "2026-01-23"}},
    Verb.ENTER_ROLL_EVENT: {"roll": "transfer_out", "says": {"other_school": "x", "paper_no": "P"}},
    Verb.REVIEW_VISIT: {"review": "seen", "decision": "accepted"},
    Verb.ENTER_HEADCOUNT: {"headcount": ROOM},
}
SAYS = {"because": "x", "by": "student", "on": "2025-11-10", "report": "RA"}


def allowed(role: str, verb: Verb, where: str) -> bool:
    """What the table says: of the school everywhere, of classes and children only near."""
    scope = TABLE[role].get(verb)
    return scope is Scope.SCHOOL or (scope in (Scope.CLASS, Scope.ASSIGNED) and where == NEAR)


def attempts() -> list[tuple[str, str, str, Verb]]:
    """(role, near or far, act or name of a deed, verb)."""
    tries = [(act, VERB_OF_ACT[act]) for act in ACTS] + [(next(iter(deed)), verb) for verb, deed in DEEDS.items()]
    return [(role, where, what, verb) for role in TABLE for where in (NEAR, FAR) for what, verb in tries]


def story() -> str:
    """The story of all attempts. What is noted on a phone is asked of the rules first, so it is about a child of its
    own whose state nobody else has changed; at a desk the role comes first, and one child serves for all.
    """
    found = attempts()
    own = [one for one in found if one[2] in ACTS and ACTS[one[2]].teachers]
    child_of = {one: f"{ROOM}#{n}" for n, one in enumerate(own, 2)}
    children = [f"{ROOM}#1", *child_of.values()]
    staff: dict[str, Any] = {}
    for role in TABLE:
        staff[f"{NEAR}_{role}"] = {"roles": [role], "classes": [ROOM], "children": children}
        staff[f"{FAR}_{role}"] = {"roles": [role], "classes": [ELSEWHERE], "children": [f"{ELSEWHERE}#1"]}
    return json.dumps({
        "title": "roles", "staff": staff, "events": list(_events([(one, child_of.get(one, children[0])) for one in found])),
        "roster": {"classes": {ROOM: {"children": len(children)}, ELSEWHERE: {"children": 2}}},
    }, ensure_ascii=False)  # fmt: skip


def _events(found: list[tuple[tuple[str, str, str, Verb], str]]) -> Iterator[dict[str, Any]]:
    at = "2025-11-10 09:00"
    yield {"at": "2025-11-10 08:00", "visit": f"{ROOM}#1", "form": "routine_visit", "by": "class_teacher", "as": "seen", "photos": "no"}
    yield {"at": "2025-11-10 08:00", "headcount": ROOM}
    for (role, where, what, verb), child in found:
        person = f"{where}_{role}"
        if what in IN_A_CASE:
            yield {"at": "2025-11-10 07:30", "act": "opened", "child": child, "by": "principal", "says": {"because": "x"}}
        if what in ACTS and ACTS[what].teachers and where == FAR and role not in OFFICE:
            # a phone that does not know the child cannot ask the rules: the school must notice
            yield {"at": at, "act": what, "child": child, "by": person, "says": SAYS, "unasked": "yes"}
        elif what in ACTS:
            yield {"at": at, "act": what, "child": child, "by": person, "says": SAYS, "as": f"{role} {where} {what}"}
        else:
            about = {"child": child} if what == "roll" else {}
            yield {"at": at, "by": person, "as": f"{role} {where} {what}", **DEEDS[verb], **about}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    file = tmp_path_factory.mktemp("roles") / "roles.story.yaml"
    file.write_text(story(), "utf-8")
    return play(load(file))


def test_every_role_is_let_and_refused_exactly_as_the_table_says(played: Played) -> None:
    tried = [one for one in played.events if one["at"].startswith("2025-11-10T09:00")]
    found = attempts()
    assert len(tried) == len(found) > 500
    wrong = []
    for (role, where, what, verb), event in zip(found, tried, strict=True):
        refused = {*event["outcome"].get("refused", ())}
        if bool(refused & FOR_THE_ROLE) == allowed(role, verb, where):
            wrong.append((role, where, what, sorted(refused)))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_table_tries_both_ways_for_every_step() -> None:
    for act, verb in VERB_OF_ACT.items():
        said = {allowed(role, verb, where) for role in TABLE for where in (NEAR, FAR)}
        assert said == {True, False}, act
        assert {role for role in TABLE if allowed(role, verb, NEAR)} & roles_of(act)
