"""A form changed by the school reaches real phones: new visits use the new version, begun ones keep theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.errors import FormUnknown
from fieldapp.desk import Desk
from sync_server.authoring.complaints import SheetsRefused
from sync_server.authoring.library import Library
from sync_server.store import accounts, archive
from sync_server.store.accounts import Account
from sync_server.wiring import Wiring
from tests.fieldapp.phone import HandClock
from tests.sync_server.authoring.books import SETTINGS, YES_NO, asked, workbook
from tests.sync_server.console.campus import SCHOOL, TODAY, WANG, Campus, found_campus
from tests.sync_server.schoolhouse import served

FORM = "sample"
HERE, WHY, AGE = "/data/here", "/data/why", "/data/age"
CASE = ["隐藏", "", "case"]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campus") / "data"
    found_campus(folder)
    return folder


@pytest.fixture
def school(founded: Path, tmp_path: Path) -> Iterator[Wiring]:
    campus = Campus.copy_of(founded, tmp_path / "school")
    publish(campus.wiring, form())
    yield campus.wiring
    campus.wiring.close()


@pytest.fixture
def server(school: Wiring) -> Iterator[str]:
    with served(school) as address:
        yield address


def form(why: str = "为什么没来？", most: int = 18, no: str = "不在", version: str = "1") -> bytes:
    """A short form of the school's own; the texts, the constraint and a choice may differ."""
    survey = [
        CASE,
        asked("单选", "here", "孩子在家吗？", 选项组="yn", 必填="是"),
        asked("文本", "why", why, 显示条件="${here} = 'n'", 必填="是"),
        asked("整数", "age", "几岁？", 校验=f". >= 6 and . <= {most}", **{"校验提示（中文）": f"6到{most}岁。"}),
    ]
    choices = (YES_NO[0], ("yn", "y", "在家", "Yes"), ("yn", "n", no, "No"))
    return workbook(survey, choices, (SETTINGS[0], ("本校家访", FORM, version, "中文 (zh)", "absence")))


def author(school: Wiring) -> tuple[Library, Account]:
    with school.store.read() as conn:
        office = accounts.by_login(conn, SCHOOL, "office")
    assert office is not None
    return Library(school.store, SCHOOL, school.clock), office


def publish(school: Wiring, content: bytes) -> str:
    """Uploads and publishes; the new version."""
    library, who = author(school)
    compiled = library.take_in(who, content, True).compiled
    assert library.publish(who, FORM, compiled.sha256)
    return compiled.version


def phone(folder: Path, school: Wiring, server: str) -> Desk:
    """A teacher's enrolled phone that has read the feeds."""
    with school.store.read() as conn:
        teacher = accounts.by_login(conn, SCHOOL, "teacher82")
    assert teacher is not None
    code = school.store.run_tx(lambda conn: school.enrolment.make_code(conn, teacher))
    desk = reopened(folder)
    desk.enrol(server, code.text)
    synced(desk)
    return desk


def reopened(folder: Path) -> Desk:
    return Desk.open(folder, clock=HandClock(TODAY))


def synced(desk: Desk) -> None:
    report = desk.sync()
    assert report.problem is None and report.complete, report


def version_of(desk: Desk) -> str | None:
    """The version a new visit would start with."""
    return next((form.version for form in desk.forms_for(WANG) if form.form_id == FORM), None)


def sealed(school: Wiring) -> list[tuple[str, str, str]]:
    """(version, hash, instance) of every visit at school, oldest first."""
    with school.store.read() as conn:
        records = [entry.record for entry in archive.of_case(conn, SCHOOL, WANG) if entry.record.type == "visit"]
    return [(record.form.version, record.form.sha256, record.body["instance"]) for record in records if record.form]


def test_a_changed_label_choice_and_constraint_arrive(tmp_path: Path, school: Wiring, server: str) -> None:
    desk = phone(tmp_path / "phone", school, server)
    assert version_of(desk) == "1"
    version = publish(school, form("孩子为什么没有来上学？", 20, "不在家里"))
    synced(desk)
    assert version_of(desk) == version
    draft = desk.open_draft(desk.start(WANG, FORM))
    draft.answer(HERE, "n")
    assert draft.session.question(WHY).label == "孩子为什么没有来上学？"
    assert [choice.label for choice in draft.session.question(HERE).choices] == ["在家", "不在家里"]
    draft.answer(AGE, "19")
    assert draft.session.question(AGE).problem is None
    draft.answer(AGE, "21")
    problem = draft.session.question(AGE).problem
    assert problem and problem.message == "6到20岁。"
    desk.close()


