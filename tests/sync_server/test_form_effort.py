"""Short forms are really short: taps and keystrokes of every path, none of them needless, and the page that says so."""

from __future__ import annotations

import pytest

from tests.sync_server.form_effort import MOST_SECONDS, PAGE, Effort, Walked, effort, needless, page, paths
from tests.sync_server.form_walk import Walk

ALL = [pytest.param(form_id, path, id=f"{form_id}: {path.name}") for form_id, path in paths()]


@pytest.mark.parametrize(("form_id", "path"), ALL)
def test_a_measured_path_finishes_the_visit_and_could_not_be_shorter(form_id: str, path: Walked) -> None:
    walk = path.walk(form_id)
    assert walk.open() == []
    assert needless(walk) == []
    assert effort(walk).seconds <= MOST_SECONDS.get(form_id, 480)


def test_the_page_about_forms_shows_the_figures_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert page(text) == text, "run python -m tests.sync_server.form_effort"


def test_effort_counts_choices_photos_typing_and_pages() -> None:
    walk = Walk("absence_visit").answer(
        with_whom="teacher cadre",  # 2 taps, 1 for the next: the name is offered
        covisitors="李老师",
        contact_result="no_one_home",
        informant="none",
        left_note="yes",
        photos_door="a" * 64 + ".jpg",  # 2 taps
        next_action="visit",
        next_when="tomorrow",
    )
    assert effort(walk) == Effort(pages=5, answers=8, taps=15, keystrokes=0, photos=1)
    assert effort(walk).seconds == 60
    walk.answer(with_whom="cadre", companions="李主任")
    assert effort(walk).keystrokes == 3


def test_a_needless_answer_is_found() -> None:
    walk = Walk("absence_visit").answer(
        mode="phone", contact_result="no_one_home", next_action="call", next_when="monday"
    )
    assert needless(walk) == []
    walk.session.set(walk.session.ref_of("summary") or "", "家里没人接，邻居说去赶集了。")
    assert [ref.rpartition("/")[2] for ref in needless(walk)] == ["summary"]
