"""Same as last time: the last visit's answer to a fact is offered, never one of another child, never evidence."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fieldapp.desk import Desk
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import CHILD, OTHER_CHILD, HandClock, enrolled, furnished, picture

SURVEY = [
    {"type": "hidden", "name": "case"},
    {"type": "text", "name": "workplace", "label": "在哪里打工", "appearance": "same-as-last"},
    {"type": "select_multiple way", "name": "ways", "label": "怎么上学", "appearance": "same-as-last"},
    {"type": "text", "name": "mood", "label": "心情"},
    {"type": "text", "name": "secret", "label": "收入", "appearance": "restricted same-as-last"},
    {"type": "image", "name": "photos_1", "label": "照片", "appearance": "same-as-last"},
    {"type": "text", "name": "route", "label": "路线", "default": "${last-saved#route}"},
]
WORKPLACE, WAYS, ROUTE = "/data/workplace", "/data/ways", "/data/route"


@cache
def way_form(form_id: str = "way", ways: tuple[str, ...] = ("walk", "bus")) -> dict[str, Any]:
    from pyxform.xls2xform import convert

    labels = {"walk": "走路", "bus": "坐车", "boat": "坐船"}
    choices = [{"list_name": "way", "name": name, "label": labels[name]} for name in ways]
    settings = {"form_id": form_id, "form_title": "上学路", "version": "1", "name": "data"}
    xml = convert({"survey": SURVEY, "choices": choices, "settings": [settings]}).xform
    return {"id": form_id, "version": "1", "sha256": hashlib.sha256(xml.encode()).hexdigest(),
            "titles": {"zh": "上学路"}, "purposes": ["routine"], "xml": xml}  # fmt: skip


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(tmp_path: Path, clock: HandClock) -> Desk:
    school = furnished(FakeSchool(), way_form())
    other = way_form("other_way", ("boat",))
    school.publish("forms", "other_way@1", other)
    return enrolled(tmp_path, school, clock)


def begun(desk: Desk, child: str = CHILD, form: str = "way", **answers: str) -> VisitDraft:
    draft = desk.open_draft(desk.start(child, form))
    for name, value in answers.items():
        draft.answer(f"/data/{name}", value)
    return draft


def offered(draft: VisitDraft, ref: str) -> tuple[str, str] | None:
    last = draft.last_answer(draft.session.question(ref))
    return (last.value, last.words) if last else None


def test_the_first_visit_has_nothing_to_offer(desk: Desk) -> None:
    assert offered(begun(desk), WORKPLACE) is None


def test_the_last_answer_is_offered_in_words_with_its_day_until_it_is_the_answer(desk: Desk, clock: HandClock) -> None:
    begun(desk, workplace="广州", ways="walk bus").finish()
    clock.pass_time(days=3)
    draft = begun(desk)
    assert (offered(draft, WORKPLACE), offered(draft, WAYS)) == (("广州", "广州"), ("walk bus", "走路、坐车"))
    assert draft.last_answer(draft.session.question(WORKPLACE)).day == "2026-11-21"
    draft.answer(WORKPLACE, "深圳")
    assert offered(draft, WORKPLACE) == ("广州", "广州")
    draft.answer(WORKPLACE, "广州")
    assert offered(draft, WORKPLACE) is None


def test_the_newest_visit_that_answered_counts_whatever_its_form(desk: Desk, clock: HandClock) -> None:
    for form, place in (("way", "广州"), ("other_way", "东莞"), ("way", "")):
        begun(desk, form=form, **({"workplace": place} if place else {})).finish()
        clock.pass_time(hours=5)
    assert offered(begun(desk), WORKPLACE) == ("东莞", "东莞")


def test_a_choice_that_is_no_longer_offered_is_not_taken(desk: Desk) -> None:
    begun(desk, form="other_way", ways="boat").finish()
    assert offered(begun(desk), WAYS) is None


def test_nothing_passes_from_one_child_to_another(desk: Desk) -> None:
    begun(desk, OTHER_CHILD, workplace="广州", route="过河").finish()
    draft = begun(desk)
    assert offered(draft, WORKPLACE) is None and draft.session.value(ROUTE) == ""


@pytest.mark.parametrize("name", ["mood", "secret", "photos_1"])
def test_findings_restricted_answers_and_evidence_are_never_offered(desk: Desk, name: str) -> None:
    """Also where a form that was not examined here marks them."""
    before = begun(desk, mood="好", secret="三千")
    before.attach_photo("/data/photos_1", picture(1), "camera")
    before.finish()
    assert offered(begun(desk), f"/data/{name}") is None


def test_a_form_reads_what_the_last_visit_with_it_saved(desk: Desk, clock: HandClock) -> None:
    begun(desk, route="过河再上坡").finish()
    begun(desk, form="other_way", route="绕公路").finish()
    clock.pass_time(days=1)
    draft = begun(desk)
    assert draft.session.value(ROUTE) == "过河再上坡"
    draft.answer(ROUTE, "新路通了")
    desk._open.clear()
    assert desk.open_draft(draft.draft_id).session.value(ROUTE) == "新路通了"


def test_a_supplement_does_not_offer_its_own_first_version(desk: Desk) -> None:
    first = begun(desk, workplace="广州")
    visit = first._row.visit
    first.finish()
    draft = desk.open_draft(desk.supplement(CHILD, visit))
    draft.answer(WORKPLACE, "深圳")
    assert offered(draft, WORKPLACE) is None
