"""Who sits at the browser: passwords, session rows, the cookie, and that a form came from our own page.

A session is a random token in a cookie; the store keeps only its hash, so a stolen database logs nobody in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from casebook.errors import ForeignOrigin, LoginFailed, SessionEnded
from sync_server import passwords
from sync_server.enrolment import marked
from sync_server.store import accounts, sessions
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.sessions import Session
from sync_server.web.rate import Rate

COOKIE = "jiafang_session"
LASTS = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=2)
TOUCH_AFTER = dt.timedelta(minutes=5)
WINDOW_MINUTES = 10
TRIES_PER_LOGIN = 8
TRIES_PER_ADDRESS = 40  # a whole office may share one address
MAX_LOGIN_CHARS, MAX_PASSWORD_CHARS = 64, 200


@dataclass(frozen=True)
class Opened:
    """A fresh session: the token for the cookie, and who logged in."""

    token: str
    account: Account


class Sessions:
    """Opens, finds and closes the console sessions of one school."""

    def __init__(self, store: Store, school: str, now: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._now = store, school, now
        self._per_login = Rate(TRIES_PER_LOGIN, WINDOW_MINUTES)
        self._per_address = Rate(TRIES_PER_ADDRESS, WINDOW_MINUTES)

    def open(self, login: str, password: str, address: str) -> Opened:
        """Logs in. Raises TooManyTries (`minutes`) or LoginFailed, which never tells which half was wrong."""
        name = login.strip().lower()[:MAX_LOGIN_CHARS]
        self._per_address.count(address)
        self._per_login.count(_hash(name))
        account = self._proven(name, password)
        self._per_login.forget(_hash(name))
        token = marked(self._school, secrets.token_urlsafe(32))
        now = self._now()
        row = Session(self._school, _hash(token), account.id, _text(now), _text(now), _text(now + LASTS))
        self._store.run_tx(lambda conn: self._begin(conn, row))
        return Opened(token, account)

    def account(self, token: str) -> Account:
        """Whose session this is. Raises SessionEnded when it is unknown, over, idle too long, or its owner left."""
        with self._store.read() as conn:
            row = sessions.by_token(conn, self._school, _hash(token)) if token else None
            account = accounts.by_id(conn, self._school, row.account) if row else None
        now = self._now()
        if row is None or account is None or not account.active or _over(row, now):
            raise SessionEnded()
        if now - dt.datetime.fromisoformat(row.seen_at) > TOUCH_AFTER:
            seen = (row.token, _text(now), row.expires_at)
            self._store.run_tx(lambda conn: sessions.note_seen(conn, self._school, *seen))
        return account

    def close(self, token: str) -> None:
        """Logs out; an unknown token is no error."""
        self._store.run_tx(lambda conn: sessions.end(conn, self._school, _hash(token)))

    def _proven(self, login: str, password: str) -> Account:
        """The account behind a right password; an unknown login costs the same time as a wrong password."""
        with self._store.read() as conn:
            account = accounts.by_login(conn, self._school, login)
            known = accounts.password_of(conn, self._school, account.id) if account else ""
        right = passwords.matches(password[:MAX_PASSWORD_CHARS], known)
        if not right or account is None or not account.active:
            raise LoginFailed()
        return account

    def _begin(self, conn: Connection, row: Session) -> None:
        sessions.forget(conn, self._school, row.made_at)
        sessions.add(conn, row)


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuses a form that another site sent. Raises ForeignOrigin.

    Browsers say where a form came from in Sec-Fetch-Site, Origin or, the oldest ones, Referer; what says nothing
    at all is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise ForeignOrigin()
    came_from = headers.get("origin") or headers.get("referer")
    if came_from is None and site is None:
        raise ForeignOrigin()
    if came_from is not None and urlsplit(came_from).netloc != headers.get("host"):
        raise ForeignOrigin()


def safe_next(target: str) -> str:
    """Where to go after the login: a path of our own, never another site."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target and not parts.netloc
    return target if ours and target.isprintable() else "/"


def _over(row: Session, now: dt.datetime) -> bool:
    idle = now - dt.datetime.fromisoformat(row.seen_at) > IDLE
    return idle or now >= dt.datetime.fromisoformat(row.expires_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(instant: dt.datetime) -> str:
    return instant.isoformat(timespec="seconds")
