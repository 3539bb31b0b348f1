"""Published forms: every version stays, because drafts and records refer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, bindparam, insert, select

from casebook.feeds import FORMS, SCHOOL_SCOPE
from sync_server.store import rows
from sync_server.store import schema as t
from sync_server.store.direct import Direct

c = t.form.c

#: In a row of the feed: false once the school has withdrawn the form.
OFFERED = "offered"
SHA256 = Direct(
    select(c.sha256).where(
        c.school == bindparam("of_school"), c.form_id == bindparam("of_form"), c.version == bindparam("of_version")
    )
)


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
    rows.put(conn, school, [rows.ScopedRow(FORMS, _key(form.form_id, form.version), SCHOOL_SCOPE, value)], at)
    return True


def sha256_of(conn: Connection, school: str, form_id: str, version: str) -> str | None:
    """The hash of a published version; None when the school never published it."""
    return SHA256.scalar(conn, of_school=school, of_form=form_id, of_version=version)


def one(conn: Connection, school: str, form_id: str, version: str) -> PublishedForm | None:
    """One published version."""
    found = select(t.form).where(c.school == school, c.form_id == form_id, c.version == version)
    row = conn.execute(found).one_or_none()
    if row is None:
        return None
    titles, purposes = json.loads(row.titles), tuple(json.loads(row.purposes))
    return PublishedForm(row.form_id, row.version, row.sha256, row.xml, titles, purposes, row.published_at)


def all_of(conn: Connection, school: str) -> list[PublishedForm]:
    """Every published version, without its XForm; by form id, the order of publishing."""
    columns = [c.form_id, c.version, c.sha256, c.titles, c.purposes, c.published_at]
    found = select(*columns).where(c.school == school).order_by(c.form_id, c.published_at, c.version)
    return [
        PublishedForm(
            row.form_id, row.version, row.sha256, b"", json.loads(row.titles), tuple(json.loads(row.purposes)),
            row.published_at,
        )
        for row in conn.execute(found)
    ]  # fmt: skip


def offer(conn: Connection, school: str, form_id: str, offered: bool, at: str) -> int:
    """Lets phones start a form, or stops them; what is begun or sealed keeps its version. How many rows changed."""
    versions = conn.execute(select(c.version).where(c.school == school, c.form_id == form_id)).scalars()
    known = rows.of_feed(conn, school, FORMS, [_key(form_id, version) for version in versions])
    plain = {key: {name: part for name, part in row.items() if name != OFFERED} for key, row in known.items()}
    wanted = {key: row if offered else {**row, OFFERED: False} for key, row in plain.items()}
    return rows.put(conn, school, [rows.ScopedRow(FORMS, key, SCHOOL_SCOPE, row) for key, row in wanted.items()], at)


def is_offered(conn: Connection, school: str, form_id: str, version: str) -> bool:
    """Whether phones may start a visit with this version (if it is the newest one they know)."""
    row = rows.one(conn, school, FORMS, _key(form_id, version))
    return row is not None and row.get(OFFERED, True) is True


def _key(form_id: str, version: str) -> str:
    return f"{form_id}@{version}"


def titles(conn: Connection, school: str) -> dict[str, dict[str, str]]:
    """Form id -> titles by language of its newest version."""
    found = select(c.form_id, c.titles).where(c.school == school).order_by(c.published_at, c.version)
    return {row.form_id: json.loads(row.titles) for row in conn.execute(found)}
