"""The numbers of cases: one running number a year, given once to each episode and never changed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, insert, select

from sync_server.store import schema as t
from sync_server.store.direct import Among

n = t.case_number.c

# What runs for every push is built once.
OF_SCHOOL = select(n.case, n.episode).where(n.school == bindparam("of_school"))
OF_CASES = Among(lambda cases: OF_SCHOOL.where(n.case.in_(cases)))


def text_of(school: str, year: int, serial: int) -> str:
    """A number as people read it."""
    return f"{school}-{year}-{serial:04d}"


def all_of(conn: Connection, school: str) -> dict[tuple[str, int], str]:
    """(child, episode) -> number."""
    found = conn.execute(select(n.case, n.episode, n.year, n.serial).where(n.school == school))
    return {(row.case, row.episode): text_of(school, row.year, row.serial) for row in found}


def of_cases(conn: Connection, school: str, cases: Iterable[str]) -> set[tuple[str, int]]:
    """(child, episode) of those of these children that have a number."""
    return set(OF_CASES.all(conn, list(cases), of_school=school))


def of_case(conn: Connection, school: str, case: str) -> dict[int, str]:
    """Episode -> number, of one child."""
    found = select(n.episode, n.year, n.serial).where(n.school == school, n.case == case)
    return {row.episode: text_of(school, row.year, row.serial) for row in conn.execute(found)}


def give(conn: Connection, school: str, case: str, episode: int, year: int) -> str:
    """Gives the next number of the year to an episode that has none yet."""
    last = conn.execute(select(func.max(n.serial)).where(n.school == school, n.year == year)).scalar() or 0
    row = {"school": school, "case": case, "episode": episode, "year": year, "serial": last + 1}
    conn.execute(insert(t.case_number), row)
    return text_of(school, year, last + 1)
