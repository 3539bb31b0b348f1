"""Repeats on the screen: one more, one less, and everything that belongs to the others stays theirs; long lists."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from casebook.protocol import Row
from fieldapp.ui.visit_state import name_of
from fieldapp.ui.widgets.choice import SHOWN
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.kinds_form import value
from tests.fieldapp.ui.little_school import LONG_NAME, LittleSchool
from tests.fieldapp.ui.phone import Phone, choose_photo, open_visit, picture, played

SURVEY = [
    ("begin_group", "page", {"label": "一家人"}),
    ("begin_repeat", "kin", {"label": "家人"}),
    ("text", "called", {"label": "姓名"}),
    ("image", "face", {"label": "照片"}),
    ("begin_repeat", "toy", {"label": ""}),
    ("text", "thing", {"label": "东西"}),
    ("end_repeat", "", {}),
    ("end_repeat", "", {}),
    ("select_one many", "long", {"label": "长长的单子"}),
    ("end_group", "", {}),
]


@cache
def family_form() -> Row:
    """A form with people, who have things, and a list of 300 choices."""
    from pyxform.xls2xform import convert

    rows = [{"type": kind, **({"name": name} if name else {}), **columns} for kind, name, columns in SURVEY]
    choices = [{"list_name": "many", "name": f"v{number:03}", "label": f"第{number:03}个村子"} for number in range(300)]
    xml = convert({"survey": rows, "choices": choices,
                   "settings": [{"form_id": "kin", "form_title": "一家人", "version": "1"}]}).xform.encode()
    return Row("forms", "kin@1", {
        "id": "kin", "version": "1", "sha256": hashlib.sha256(xml).hexdigest(), "titles": {"zh": "一家人"},
        "purposes": ["routine"], "xml": xml.decode()})


@pytest.fixture
def school() -> LittleSchool:
    return LittleSchool(more_rows=[family_form()])


async def opened(phone: Phone, **page: Any) -> FakeClient:
    return await phone.start(route=f"/visit/{phone.desk.start(LONG_NAME, 'kin')}", **page)


async def two(phone: Phone) -> FakeClient:
    """Two people with a name each."""
    client = await opened(phone)
    await client.type("q-called", "甲")
    await client.tap("repeat-kin-add")
    await client.type("q-called-2", "乙")
    return client


@played
async def test_one_more_stands_under_a_title_with_its_number(phone: Phone) -> None:
    client = await two(phone)
    titles = [text.value for text in client.find(ft.Text) if str(text.value).startswith("家人")]
    assert titles == ["家人（1）", "家人（2）"]
    assert client.text("repeat-kin-add") == "再加一个：家人" and client.text("repeat-toy-add") == "再加一个"
    order = client.identifiers()
    assert order.index("q-called-2") < order.index("repeat-kin-add") < order.index("q-long")
    assert open_visit(client).leaf.here == "/data/page/kin[2]"


@played
async def test_taking_out_what_holds_answers_asks_first(phone: Phone) -> None:
    client = await two(phone)
    await client.tap("repeat-kin-remove-1")
    assert "家人（1）" in client.text() and client.has("confirm-yes")
    await client.tap("confirm-no")
    assert value(client, "called") == "甲"
    await client.tap("repeat-kin-remove-1")
    await client.tap("confirm-yes")
    assert value(client, "called") == "乙" and not client.has("q-called-2")
    (field,) = client.find(ft.TextField, client.marked("q-called"))
    assert field.value == "乙"


@played
async def test_taking_out_a_blank_one_asks_nothing_and_the_last_one_leaves_the_button(phone: Phone) -> None:
    client = await opened(phone)
    await client.tap("repeat-kin-remove-1")
    assert not client.has("confirm-yes") and not client.has("q-called") and client.has("repeat-kin-add")
    await client.tap("repeat-kin-add")
    assert client.has("q-called")


@played
async def test_photos_stay_with_their_instance_and_after_a_kill(phone: Phone, tmp_path: Path) -> None:
    client = await two(phone)
    for name, colour in (("face", "#113355"), ("face-2", "#aa3311")):
        await choose_photo(client, name, picture(tmp_path / f"{name}.jpg", colour=colour))
        await client.until(lambda name=name: client.has(f"q-{name}-photo"))
    photo = value(client, "face-2")
    await client.tap("repeat-kin-remove-1")
    await client.tap("confirm-yes")
    assert client.has("q-face-photo") and value(client, "face") == photo
    draft = client.page.route.split("/")[2]
    phone.kill()
    again = phone.desk.open_draft(draft)
    ref = again.session.ref_of("face")
    assert again.attached(ref).file.sha256 == photo.removesuffix(".jpg") and again.file(ref)


@played
async def test_repeats_in_repeats_have_names_of_their_own(phone: Phone) -> None:
    client = await two(phone)
    await client.tap("repeat-toy-add")
    await client.tap("repeat-toy-2-add")
    assert {"q-thing", "q-thing-1-2", "q-thing-2-1"} <= set(client.identifiers())
    await client.type("q-thing-1-2", "球")
    await client.tap("repeat-toy-remove-1")
    assert value(client, "thing") == "球"
    assert name_of("/d/a[2]/b[1]/c") == "c-2-1" and name_of("/d/a[1]/b[1]/c") == "c"


@played
async def test_what_is_still_being_typed_is_not_lost(phone: Phone) -> None:
    client = await opened(phone)
    await client.type("q-called", "写了一半", leave=False)
    await client.tap("repeat-kin-add")
    assert value(client, "called") == "写了一半"


@played
async def test_when_there_are_enough_it_says_so_in_three_sentences(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casebook.forms.growth.MOST_BY_HAND", 2)
    client = await two(phone)
    await client.tap("repeat-kin-add")
    for sentence in ("这里最多填 2 个，已经满了。", "已经填的都在，没有丢。", "请删掉不要的，或者把多出来的写在备注里。"):
        assert sentence in client.text()
    assert value(client, "called-2") == "乙"


@played
async def test_of_three_hundred_choices_only_a_few_are_shown_and_the_rest_counted(phone: Phone) -> None:
    client = await opened(phone)
    shown = [name for name in client.identifiers() if name.startswith("q-long-v")]
    assert len(shown) == SHOWN and f"还有 {300 - SHOWN} 个" in client.text("q-long")
    await client.type("q-long-search", "29", leave=False)
    shown = [name for name in client.identifiers() if name.startswith("q-long-v")]
    assert len(shown) == SHOWN and "还有 3 个" in client.text("q-long")
    await client.type("q-long-search", "第299", leave=False)
    assert [name for name in client.identifiers() if name.startswith("q-long-v")] == ["q-long-v299"]
    await client.tap("q-long-v299")
    await client.type("q-long-search", "没有的", leave=False)
    assert "没有找到" in client.text("q-long")
    assert [name for name in client.identifiers() if name.startswith("q-long-v")] == ["q-long-v299"]
    assert value(client, "long") == "v299"
