"""Duties on the screens: by time and by village, how long there is left, why, and where each of them leads."""

from __future__ import annotations

import datetime as dt

import flet as ft
import pytest

from assets import load_wording
from casebook.protocol import Row
from casebook.rules.duties import KINDS, Duty
from fieldapp.agenda import _card
from fieldapp.ui import app, places, spoken
from fieldapp.ui.widgets import duty
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.little_school import ABSENT, AWAY, CASE_OPEN, TEACHER, TODAY, LittleSchool, form_row
from tests.fieldapp.ui.phone import Phone, open_visit, played

ZH = load_wording("zh_CN")


@played
async def test_duties_stand_by_time_left_and_by_village_and_the_choice_is_kept(phone: Phone, school: LittleSchool) -> None:
    school.headcount(TODAY, [CASE_OPEN, ABSENT, AWAY])
    phone.desk.sync()
    client = await phone.start()
    assert client.text().index("已过期限（1）") < client.text().index("今天（4）")
    await client.tap("group-by_village")
    shown = client.text()
    assert "人数对不上" in shown and shown.index("在学校") < shown.index("石板村")  # two counts of one session
    far = "很远很远的大山背后上寨自然村第三村民小组"
    assert shown.index("石板村（3）") < shown.index(f"{far}（1）")
    assert "今天（4）" not in shown
    phone.kill()
    client = await phone.start()
    assert "石板村（3）" in client.text()
    await client.tap("group-by_time")
    assert "今天（4）" in client.text()


@played
async def test_a_duty_explains_its_day_and_names_its_clause(phone: Phone) -> None:
    client = await phone.start()
    await client.tap("why-task-1")
    told = client.text("why")
    assert "10月14日（周二）" in told and "2025-" not in told and "当日家访" in told and "R25" in told
    await client.tap("why-close")
    assert not client.find(ft.AlertDialog)


@played
async def test_a_class_that_is_not_counted_leads_to_its_headcount(phone: Phone) -> None:
    phone.clock.go_on(days=1, hours=-5)  # seven in the morning
    client = await phone.start()
    (card,) = [name for name in client.identifiers() if name.startswith("task-") and "班级还没有点名" in client.text(name)]
    assert "08:30，还有 1 小时" in client.text(card) and "八年级（2）班" in client.text(card)
    phone.clock.go_on(hours=2)
    client.page.navigate("/students")
    client.page.navigate("/")
    await client.settle()
    (card,) = [name for name in client.identifiers() if name.startswith("task-") and "班级还没有点名" in client.text(name)]
    assert "已过 30 分钟" in client.text(card)
    await client.tap(card)
    assert client.page.route == "/headcount/c82/am"


@played
async def test_a_leave_to_check_and_a_return_to_note_lead_to_their_screens(phone: Phone, school: LittleSchool) -> None:
    school.office("leave", ABSENT, {"leave": "l1", "first": str(TODAY), "last": str(TODAY), "kind": "sick", "asked_by": "x",
                                    "reason": "fever", "proof": "slip"}, at=f"{TODAY}T09:00:00+08:00")
    school.headcount(TODAY + dt.timedelta(days=1), [])
    phone.clock.go_on(hours=24 - 4)  # eight the next morning
    phone.desk.sync()
    client = await phone.start()
    assert {places.leave(ABSENT), places.step(CASE_OPEN, "returned")} <= await _places(client)


async def _places(client: FakeClient) -> set[str]:
    """Where the cards of the first screen lead."""
    found = set()
    for name in [name for name in client.identifiers() if name.startswith("task-")]:
        await client.tap(name)
        found.add(client.page.route)
        client.page.navigate("/")
        await client.settle()
    return found


@played
async def test_the_childs_page_tells_how_it_stands_and_why(phone: Phone) -> None:
    client = await phone.start(route=f"/students/{CASE_OPEN}")
    shown = client.text()
    for words in ("个案：核实劝导", "重点关注", "待学校电脑编号", "3 个上课日", f"{ZH('rule.deadline.suspect_mark')}：10月20日", "第 1 次：10月14日", "没到校，没请假"):
        assert words in shown, words
    met = f"{ZH('rule.deadline.formal_case')}：10月16日"
    assert met not in shown  # folded away
    await client.tap("deadlines-met")
    assert met in client.text()
    await client.tap("deadlines-met")
    await client.tap("why-deadline-1")
    assert "10月14日（周二）" in client.text("why")


