"""Leave and the teacher's own steps on the screen: what is asked, what is read before sealing, what is refused in words."""

from __future__ import annotations

import flet as ft
import pytest

from tests.fieldapp.ui.fake_client import FakeClient, assert_named_and_roomy
from tests.fieldapp.ui.little_school import ABSENT, CASE_OPEN, SISTER
from tests.fieldapp.ui.phone import Phone, played

LEAVE = f"/students/{ABSENT}/leave"


def step(child: str, act: str) -> str:
    return f"/students/{child}/step/{act}"


def sealed(phone: Phone, kind: str) -> list[dict[str, object]]:
    """Bodies of the records of a kind that school has, after a sync."""
    assert phone.desk.sync().complete
    return [dict(entry.record.body) for entry in phone.school.entries() if entry.record.type == kind]


async def asked(client: FakeClient) -> None:
    """Says everything about a leave from today to tomorrow, and goes on to the summary."""
    await client.tap("ask-leave")
    await client.tap("kind-sick")
    await client.tap("first-1")
    await client.tap("last-2")
    await client.type("reason", "发烧")
    await client.tap("asker-1")
    await client.tap("proof-message")
    await client.tap("check-leave")


@played
async def test_a_leave_is_read_once_more_before_it_is_sealed(phone: Phone) -> None:
    client = await phone.start(route=LEAVE)
    await asked(client)
    shown = client.text()
    assert all(text in shown for text in ("病假", "10月16日", "10月17日", "吴大山（父亲）", "发烧", "短信"))
    assert "24小时" in shown and sealed(phone, "leave") == []
    await client.tap("seal")
    (body,) = sealed(phone, "leave")
    assert (body["kind"], body["first"], body["last"], body["asked_by"]) == (
        "sick", "2025-10-16", "2025-10-17", "吴大山（父亲）")  # fmt: skip
    assert "请假中" in client.text("leave-1")


@played
async def test_what_is_missing_is_said_one_thing_at_a_time(phone: Phone) -> None:
    client = await phone.start(route=LEAVE)
    await client.tap("ask-leave")
    await client.tap("check-leave")
    assert client.dialog(ft.SnackBar).content.value == "请选什么假。"
    await client.tap("kind-personal")
    await client.tap("first-2")
    await client.tap("last-1")
    await client.type("asked_by", "姑姑")
    await client.type("reason", "家里有事")
    await client.tap("proof-none")
    await client.tap("check-leave")
    assert client.dialog(ft.SnackBar).content.value == "结束的日子比开始早，请改一改。"
    assert not client.has("seal")


@played
async def test_what_is_half_said_survives_a_kill(phone: Phone) -> None:
    client = await phone.start(route=LEAVE)
    await client.tap("ask-leave")
    await client.tap("kind-official")
    await client.type("reason", "参加比赛")
    phone.kill()
    client = await phone.start(route=LEAVE)
    assert "接着写请假" in client.text("ask-leave")
    await client.tap("ask-leave")
    assert client.marked("kind-official").checked
    (field,) = client.find(ft.TextField, client.marked("reason"))
    assert field.value == "参加比赛"


@played
async def test_the_call_back_is_written_down_after_asking(phone: Phone) -> None:
    client = await phone.start(route=LEAVE)
    await asked(client)
    await client.tap("seal")
    (call,) = client.find(ft.OutlinedButton, client.marked("call-1-1"))
    assert "tel:12000000001" in str(call.action.args) and "核实" in client.text("leave-1")
    await client.tap("verify-1")
    await client.tap("confirm-yes")
    assert not client.has("verify-1") and "电话核实" in client.text("leave-1")
    assert [("verified_at" in body) for body in sealed(phone, "leave")] == [False, True]


@played
async def test_the_end_asks_its_day_and_the_withdrawal_its_reason(phone: Phone) -> None:
    client = await phone.start(route=LEAVE)
    await asked(client)
    await client.tap("seal")
    await client.tap("end-1")
    await client.tap("seal")
    assert client.dialog(ft.SnackBar).content.value == "请选到校的日子。"
    await client.tap("on-1")
    await client.tap("seal")
    assert "已结束" in client.text("leave-1") and not client.has("end-1")
    await client.tap("withdraw-1")
    await client.type("why", "家长不知道")
    await client.tap("seal")
    assert "已作废" in client.text("leave-1") and "家长不知道" in client.text("leave-1")
    assert [body.get("withdrawn") for body in sealed(phone, "leave")] == [None, None, "家长不知道"]
    assert not client.has("withdraw-1")


@played
async def test_a_step_says_its_reason_and_is_read_before_sealing(phone: Phone) -> None:
    client = await phone.start(route=step(SISTER, "opened"))
    await client.tap("check-step")
    assert client.dialog(ft.SnackBar).content.value == "请写明理由。"
    await client.type("because", "三天两头不来")
    await client.tap("check-step")
    assert "吴天慧" in client.text() and "三天两头不来" in client.text()
    await client.tap("seal")
    (body,) = sealed(phone, "act")
    assert body == {"act": "opened", "role": "class_teacher", "because": "三天两头不来"}
    assert client.page.route == f"/students/{SISTER}"


@played
async def test_a_refused_step_says_in_words_what_is_missing(phone: Phone) -> None:
    client = await phone.start(route=step(CASE_OPEN, "returned"))
    assert "还没有看到孩子在校，请先点名" in client.text()
    (button,) = client.find(ft.FilledButton, client.marked("check-step"))
    assert button.disabled


@played
async def test_who_said_it_is_a_tap(phone: Phone) -> None:
    client = await phone.start(route=step(SISTER, "declared_leaving"))
    await client.tap("by-student")
    await client.tap("check-step")
    await client.tap("seal")
    (body,) = sealed(phone, "act")
    assert (body["act"], body["by"]) == ("declared_leaving", "student")


@pytest.mark.parametrize("route", [LEAVE, step(SISTER, "opened"), step(CASE_OPEN, "returned")])
def test_everything_that_is_tapped_has_a_name_and_large_text_has_room(phone: Phone, route: str) -> None:
    @played
    async def story() -> None:
        client = await phone.start(route=route, width=360, height=740)
        if route == LEAVE:
            await client.tap("ask-leave")
        assert_named_and_roomy(client)

    story()
