"""A school of five children in memory, on the other end of the phone's conversation: rows down, records and files up."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import assets
from casebook.casefile import Entry
from casebook.ed25519 import Ed25519Signer
from casebook.errors import CodeInvalid, Unreachable
from casebook.protocol import (
    AccountCard,
    EnrolReply,
    EnrolRequest,
    FileOffset,
    HelloReply,
    MissingReply,
    MissingRequest,
    Outcome,
    PulledRecord,
    PullReply,
    PushReply,
    PushRequest,
    Receipt,
    Row,
    SchoolCard,
    Watermark,
    b64,
    make_receipt,
    sealed_from_wire,
    sealed_to_wire,
)
from casebook.records import Record, Span, decode
from casebook.sealing import Sealed, device_id, seal
from fieldapp.platform.clock import CHINA
from tests.fieldapp.phone import bundled_row

SCHOOL, TEACHER, OFFICE = "3199000001", "a" * 32, "b" * 32
TODAY = dt.date(2025, 10, 16)  # a Thursday
NOON = "2025-10-16T12:00:00+08:00"
GEN = "g" * 32
ABSENT, CASE_OPEN, LONG_NAME, AWAY, SISTER = ("1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32)
GOOD_CODE = "READY2GO"


VISIT_FORMS = ("absence_visit", "persuasion_visit")
FORM_NAMES = tuple(sorted(folder.name for folder in assets.root().joinpath("forms").iterdir()))


def form_row(form_id: str) -> Row:
    """A form that ships with the program, as the school sends it."""
    value = bundled_row(form_id)
    return Row("forms", f"{value['id']}@{value['version']}", value)


class Noon:
    """A clock that stands at noon; `go_on` moves it."""

    tz = CHINA

    def __init__(self) -> None:
        self._now, self._ms = dt.datetime.fromisoformat(NOON), 1000

    def now(self) -> dt.datetime:
        return self._now

    def monotonic_ms(self) -> int:
        self._ms += 10
        return self._ms

    def go_on(self, **step: int) -> None:
        self._now += dt.timedelta(**step)


@dataclass
class LittleSchool:
    """`down` makes it unreachable; `piece_hook` is called at every piece of a file; `more_rows` go to the phone."""

    down: bool = False
    records: list[PulledRecord] = field(default_factory=list)
    received: dict[str, Outcome] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    piece_hook: Any = None
    more_rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = Ed25519Signer.from_bytes(bytes(range(1, 33)))
        self._office = Ed25519Signer.from_bytes(bytes(range(2, 34)))
        self._seq, self._prev, self._sseq = 0, "", 100
        for day, absent in ((14, [CASE_OPEN]), (15, [CASE_OPEN]), (16, [CASE_OPEN, ABSENT])):
            self.headcount(TODAY.replace(day=day), absent)

    def connect(self, url: str, token: str | None = None) -> LittleSchool:
        """What the desk calls to reach a server."""
        return self

    def headcount(self, day: dt.date, absent: list[str]) -> str:
        """The class is counted in the morning; these children are away without leave."""
        at = f"{day}T07:50:00+08:00"
        names = [{"student": child, "kind": "unexcused"} for child in absent]
        return self.office("headcount", None, {
            "class": "c82", "day": str(day), "session": "am", "expected": 5, "present": 5 - len(names), "source": "roll",
            "absent": names}, at=at)

    def office(
        self, kind: str, case: str | None, body: dict[str, Any], amends: tuple[str, ...] = (), at: str = NOON, **values: str
    ) -> str:
        """Writes a record of the school's office into the log."""
        self._seq += 1
        record = Record(
            type=kind, school=SCHOOL, author=OFFICE, dev=device_id(self._office.public_key), ep=1, seq=self._seq,
            prev=self._prev, hlc=(self._seq, 0), at=Span(at, at, "+08:00", 1), case=case, set=values, body=body,
            amends=amends)
        sealed = seal(record, self._office)
        self._prev = sealed.rid
        self._log(sealed)
        return sealed.rid

    def review(self, rid: str, decision: str, remark: str = "") -> str:
        """The principal decides about a visit that has arrived."""
        record = next(e.record for e in self.entries() if e.rid == rid)
        return self.office("review", record.case or "", {
            "visit": record.body["visit"], "version": rid, "decision": decision, "remark": remark})

    def entries(self) -> list[Entry]:
        """The log, read."""
        sealed = [sealed_from_wire(pulled.sealed) for pulled in self.records]
        return [Entry(one.rid, decode(one.payload)) for one in sealed]

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        self._reach()
        if request.code != GOOD_CODE:
            raise CodeInvalid()
        return EnrolReply("token", device_id(base64.b64decode(request.public_key)), SchoolCard(SCHOOL, "清溪镇中心学校（演示）"),
                          AccountCard(TEACHER, "周老师", ["class_teacher"]), b64(self._key.public_key), GEN, NOON)

    def hello(self, wm: Watermark | None = None) -> HelloReply:
        self._reach()
        return HelloReply("jiafang", 1, 1, SCHOOL, GEN, self._sseq, NOON, "active")

    def push(self, request: PushRequest) -> PushReply:
        self._reach()
        return PushReply([self._take(sealed_from_wire(wire)) for wire in request.records], GEN, len(self.records))

    def pull(self, after: int, limit: int, wm: Watermark | None = None) -> PullReply:
        self._reach()
        records = [pulled for pulled in self.records if pulled.sseq > after]
        rows = [*rows_of_school(), *self.more_rows] if after == 0 else []
        return PullReply(records, rows, self._sseq, False, GEN)

    def missing(self, request: MissingRequest) -> MissingReply:
        self._reach()
        rids = [rid for rid in request.rids if rid not in self.received]
        return MissingReply(rids, [FileOffset(sha, len(self.files.get(sha, b""))) for sha in request.files])

    def file_offset(self, sha256: str, size: int, type: str) -> int:
        self._reach()
        return len(self.files.get(sha256, b""))

    def send_chunk(self, sha256: str, offset: int, size: int, chunk: bytes) -> int:
        self._reach()
        if self.piece_hook:
            self.piece_hook()
        self.files[sha256] = self.files.get(sha256, b"")[:offset] + chunk
        return len(self.files[sha256])

    def _take(self, sealed: Sealed) -> Outcome:
        if sealed.rid not in self.received:
            self._log(sealed)
            receipt = make_receipt(Receipt(SCHOOL, sealed.rid, self._sseq, GEN, NOON, "stored"), self._key)
            self.received[sealed.rid] = Outcome(sealed.rid, "stored", None, self._sseq, receipt)
        return self.received[sealed.rid]

    def _log(self, sealed: Sealed) -> None:
        self._sseq += 1
        self.records.append(PulledRecord(self._sseq, NOON, sealed_to_wire(sealed)))

    def _reach(self) -> None:
        if self.down:
            raise Unreachable()


