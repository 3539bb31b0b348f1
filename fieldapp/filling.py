"""Opens a form for one child: with this phone's lists, its clock and its teacher."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fieldapp.caselist import CaseList
from fieldapp.platform.collector import collector_at_rest
from fieldapp.workspace import Workspace

if TYPE_CHECKING:
    from casebook.forms import Question, Section, Session

CASES = "cases"
READBACK_PAGE = "readback"
ATTACHED = ("image", "signature", "audio", "file")


def open_session(
    work: Workspace,
    sha256: str,
    draft: Mapping[str, Any] | None = None,
    prefill: Mapping[str, str] | None = None,
    last_saved: str = "",
) -> Session:
    """A session of one very version of a form: a new one with `prefill`, or a draft as it was left.

    `last_saved` are the answers (XML text) of the child's last visit with this form.
    Prefilled names the form does not have are passed over. Raises FormUnknown, FormBroken.
    """
    from casebook.forms import Env, Session

    form, account = work.form(sha256), work.account()
    env = Env(
        now=work.clock.now,
        uuid=lambda: str(uuid.uuid4()),
        random=random.random,
        tz=work.clock.tz,
        username=str(account.get("name", "")),
        deviceid=str(account.get("device", "")),
    )
    known = {name: value for name, value in (prefill or {}).items() if f"/{form.root.name}/{name}" in form.paths}
    lists = {CASES: CaseList(work).source()}
    with collector_at_rest():
        return Session(form, lists, env, draft, work.words.locale, known, wording=work.words, last_saved=last_saved)


def attachments_asked(session: Session) -> Iterator[Question]:
    """The relevant questions whose answer is a file or a signature."""
    for page in session.pages():
        for question in session.questions(page.ref):
            if question.kind in ATTACHED:
                yield question


def answer_named(session: Session, name: str) -> str:
    """The relevant answer to the question of that plain name; empty when there is none."""
    ref = session.ref_of(name)
    return session.value(ref) if ref else ""


def readback_of(session: Session) -> list[Section]:
    """What the guardian is shown: the notes of the form's read-back page, or without one every answer in words."""
    from casebook.forms import AnswerRow, Section

    own = [page for page in session.pages() if page.ref.rsplit("/", 1)[-1] == READBACK_PAGE]
    shown = ("note", "heading") if own else ("note", "heading", *ANSWERED)
    sections = []
    for page in own or session.pages():
        questions = [question for question in session.questions(page.ref) if question.kind in shown]
        rows = [AnswerRow(q.ref, q.label, q.kind, q.value, session.words(q.ref)) for q in questions]
        told = [row for row in rows if row.words or row.kind in ("note", "heading")]
        if told:
            sections.append(Section(page.title, told))
    return sections


def text_of(sections: list[Section]) -> str:
    """The read-back as plain text, the one a signature is bound to: titles, notes, and answers after a tab."""
    lines = []
    for section in sections:
        lines.append(section.title)
        lines += [f"{row.label}\t{row.words}" if row.words else row.label for row in section.rows]
    return "\n".join(lines)


#: kinds of questions that are answered in words
ANSWERED = ("text", "integer", "decimal", "date", "time", "datetime", "select_one", "select_multiple", "rank", "range")
