"""A phone for tests: a desk in a folder, its clock in the test's hand, its school in memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

import assets
from casebook import feeds
from casebook.records import Record
from fieldapp.cards import SyncReport
from fieldapp.desk import Desk
from fieldapp.platform.clock import CHINA
from fieldapp.visiting import VisitDraft
from tests.fieldapp.fake_school import CODE, PRINCIPAL, TEACHER, FakeSchool

CHILD = "c1" + "0" * 30
OTHER_CHILD = "c2" + "0" * 30
FORM = "door_visit"
PHOTO_1, PHOTO_2 = "/data/evidence/photos_1", "/data/evidence/photos_2"
SUMMARY, SIGN = "/data/meeting/summary", "/data/signing/guardian_signature"
SIGNATURE = [[(10.0, 20.0, 0.0), (40.5, 22.3, 30.0), (80.0, 60.0, 61.0)], [(15.0, 70.0, 400.0)]]


@dataclass
class HandClock:
    """Stands still until the test moves it."""

    moment: dt.datetime = field(default_factory=lambda: dt.datetime(2026, 11, 21, 16, 20, 5, tzinfo=CHINA))
    passed_ms: int = 1000

    @property
    def tz(self) -> dt.timezone:
        return CHINA

    def now(self) -> dt.datetime:
        return self.moment

    def monotonic_ms(self) -> int:
        return self.passed_ms

    def pass_time(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)
        self.passed_ms += round(dt.timedelta(**span).total_seconds() * 1000)


def phone(folder: Path, school: FakeSchool | None = None, clock: HandClock | None = None) -> Desk:
    """A desk that talks with `school`."""
    school = school or FakeSchool()
    return Desk.open(
        folder, clock=clock or HandClock(), connect=lambda url, token: school, pause=school.pauses.append
    )


def furnished(school: FakeSchool, form: dict[str, Any] | None = None) -> FakeSchool:
    """The school with a calendar, staff, two children and a form."""
    school.publish(feeds.CALENDAR, "2026a", {
        "term": "2026a", "first": "2026-09-01", "last": "2027-01-23", "off": ["2026-10-01"], "on": []})  # fmt: skip
    for account, name in ((TEACHER, "示例老师"), (PRINCIPAL, "示例校长")):
        school.publish(feeds.STAFF, account, {"id": account, "name": name, "roles": []})
    school.publish(feeds.STUDENTS, CHILD, student(CHILD, "张示伟", "zhangshiwei", "zsw"))
    school.publish(feeds.STUDENTS, OTHER_CHILD, student(OTHER_CHILD, "李样芳", "liyangfang", "lyf"))
    row = form or form_row()
    school.publish(feeds.FORMS, f"{row['id']}@{row['version']}", row)
    return school


def student(id: str, name: str, pinyin: str, initials: str, **more: Any) -> dict[str, Any]:
    """A row of the students feed."""
    guardian = {"id": "g1", "name": f"{name[0]}大样", "relation": "51", "phone": "12000000001", "legal": True,
                "caretaker": True, "can_read": "yes"}  # fmt: skip
    return {
        "id": id, "name": name, "pinyin": pinyin, "initials": initials, "gender": "1", "birth": "2013-05-06",
        "class_id": "8-2", "class_name": "八(2)班", "grade": 8, "village": "990000000001", "village_name": "样例村",
        "home_address": "样例村3组", "home_landmark": "小卖部旁", "signal": "none", "key_flags": ["KS07"],
        "family_flags": [], "siblings": [], "id_masked": "…0179", "guardians": [guardian],
    } | more  # fmt: skip


def form_row(version: str = "1", form_id: str = FORM) -> dict[str, Any]:
    """A row of the forms feed with a small form that has every part a visit needs."""
    xml = form_xml(form_id, version)
    return {
        "id": form_id, "version": version, "sha256": hashlib.sha256(xml.encode()).hexdigest(),
        "titles": {"zh": "上门家访", "en": "Door visit"}, "purposes": ["absence"], "xml": xml,
    }  # fmt: skip


@cache
def form_xml(form_id: str = FORM, version: str = "1") -> str:
    """The form: who was met, a promise, a phone number, a place, two photos, read-back and signature."""
    template = Path(__file__).with_name("door_visit.xml").read_text("utf-8")
    return template.replace('id="door_visit" version="1"', f'id="{form_id}" version="{version}"')


@cache
def bundled_row(form_id: str) -> dict[str, Any]:
    """A row of the forms feed with a form that ships with the program."""
    from sync_server.forms import compile_form

    form = compile_form(assets.root().joinpath("forms", form_id))
    return {
        "id": form.form_id, "version": form.version, "sha256": form.sha256, "titles": form.titles,
        "purposes": list(form.purposes), "xml": form.xml.decode(),
    }  # fmt: skip


def publish_bundled(school: FakeSchool, *form_ids: str) -> None:
    """Gives phones these forms with their next sync."""
    for row in map(bundled_row, form_ids):
        school.publish(feeds.FORMS, f"{row['id']}@{row['version']}", row)


def enrolled(folder: Path, school: FakeSchool, clock: HandClock | None = None) -> Desk:
    """A desk that is enrolled and has read the feeds."""
    desk = phone(folder, school, clock)
    desk.enrol("http://school.test", CODE)
    report = desk.sync()
    assert report.problem is None, report.problem
    return desk


def filled(desk: Desk, child: str = CHILD, photos: int = 2, first_photo: int = 1) -> VisitDraft:
    """A visit with every answer, `photos` photos and a signature; ready to be sealed."""
    draft = desk.open_draft(desk.start(child, FORM))
    draft.answer("/data/meeting/mode", "door")
    draft.answer("/data/meeting/contact_result", "met_guardian")
    draft.answer("/data/meeting/promise_date", "2026-11-23")
    draft.answer("/data/meeting/outcome", "promised")
    for number in range(1, photos + 1):
        draft.attach_photo(f"/data/evidence/photos_{number}", picture(first_photo + number - 1), "camera")
    draft.answer("/data/readback/read_aloud", "OK")
    draft.answer("/data/signing/signer", "张大样")
    draft.answer("/data/signing/sign_mode", "handwritten")
    draft.save_strokes(SIGN, SIGNATURE, 320, 200)
    return draft


@cache
def picture(seed: int = 1, width: int = 300, height: int = 400, kind: str = "JPEG") -> bytes:
    """A picture that no other seed gives."""
    image = Image.effect_mandelbrot((width, height), (-2.5 + seed / 4, -1.5 + seed / 9, 0.5 + seed / 3, 1.5), 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def reopened(desk: Desk, draft: VisitDraft, folder: Path, school: FakeSchool) -> VisitDraft:
    """The draft as a new run of the app finds it."""
    desk.close()
    return phone(folder, school).open_draft(draft.draft_id)


def sealed(desk: Desk, school: FakeSchool, rid: str) -> Record:
    """A record as the school has it after a sync."""
    report = desk.sync()
    assert report.problem is None, report.problem
    return school.record(rid)


def quick_visit(desk: Desk, child: str = CHILD) -> str:
    """A sealed visit without files; its rid."""
    draft = desk.open_draft(desk.start(child, FORM))
    draft.answer("/data/meeting/mode", "phone")
    draft.answer("/data/meeting/contact_result", "no_one_home")
    return draft.finish()


def clean(report: SyncReport) -> SyncReport:
    """The report, which must be of a sync that left nothing behind."""
    assert report.problem is None and report.complete, report
    return report


def synced_at_last(desk: Desk, folder: Path, school: FakeSchool, tries: int) -> Desk:
    """The desk after syncs that mishaps end, each with the app opened anew, and one clean sync without any."""
    for _ in range(tries):
        if desk.sync().complete:
            break
        desk.close()
        desk = phone(folder, school)
    school.mishaps = {}
    clean(desk.sync())
    return desk


def states(desk: Desk) -> list[str]:
    """Where each visit is on its way."""
    return [item.state.value for item in desk.outbox()]
