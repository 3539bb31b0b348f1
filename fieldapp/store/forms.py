"""The published forms on this phone. A version stays as long as a draft or a record of a visit uses it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.comparing import form_mark
from casebook.errors import FormUnknown

if TYPE_CHECKING:
    from casebook.protocol import Row
    from fieldapp.store.store import Database

_COLUMNS = "form_id, version, sha256, titles, purposes"


@dataclass(frozen=True)
class PublishedForm:
    """A form as the school published it; `titles` by language, `purposes` as in a visit's body."""

    form_id: str
    version: str
    sha256: str
    titles: Mapping[str, str]
    purposes: tuple[str, ...]

    def title(self, locale: str) -> str:
        """The title in the reader's language, else in Chinese, else in any."""
        for language in (locale, locale.split("_")[0], "zh"):
            if language in self.titles:
                return self.titles[language]
        return next(iter(self.titles.values()), self.form_id)


def put_forms(db: Database, rows: Iterable[Row], revision: int) -> int:
    """Keeps published forms and forgets withdrawn ones nobody uses, in the caller's transaction; how many rows."""
    count = 0
    for row in rows:
        count += 1
        form_id, _, version = row.key.partition("@")
        db.execute(
            "UPDATE form SET offered = 0, rev = ? WHERE form_id = ? AND version = ?", [revision, form_id, version]
        )
        if row.value is not None:
            db.table("form").upsert(_stored(row.value, revision), pk=("form_id", "version", "sha256"))
    if count:
        db.execute(_FORGET_UNUSED)
    return count


def withdraw_all(db: Database, revision: int) -> None:
    """No form is offered until the feed says so again; those in use stay."""
    db.execute("UPDATE form SET offered = 0, rev = ?", [revision])


def withdraw_untold(db: Database, since: int, revision: int) -> None:
    """Forms that were not told again since revision `since` are offered no longer; those in use stay."""
    db.execute("UPDATE form SET offered = 0, rev = ? WHERE rev <= ? AND offered = 1", [revision, since])
    db.execute(_FORGET_UNUSED)


def offered(db: Database) -> list[PublishedForm]:
    """The newest version of every form that can be started, by form id."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM form WHERE offered = 1 ORDER BY form_id, rev, rowid").fetchall()
    newest = {row[0]: row for row in sorted(rows, key=lambda row: (row[0], _version_key(row[1])))}
    return [_form(row) for row in newest.values()]


def marks(db: Database) -> list[str]:
    """A mark of each form that can be started, as phone and school compare them."""
    rows = db.execute("SELECT form_id, version, sha256 FROM form WHERE offered = 1").fetchall()
    return [form_mark(*row) for row in rows]


def newest(db: Database, form_id: str) -> PublishedForm:
    """The version of a form to start with. Raises FormUnknown."""
    for form in offered(db):
        if form.form_id == form_id:
            return form
    raise FormUnknown(form_id=form_id)


def find(db: Database, form_id: str, version: str, sha256: str | None = None) -> PublishedForm | None:
    """One very version of a form."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM form WHERE form_id = ? AND version = ? AND (?3 IS NULL OR sha256 = ?3)"
        " ORDER BY offered DESC LIMIT 1",
        [form_id, version, sha256],
    ).fetchone()
    return _form(row) if row else None


def by_hash(db: Database, sha256: str | None) -> PublishedForm | None:
    """The version with that hash."""
    row = db.execute(f"SELECT {_COLUMNS} FROM form WHERE sha256 = ?", [sha256]).fetchone()
    return _form(row) if row else None


def xml_of(db: Database, sha256: str) -> bytes:
    """The XForm of one very version. Raises FormUnknown."""
    row = db.execute("SELECT xml FROM form WHERE sha256 = ?", [sha256]).fetchone()
    if row is None:
        raise FormUnknown(sha256=sha256)
    return bytes(row[0])


def _stored(value: Mapping[str, Any], revision: int) -> dict[str, Any]:
    texts = {name: json.dumps(value[name], ensure_ascii=False) for name in ("titles", "purposes")}
    names = {name: str(value[name]) for name in ("version", "sha256")}
    offered = int(value.get("offered", True) is not False)  # the school may have withdrawn the form
    return {
        "form_id": str(value["id"]), **names, **texts,
        "xml": value["xml"].encode(), "offered": offered, "rev": revision,
    }  # fmt: skip


def _form(row: tuple[str, str, str, str, str]) -> PublishedForm:
    form_id, version, sha256, titles, purposes = row
    return PublishedForm(form_id, version, sha256, json.loads(titles), tuple(json.loads(purposes)))


def _version_key(version: str) -> tuple[int, str]:
    """Versions are usually dates like 2026111801, so a longer number is a newer one."""
    return len(version), version


_FORGET_UNUSED = """
DELETE FROM form WHERE offered = 0
 AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.form_sha256 = form.sha256)
 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.form_sha256 = form.sha256)
"""
