"""The button that takes last time's answer, on a form that ships with the program."""

from __future__ import annotations

import pytest

from tests.fieldapp.ui.little_school import LONG_NAME, LittleSchool, form_row
from tests.fieldapp.ui.phone import Phone, open_visit, played


@pytest.fixture
def school() -> LittleSchool:
    return LittleSchool(more_rows=[form_row("census")])


def seal_a_census(phone: Phone, name: str) -> None:
    """A finished census of the child, with as little in it as it takes."""
    draft = phone.desk.open_draft(phone.desk.start(LONG_NAME, "census"))
    session = draft.session
    answers = {"with_whom": "teacher", "covisitors": "示例老师", "informed_by": "guardian", "head_same": "other", "head_name": name,
               "student_to_head": session.question(session.ref_of("student_to_head")).choices[0].value,
               "other_children": "0", "worry": "none", "cadre_signs": "unwilling"}  # fmt: skip
    for _ in range(40):
        left = draft.problems()
        if not left:
            break
        question = draft.session.question(left[0].ref)
        known = answers.get(left[0].ref.rsplit("/", 1)[-1])
        offered = [choice.value for choice in question.choices]
        draft.answer(question.ref, known if known and (not offered or known in offered) else offered[0] if offered else "1")
    draft.finish()


@played
async def test_one_tap_takes_the_answer_of_the_last_visit(phone: Phone) -> None:
    seal_a_census(phone, "买买提江·吐尔逊")
    phone.clock.go_on(days=2)
    draft = phone.desk.start(LONG_NAME, "census")
    client = await phone.start(route=f"/visit/{draft}")
    visit = open_visit(client)
    for name, value in (("informed_by", "guardian"), ("head_same", "other")):
        asked = visit.named(name)
        assert asked
        visit.answer(asked.question.ref, value)
    visit.turn_to("/data/household")
    await client.settle()
    assert client.text("q-head_name-last") == "同上次：买买提江·吐尔逊（10月16日（周四））"
    await client.tap("q-head_name-last")
    assert visit.value_of("head_name") == "买买提江·吐尔逊"
    assert not client.has("q-head_name-last")
    await client.type("q-head_name", "别人")
    assert client.has("q-head_name-last")
    assert not [name for name in client.identifiers() if name.startswith("q-informed_by") and name.endswith("-last")]
