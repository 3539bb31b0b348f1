"""The people who may log in or carry a phone, and how far each may see (their reach)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from sync_server.store import areas
from sync_server.store import schema as t
from sync_server.store.direct import Direct

CLASS = "class:"
CASE = "case:"
VILLAGE = "village:"
PAIR = "pair:"

a = t.account.c
ACTIVE = Direct(select(a.active).where(a.school == bindparam("of_school"), a.account == bindparam("of_account")))


@dataclass(frozen=True)
class Account:
    """A member of staff; `id` is the staff id that records name as author.

    `led` are the children who live in the villages that this person leads.
    """

    id: str
    school: str
    login: str
    name: str
    roles: tuple[str, ...]
    active: bool = True
    scopes: tuple[str, ...] = ()
    led: tuple[str, ...] = ()

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Ids of the classes this account answers for."""
        return tuple(scope.removeprefix(CLASS) for scope in self.scopes if scope.startswith(CLASS))

    @cached_property
    def cases(self) -> tuple[str, ...]:
        """Ids of the children this account is assigned to besides its classes."""
        return tuple(scope.removeprefix(CASE) for scope in self.scopes if scope.startswith(CASE))

    @cached_property
    def pairs(self) -> tuple[str, ...]:
        """Ids of the children this account helps as their pair (R54)."""
        return tuple(scope.removeprefix(PAIR) for scope in self.scopes if scope.startswith(PAIR))

    @cached_property
    def villages(self) -> tuple[str, ...]:
        """Codes of the villages this account leads (R03)."""
        return _villages(self.scopes)


def add(conn: Connection, account: Account, password: str, made_at: str) -> None:
    """Makes an account; `password` is an Argon2id hash, or empty for no console login."""
    conn.execute(
        insert(t.account).values(
            school=account.school, account=account.id, login=account.login.lower(), name=account.name,
            password=password, roles=json.dumps(list(account.roles)), active=int(account.active), made_at=made_at,
        )
    )  # fmt: skip


def by_id(conn: Connection, school: str, account: str) -> Account | None:
    """The account with this staff id."""
    return _one(conn, school, t.account.c.account == account)


def by_login(conn: Connection, school: str, login: str) -> Account | None:
    """The account with this login name, in whatever case it was typed."""
    return _one(conn, school, t.account.c.login == login.strip().lower())


def all_of(conn: Connection, school: str) -> list[Account]:
    """Every account, by login."""
    rows = conn.execute(select(t.account).where(t.account.c.school == school).order_by(t.account.c.login)).all()
    scopes: dict[str, list[str]] = {}
    granted = select(t.reach.c.account, t.reach.c.scope).where(t.reach.c.school == school)
    for row in conn.execute(granted.order_by(t.reach.c.scope)):
        scopes.setdefault(row.account, []).append(row.scope)
    homes = areas.homes(conn, school, {code for mine in scopes.values() for code in _villages(mine)})
    return [_account(row, tuple(scopes.get(row.account, ())), homes) for row in rows]


def names(conn: Connection, school: str) -> dict[str, str]:
    """Names by staff id, of everyone who has an account."""
    rows = conn.execute(select(t.account.c.account, t.account.c.name).where(t.account.c.school == school))
    return {row.account: row.name for row in rows}


def is_active(conn: Connection, school: str, account: str) -> bool:
    """Whether the account exists and is open."""
    return bool(ACTIVE.scalar(conn, of_school=school, of_account=account))


def password_of(conn: Connection, school: str, account: str) -> str:
    """The Argon2id hash; empty when the account cannot log in."""
    found = select(t.account.c.password).where(t.account.c.school == school, t.account.c.account == account)
    return conn.execute(found).scalar() or ""


def set_password(conn: Connection, school: str, account: str, password: str) -> None:
    """Replaces the password hash."""
    _change(conn, school, account, password=password)


def set_active(conn: Connection, school: str, account: str, active: bool) -> None:
    """Opens or closes the account."""
    _change(conn, school, account, active=int(active))


def set_roles(conn: Connection, school: str, account: str, roles: Iterable[str]) -> None:
    """Replaces the roles."""
    _change(conn, school, account, roles=json.dumps(list(roles)))


def scopes_of(conn: Connection, school: str, account: str) -> tuple[str, ...]:
    """The scopes granted to the account, sorted."""
    found = select(t.reach.c.scope).where(t.reach.c.school == school, t.reach.c.account == account)
    return tuple(sorted(conn.execute(found).scalars()))


def who_reaches(conn: Connection, school: str, scopes: Iterable[str]) -> set[str]:
    """Accounts that were granted one of these scopes."""
    found = select(t.reach.c.account).where(t.reach.c.school == school, t.reach.c.scope.in_(list(scopes)))
    return set(conn.execute(found).scalars())


def grant(conn: Connection, school: str, account: str, scope: str, since: str) -> bool:
    """Notes a grant; false when it was there already. Use `reach.grant`, which also tells the phones."""
    if scope in scopes_of(conn, school, account):
        return False
    conn.execute(insert(t.reach).values(school=school, account=account, scope=scope, since=since))
    return True


def revoke(conn: Connection, school: str, account: str, scope: str) -> bool:
    """Takes a grant back; false when there was none."""
    gone = delete(t.reach).where(t.reach.c.school == school, t.reach.c.account == account, t.reach.c.scope == scope)
    return conn.execute(gone).rowcount > 0


def _change(conn: Connection, school: str, account: str, **values: Any) -> None:
    mine = update(t.account).where(t.account.c.school == school, t.account.c.account == account)
    conn.execute(mine.values(**values))


def _one(conn: Connection, school: str, condition: Any) -> Account | None:
    row = conn.execute(select(t.account).where(t.account.c.school == school, condition)).one_or_none()
    if row is None:
        return None
    scopes = scopes_of(conn, school, row.account)
    return _account(row, scopes, areas.homes(conn, school, _villages(scopes)))


def _account(row: Any, scopes: tuple[str, ...], homes: Mapping[str, str]) -> Account:
    roles, led = tuple(json.loads(row.roles)), set(_villages(scopes))
    children = tuple(child for child, village in homes.items() if village in led)
    return Account(row.account, row.school, row.login, row.name, roles, bool(row.active), scopes, children)


def _villages(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(scope.removeprefix(VILLAGE) for scope in scopes if scope.startswith(VILLAGE))