@played
async def test_a_child_of_whom_nothing_is_said_has_no_such_section(phone: Phone) -> None:
    client = await phone.start(route=f"/students/{AWAY}")
    assert "控辍进展" not in client.text()


@played
async def test_one_tap_on_the_childs_duty_begins_its_form(blank_phone: Phone, school: LittleSchool) -> None:
    school.more_rows = [form_row("call_log")]
    phone = blank_phone.enrol()
    client = await phone.start(route=f"/students/{CASE_OPEN}")
    (call,) = [name for name in client.identifiers() if name.startswith("task-") and "今天联系家长" in client.text(name)]
    await client.tap(call)
    assert open_visit(client).draft.form_title == "电话和消息"


@pytest.mark.parametrize(("due", "at", "expected"), [
    (None, None, "尽快"), ("2025-10-16", None, "今天内"), ("2025-10-19", None, "还有 3 天"), ("2025-10-14", None, "超期 2 天"),
    ("2025-10-16", "2025-10-16T14:30:00+08:00", "还有 2 小时"), ("2025-10-16", "2025-10-16T12:20:00+08:00", "还有 20 分钟"),
    ("2025-10-16", "2025-10-16T08:30:00+08:00", "已过 3 小时"), ("2025-10-16", "2025-10-16T11:59:30+08:00", "已过 1 分钟"),
    ("2025-10-20", "2025-10-20T08:30:00+08:00", "还有 4 天"),
])  # fmt: skip
def test_time_left_reads_as_people_say_it(due: str | None, at: str | None, expected: str) -> None:
    assert spoken.left(ZH, due, at, "2025-10-16T12:00:00+08:00") == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_kind_of_duty_can_be_shown(kind: str, locale: str) -> None:
    """Words for what is to be done, for how long there is, for the reason; and a place that exists."""
    words = load_wording(locale)
    facts = {"event": "notice_issued", "missing": ("not_in_state", "field_no"), "defects": ("signature",),
             "property": "guardian_phone", "visit": "v", "remark": "r", "action": "visit", "number": 3,
             "code": "lesson", "class_heads": 54, "other_heads": 52}  # fmt: skip
    card = _card(Duty(kind, "c", dt.date(2025, 10, 17), "soon", (), "R25", facts=facts), case="c", class_id="8-2", session="am")
    lines = [*duty._details(words, card), duty.when(words, card, "2025-10-16T12:00:00+08:00"),
             *duty.reasons(words, card.because, card.clause), words(f"app.task.{duty._action(card, '')}")]  # fmt: skip
    assert all(line and "—" not in line and "{" not in line for line in lines), lines
    assert duty.place_of(card).startswith("/")


def test_a_class_teacher_is_not_sent_to_a_computer_without_a_password() -> None:
    survey = _card(Duty("survey", "8-2", dt.date(2025, 9, 7), "soon", (), "R43"), class_id="8-2")
    assert ZH(f"app.task.{duty._action(survey, '')}").startswith("查完告诉教导处")


@played
async def test_a_phone_left_open_overnight_shows_the_new_day(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await phone.start()
    assert "10月16日" in client.text()
    phone.clock.go_on(days=1)
    await client.fire(client.page, "app_lifecycle_state_change", {"state": "resume"})
    await client.until(lambda: "10月17日" in client.text())
    phone.clock.go_on(days=1)
    await client.tap("students")
    await client.back()
    assert "10月18日" in client.text()
    monkeypatch.setattr(app, "LOOK_AT_THE_DAY_S", 0.01)
    client = await phone.start()
    phone.clock.go_on(days=1)
    await client.until(lambda: "10月19日" in client.text())


def test_the_director_of_a_grade_sees_the_classes_that_are_late(blank_phone: Phone, school: LittleSchool) -> None:
    school.more_rows = [Row("me", TEACHER, {"id": TEACHER, "name": "周老师", "roles": ["grade_director"], "classes": ["c82", "c81"]}),
                        Row("classes", "c82", {"id": "c82", "name": "八年级（2）班", "grade": 8, "teacher_id": "x"}),
                        Row("classes", "c81", {"id": "c81", "name": "八年级（1）班", "grade": 8, "teacher_id": "y"})]
    phone = blank_phone.enrol()
    found = [(card.kind, card.class_name, card.session) for card in phone.desk.today().tasks if not card.case]
    assert found == [("headcount", "八年级（1）班", "am")]
