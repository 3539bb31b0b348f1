"""Who may see what: the conditions over records and rows, and what to tell a phone when its reach changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, true

from casebook.feeds import (
    CASES,
    PAIRS,
    SCHOOL_SCOPE,
    STUDENTS,
    account_scope,
    case_scope,
    class_scope,
    village_scope,
)
from sync_server import access
from sync_server.access import Reach, Subject, Verb
from sync_server.store import accounts, archive, areas, facts
from sync_server.store import schema as t
from sync_server.store.accounts import CASE, CLASS, VILLAGE, Account
from sync_server.store.schools import take

#: Records of what was found out at a family's door; all others tell how a case goes on.
OF_VISITS = ("visit", "review")
#: Feeds whose key is a child, and the verb that must reach it; who is assigned gets the row whatever its scope.
OF_CHILD = {STUDENTS: Verb.LIST_STUDENTS, CASES: Verb.READ_CASE, PAIRS: Verb.READ_CASE}

RECORD, ROW, GONE = "record", "row", "gone"


@dataclass(frozen=True)
class Backfill:
    """One thing an account is still to be told: a record (key = rid), a row, or that a row is gone."""

    sseq: int
    kind: str
    feed: str
    key: str


def records_for(account: Account) -> Any:
    """The condition for records that this account may see: its children's, its classes' headcounts, its own."""
    record = t.record.c
    seen, read = access.reach(account, Verb.READ_EVIDENCE), access.reach(account, Verb.READ_CASE)
    of_visits = and_(record.type.in_(OF_VISITS), _of_children(account, seen, record.case))
    of_case = and_(record.type.not_in(OF_VISITS), _of_children(account, read, record.case))
    return or_(record.author == account.id, of_visits, of_case, *_of_classes(account), *_of_school(account))


def rows_for(account: Account) -> Any:
    """The condition that lets the feed rows through that this account may see."""
    row = t.feed_row.c
    children = [
        and_(row.feed == feed, _rows_of_children(access.reach(account, verb))) for feed, verb in OF_CHILD.items()
    ]
    others = and_(row.feed.not_in(list(OF_CHILD)), row.scope.in_([SCHOOL_SCOPE, *account.scopes]))
    return or_(row.scope == account_scope(account.id), others, *children)


def follows(account: Account) -> dict[str, Any]:
    """Whose records this account is told all of, visits too: only of these can its phone say how they stand."""
    seen, read = access.reach(account, Verb.READ_EVIDENCE), access.reach(account, Verb.READ_CASE)
    both = access.common(seen, read)
    cases = sorted({*seen.cases} & {*read.cases} & {*account.cases})
    return {
        "school": both.whole_school, "classes": list(both.classes), "cases": cases, "villages": list(account.villages),
    }  # fmt: skip


def may_see_evidence(conn: Connection, account: Account, case: str | None, author: str = "") -> bool:
    """Whether the account may see what was found out about this child (or what it wrote itself)."""
    student = t.student.c
    found = select(student.class_id).where(student.school == account.school, student.student == case)
    class_id = conn.execute(found).scalar() or ""
    return access.allows(account, Verb.READ_EVIDENCE, Subject(case or "", class_id, frozenset({author})))


def _of_children(account: Account, within: Reach, case: Any) -> Any:
    """The condition that a record is about one of these children."""
    student = t.student.c
    if within.whole_school:
        return case.is_not(None)
    taught = select(student.student).where(student.school == account.school, student.class_id.in_(within.classes))
    return or_(case.in_(taught), case.in_(within.cases))


def _of_classes(account: Account) -> list[Any]:
    """Headcounts name children, so they go to those who may list them; and to those who follow one child of a class."""
    record, student, own = t.record.c, t.student.c, access.reach(account, Verb.READ_CASE)
    counted = access.common(access.reach(account, Verb.READ_HEADCOUNT), access.reach(account, Verb.LIST_STUDENTS))
    if counted.whole_school:
        return [record.type.in_(facts.OF_CLASS)]
    followed = select(student.class_id).where(student.school == account.school, student.student.in_(own.cases))
    return [facts.of_classes(account.school, counted.classes), facts.of_classes(account.school, followed)]


def _of_school(account: Account) -> list[Any]:
    """What belongs to no child and no class, such as a month's report, is for those who see the school's figures."""
    record = t.record.c
    if not access.allows(account, Verb.READ_FIGURES):
        return []
    return [and_(record.case.is_(None), record.type.not_in(facts.OF_CLASS))]


def _rows_of_children(within: Reach) -> Any:
    row = t.feed_row.c
    if within.whole_school:
        return true()
    return or_(row.scope.in_([class_scope(one) for one in within.classes]), row.key.in_(within.cases))


def grant(conn: Connection, school: str, account: str, scope: str, since: str) -> None:
    """Lets an account see `class:<id>`, `case:<id>` or `village:<code>`, and tells its phones what is already there."""
    if accounts.grant(conn, school, account, scope, since):
        tell(conn, school, [account], _contents(conn, school, scope))


def revoke(conn: Connection, school: str, account: str, scope: str) -> None:
    """Takes a scope back; the account's phones drop its rows at their next pull."""
    if accounts.revoke(conn, school, account, scope):
        rows = [(feed, key) for kind, feed, key in _contents(conn, school, scope) if kind == ROW]
        tell(conn, school, [account], [(GONE, feed, key) for feed, key in rows])


