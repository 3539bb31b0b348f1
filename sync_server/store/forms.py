"""Published forms: every version stays, because drafts and records refer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, insert, select

from casebook.feeds import FORMS, SCHOOL_SCOPE
from sync_server.store import rows
from sync_server.store import schema as t

c = t.form.c


class Publishable(Protocol):
    """A compiled form."""

    @property
    def form_id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def xml(self) -> bytes: ...
    @property
    def sha256(self) -> str: ...
    @property
    def titles(self) -> Mapping[str, str]: ...
    @property
    def purposes(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class PublishedForm:
    """A form version as it was published: XForm XML, titles by language, the purposes it serves."""

    form_id: str
    version: str
    sha256: str
    xml: bytes
    titles: Mapping[str, str]
    purposes: tuple[str, ...]
    published_at: str


def publish(conn: Connection, school: str, form: Publishable, at: str) -> bool:
    """Publishes a form version and sends it down to every phone; false when this version is out already.

    A published version never changes: other bytes under the same version raise ValueError.
    """
    known = sha256_of(conn, school, form.form_id, form.version)
    if known is not None:
        if known != form.sha256:
            raise ValueError(f"form {form.form_id} version {form.version} was published with other content")
        return False
    conn.execute(
        insert(t.form).values(
            school=school, form_id=form.form_id, version=form.version, sha256=form.sha256, xml=form.xml,
            titles=json.dumps(dict(form.titles), ensure_ascii=False), purposes=json.dumps(list(form.purposes)),
            published_at=at,
        )
    )  # fmt: skip
    value = {
        "id": form.form_id, "version": form.version, "sha256": form.sha256, "titles": dict(form.titles),
        "purposes": list(form.purposes), "xml": form.xml.decode(),
    }  # fmt: skip
    rows.put(conn, school, [rows.ScopedRow(FORMS, f"{form.form_id}@{form.version}", SCHOOL_SCOPE, value)], at)
    return True


def sha256_of(conn: Connection, school: str, form_id: str, version: str) -> str | None:
    """The hash of a published version; None when the school never published it."""
    found = select(c.sha256).where(c.school == school, c.form_id == form_id, c.version == version)
    return conn.execute(found).scalar()


def one(conn: Connection, school: str, form_id: str, version: str) -> PublishedForm | None:
    """One published version."""
    found = select(t.form).where(c.school == school, c.form_id == form_id, c.version == version)
    row = conn.execute(found).one_or_none()
    if row is None:
        return None
    titles, purposes = json.loads(row.titles), tuple(json.loads(row.purposes))
    return PublishedForm(row.form_id, row.version, row.sha256, row.xml, titles, purposes, row.published_at)


def titles(conn: Connection, school: str) -> dict[str, dict[str, str]]:
    """Form id -> titles by language of its newest version."""
    found = select(c.form_id, c.titles).where(c.school == school).order_by(c.published_at, c.version)
    return {row.form_id: json.loads(row.titles) for row in conn.execute(found)}