def rows_of_school() -> list[Row]:
    """The roster, the calendar and the forms of the little school."""
    forms = [form_row(form_id) for form_id in VISIT_FORMS]
    return [
        Row("me", TEACHER, {"id": TEACHER, "name": "周老师", "roles": ["class_teacher"], "classes": ["c82"],
                            "school_name": "清溪镇中心学校（演示）"}),
        Row("calendar", "2025-1", {"term": "2025-1", "first": "2025-09-01", "last": "2026-01-23", "off": [], "on": []}),
        Row("classes", "c82", {"id": "c82", "name": "八年级（2）班", "grade": 8, "stage": "junior",
                               "teacher_id": TEACHER, "teacher_name": "周老师"}),
        Row("staff", TEACHER, {"id": TEACHER, "name": "周老师", "roles": ["class_teacher"]}),
        Row("staff", OFFICE, {"id": OFFICE, "name": "教导处", "roles": ["office"]}),
        Row("villages", "v1", {"code": "v1", "name": "石板村", "signal": "none", "distance_km_x10": 125}),
        *[Row("students", child["id"], child) for child in children()], *forms]


def children() -> list[dict[str, Any]]:
    """Five children; one has the longest name there is, one a name of rare characters."""
    return [
        _child(ABSENT, "吴天赐", "wutianci", "wtc", siblings=[SISTER], guardian="吴大山"),
        _child(CASE_OPEN, "罗小妹", "luoxiaomei", "lxm", gender="2", can_read="no", guardian="罗阿婆", relation="62"),
        _child(LONG_NAME, "阿卜杜拉·买买提江·吐尔逊娜依", "abudula", "abdl", guardian="买买提江·吐尔逊"),
        _child(AWAY, "𬭎䶮", "hongyan", "hy", village="很远很远的大山背后上寨自然村第三村民小组", guardian="李四"),
        _child(SISTER, "吴天慧", "wutianhui", "wth", gender="2", siblings=[ABSENT], guardian="吴大山"),
    ]


def _child(
    sid: str, name: str, pinyin: str, initials: str, *, guardian: str, gender: str = "1", relation: str = "51",
    can_read: str = "yes", **more: Any,
) -> dict[str, Any]:
    return {
        "id": sid, "name": name, "pinyin": pinyin, "initials": initials, "gender": gender, "birth": "2011-05-03",
        "class_id": "c82", "class_name": "八年级（2）班", "grade": 8, "village": "v1",
        "village_name": more.get("village", "石板村"), "home_address": "石板村三组21号", "home_landmark": "村口大榕树旁第二家",
        "signal": "none", "key_flags": ["KS07"], "family_flags": ["FM12"], "siblings": more.get("siblings", []),
        "id_masked": "…0179",
        "guardians": [{"id": f"{sid[:31]}g", "name": guardian, "relation": relation, "phone": "12000000001",
                       "legal": True, "caretaker": True, "can_read": can_read}]}
