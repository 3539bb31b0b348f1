"""Tries a form out in the browser, page by page, about an invented child; nothing of it ever becomes a record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from casebook.errors import AnswerInvalid, TextTooLong, TooManyInstances
from casebook.forms import FormDef, Page, Problem, Question, Session, extract
from casebook.wording import Wording
from sync_server.authoring.rehearsal import opened
from sync_server.store import form_desk
from sync_server.store.accounts import Account
from sync_server.store.engine import Store
from sync_server.store.form_desk import Trial

FIELD = "q:"  # before the reference of a question in the names of a page's fields
NEXT, BACK, STAY, CHECK = "next", "back", "stay", "check"
PAGE, ADD, REMOVE = "page:", "add:", "remove:"
END = "end"  # the page after the last one, where everything is checked
_SAMPLES = {
    "image": "example.jpg", "signature": "example.json", "audio": "example.m4a", "file": "example.pdf",
    "geopoint": "20.0000000 150.0000000 0 18", "acknowledge": "OK",
}  # fmt: skip
_INSTANCE = re.compile(r"(?P<repeat>.*)\[(?P<place>\d+)\]\Z")


@dataclass(frozen=True)
class Shown:
    """One page of a trial: its questions, what may be added or removed, and where one stands."""

    session: Session
    page: Page | None
    pages: tuple[Page, ...]
    questions: tuple[Question, ...] = ()
    growing: tuple[str, ...] = ()
    told: bool = False  # whether problems are to be shown: only after somebody tried to go on

    @property
    def is_end(self) -> bool:
        """Whether everything has been asked."""
        return self.page is None

    @property
    def place(self) -> int:
        """Which of the pages this is, from 1."""
        refs = [page.ref for page in self.pages]
        return refs.index(self.page.ref) + 1 if self.page and self.page.ref in refs else len(refs)

    @property
    def problems(self) -> list[Problem]:
        """What is still open in the whole form."""
        return self.session.problems()

    @property
    def saved(self) -> list[tuple[str, str]]:
        """What the answers would write into the case file: property and value."""
        return [(name, value) for op in extract(self.session) for name, value in op.properties.items() if value]

    def is_removable(self, question: Question) -> bool:
        """Whether a heading stands over an instance of a repeat that people add and remove."""
        found = _INSTANCE.match(question.ref) if question.kind == "heading" else None
        return found is not None and _plain(found["repeat"]) in _growing(self.session.form)

    def repeat_title(self, ref: str) -> str:
        """What a repeat is called on the button that lengthens it: the title of its instances, or its name."""
        titles = (q.label for q in self.questions if q.kind == "heading" and _plain(q.ref) == _plain(ref))
        return next(titles, "") or _plain(ref).rsplit("/", 1)[-1]


class Trials:
    """The trials of one school: one for each account, kept until the next one begins."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def show(self, actor: Account, form: FormDef, sha256: str, language: str | None, wording: Wording) -> Shown:
        """Where the trial stands; a new one begins on the first page."""
        session, page = self._open(actor, form, sha256, language, wording)
        return _shown(session, page)

    def answer(
        self, actor: Account, form: FormDef, sha256: str, fields: Sequence[tuple[str, str]], step: str,
        language: str | None, wording: Wording,
    ) -> Shown:  # fmt: skip
        """Takes the answers of the page and makes a step; a page with problems is not left forwards."""
        session, page = self._open(actor, form, sha256, language, wording)
        before = _shown(session, page)
        _take(session, before.questions, fields, self._clock().tzinfo)
        page, told = _stepped(session, before, step)
        self._keep(actor, sha256, session, page)
        shown = _shown(session, page)
        return Shown(session, shown.page, shown.pages, shown.questions, shown.growing, told)

    def restart(self, actor: Account) -> None:
        """Throws the answers away."""
        self._store.run_tx(lambda conn: form_desk.end_trial(conn, self._school, actor.id))

    def _open(
        self, actor: Account, form: FormDef, sha256: str, language: str | None, wording: Wording
    ) -> tuple[Session, str]:
        with self._store.read() as conn:
            kept = form_desk.trial_of(conn, self._school, actor.id, sha256)
        session = opened(form, self._clock, kept.draft if kept else None, language, actor.name, wording)
        if language and form.language_like(language) != session.language:
            session.set_language(language)
        return session, kept.page if kept else ""

    def _keep(self, actor: Account, sha256: str, session: Session, page: str) -> None:
        trial, at = Trial(sha256, page, session.draft()), self._clock().isoformat(timespec="seconds")
        self._store.run_tx(lambda conn: form_desk.put_trial(conn, self._school, actor.id, trial, at))


def _shown(session: Session, page_ref: str) -> Shown:
    pages = tuple(page for page in session.pages() if page.relevant)
    if page_ref == END or not pages:
        return Shown(session, None, pages)
    page = next((page for page in pages if page.ref == page_ref), pages[0])
    questions = tuple(session.questions(page.ref))
    growing = tuple(repeat.ref for repeat in session.repeats(page.ref))
    return Shown(session, page, pages, questions, growing)


def _take(
    session: Session, asked: Sequence[Question], fields: Sequence[tuple[str, str]], zone: dt.tzinfo | None
) -> None:
    """Answers what the page asked; what an answer above has made needless is passed over."""
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    for question in asked:
        if question.kind not in ("note", "heading") and not question.readonly:
            value = _value(question, sent.get(f"{FIELD}{question.ref}", []), zone)
            try:
                session.set(question.ref, value)
            except (AnswerInvalid, TextTooLong):
                continue  # gone with the instance of a repeat, or calculated by now


def _value(question: Question, values: list[str], zone: dt.tzinfo | None) -> str:
    filled = [value.strip() for value in values if value.strip()]
    if question.kind in _SAMPLES:
        return (question.value or _SAMPLES[question.kind]) if filled else ""
    if question.kind in ("select_multiple", "rank"):
        return " ".join(dict.fromkeys(filled))
    text = filled[0].replace("\r\n", "\n") if filled else ""
    if text and question.kind == "datetime" and "T" in text:
        return dt.datetime.fromisoformat(text[:16]).replace(tzinfo=zone).isoformat(timespec="milliseconds")
    return text


def _stepped(session: Session, before: Shown, step: str) -> tuple[str, bool]:
    """The page to show next, and whether its problems are to be told."""
    here = before.page.ref if before.page else END
    refs = [page.ref for page in session.pages() if page.relevant]
    if step.startswith(PAGE):
        return step.removeprefix(PAGE), False
    if step.startswith((ADD, REMOVE)):
        _grow(session, step)
        return here, False
    if step == BACK:
        earlier = refs if here == END else refs[: refs.index(here)] if here in refs else []
        return (earlier[-1] if earlier else here), False
    if step != NEXT or here == END or here not in refs:
        return here, step == CHECK
    if session.problems(here):
        return here, True
    later = refs[refs.index(here) + 1 :]
    return (later[0] if later else END), False


def _grow(session: Session, step: str) -> None:
    try:
        if step.startswith(ADD):
            session.add_repeat(step.removeprefix(ADD))
        elif found := _INSTANCE.match(step.removeprefix(REMOVE)):
            session.remove_repeat(found["repeat"], int(found["place"]))
    except (AnswerInvalid, TooManyInstances):
        return  # a button of a page that has changed since, or enough of them for a trial


def _growing(form: FormDef) -> frozenset[str]:
    """Paths of repeats that people lengthen themselves."""
    return frozenset(path for path, one in form.repeats.items() if one.count is None and not one.fixed_count)


def _plain(ref: str) -> str:
    return re.sub(r"\[\d+\]", "", ref)

