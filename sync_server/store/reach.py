"""Who may see what: the conditions over records and rows, and what to tell a phone when its reach changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, not_, or_, select, true

from casebook.feeds import SCHOOL_SCOPE, STUDENTS, account_scope
from casebook.merging import Verdict
from sync_server.store import accounts
from sync_server.store import schema as t
from sync_server.store.accounts import CASE, CLASS, Account
from sync_server.store.schools import take

#: These roles see every child of the school.
WHOLE_SCHOOL = frozenset({"principal", "academic_office"})

RECORD, ROW, GONE = "record", "row", "gone"


@dataclass(frozen=True)
class Backfill:
    """One thing an account is still to be told: a record (key = rid), a row, or that a row is gone."""

    sseq: int
    kind: str
    feed: str
    key: str


def sees_all(account: Account) -> bool:
    """Whether the account's roles reach the whole school."""
    return not WHOLE_SCHOOL.isdisjoint(account.roles)


def records_for(account: Account) -> Any:
    """The condition that lets the records through that this account may see: its children's and its own."""
    if sees_all(account):
        return true()
    student, record = t.student.c, t.record.c
    taught = select(student.student).where(student.school == account.school, student.class_id.in_(account.classes))
    return or_(record.case.in_(taught), record.case.in_(account.cases), record.author == account.id)


def rows_for(account: Account) -> Any:
    """The condition that lets the feed rows through that this account may see."""
    row = t.feed_row.c
    mine = row.scope == account_scope(account.id)
    if sees_all(account):
        return or_(mine, not_(row.scope.startswith("account:")))
    scopes = [SCHOOL_SCOPE, *account.scopes]
    return or_(mine, row.scope.in_(scopes), and_(row.feed == STUDENTS, row.key.in_(account.cases)))


def may_see_case(conn: Connection, account: Account, case: str | None, author: str = "") -> bool:
    """Whether the account may see what concerns this child (or what it wrote itself)."""
    if sees_all(account) or account.id == author or case in account.cases:
        return True
    student = t.student.c
    found = select(student.class_id).where(student.school == account.school, student.student == case)
    return conn.execute(found).scalar() in account.classes


def grant(conn: Connection, school: str, account: str, scope: str, since: str) -> None:
    """Lets an account see `class:<id>` or `case:<id>` from now on, and tells its phones what is already there."""
    if accounts.grant(conn, school, account, scope, since):
        tell(conn, school, [account], _contents(conn, school, scope))


def revoke(conn: Connection, school: str, account: str, scope: str) -> None:
    """Takes a scope back; the account's phones drop its rows at their next pull."""
    if accounts.revoke(conn, school, account, scope):
        rows = [(feed, key) for kind, feed, key in _contents(conn, school, scope) if kind == ROW]
        tell(conn, school, [account], [(GONE, feed, key) for feed, key in rows])


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
    found = select(record.rid).where(
        record.school == school, record.case == case, record.verdict == str(Verdict.STORED)
    )
    return [(RECORD, "", rid) for rid in conn.execute(found.order_by(record.sseq)).scalars()]


def backfill_after(conn: Connection, account: Account, after: int, upto: int, limit: int) -> list[Backfill]:
    """What the account is still to be told with after < sseq <= upto."""
    b = t.backfill.c
    found = select(b.sseq, b.kind, b.feed, b.key).where(
        b.school == account.school, b.account == account.id, b.sseq > after, b.sseq <= upto
    )
    return [Backfill(**row._mapping) for row in conn.execute(found.order_by(b.sseq).limit(limit))]


def _contents(conn: Connection, school: str, scope: str) -> list[tuple[str, str, str]]:
    """Everything a scope holds now: rows first, then the records of its children."""
    row, student = t.feed_row.c, t.student.c
    live = (row.school == school, row.value.is_not(None))
    case = scope.removeprefix(CASE) if scope.startswith(CASE) else None
    mine = or_(row.scope == scope, and_(row.feed == STUDENTS, row.key == case)) if case else row.scope == scope
    found = conn.execute(select(row.feed, row.key).where(*live, mine).order_by(row.sseq))
    news = [(ROW, one.feed, one.key) for one in found]
    if case:
        return news + records_of_case(conn, school, case)
    taught = select(student.student).where(student.school == school, student.class_id == scope.removeprefix(CLASS))
    for child in conn.execute(taught.order_by(student.student)).scalars().all():
        news += records_of_case(conn, school, child)
    return news
