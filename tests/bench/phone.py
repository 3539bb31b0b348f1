"""The phone's own work, here on this machine (a phone is taken as 20 times slower): search, duties, answers, photos."""

from __future__ import annotations

import io
import json
import statistics
from datetime import timedelta, timezone
from pathlib import Path

from PIL import Image

from casebook.feeds import STUDENTS
from casebook.forms import Session
from casebook.protocol import Row
from fieldapp.capture.photo import MAX_BYTES, shrink
from fieldapp.desk import Desk
from fieldapp.store.books import Books
from fieldapp.store.roster import put_rows
from fieldapp.store.store import next_revision
from tests.bench import agenda
from tests.bench.limits import scan, sqlite_commit
from tests.bench.measure import Figure, median_seconds, p95, seconds
from tests.bench.school import BenchSchool
from tests.whole.handset import child_of, enrolled
from tests.whole.visits import Typed, absence_visit, photo

STUDENTS_ON_PHONE = 2_000
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊洋艳勇杰娟涛明超"
QUERIES = ("l", "lw", "李", "李伟", "zf", "三组", "8", "qian", "zzzz")
CHINA = timezone(timedelta(hours=8))


def figures(folder: Path) -> list[Figure]:
    """Milliseconds unless said otherwise."""
    folder.mkdir(parents=True)
    return [*_roster(folder / "roster"), *agenda.figures(folder / "agenda"), *_answers(folder), *_photo(folder)]


def _roster(folder: Path) -> list[Figure]:
    rows = [_student(number) for number in range(STUDENTS_ON_PHONE)]
    books = Books.open(folder)
    with books.store.write() as db:
        put_rows(db, books.store.vault, rows, next_revision(db))
    books.store.close()
    opened = median_seconds(lambda: Desk.open(folder).students("", 20), 5) * 1000
    desk = Desk.open(folder)
    desk.students("")
    searches = [seconds(lambda query=query: desk.students(query)) * 1000 for query in QUERIES * 20]
    lines = [str(row.value) for row in rows]
    raw = scan(lines, "李伟") * 1000
    limit = f"looking for one word in {STUDENTS_ON_PHONE:,} lines"
    desk.close()
    return [
        Figure(f"open the phone's store, first list of {STUDENTS_ON_PHONE:,}", opened, "ms", raw, limit, budget=300),
        Figure("search as you type, p95", p95(searches), "ms", raw, limit, budget=5),
    ]


def _student(number: int) -> Row:
    name = SURNAMES[number % 16] + GIVEN[number // 16 % 16] + GIVEN[number // 7 % 16]
    value = {
        "id": f"{number:032x}", "name": name, "pinyin": f"zhaowei{number % 97}", "initials": f"zw{number % 7}",
        "gender": "1", "birth": "2012-03-08", "class_id": f"c{number % 40}", "class_name": f"{number % 9 + 1}年级",
        "grade": number % 9 + 1, "village": f"v{number % 30}", "village_name": f"村{number % 30}", "siblings": [],
        "home_address": f"第{number % 12}组{number}号", "home_landmark": "", "signal": "none", "key_flags": [],
        "family_flags": [], "id_masked": "…0179", "guardians": [{
            "id": f"g{number}", "name": name[0] + "家长", "relation": "51", "phone": f"12{number:09}", "legal": True,
            "caretaker": True, "can_read": "yes"}],
    }  # fmt: skip
    return Row(STUDENTS, value["id"], value)


def _answers(folder: Path) -> list[Figure]:
    with BenchSchool(folder / "school") as school:
        desk = enrolled(folder / "phone", school.server)
    commit = sqlite_commit(folder / "limit") * 1000
    draft_id = desk.start(child_of(desk), "absence_visit")
    opened = seconds(lambda: desk.open_draft(draft_id)) * 1000
    draft, times = desk.open_draft(draft_id), []
    choices = {name: value for name, value in absence_visit([folder, folder]).items() if isinstance(value, str | Typed)}
    for _ in range(6):
        for question in [q for page in draft.pages() for q in draft.questions(page.ref)]:
            value = choices.get(question.ref.rsplit("/", 1)[-1])
            if value is not None:
                text = value.text if isinstance(value, Typed) else value
                times.append(seconds(lambda ref=question.ref, text=text: draft.answer(ref, text)) * 1000)
    kept = median_seconds(lambda: keep(desk, draft.draft_id, draft.session), 40) * 1000
    text = median_seconds(lambda: json.dumps(draft.session.draft()), 40) * 1000
    desk.close()
    limit = "one durable SQLite commit"
    return [
        Figure("open the draft of a visit", opened, "ms", commit, limit),
        Figure("answer, recomputed and durably saved, median", statistics.median(times), "ms", commit, limit),
        Figure("answer, recomputed and durably saved, p95", p95(times), "ms", commit, limit),
        Figure("of that: the draft durably saved, median", kept, "ms", commit, limit),
        Figure("of that: the draft as text, median", text, "ms", commit, limit, budget=1),
    ]


def keep(desk: Desk, draft_id: str, session: Session) -> None:
    """What the phone does after every answer: the whole draft in one row, in one durable transaction."""
    books = desk._work.books
    with books.store.write() as db:
        books.drafts.save(db, draft_id, session.draft(), "2025-11-21T16:20:00+08:00")


def _photo(folder: Path) -> list[Figure]:
    original = photo(folder / "camera.jpg", 1, (4000, 3000), grain=24).read_bytes()

    def decode_and_encode() -> None:
        with Image.open(io.BytesIO(original)) as picture:
            picture.resize((1600, 1200)).save(io.BytesIO(), "JPEG", quality=72)

    raw = median_seconds(decode_and_encode, 3) * 1000
    kept = shrink(original, CHINA)
    work = median_seconds(lambda: shrink(original, CHINA), 3) * 1000
    return [
        Figure("a 12-megapixel photo made ready", work, "ms", raw, "decode, resize and encode it once"),
        Figure("bytes of that photo", len(kept.content) / 1024, "KiB", len(original) / 1024, "the camera's file",
               budget=MAX_BYTES / 1024),
        Figure("longest side of that photo", max(kept.width, kept.height), "px", 4000, "the camera's", budget=1600),
    ]  # fmt: skip
