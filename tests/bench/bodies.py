"""Bytes of bodies, as they cross the link: nothing new, ten changed rows, a whole list of children, a known visit."""

from __future__ import annotations

import lzma
import shutil
from pathlib import Path
from typing import Any

from casebook.feeds import FORMS, STUDENTS
from casebook.protocol import MissingRequest, PullReply, Row, Watermark
from casebook.spelling import SPELLINGS
from casebook.tables import with_tables
from casebook.translog.checkpoints import glance
from sync_server.lacking import missing
from sync_server.settings import Settings
from sync_server.store import accounts, archive, devices, rows, visits
from sync_server.store.rows import ScopedRow
from sync_server.web.doors import json_bytes
from sync_server.web.zipping import GZIP_FROM_BYTES, zipped
from sync_server.wiring import Wiring, build
from tests.bench.measure import Figure
from tests.bench.school import template
from tests.whole.story import TEACHER

ID_BYTES = 16
LEADER = "principal"
STUDENTS_MEANT, CHANGED, PAGE = 2000, 10, 4000


def figures(folder: Path) -> list[Figure]:
    """Asked of the server's own parts, and packed as the server packs."""
    shutil.copytree(template(), folder)
    wiring = build(Settings(data=folder))
    try:
        return [*_first_pull(wiring), *_pulls(wiring), _known_visit(wiring)]
    finally:
        wiring.close()


def _pulls(wiring: Wiring) -> list[Figure]:
    device = _device(wiring, TEACHER)
    cursor, page = 0, wiring.handout.pull(device, 0, PAGE)
    while page.more:
        page = wiring.handout.pull(device, page.next, PAGE)
    cursor, newest = page.next, glance(wiring.handout.hello(device).checkpoint or "")
    wm = Watermark(newest.gen, newest.size, newest.root.hex())
    idle = sent(wiring.handout.hello(device, wm)) + sent(wiring.handout.pull(device, cursor, PAGE, wm))
    with wiring.store.read() as conn:
        owner = accounts.by_login(conn, wiring.school.id, TEACHER)
        assert owner is not None
        known = rows.of_feed(conn, wiring.school.id, STUDENTS)
    mine = [child for child in known.values() if child["class_id"] in owner.classes][:CHANGED]
    changed = [ScopedRow(STUDENTS, child["id"], f"class:{child['class_id']}", {**child, "home_landmark": "村口大树"})
               for child in mine]  # fmt: skip
    wiring.store.run_tx(lambda conn: rows.put(conn, wiring.school.id, changed, wiring.now()))
    news = wiring.handout.pull(device, cursor, PAGE, wm)
    assert len([row for row in news.rows if row.feed == STUDENTS]) == CHANGED
    return [
        Figure("bodies of a sync with nothing new (hello, pull)", idle, "B", 1, "nothing", budget=600),
        Figure(f"body of a pull of {CHANGED} changed children", sent(news), "B", 1, "nothing", budget=2000),
    ]


def _first_pull(wiring: Wiring) -> list[Figure]:
    """Every child and form that the school has, as the pages come to somebody who follows them all."""
    device = _device(wiring, LEADER)
    pages = [wiring.handout.pull(device, 0, PAGE)]
    while pages[-1].more:
        pages.append(wiring.handout.pull(device, pages[-1].next, PAGE))
    children, forms = ([[row for row in page.rows if row.feed == feed] for page in pages] for feed in (STUDENTS, FORMS))
    count = sum(map(len, children))
    known = [str((row.value or {})["xml"]).encode() for rows_of in forms for row in rows_of]
    return [
        Figure(f"first pull of {STUDENTS_MEANT} children (as the {count} here)",
               _came(wiring, children) / count * STUDENTS_MEANT / 1000, "KB", STUDENTS_MEANT * ID_BYTES / 1000,
               "their random ids alone", budget=120),
        Figure(f"first pull of all {len(known)} forms", _came(wiring, forms) / 1000, "KB",
               len(lzma.compress(b"".join(known))) / 1000, "packed as well as xz can"),
    ]  # fmt: skip


def _came(wiring: Wiring, pages: list[list[Row]]) -> int:
    """Bytes of pages with these rows alone."""
    bare = (PullReply([], found, 0, False, wiring.school.gen) for found in pages if found)
    return sum(sent(with_tables(page, SPELLINGS)) for page in bare)


def _known_visit(wiring: Wiring) -> Figure:
    with wiring.store.read() as conn:
        one = next(row for row in visits.listed(conn, wiring.school.id, limit=200) if row.complete and row.files_total)
        files = archive.files_named(conn, wiring.school.id, [one.head])
    question = MissingRequest([one.head], with_files=True)
    answer = missing(wiring.store, wiring.uploads, wiring.school.id, question)
    assert (answer.rids, answer.files) == ([], [])
    return Figure(f"a known visit offered again ({len(files)} files): question and answer", sent(question) + sent(answer),
                  "B", 64, "its hash", budget=200)  # fmt: skip


def sent(message: Any) -> int:
    """Bytes of a body."""
    plain = json_bytes(message)
    return len(zipped(plain)) if len(plain) >= GZIP_FROM_BYTES else len(plain)


def _device(wiring: Wiring, login: str) -> devices.Device:
    with wiring.store.read() as conn:
        account = accounts.by_login(conn, wiring.school.id, login)
        assert account is not None
        return next(one for one in devices.all_of(conn, wiring.school.id) if one.account == account.id and one.active)
