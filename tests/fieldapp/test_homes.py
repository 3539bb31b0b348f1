"""Brothers and sisters share their home's contact data, also on a phone that knows but one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from casebook import feeds
from casebook.records import decode
from fieldapp.desk import Desk
from tests.fieldapp.fake_school import PRINCIPAL, FakeSchool
from tests.fieldapp.phone import CHILD, FORM, OTHER_CHILD, clean, enrolled, furnished, student

ON_CARD, MINE, THEIRS, LATER = "12000000001", "12000001701", "12000001710", "12000001799"
PHONE = "/data/meeting/guardian_phone"


def said(rid: str, phone: str, ms: int, base: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the school tells of a sister's record."""
    return {"rid": rid, "case": "5" * 32, "author": PRINCIPAL, "at": "2026-11-20T10:00:00+08:00", "hlc": [ms, 0],
            "set": {"guardian_phone": phone}, "base": {"guardian_phone": list(base)}}  # fmt: skip


def told(school: FakeSchool, *home: dict[str, Any], child: str = CHILD, siblings: tuple[str, ...] = ("5" * 32,)) -> None:
    row = student(child, "张示伟", "zhangshiwei", "zsw", siblings=list(siblings))
    school.publish(feeds.STUDENTS, child, row | ({"home": list(home)} if home else {}))


def wrote(desk: Desk, phone: str, child: str = CHILD) -> str:
    """A call in which the family tells another number; the record's id."""
    draft = desk.open_draft(desk.start(child, FORM))
    draft.answer("/data/meeting/mode", "phone")
    draft.answer("/data/meeting/contact_result", "no_one_home")
    draft.answer(PHONE, phone)
    return draft.finish()


def test_what_the_sisters_visit_found_out_shows_here_and_is_replaced_by_what_is_written_next(tmp_path: Path) -> None:
    school = furnished(FakeSchool())
    told(school, said("a" * 64, THEIRS, 5))
    desk = enrolled(tmp_path, school)
    (shown,) = desk.student(CHILD).contacts
    assert (shown.value, shown.author_name, shown.mine) == (THEIRS, "示例校长", False)
    rid = wrote(desk, LATER)
    clean(desk.sync())
    record = decode(school.payloads[rid])
    assert record.base["guardian_phone"] == ("a" * 64,)
    assert desk.student(CHILD).conflicts == [] and desk.student(CHILD).contacts[0].mine


def test_what_somebody_else_wrote_meanwhile_stands_beside_ones_own_with_what_is_used_until_then(tmp_path: Path) -> None:
    school = furnished(FakeSchool())
    told(school)
    desk = enrolled(tmp_path, school)
    rid = wrote(desk, MINE)
    told(school, said("a" * 64, THEIRS, 5))
    clean(desk.sync())
    (contested,) = desk.student(CHILD).conflicts
    assert {(one.value, one.mine) for one in contested.values} == {(MINE, True), (THEIRS, False)}
    assert (contested.prop, contested.until) == ("guardian_phone", ON_CARD)
    told(school, said("a" * 64, THEIRS, 5), said("d" * 64, THEIRS, 9, ("a" * 64, rid)))
    clean(desk.sync())
    page = desk.student(CHILD)
    assert page.conflicts == [] and page.contacts[0].value == THEIRS


def test_a_number_written_down_at_a_brother_shows_at_his_sister_at_once(tmp_path: Path) -> None:
    school = furnished(FakeSchool())
    told(school, siblings=(OTHER_CHILD,))
    told(school, child=OTHER_CHILD, siblings=(CHILD,))
    desk = enrolled(tmp_path, school)
    assert desk.student(OTHER_CHILD).contacts == []
    wrote(desk, MINE)
    assert [one.value for one in desk.student(OTHER_CHILD).contacts] == [MINE]
    wrote(desk, LATER, OTHER_CHILD)
    assert [one.value for one in desk.student(CHILD).contacts] == [LATER]
    assert desk.student(CHILD).conflicts == []
