"""Beside the published forms: the sheets they were made from, drafts waiting to be published, forms being tried out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sync_server.store import schema as t

s = t.form_sheets.c
d = t.form_draft.c
tr = t.form_trial.c


@dataclass(frozen=True)
class Sheets:
    """What a published version was made from (JSON), and who published it; None when it came with the program."""

    form_id: str
    version: str
    sheets: str
    account: str | None


@dataclass(frozen=True)
class FormDraft:
    """A changed form that passed every check; `remarks` is JSON for whoever publishes it."""

    form_id: str
    version: str
    sha256: str
    xml: bytes
    titles: Mapping[str, str]
    purposes: tuple[str, ...]
    sheets: str
    remarks: str
    account: str
    made_at: str


@dataclass(frozen=True)
class Trial:
    """A form somebody is trying out: which version, on which page, and the draft of its answers."""

    sha256: str
    page: str
    draft: Mapping[str, Any]


def keep_sheets(conn: Connection, school: str, sheets: Sheets) -> None:
    """Keeps what a version was made from; what is kept stays."""
    if sheets_of(conn, school, sheets.form_id, sheets.version) is None:
        conn.execute(
            insert(t.form_sheets).values(
                school=school, form_id=sheets.form_id, version=sheets.version, sheets=sheets.sheets,
                account=sheets.account,
            )
        )  # fmt: skip


def sheets_of(conn: Connection, school: str, form_id: str, version: str) -> Sheets | None:
    """What a published version was made from."""
    found = select(s.form_id, s.version, s.sheets, s.account)
    row = conn.execute(found.where(s.school == school, s.form_id == form_id, s.version == version)).one_or_none()
    return Sheets(**row._mapping) if row else None


def publishers(conn: Connection, school: str) -> dict[tuple[str, str], str | None]:
    """(form id, version) -> account that published it."""
    rows = conn.execute(select(s.form_id, s.version, s.account).where(s.school == school))
    return {(row.form_id, row.version): row.account for row in rows}


def put_draft(conn: Connection, school: str, draft: FormDraft) -> None:
    """Keeps a draft in place of an earlier one of the same form."""
    discard(conn, school, draft.form_id)
    conn.execute(
        insert(t.form_draft).values(
            school=school, form_id=draft.form_id, version=draft.version, sha256=draft.sha256, xml=draft.xml,
            titles=json.dumps(dict(draft.titles), ensure_ascii=False), purposes=json.dumps(list(draft.purposes)),
            sheets=draft.sheets, remarks=draft.remarks, account=draft.account, made_at=draft.made_at,
        )
    )  # fmt: skip


def draft_of(conn: Connection, school: str, form_id: str) -> FormDraft | None:
    """The draft of a form."""
    row = conn.execute(select(t.form_draft).where(d.school == school, d.form_id == form_id)).one_or_none()
    return _draft(row) if row else None


def drafts(conn: Connection, school: str) -> list[FormDraft]:
    """All drafts, the newest first."""
    found = select(t.form_draft).where(d.school == school).order_by(d.made_at.desc(), d.form_id)
    return [_draft(row) for row in conn.execute(found)]


def discard(conn: Connection, school: str, form_id: str) -> bool:
    """Throws a draft away; false when there is none."""
    return conn.execute(delete(t.form_draft).where(d.school == school, d.form_id == form_id)).rowcount > 0


def put_trial(conn: Connection, school: str, account: str, trial: Trial, at: str) -> None:
    """Keeps the one trial of an account."""
    end_trial(conn, school, account)
    draft = json.dumps(dict(trial.draft), ensure_ascii=False)
    row = {"sha256": trial.sha256, "page": trial.page, "draft": draft, "made_at": at}
    conn.execute(insert(t.form_trial).values(school=school, account=account, **row))


def trial_of(conn: Connection, school: str, account: str, sha256: str) -> Trial | None:
    """The trial of an account, if it is of this very form version."""
    found = select(t.form_trial).where(tr.school == school, tr.account == account, tr.sha256 == sha256)
    row = conn.execute(found).one_or_none()
    return Trial(row.sha256, row.page, json.loads(row.draft)) if row else None


def end_trial(conn: Connection, school: str, account: str) -> None:
    """Throws the answers of a trial away."""
    conn.execute(delete(t.form_trial).where(tr.school == school, tr.account == account))


def _draft(row: Any) -> FormDraft:
    return FormDraft(
        row.form_id, row.version, row.sha256, row.xml, json.loads(row.titles), tuple(json.loads(row.purposes)),
        row.sheets, row.remarks, row.account, row.made_at,
    )  # fmt: skip
