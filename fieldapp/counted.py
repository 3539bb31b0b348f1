"""What a headcount says once it is sealed: heads, who is missing, every former version with author and reason (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from casebook.rules.attendance import UNEXCUSED, Count
from fieldapp.caselist import main_guardian
from fieldapp.outbox import state_of
from fieldapp.platform.clock import instant
from fieldapp.store.uploads import NO_FILES
from fieldapp.workspace import Workspace

_KIND_ORDER = (
    "unexcused", "not_registered", "sick", "personal", "official", "late", "left_early", "home_taught", "suspended",
)  # fmt: skip


@dataclass(frozen=True)
class Absentee:
    """A child that a headcount names, and whom to call about it."""

    id: str
    name: str
    kind: str
    guardian_name: str = ""
    phone: str = ""

    @property
    def unexcused(self) -> bool:
        """Whether somebody has to call and to go there today."""
        return self.kind in UNEXCUSED


@dataclass(frozen=True)
class Changed:
    """One child in a later version: the kind before and after, "" for in class."""

    name: str
    was: str
    now: str


@dataclass(frozen=True)
class Version:
    """One version of a headcount: its heads, who wrote it when and why, and what it changed."""

    present: int
    expected: int
    author_name: str
    at: str
    reason: str = ""
    changes: tuple[Changed, ...] = ()


@dataclass(frozen=True)
class Counted:
    """A headcount as it stands. `versions` are all of it, oldest first; `rivals` others of the same session.

    `outbox` is where this phone's own record is on its way, "" when somebody else wrote it; `receipt_no` the number
    in the school's receipt for it.
    """

    rid: str
    rivals_rids: tuple[str, ...]
    expected: int
    present: int
    source: str
    absentees: tuple[Absentee, ...]
    versions: tuple[Version, ...]
    rivals: tuple[Version, ...] = ()
    outbox: str = ""
    receipt_no: int | None = None

    @property
    def away(self) -> int:
        """Heads missing."""
        return self.expected - self.present


def counted(work: Workspace, count: Count) -> Counted:
    """A headcount with its history, as the screens show it."""
    own = next((record for record in work.books.records.own(work.db) if record.rid == count.rid), None)
    return Counted(
        rid=count.rid, rivals_rids=tuple(one.rid for one in count.rivals), expected=count.expected,
        present=count.present, source=count.source, absentees=absentees(work, count),
        versions=_versions(work, count),
        rivals=tuple(_version(work, one, count) for one in count.rivals),
        outbox=state_of(own, NO_FILES, None).value if own else "",
        receipt_no=own.sseq if own and own.verdict else None,
    )  # fmt: skip


def absentees(work: Workspace, count: Count) -> tuple[Absentee, ...]:
    """The children whom a headcount names, the unexcused ones first."""
    found = [_absentee(work, student, kind) for student, kind in count.kinds.items()]
    return tuple(sorted(found, key=lambda one: (_KIND_ORDER.index(one.kind), one.name)))


def _absentee(work: Workspace, student: str, kind: str) -> Absentee:
    row = work.books.roster.student(student) or {}
    guardian = main_guardian(row)
    name, phone = str(guardian.get("name") or ""), str(guardian.get("phone") or "")
    return Absentee(student, str(row.get("name") or ""), kind, name, phone)


def _versions(work: Workspace, count: Count) -> tuple[Version, ...]:
    later = (_version(work, other, one) for one, other in pairwise(count.versions))
    return (_version(work, count.versions[0]), *later)


def _version(work: Workspace, count: Count, before: Count | None = None) -> Version:
    """A version, and what it changed of the one before, or of the one it stands beside."""
    roster, changes = work.books.roster, count.changes(before) if before else ()
    return Version(
        count.present, count.expected, roster.staff_name(count.author), instant(count.stamp.captured), count.reason,
        tuple(Changed(str((roster.student(one) or {}).get("name") or ""), was, now) for one, was, now in changes),
    )  # fmt: skip

