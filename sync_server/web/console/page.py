"""What every console page has in common: who asks, in which language, how a page is drawn, and its headers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from casebook.errors import CasebookError, RequestMalformed, SessionEnded
from casebook.wording import Wording
from sync_server import access
from sync_server.access import Verb
from sync_server.answers import Answers
from sync_server.authoring.library import Library
from sync_server.cases import Cases
from sync_server.review import Reviews
from sync_server.seals import Seals
from sync_server.store import visits
from sync_server.store.accounts import Account
from sync_server.thumbnails import thumbnails_of
from sync_server.visits import Visits
from sync_server.web.console.dates import Dates
from sync_server.web.console.nav import child_pages, school_pages
from sync_server.web.console.received import Sent
from sync_server.web.session import Sessions
from sync_server.wiring import Wiring

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = {"zh": "zh_CN", "en": "en"}
LANGUAGE_COOKIE = "jiafang_lang"
LANGUAGE_SECONDS = 365 * 24 * 3600
STATIC = {
    "style.css": "text/css; charset=utf-8", "paper.css": "text/css; charset=utf-8",
    "sheet.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
}  # fmt: skip
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Problem:
    """What went wrong, in a person's words."""

    code: str
    what: str
    safe: str
    now: str


@dataclass(frozen=True)
class Ask:
    """One request: what was asked, by whom (None before the login), in which language."""

    request: Request
    wording: Wording
    form: Mapping[str, str]
    account: Account | None = None
    sent: Sent = field(default_factory=Sent)

    @property
    def actor(self) -> Account:
        """Who asks. Raises SessionEnded before the login."""
        if self.account is None:
            raise SessionEnded()
        return self.account

    def all_of(self, field: str) -> tuple[str, ...]:
        """Every value that a form's field was sent with, such as the ticked boxes of one question."""
        return tuple(value for name, value in self.sent.fields if name == field)

    def one_of(self, field: str, *codes: str) -> str:
        """The choice that a field was sent with: what is none of `codes` decides nothing. Raises RequestMalformed."""
        value = self.form.get(field, "")
        if value not in codes:
            raise RequestMalformed(field=field)
        return value

    def part(self, name: str) -> str:
        """A piece of the path, such as the id of a visit."""
        return str(self.request.path_params.get(name, ""))

    def query(self, name: str) -> str:
        """A value of the address's query, empty when there is none."""
        return self.request.query_params.get(name, "")

    def page_number(self) -> int:
        """Which page of a list is asked for, from 1; nonsense means the first."""
        asked = self.query("page")
        return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1

    def address(self, **changes: object) -> str:
        """This address with some of its query changed."""
        asked = {**self.request.query_params, **{name: str(value) for name, value in changes.items()}}
        return f"{self.request.url.path}?{urlencode(asked)}"


class Console:
    """The console of one wired school: draws pages, knows sessions and seals."""

    def __init__(self, wiring: Wiring, seals: Seals) -> None:
        self.wiring = wiring
        self.seals = seals
        self.sessions = Sessions(wiring.store, wiring.school.id, wiring.clock)
        school = wiring.school.id
        self.visits = Visits(school, seals, Answers(school, wiring.clock), wiring.blobs)
        self.reviews = Reviews(wiring.store, school, self.visits, seals, wiring.office, wiring.now)
        self.small = thumbnails_of(wiring)
        self.library = Library(wiring.store, school, wiring.clock)
        self.cases = Cases(wiring.store, school, seals, wiring.office, wiring.clock, wiring.lives)

    @property
    def school(self) -> str:
        """The school's id."""
        return self.wiring.school.id

    @cached_property
    def static(self) -> Mapping[str, bytes]:
        """The style sheet and the icon."""
        folder = files("sync_server.web.console") / "static"
        return {name: (folder / name).read_bytes() for name in STATIC}

    @cached_property
    def static_version(self) -> str:
        """Changes whenever a static file does, so browsers may keep them for good."""
        return hashlib.sha256(b"".join(self.static[name] for name in sorted(self.static))).hexdigest()[:12]

    def dates(self, ask: Ask) -> Dates:
        """Days and instants in the asker's language."""
        now = self.wiring.clock()
        return Dates(ask.wording, now.tzinfo or dt.UTC, now.date())

    def page(self, ask: Ask, template: str, code: int = 200, /, **facts: object) -> Response:
        """A drawn page; `code` is the HTTP status."""
        dates = self.dates(ask)
        text = templates().get_template(f"{template}.html").render(
            t=ask.wording, dates=dates, account=ask.account, role_names=role_names(ask.wording, ask.account),
            may_author=ask.account is not None and access.allows(ask.account, Verb.AUTHOR_FORMS),
            may_see_register=ask.account is not None and bool(access.scopes(ask.account, Verb.READ_REGISTER)),
            may_see_papers=ask.account is not None and _has_papers(ask.account),
            child_pages=child_pages(ask.account, self._has_visited), school_pages=school_pages(ask.account),
            may_keep_register=ask.account is not None and access.allows(ask.account, Verb.KEEP_REGISTER),
            school_name=self.wiring.school.name, static_version=self.static_version, here=ask.request.url.path,
            other_language_url=_other_language(ask), now_text=self.wiring.now(), **facts,
        )  # fmt: skip
        return HTMLResponse(text, code)

    def _has_visited(self, account: Account) -> bool:
        with self.wiring.store.read() as conn:
            return bool(visits.listed(conn, self.school, author=account.id, limit=1))

    def problem_page(self, ask: Ask, error: CasebookError, status: int | None = None) -> Response:
        """An error as a page: what happened, is anything lost, what now."""
        status = status or error.status
        return self.page(ask, "problem", status, problem=problem_of(ask.wording, error), status=status)


@cache
def templates() -> Environment:
    """The pages' templates: everything that is filled in is escaped, and a missing fact is an error.

    The library is loaded when the first page is drawn, not when we start.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("sync_server.web.console"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def problem_of(wording: Wording, error: CasebookError) -> Problem:
    """The sentences of an error; the console's own where the phone's would not fit."""
    keys = {part: f"console.error.{error.code}{part}" for part in ("", ".safe", ".now")}
    texts = {part: key if wording.has(key) else f"error.{error.code}{part}" for part, key in keys.items()}
    what, safe, now = (wording(texts[part], **error.facts) for part in ("", ".safe", ".now"))
    return Problem(error.code, what, safe, now)


def role_names(wording: Wording, account: Account | None) -> str:
    """What an account is at school, in words."""
    roles = account.roles if account else ()
    return wording("console.list_comma").join(wording(f"console.role.{role}") for role in roles)


def _has_papers(account: Account) -> bool:
    """Whether the person sends reports or issues notices."""
    return bool(access.scopes(account, Verb.SEND_REPORT) | access.scopes(account, Verb.ISSUE_NOTICE))


def go(address: str) -> Response:
    """Sends the browser on to another page with a fresh GET."""
    return RedirectResponse(address, 303)


def _other_language(ask: Ask) -> str:
    """The same page in the other language; what answered a form is left for the home page."""
    other = "zh" if ask.wording.locale == LANGUAGES["en"] else "en"
    if ask.request.method in ("GET", "HEAD"):
        return ask.address(lang=other)
    return f"/?lang={other}"


Handler = Callable[[Console, Ask], Response]
