"""Days, times, sizes and states in the teacher's words."""

from __future__ import annotations

from datetime import date, datetime

from casebook.wording import Wording
from fieldapp.capture.place import accuracy_of

MINUTES_OF_A_DAY = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day(words: Wording, text: str | None) -> str:
    """A day, or the day of an instant: 11月21日（周六）. What is no day is returned as it is."""
    try:
        when = date.fromisoformat((text or "")[:10])
    except ValueError:
        return text or ""
    weekday = words(f"app.weekday.{WEEKDAYS[when.weekday()]}")
    return words("app.day", month_name=words(f"app.month.{when.month}"), day=when.day, weekday=weekday)


def place(words: Wording, answer: str) -> str:
    """A position: that it is known, and how exactly; the degrees say nothing to people."""
    metres = accuracy_of(answer)
    return words("app.place.kept") if metres is None else words("app.place.within", accuracy=metres)


def near_day(words: Wording, text: str | None, today: str) -> str:
    """A day as people say it: today, tomorrow, yesterday, else the date."""
    try:
        distance = (date.fromisoformat((text or "")[:10]) - date.fromisoformat(today)).days
    except ValueError:
        return text or ""
    near = {0: "app.day.today", 1: "app.day.tomorrow", -1: "app.day.yesterday"}.get(distance)
    return words(near) if near else day(words, text)


def left(words: Wording, due: str | None, at: str | None, now: str) -> str:
    """How long there is until a due day ends, or until the exact instant `at`; how long it is late."""
    if at:
        minutes = int((datetime.fromisoformat(at) - datetime.fromisoformat(now)).total_seconds() // 60)
        if abs(minutes) < MINUTES_OF_A_DAY:
            return _hours_left(words, minutes)
    if not due:
        return words("app.left.none")
    days = (date.fromisoformat(due[:10]) - date.fromisoformat(now[:10])).days
    if days == 0:
        return words("app.left.today")
    return words("app.left.days", n=days) if days > 0 else words("app.left.past", n=-days)


def _hours_left(words: Wording, minutes: int) -> str:
    late, size = ("past_", -minutes) if minutes < 0 else ("", minutes)
    unit, n = ("hours", size // 60) if size >= 60 else ("minutes", size)
    return words(f"app.left.{late}{unit}", n=n)


def clock(text: str | None) -> str:
    """The hours and minutes of an instant: 16:20."""
    try:
        return f"{datetime.fromisoformat(text or ''):%H:%M}"
    except ValueError:
        return ""


def moment(words: Wording, text: str | None) -> str:
    """An instant: 11月21日（周六） 16:20."""
    return f"{day(words, text)} {clock(text)}".strip()


def counted(words: Wording, key: str, texts: int, files: int) -> str:
    """A sentence about records and attachments; of attachments nothing is said when there are none."""
    return words(key, texts=texts, files=files) if files else words(f"{key}.texts", texts=texts)


def wait(words: Wording, seconds: int) -> str:
    """How long something will still take, roughly."""
    minutes = round(seconds / 60)
    return words("sync.left.minutes", minutes=minutes) if minutes else words("sync.left.soon")


def way(words: Wording, state: str, receipt_no: int | None = None, **facts: object) -> str:
    """How far a record has come; the receipt's number only where it is known."""
    if state == "received" and receipt_no is None:
        return words("outbox.arrived")
    return words(f"outbox.{state}", receipt_no=receipt_no, **facts)


def span(words: Wording, minutes: int) -> str:
    """A length of time, in the one unit that fits it."""
    for unit, size in (("days", MINUTES_OF_A_DAY), ("hours", 60)):
        if minutes >= size:
            return words(f"app.span.{unit}", n=round(minutes / size))
    return words("app.span.minutes", n=minutes)


def size(count: int) -> str:
    """Bytes as people read them: 340 KB, 3.1 MB."""
    if count < 1_000_000:
        return f"{-(-count // 1000)} KB"
    return f"{count / 1_000_000:.1f} MB"


def length(seconds: int) -> str:
    """How long something lasts: 0:07, 2:30."""
    return f"{seconds // 60}:{seconds % 60:02}"
