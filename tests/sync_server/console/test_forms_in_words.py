"""Every form that ships, sealed and read by the principal: all in words, and confidential pages by few only."""

from __future__ import annotations

import re

import pytest

from casebook.records import FormRef
from sync_server.forms import Compiled
from sync_server.store import forms
from sync_server.web.console.versions import ELSEWHERE
from tests.sync_server.console.campus import WANG, Campus
from tests.sync_server.form_effort import Walked, paths
from tests.sync_server.form_walk import CHILD, Walk, compiled

PATHS = list(paths())
FORMS = sorted({form_id for form_id, _ in PATHS})
SECRET = "手臂上有一道旧伤"
TOLD = {"worry": "child", "alert_kinds": "abuse", "alert_urgency": "watch", "alert_told": "nobody", "alert_facts": SECRET}
WITHOUT_CONFIDENTIAL_PAGE = {"nobody_home", "spot_check"}
A_CALL = {"call_result": "answered", "speaker": "child", "call_topics": "private"}
OPENING = {"student_talk": {"private_told": "yes"}}
DAYS = ("date", "datetime", "time", "acknowledge")


def received(campus: Campus, form: Compiled, walk: Walk) -> str:
    """The visit as it arrives at a school that has published the form; its id."""
    assert walk.open() == []
    campus.wiring.store.run_tx(lambda conn: forms.publish(conn, "3199000001", form, campus.wiring.now()))
    body = {"instance": walk.session.to_xml().replace(CHILD, WANG), "purposes": list(form.purposes), "signatures": []}
    ref = FormRef(form.form_id, form.version, form.sha256)
    return campus.receive(campus.rewritten(campus.visit(), form=ref, set={}, base={}, att=(), body=body))


def told(walk: Walk) -> list[str]:
    """The labels of what was answered, and the answers in words where they are shown as they are."""
    found = []
    for name, question in walk.asked().items():
        if question.value and question.kind not in (*ELSEWHERE, "heading"):
            assert question.label, name
            words = walk.session.words(question.ref).replace(CHILD, "王小明")
            found += [question.label, words] if question.kind not in DAYS else [question.label]
    return found


def plain(text: str) -> str:
    """Without Markdown, blanks and what HTML writes differently."""
    return re.sub(r"[\s*_#]+", "", text.replace("&amp;", "&").replace("&lt;", "<").replace("&#39;", "'").replace("&#34;", '"'))


@pytest.mark.parametrize("form_id", FORMS)
def test_the_principal_reads_every_form_in_words(campus: Campus, form_id: str) -> None:
    for path in [path for owner, path in PATHS if owner == form_id]:
        walk = path.walk(form_id)
        page = campus.browser("principal").text(f"/visits/{received(campus, compiled()[form_id], walk)}")
        assert compiled()[form_id].titles["zh"] in page
        expected = told(walk)
        assert len(expected) > 2
        assert [words for words in expected if plain(words) not in plain(page)] == [], path.name
        names = {part for path_of in walk.session.form.paths for part in path_of.split("/") if "_" in part}
        codes = {code for code in walk.session.to_xml().replace("<", ">").split(">") if re.fullmatch(r"[a-z]+_[a-z_]+|[A-Z]{2}\d+", code)}
        assert [raw for raw in sorted(names | codes) if re.search(rf"\b{raw}\b", page)] == [], path.name
        assert WANG not in page and CHILD not in page and "/data" not in page and "uuid:" not in page and "xmlns" not in page


@pytest.mark.parametrize("form_id", [form_id for form_id in FORMS if form_id not in WITHOUT_CONFIDENTIAL_PAGE])
def test_the_confidential_page_of_every_form_is_read_by_few(campus: Campus, form_id: str) -> None:
    path = next(path for owner, path in PATHS if owner == form_id)
    answers = A_CALL if form_id == "call_log" else {**path.answers, **OPENING.get(form_id, {})}
    walk = Walked(path.name, {**answers, **TOLD}, path.on_file, path.prefill).walk(form_id)
    visit = received(campus, compiled()[form_id], walk)
    for login, reads in {"principal": True, "moral": True, "teacher82": True, "office": False, "deputy": False, "director8": False}.items():
        page = campus.browser(login).text(f"/visits/{visit}")
        assert (SECRET in page) == reads, login
        assert (walk.asked()["alert_kinds"].label in page) == reads, login
        assert ("这一部分只有校长、德育和填写人能看。" in page) == (not reads), login


def test_forms_without_a_confidential_page_ask_nothing_confidential() -> None:
    asking = {form_id for form_id in FORMS if b"alert_kinds" in compiled()[form_id].xml}
    assert set(FORMS) - asking == WITHOUT_CONFIDENTIAL_PAGE
