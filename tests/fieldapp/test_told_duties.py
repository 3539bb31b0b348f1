"""A person whose phone has not all records of the children has her duties all the same: the school tells them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casebook import feeds
from casebook.rules.duties import Duty
from casebook.rules.told import to_row
from fieldapp.desk import Desk
from tests.casebook.rules.tale import BOY, CLASS, moment
from tests.fieldapp.fake_school import TEACHER, FakeSchool
from tests.fieldapp.telling import story_school, told_phone

NOBODYS = {"school": False, "classes": [], "cases": [], "villages": []}
TODAY = "2025-10-09 12:00"


def told(*duties: Duty, role: str = "registrar", **me: Any) -> FakeSchool:
    school = story_school(**{"roles": [role], "classes": [], "follows": NOBODYS} | me)
    school.publish(feeds.CLASSES, CLASS, {"id": CLASS, "name": "八(2)班", "teacher_id": "d" * 32})
    school.publish(feeds.TOLD, TEACHER, to_row(duties))
    return school


def notice(role: str = "registrar", due: str = "2025-10-10") -> Duty:
    return Duty("issue_notice", BOY, moment(due).date(), "soon", (role,), "R32")


def opened(folder: Path, school: FakeSchool) -> Desk:
    desk, _ = told_phone(folder, school, TODAY)
    return desk


def test_the_first_screen_and_the_childs_page_show_what_the_school_told(tmp_path: Path) -> None:
    desk = opened(tmp_path, told(notice(), notice(due="2025-10-08")))
    assert [(card.kind, card.student_name, card.urgency) for card in desk.today().tasks] == [
        ("issue_notice", "张示伟", "overdue"), ("issue_notice", "张示伟", "soon"),
    ]  # fmt: skip
    page = desk.student(BOY)
    assert [task.kind for task in page.tasks] == ["issue_notice", "issue_notice"]
    assert page.standing is None
    desk.close()


@pytest.mark.parametrize("school", [
    told(notice("principal")),  # a role that was taken away since
    told(notice(), follows={"school": True, "classes": [], "cases": []}),  # this phone works it out itself
    told(Duty("issue_notice", "9" * 32, None, "later", ("registrar",), "R32")),  # no child of this roster
])  # fmt: skip
def test_nothing_else_is_shown(tmp_path: Path, school: FakeSchool) -> None:
    desk = opened(tmp_path, school)
    assert [card.kind for card in desk.today().tasks] == []
    desk.close()


def test_the_next_telling_replaces_the_one_before(tmp_path: Path) -> None:
    school = told(notice())
    desk = opened(tmp_path, school)
    school.publish(feeds.TOLD, TEACHER, to_row([]))
    assert desk.sync().problem is None
    assert desk.today().tasks == []
    desk.close()


def test_the_childs_page_names_who_helps_it_as_its_pair(tmp_path: Path) -> None:
    school = story_school()
    desk = opened(tmp_path, school)
    assert desk.student(BOY).pairs == ()
    school.publish(feeds.PAIRS, BOY, {"id": BOY, "teachers": ["示例老师"]})
    assert desk.sync().problem is None
    assert desk.student(BOY).pairs == ("示例老师",)
    desk.close()
