"""The first page of a visit: what the school already knows, and no empty places."""

from __future__ import annotations

from tests.sync_server.test_persuasion_visit import persuasion


def test_the_first_page_tells_what_was_tried() -> None:
    walk = persuasion(
        attempts_text="11月12日 上门 见到监护人 约好日子",
        promises_text="11月12日 答应11月14日返校",
        attitude="6",
        reasons_judged="FA1 LE2",
        return_by="2025-11-24",
    )
    told = {
        question.ref.rpartition("/")[2]: question.label
        for question in walk.page("visit")
        if question.kind == "note"
    }
    assert told == {
        "facts": "王小明\n八年级(2)班 石桥村",
        "facts_guardian": "监护人：王建国 12000001701",
        "facts_home": "住址：石桥村3组12号 小卖部后面",
        "facts_absence": "从11月10日起没到校，已缺10个上课日。\n这是第4次联系：打过电话2次，上门1次。",
        "facts_last": "上次的情况：反对 / 经济困难 / 厌学",
        "facts_deadline": "返校期限：2025-11-24（还有3天）",
        "facts_attempts": "以前的联系：\n11月12日 上门 见到监护人 约好日子",
        "facts_promises": "以前的承诺：\n11月12日 答应11月14日返校",
    }


def test_what_is_not_known_leaves_no_empty_lines() -> None:
    blank = dict.fromkeys(
        ("absent_since", "absent_days", "attempts_text", "guardian_name", "home_address"), ""
    )
    told = [question.label for question in persuasion(**blank).page("visit") if question.kind == "note"]
    assert told == ["王小明\n八年级(2)班 石桥村"]