def test_a_visit_begun_under_one_version_is_finished_under_it(tmp_path: Path, school: Wiring, server: str) -> None:
    folder = tmp_path / "phone"
    desk = phone(folder, school, server)
    draft_id = desk.start(WANG, FORM)
    draft = desk.open_draft(draft_id)
    draft.answer(HERE, "n")
    draft.answer(WHY, "发烧在家休息")
    draft.answer(HERE, "y")  # the reason is hidden now
    newer = publish(school, form("新的问法？"))
    synced(desk)
    assert version_of(desk) == newer
    desk.close()

    desk = reopened(folder)  # the app was killed and started again
    draft = desk.open_draft(draft_id)
    assert (draft.session.form.version, draft.session.question(WHY).label) == ("1", "为什么没来？")
    assert not draft.session.question(WHY).relevant
    draft.answer(HERE, "n")
    assert draft.session.value(WHY) == "发烧在家休息"  # kept while it was hidden
    draft.answer(HERE, "y")
    draft.finish()
    other = desk.open_draft(desk.start(WANG, FORM))
    assert other.session.form.version == newer
    other.answer(HERE, "y")
    other.finish()
    synced(desk)
    desk.close()

    first, second = sealed(school)
    assert (first[0], second[0]) == ("1", newer)
    assert first[1] != second[1]
    assert "发烧" not in first[2]  # hidden answers are left out of what is sealed
    library, who = author(school)
    counted = {version.form.version: version.visits for version in library.file(who, FORM).versions}
    assert counted == {"1": 1, newer: 1}


def test_a_draft_keeps_hidden_answers_in_its_own_text(tmp_path: Path, school: Wiring, server: str) -> None:
    desk = phone(tmp_path / "phone", school, server)
    draft = desk.open_draft(desk.start(WANG, FORM))
    draft.answer(HERE, "n")
    draft.answer(WHY, "发烧在家休息")
    draft.answer(HERE, "y")
    assert "发烧在家休息" in draft.session.to_xml(drop_irrelevant=False)
    assert "发烧在家休息" not in draft.session.to_xml()
    desk.close()


def test_a_withdrawn_form_is_not_offered_but_finished(tmp_path: Path, school: Wiring, server: str) -> None:
    folder = tmp_path / "phone"
    desk = phone(folder, school, server)
    draft_id = desk.start(WANG, FORM)
    library, who = author(school)
    library.offer(who, FORM, False)
    synced(desk)
    assert version_of(desk) is None
    desk.discard(desk.start(WANG, "absence_visit"))
    with pytest.raises(FormUnknown):
        desk.start(WANG, "no_such_form")
    desk.close()
    desk = reopened(folder)
    draft = desk.open_draft(draft_id)
    draft.answer(HERE, "y")
    draft.finish()
    synced(desk)
    assert [version for version, _, _ in sealed(school)] == ["1"]
    library.offer(who, FORM, True)
    synced(desk)
    assert version_of(desk) == "1"
    desk.close()


def test_a_phone_that_comes_later_gets_old_versions_for_visits_that_come_back(tmp_path: Path, school: Wiring, server: str) -> None:
    newer = publish(school, form("新的问法？"))
    desk = phone(tmp_path / "phone", school, server)
    assert version_of(desk) == newer
    kept = {row[0] for row in desk._work.db.execute("SELECT version FROM form WHERE form_id = ?", [FORM])}
    assert kept == {"1", newer}
    desk.close()


def test_a_refused_upload_never_reaches_a_phone(tmp_path: Path, school: Wiring, server: str) -> None:
    desk = phone(tmp_path / "phone", school, server)
    library, who = author(school)
    with pytest.raises(SheetsRefused):
        library.take_in(who, form("${nobody}"), True)
    assert not library.publish(who, FORM, "0" * 64)
    synced(desk)
    assert version_of(desk) == "1"
    desk.close()

