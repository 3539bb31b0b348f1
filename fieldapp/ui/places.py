"""The addresses of the screens: one function per place, so that no screen spells a route by hand."""

from __future__ import annotations

TODAY = "/"
ENROL = "/enrol"
STUDENTS = "/students"
OUTBOX = "/outbox"
SETTINGS = "/settings"
CLASSES = "/classes"


def student(student_id: str) -> str:
    """The child's page."""
    return f"{STUDENTS}/{student_id}"


def visit(draft_id: str) -> str:
    """The visit that is being written, at the page where it was left."""
    return f"/visit/{draft_id}"


def camera(draft_id: str, question: str) -> str:
    """The viewfinder for one photo question, named by its last step."""
    return f"/visit/{draft_id}/photo/{question}"


def sign(draft_id: str, question: str) -> str:
    """The signature pad."""
    return f"/visit/{draft_id}/sign/{question}"


def read(draft_id: str) -> str:
    """The page that is turned to the guardian."""
    return f"/visit/{draft_id}/read"


def finish(draft_id: str) -> str:
    """What is still missing, or the seal."""
    return f"/visit/{draft_id}/finish"


def household(draft_id: str) -> str:
    """The other visits at the same door: to switch to, or to begin."""
    return f"/visit/{draft_id}/household"


def sealed(rid: str) -> str:
    """Where the record is now."""
    return f"/sealed/{rid}"


def class_day(class_id: str) -> str:
    """A class today: its headcounts, and those of the days before."""
    return f"/headcount/{class_id}"


def headcount(class_id: str, session: str, day: str = "") -> str:
    """One headcount (am, noon, pm, or lesson-3), of today unless a day is named: to take, to read, to correct."""
    return "/".join(filter(None, (class_day(class_id), session, day)))


def leave(student_id: str) -> str:
    """The child's leaves."""
    return f"{student(student_id)}/leave"


def step(student_id: str, act: str) -> str:
    """A step of the teacher's in a child's case."""
    return f"{student(student_id)}/step/{act}"
