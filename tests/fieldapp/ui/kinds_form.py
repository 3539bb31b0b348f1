"""A form with a question of every kind, open on a phone."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from casebook.protocol import Row
from tests.fieldapp.ui.fake_client import FakeClient
from tests.fieldapp.ui.little_school import LONG_NAME
from tests.fieldapp.ui.phone import Phone, open_visit

MANY = [f"v{number:02}" for number in range(40)]
SURVEY = [
    ("note", "told", {"label": "读一读 **这里**"}),
    ("text", "words", {"label": "写一句", "appearance": "multiline"}),
    ("text", "any_phone", {"label": "电话", "constraint": "regex(., '^1[0-9]{10}$')", "constraint_message": "电话不对"}),
    ("integer", "count", {"label": "几个", "constraint": ". <= 5", "constraint_message": "最多5个"}),
    ("decimal", "hours", {"label": "几小时"}),
    ("date", "on", {"label": "哪天"}),
    ("time", "at", {"label": "几点"}),
    ("dateTime", "moment", {"label": "什么时候"}),
    ("select_one few", "one", {"label": "选一个"}),
    ("select_multiple few", "several", {"label": "选几个"}),
    ("select_one many", "long", {"label": "长长的单子"}),
    ("rank few", "order", {"label": "排一排"}),
    ("acknowledge", "yes", {"label": "知道了吗"}),
    ("range", "mood", {"label": "心情", "parameters": "start=1 end=5 step=1"}),
    ("range", "wide", {"label": "多少", "parameters": "start=0 end=100 step=5"}),
    ("image", "photos_any", {"label": "照片"}),
    ("text", "witness_name", {"label": "见证人姓名", "default": "周大山"}),
    ("image", "witness_signature", {"label": "见证人签名", "appearance": "signature"}),
    ("geopoint", "spot", {"label": "那个地方"}),
    ("barcode", "code", {"label": "编号"}),
    ("audio", "voice", {"label": "录音"}),
    ("file", "paper", {"label": "文件"}),
    ("text", "fixed", {"label": "算出来的", "calculation": "concat('共', ${count})", "readonly": "yes"}),
    ("integer", "children", {"label": "几个孩子", "default": "1"}),
    ("begin_repeat", "kid", {"label": "孩子", "repeat_count": "${children}"}),
    ("text", "nick", {"label": "小名"}),
    ("end_repeat", "", {}),
    ("text", "asked", {"label": "一定要写", "required": "yes", "required_message": "请写一句"}),
]


@cache
def kinds_form() -> Row:
    """A form with one question of every kind on one page, as the school would send it."""
    from pyxform.xls2xform import convert

    rows = [{"type": kind, **({"name": name} if name else {}), **columns} for kind, name, columns in SURVEY]
    page = [{"type": "begin_group", "name": "all", "label": "全部"}, *rows, {"type": "end_group"}]
    choices = [{"list_name": "few", "name": name, "label": name.upper()} for name in ("a", "b", "c")]
    choices += [{"list_name": "many", "name": name, "label": f"第{name[1:]}项"} for name in MANY]
    xml = convert({"survey": page, "choices": choices,
                   "settings": [{"form_id": "kinds", "form_title": "各种题", "version": "1"}]}).xform.encode()
    return Row("forms", "kinds@1", {
        "id": "kinds", "version": "1", "sha256": hashlib.sha256(xml).hexdigest(), "titles": {"zh": "各种题"},
        "purposes": ["routine"], "xml": xml.decode()})


async def opened(phone: Phone, **page: Any) -> FakeClient:
    """The form of all kinds, open on the screen."""
    draft = phone.desk.start(LONG_NAME, "kinds")
    return await phone.start(route=f"/visit/{draft}", **page)


def value(client: FakeClient, name: str) -> str:
    return open_visit(client).value_of(name)


def kept(phone: Phone, client: FakeClient, name: str) -> str:
    """The answer as another process would find it on the disk."""
    draft = client.page.route.split("/")[2]
    phone.kill()
    session = phone.desk.open_draft(draft).session
    return session.value(session.ref_of(name))
