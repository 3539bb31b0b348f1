"""What the screens show: plain frozen values that `Desk` hands to the user interface.

Texts for people are not in here: a card names a key (`kind`, `title_key`, `state`) and the facts that fill it in.
Days are "YYYY-MM-DD", instants are ISO 8601 with offset, counts are whole numbers, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError
from casebook.rules.reckoning import Because

if TYPE_CHECKING:
    from fieldapp.standings import StandingCard


@dataclass(frozen=True)
class Standing:
    """Who uses this phone, for which school, and when it last spoke with the school's computer.

    `clock_ahead`: by how many minutes the phone's clock was wrong then; 0 within what the school's rule lets pass.
    `room`: bytes that the phone still has room for, when they are few; None otherwise.
    """

    enrolled: bool
    school_name: str = ""
    teacher_name: str = ""
    teacher_id: str = ""
    server_url: str = ""
    last_sync_at: str | None = None
    revoked: bool = False
    clock_ahead: int = 0
    room: int | None = None


@dataclass(frozen=True)
class TaskCard:
    """One thing to do, of a kind of `casebook.rules.duties.KINDS`, for a child (`case`), a class or the school.

    `due_text_facts` holds `due` (day or None) and the facts of the rule; `at` is the exact instant where a clock
    decides, `because` the steps that led to the day. `visit` names a returned visit, `session` that of a headcount;
    `draft_id` a draft that is already being written for it; `form_id` the form that answers the duty, if one does.
    """

    kind: str
    due_text_facts: Mapping[str, Any]
    urgency: str
    clause: str
    case: str = ""
    student_name: str = ""
    class_id: str = ""
    class_name: str = ""
    village_name: str = ""
    at: str | None = None
    because: tuple[Because, ...] = ()
    visit: str | None = None
    session: str = ""
    draft_id: str | None = None
    form_id: str | None = None


@dataclass(frozen=True)
class DraftCard:
    """A visit that is being written; `page_title` says where the teacher stopped."""

    draft_id: str
    case: str
    student_name: str
    class_name: str
    form_id: str
    form_title: str
    started_at: str
    changed_at: str
    page_title: str = ""
    amends: str | None = None


@dataclass(frozen=True)
class Today:
    """The first screen: what is due (most urgent first), what is half written, what the school lacks, at `now`."""

    day: str
    now: str
    tasks: list[TaskCard]
    drafts: list[DraftCard]
    unsent: int
    unsent_files: int


@dataclass(frozen=True)
class StudentRow:
    """One line of the student list; `open_task` is the kind of the most urgent task and `urgency` its, if any."""

    id: str
    name: str
    class_name: str
    village_name: str
    key_flags: tuple[str, ...] = ()
    open_task: str | None = None
    urgency: str = ""


@dataclass(frozen=True)
class Found:
    """The first rows that match a search, and how many match in all."""

    students: list[StudentRow]
    total: int


@dataclass(frozen=True)
class GuardianCard:
    """Whom to call; `can_read` is "yes", "little" or "no", `relation` a GB/T 4761 code."""

    id: str
    name: str
    relation: str
    phone: str
    legal: bool
    caretaker: bool
    can_read: str


@dataclass(frozen=True)
class TimelineItem:
    """One record of the child's case file: wording key `title_key`, the facts in it, and its standing if a visit.

    `status` is an outbox state for this phone's own visits, a review status for other people's, else "".
    """

    kind: str
    at: str
    title_key: str
    facts: Mapping[str, Any]
    status: str
    rid: str
    visit: str | None = None
    own: bool = False


@dataclass(frozen=True)
class Promise:
    """A promise to come back to school; status "open" (the day is not over) or "passed"."""

    date: str
    made_at: str
    rid: str
    status: str


@dataclass(frozen=True)
class ContactValue:
    """A contact value, when and by whom it was written down; `mine` if by whoever carries this phone."""

    prop: str
    value: str
    at: str | None = None
    author_name: str = ""
    mine: bool = False


@dataclass(frozen=True)
class Contested:
    """A property of the home with several values, until the academic office decides; `until` is used meanwhile."""

    prop: str
    values: tuple[ContactValue, ...]
    until: str


@dataclass(frozen=True)
class StopCard:
    """A visit of an outing: a draft to go on with (`draft_id`), or one that is sealed."""

    case: str
    student_name: str
    form_title: str
    at: str
    draft_id: str | None = None


@dataclass(frozen=True)
class NextVisit:
    """What could be filled in at the same door: for whom, with which form, and the task that asks for it, if one."""

    case: str
    student_name: str
    class_name: str
    form_id: str
    form_title: str
    task: str | None = None


@dataclass(frozen=True)
class OutingCard:
    """One going to a family's door that is not long ago.

    `stops` are its visits, the last one first; `next_visits` the others of the household (and this child) with the
    right form, those that a task asks for first; `forms` what else can be filled in for this child.
    """

    id: str
    arrived: str
    stops: list[StopCard]
    next_visits: list[NextVisit]
    forms: list[FormChoice]


@dataclass(frozen=True)
class StudentPage:
    """Everything the phone knows about one child; no `standing` where this phone is not told all its records.

    `pairs` are the names of those who help the child as its pair.
    """

    id: str
    name: str
    gender: str
    birth: str
    age: int | None
    class_name: str
    village_name: str
    home_address: str
    home_landmark: str
    signal: str
    id_masked: str
    key_flags: tuple[str, ...]
    family_flags: tuple[str, ...]
    standing: StandingCard | None
    guardians: list[GuardianCard]
    siblings: list[StudentRow]
    contacts: list[ContactValue]
    conflicts: list[Contested]
    timeline: list[TimelineItem]
    promises: list[Promise]
    tasks: list[TaskCard]
    drafts: list[DraftCard]
    returned: list[TaskCard]
    outing: OutingCard | None = None
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormChoice:
    """A form that can be started for a student; `suggested` when an open task asks for it."""

    form_id: str
    version: str
    title: str
    purpose: str
    suggested: bool


class OutboxState(StrEnum):
    """Where a visit is on its way to school. Its wording key is `outbox.<state>`."""

    DRAFT = "draft"
    SEALED = "sealed"
    TEXT_SENT = "text_sent"
    PHOTOS = "photos"
    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class OutboxItem:
    """One visit of this phone, or another record of `kind` headcount, leave or act: then `student_name` is whom it is
    about (a child, a class), `form_title` says what was written, and `visit` is empty.

    `files_*` count photos, sounds, papers and signatures.

    `receipt_no` is the number in the school's signed receipt; `remark` the principal's; `problem` a reason not sent.
    """

    state: OutboxState
    case: str
    student_name: str
    form_title: str
    at: str
    visit: str
    rid: str | None = None
    draft_id: str | None = None
    files_sent: int = 0
    files_total: int = 0
    receipt_no: int | None = None
    remark: str | None = None
    problem: CasebookError | None = None
    version: int = 1
    kind: str = "visit"


class Step(StrEnum):
    """The named steps of one sync. Wording key `sync.<step>`."""

    HELLO = "hello"
    TEXTS = "push_records"
    ASK = "missing"
    PHOTOS = "push_files"
    PULL = "pull"
    COMPARE = "compare"
    DONE = "done"


@dataclass(frozen=True)
class Progress:
    """Real figures of the running sync: done of total, of everything that waited when it began.

    While files go up, `rate` is in bytes per second (0: not measured yet), and `seconds_left` what that makes.
    """

    step: Step
    texts_done: int = 0
    texts_total: int = 0
    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    rate: int = 0
    seconds_left: int | None = None


@dataclass(frozen=True)
class Difference:
    """A part of what phone and school both keep, and how many rows or records each side had; it is being healed."""

    part: str
    here: int
    school: int


class Anew(StrEnum):
    """Why a phone offers everything again: the school was restored, or its log contradicts what the phone has seen."""

    RESTORED = "restored"
    FORKED = "forked"


@dataclass(frozen=True)
class SyncReport:
    """What one sync achieved. `problem` says why it stopped early; what was acknowledged before stays acknowledged.

    `refused` and `quarantined` count records the school could not take as they are; `busy` means another sync runs;
    `files_*` count photos, sounds, papers and signatures; `notes` name single records, files or rows that went wrong.
    """

    texts_sent: int = 0
    texts_left: int = 0
    files_sent: int = 0
    files_left: int = 0
    bytes_sent: int = 0
    rows_received: int = 0
    records_received: int = 0
    refused: int = 0
    quarantined: int = 0
    cancelled: bool = False
    busy: bool = False
    problem: CasebookError | None = None
    notes: tuple[CasebookError, ...] = field(default=())
    differences: tuple[Difference, ...] = field(default=())
    anew: Anew | None = None

    @property
    def complete(self) -> bool:
        """True when nothing of this phone is missing at school and the feeds were read to the end."""
        stopped = self.cancelled or self.busy or self.problem is not None
        return not stopped and self.texts_left == 0 and self.files_left == 0
