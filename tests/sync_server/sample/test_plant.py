"""A planted school has something real on every screen, written through the real doors, relative to the day."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json

import pytest
import structlog
from PIL import Image
from sqlalchemy import text

from assets import load_wording, read_bytes
from casebook import feeds
from casebook.casefile import fold
from casebook.ed25519 import Ed25519Verifier
from casebook.forms import Env, FormDef, answers_in_words
from casebook.rules import evidence
from casebook.rules.absence import World, child_from
from casebook.rules.attendance import attendance
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.deadlines import deadlines
from casebook.rules.duties import child_duties, class_duties
from casebook.rules.lifecycle import lifecycle
from casebook.rules.reading import chronicle
from casebook.rules.rulebook import Rulebook
from casebook.sealing import unseal
from sync_server import aid, founding, logs, sample
from sync_server.passwords import matches
from sync_server.settings import Settings
from sync_server.store import accounts, archive, base_figures, devices, files, forms, rows, visits

FILLED_IN = ("absence_visit", "persuasion_visit", "followup_visit", "notice_service", "aid_survey")
SUNDAY = dt.datetime(2026, 11, 22, 7, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture(scope="module")
def clock():
    return lambda: SUNDAY


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(data=tmp_path_factory.mktemp("school") / "data", reserve_bytes=0)


@pytest.fixture(scope="module")
def wiring(settings, clock):
    logs.silence()
    found = founding.found(settings, sample.SCHOOL_ID, sample.SCHOOL_NAME, clock)
    yield found
    found.close()
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def planted(wiring):
    return sample.plant(wiring, SUNDAY.date())


@pytest.fixture
def conn(wiring, planted):
    with wiring.store.read() as found:
        yield found


def case_of(conn, planted, key):
    case = planted.children[key]
    return fold(case, archive.of_case(conn, sample.SCHOOL_ID, case))


@pytest.fixture
def world(conn):
    calendar = SchoolCalendar.from_rows(rows.of_feed(conn, sample.SCHOOL_ID, "calendar").values())
    book = Rulebook.from_rows(json.loads(read_bytes("rules/rulebook.json")), ["*"])
    found = conn.execute(text("SELECT rid FROM record WHERE type = 'headcount'")).scalars().all()
    counts = [archive.one(conn, sample.SCHOOL_ID, rid).entry for rid in found]
    return World(calendar, book, attendance(counts), SUNDAY)


@pytest.fixture
def life(conn, planted, world):
    """The life of a story's child, by the story's key."""
    register = rows.of_feed(conn, sample.SCHOOL_ID, "students")

    def found(key):
        case = planted.children[key]
        told = chronicle(case, archive.of_case(conn, sample.SCHOOL_ID, case))
        return lifecycle(child_from(register[case]), told, world)

    return found


def duties_of(life):
    return {duty.kind: duty for duty in child_duties(life)}


def all_visits(conn):
    return visits.listed(conn, sample.SCHOOL_ID, limit=1000)


def entries_of(conn, row):
    return archive.of_visit(conn, sample.SCHOOL_ID, row.visit)


def test_every_login_shown_opens_with_the_one_password(conn, planted):
    assert {login.login: login.role for login in planted.logins} == {
        "principal": "principal", "office": "academic_office", "registrar": "registrar",
        "director8": "grade_director", "teacher82": "class_teacher", "leader": "leading_group",
        "aid": "general_affairs", "counsellor": "counsellor", "duty": "duty_checker",
    }  # fmt: skip
    assert len({login.password for login in planted.logins}) == 1
    shown = [accounts.by_login(conn, sample.SCHOOL_ID, login.login) for login in planted.logins]
    (kept,) = {accounts.password_of(conn, sample.SCHOOL_ID, account.id) for account in shown}
    assert kept.startswith("$argon2id$") and matches(planted.logins[0].password, kept)


def test_the_demo_teacher_reaches_class_8_2_and_one_sister(conn, planted):
    teacher = accounts.by_login(conn, sample.SCHOOL_ID, "teacher82")
    assert teacher.classes == ("class82",)
    assert teacher.cases == (planted.children["sibling_today"],)
    director = accounts.by_login(conn, sample.SCHOOL_ID, "director8")
    assert set(director.classes) == {"class81", "class82", "class83", "class84"}


def test_every_login_of_the_demo_has_something_to_see(conn, planted, wiring):
    """A leader has villages, a counsellor a child, an aid officer a survey that waits (R03, R53)."""
    people = {one.login: accounts.by_login(conn, sample.SCHOOL_ID, one.login) for one in planted.logins}
    assert 1 <= len(people["leader"].villages) <= 2
    assert planted.children["case_suspected"] in people["leader"].led
    assert 5 < len(people["leader"].led) < 200
    assert people["counsellor"].cases == (planted.children["case_suspected"],)
    (waiting,) = [line for line in aid.surveys(conn, sample.SCHOOL_ID, wiring.lives, people["aid"]) if line.waiting]
    assert waiting.child["id"] == planted.children["aid_missing"]
    assert waiting.asked.open == ("living",)
    assert aid.without_pair(conn, sample.SCHOOL_ID, wiring.lives, people["aid"])


def test_register_forms_and_40_telephones_are_in_place(conn):
    assert len(rows.of_feed(conn, sample.SCHOOL_ID, "students")) == 1200
    assert set(forms.titles(conn, sample.SCHOOL_ID)) >= {"absence_visit", "persuasion_visit"}
    assert len(devices.all_of(conn, sample.SCHOOL_ID)) == 40


def test_a_phone_enrolled_as_the_demo_teacher_is_told_of_each_child_once(wiring, planted, conn):
    teacher = accounts.by_login(conn, sample.SCHOOL_ID, "teacher82")
    own = next(d for d in devices.all_of(conn, sample.SCHOOL_ID) if d.account == teacher.id)
    told, after, more = [], 0, True
    while more:
        page = wiring.handout.pull(own, after, 1000)
        told += [row.key for row in page.rows if row.feed == "students"]
        after, more = page.next, page.more
    assert len(told) == len(set(told)) == 55


def test_every_class_has_its_headcounts_and_two_are_still_silent(world):
    days = {day for _, day in world.attendance.counts}
    classes = {class_id for class_id, _ in world.attendance.counts}
    assert (len(days), len(classes), max(days)) == (15, 24, SUNDAY.date())
    silent = {one for one in classes if not world.attendance.of(one, SUNDAY.date())}
    assert silent == {"class12", "class81"}
    assert "headcount" in {duty.kind for duty in class_duties("class81", SUNDAY.date(), world)}
    assert [duty.facts["code"] for duty in class_duties("class74", SUNDAY.date(), world)] == ["lesson"]


def test_one_visit_is_due_today_and_one_is_a_school_day_old(life):
    today = duties_of(life("absent_today"))["visit_today"]
    assert (today.due, today.urgency) == (SUNDAY.date(), "today")
    overdue = duties_of(life("absent_yesterday"))["visit_today"]
    assert (overdue.due, overdue.urgency) == (dt.date(2026, 11, 20), "overdue")


def test_brother_and_sister_of_one_household_both_wait_for_the_demo_teacher(conn, planted, life):
    brother, sister = (planted.children[key] for key in ("case_verifying", "sibling_today"))
    register = rows.of_feed(conn, sample.SCHOOL_ID, "students")
    assert register[brother]["siblings"] == [sister] and register[sister]["siblings"] == [brother]
    assert register[brother]["guardians"] == register[sister]["guardians"]
    assert duties_of(life("case_verifying"))["contact_today"].urgency == "today"
    assert duties_of(life("sibling_today"))["visit_today"].urgency == "today"


STATES = {
    "absent_today": "I0", "absent_yesterday": "I0", "case_verifying": "C1", "case_suspected": "C2",
    "visit_accepted": "I1", "visit_waiting": "I1", "visit_returned": "I1", "primary_today": "I0",
    "junior_today_one": "I0", "junior_today_two": "I0", "senior_yesterday": "I0", "primary_nobody_home": "I0",
    "case_promised": "C1", "case_refused": "C2", "case_confirmed": "C3", "case_back": "C6", "sibling_today": "I0",
    "case_served": "C4", "leave_sick": "none", "leave_checked": "none", "leave_unchecked": "none",
    "leave_ended": "none", "leave_official": "none", "leave_personal": "none", "count_corrected": "none",
}  # fmt: skip


def test_every_story_has_come_to_the_state_it_was_written_for_and_no_act_was_in_vain(life):
    lives = {key: life(key) for key in STATES}
    assert {key: one.state for key, one in lives.items()} == STATES
    assert [key for key, one in lives.items() if one.unmet] == []


def test_every_case_has_its_number(conn, planted):
    numbers = rows.of_feed(conn, sample.SCHOOL_ID, "cases")
    with_case = {planted.children[key] for key, state in STATES.items() if state.startswith("C")}
    assert numbers.keys() == with_case
    assert len({row["case_no"] for row in numbers.values()}) == len(with_case) == 7


def test_the_case_being_verified_waits_for_a_visit_after_a_broken_promise(life, conn, planted):
    case = case_of(conn, planted, "case_verifying")
    promised = next(v.head.record.set["promise_date"] for v in case.visits if "promise_date" in v.head.record.set)
    assert promised < SUNDAY.date().isoformat()
    found = life("case_verifying")
    assert (found.attempts.door, len(found.absent_days)) == (2, 4)


def test_the_suspected_case_has_been_marked_and_another_one_is_overdue_for_it(life, conn, planted):
    case = case_of(conn, planted, "case_suspected")
    teacher = [visit for visit in case.visits if visit.head.record.author == case.visits[0].head.record.author]
    assert len(teacher) == 3 and len(case.visits) == 4
    assert "enter_mark" not in duties_of(life("case_suspected"))
    assert duties_of(life("case_refused"))["enter_mark"].urgency == "overdue"


def test_one_notice_is_to_be_served_and_one_is_served_with_its_day_of_return(life):
    assert duties_of(life("case_confirmed"))["serve_notice"].due == dt.date(2026, 11, 24)
    served = next(due for due in deadlines(life("case_served")) if due.key == "return_by")
    assert served.due == dt.date(2026, 11, 23)


def test_the_child_who_came_back_is_looked_after(life):
    due = [one for one in deadlines(life("case_back")) if one.key == "followups"]
    assert [one.kept is not None for one in due] == [True, False, False]
    assert {"follow_up", "strike_off"} <= duties_of(life("case_back")).keys()


def test_leaves_excuse_and_one_of_a_key_student_still_has_to_be_checked(life):
    keys = [key for key in STATES if key.startswith("leave_")]
    assert all(life(key).facts.leaves for key in keys)
    assert [key for key in keys if "check_leave" in duties_of(life(key))] == ["leave_unchecked"]
    assert life("leave_ended").facts.leaves[0].returned_on is not None


def test_a_corrected_headcount_keeps_what_was_said_first(world):
    changed = [count for held in world.attendance.counts.values() for count in held.values() if count.former]
    (only,) = changed
    assert only.reason and only.former[0].present == only.present - 1


def test_the_registrar_froze_the_base_figure_of_every_class_on_the_first_day(conn, planted):
    bases = base_figures.of_term(conn, sample.SCHOOL_ID, "2026-2027-1")
    assert (len(bases), sum(one.count for one in bases.values())) == (24, 1200)
    assert {one.at[:10] for one in bases.values()} == {"2026-09-01"}
    assert {room["base"] for room in rows.of_feed(conn, sample.SCHOOL_ID, feeds.CLASSES).values()} == {46, 54}


def test_two_telephones_left_two_numbers_to_decide_about(conn, planted):
    found = {key: case_of(conn, planted, key).conflicts() for key in planted.children}
    shown = found.pop("case_suspected")["guardian_phone"]
    assert {value.value for value in shown} == {"12000001701", "12000001710"}
    assert len({value.author for value in shown}) == 2
    assert not any(found.values())


def test_nineteen_visits_lie_complete_at_school_in_every_state(conn):
    listed = all_visits(conn)
    assert len(listed) == 19 and all(row.complete for row in listed)
    counts = visits.counts(conn, sample.SCHOOL_ID)
    assert counts["returned"] == 1 and counts["accepted"] >= 8 and counts["submitted"] >= 5


def test_the_demo_class_has_a_visit_accepted_one_waiting_and_one_returned(conn, planted):
    statuses = {key: case_of(conn, planted, key).visits[0].status for key in planted.children if key.startswith("visit")}
    assert statuses == {"visit_accepted": "accepted", "visit_waiting": "submitted", "visit_returned": "returned"}
    review = case_of(conn, planted, "visit_returned").visits[0].review
    assert "照片" in review.record.body["remark"]
    teacher = accounts.by_login(conn, sample.SCHOOL_ID, "teacher82")
    assert case_of(conn, planted, "visit_returned").visits[0].head.record.author == teacher.id


def test_every_visit_is_sealed_by_its_authors_own_telephone(conn):
    known = {device.dev: device for device in devices.all_of(conn, sample.SCHOOL_ID)}
    for row in all_visits(conn):
        filed = archive.one(conn, sample.SCHOOL_ID, row.head)
        device = known[filed.record.dev]
        assert unseal(filed.sealed, device.public_key, Ed25519Verifier()) == filed.record
        assert device.account == row.author and filed.flags == ()


def test_photos_and_strokes_are_real_files_and_no_picture_is_used_twice(wiring, conn):
    named = []
    for row in all_visits(conn):
        for attachment in entries_of(conn, row)[0].record.att:
            content = wiring.blobs.path(attachment.sha256).read_bytes()
            assert hashlib.sha256(content).hexdigest() == attachment.sha256 and len(content) == attachment.size
            if attachment.role == "photo":
                assert Image.open(io.BytesIO(content)).format == "JPEG"
            named.append(attachment.sha256)
        assert all(files.of_record(conn, sample.SCHOOL_ID, row.head).values())
    assert len(named) == len(set(named)) > 35


def test_signatures_bind_the_text_the_guardian_was_shown(conn):
    signed = [
        signature
        for row in all_visits(conn)
        for entry in entries_of(conn, row)
        if entry.record.type == "visit"
        for signature in entry.record.body["signatures"]
        if "text" in signature
    ]
    assert len(signed) >= 10
    for signature in signed:
        assert signature["signer"] and signature["mode"] == "handwritten" and signature["read_aloud"] is True
        assert hashlib.sha256(signature["text"].encode()).hexdigest() == signature["text_sha256"]


def test_every_visit_reads_back_in_words_with_the_form_it_was_filled_in_with(conn):
    env = Env(now=lambda: SUNDAY, uuid=lambda: "", random=lambda: 0.0)
    known = [(form.form_id, form.version) for form in forms.all_of(conn, sample.SCHOOL_ID)]
    published = [forms.one(conn, sample.SCHOOL_ID, *one) for one in known if one[0] in FILLED_IN]
    definitions = {form.sha256: FormDef.from_xml(form.xml) for form in published}
    for row in all_visits(conn):
        record = entries_of(conn, row)[0].record
        definition = definitions[record.form.sha256]
        sections = answers_in_words(definition, record.body["instance"], {}, None, env, wording=load_wording())
        answers = {answer.ref.rsplit("/", 1)[-1]: answer for section in sections for answer in section.rows}
        assert record.form.id == "notice_service" or len(answers["summary"].words) > 10
        assert answers["mode"].words != answers["mode"].value
        assert all(f">{attachment.sha256}." in record.body["instance"] for attachment in record.att)


def test_visits_happened_before_now_and_were_received_after_they_ended(conn):
    for row in all_visits(conn):
        started, ended, received = map(dt.datetime.fromisoformat, (row.started, row.ended, row.received_at))
        assert started < ended <= received < SUNDAY


def test_visits_to_one_home_are_near_each_other(conn, planted):
    for key in planted.children:
        places = [visit.head.record.place for visit in case_of(conn, planted, key).visits]
        assert all(evidence.distance_m(places[0], place) < 100 for place in places)


def test_planting_twice_is_refused_and_changes_nothing(wiring, planted):
    with wiring.store.read() as conn:
        before = len(accounts.all_of(conn, sample.SCHOOL_ID)), len(all_visits(conn))
    with pytest.raises(sample.AlreadyPlanted):
        sample.plant(wiring, SUNDAY.date())
    with wiring.store.read() as conn:
        assert (len(accounts.all_of(conn, sample.SCHOOL_ID)), len(all_visits(conn))) == before