def moved_home(conn: Connection, school: str, child: str, was: str, now: str) -> None:
    """A child lives in another village: who leads the old one loses it, who leads the new one is told all of it."""
    before, after = (accounts.who_reaches(conn, school, [village_scope(one)]) for one in (was, now))
    tell(conn, school, before - after, [(GONE, feed, child) for feed in OF_CHILD])
    tell(conn, school, after - before, _contents(conn, school, case_scope(child)))


def tell(conn: Connection, school: str, who: Iterable[str], news: list[tuple[str, str, str]]) -> None:
    """Queues (kind, feed, key) for each account, every one with its own place in the pull sequence."""
    for account in sorted(who):
        if not news:
            continue
        first = take(conn, school, len(news))
        rows = [
            {"school": school, "account": account, "sseq": first + n, "kind": kind, "feed": feed, "key": key}
            for n, (kind, feed, key) in enumerate(news)
        ]
        conn.execute(insert(t.backfill), rows)


def records_of_case(conn: Connection, school: str, case: str) -> list[tuple[str, str, str]]:
    """News of every record of one child."""
    record = t.record.c
    found = select(record.rid).where(record.school == school, record.case == case, archive.COUNTS)
    return [(RECORD, "", rid) for rid in conn.execute(found.order_by(record.sseq)).scalars()]


def backfill_after(conn: Connection, account: Account, after: int, upto: int, limit: int) -> list[Backfill]:
    """What the account is still to be told with after < sseq <= upto."""
    b = t.backfill.c
    found = select(b.sseq, b.kind, b.feed, b.key).where(
        b.school == account.school, b.account == account.id, b.sseq > after, b.sseq <= upto
    )
    return [Backfill(**row._mapping) for row in conn.execute(found.order_by(b.sseq).limit(limit))]


def _contents(conn: Connection, school: str, scope: str) -> list[tuple[str, str, str]]:
    """Everything a scope holds now: rows first, then the headcounts of the classes and the records of the children."""
    row, children = t.feed_row.c, _children(conn, school, scope)
    mine = row.scope == scope
    if not scope.startswith(CLASS):
        mine = or_(mine, and_(row.feed.in_(list(OF_CHILD)), row.key.in_(children)))
    found = select(row.feed, row.key).where(row.school == school, row.value.is_not(None), mine)
    news = [(ROW, one.feed, one.key) for one in conn.execute(found.order_by(row.sseq))]
    for class_id in _classes(conn, school, scope, children):
        news += [(RECORD, "", rid) for rid in facts.rids_of_class(conn, school, class_id)]
    for child in children:
        news += records_of_case(conn, school, child)
    return news


def _children(conn: Connection, school: str, scope: str) -> list[str]:
    """The children of a class or a village, or the one child."""
    if scope.startswith(CASE):
        return [scope.removeprefix(CASE)]
    if scope.startswith(VILLAGE):
        return list(areas.homes(conn, school, [scope.removeprefix(VILLAGE)]))
    student = t.student.c
    taught = select(student.student).where(student.school == school, student.class_id == scope.removeprefix(CLASS))
    return list(conn.execute(taught.order_by(student.student)).scalars())


def _classes(conn: Connection, school: str, scope: str, children: Iterable[str]) -> list[str]:
    """The class itself, or the classes of the children."""
    if scope.startswith(CLASS):
        return [scope.removeprefix(CLASS)]
    return sorted({_class_of(conn, school, child) for child in children})


def _class_of(conn: Connection, school: str, case: str) -> str:
    found = select(t.student.c.class_id).where(t.student.c.school == school, t.student.c.student == case)
    return conn.execute(found).scalar() or ""
