"""Visits being written. One row holds all answers, so that an answer is kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from casebook.errors import NoSuchDraft
from casebook.records import Attachment, FormRef
from fieldapp.store.uploads import know_file
from fieldapp.store.vault import Vault, open_json, seal_json

if TYPE_CHECKING:
    from fieldapp.store.store import Database

#: Reference of a carried answer -> `visit` it was given in, `answered` when, `at` when it was carried.
Carried: TypeAlias = Mapping[str, Mapping[str, str]]

_NAMES = (
    "id, case_id, visit, form_id, form_version, form_sha256, amends, started_at, changed_at,"
    " page_ref, page_title, focus_ref, outing, arrived"
)


@dataclass(frozen=True)
class DraftRow:
    """A draft without its answers. `amends` is the rid of the version a supplement amends.

    `page_ref`, `page_title` and `focus_ref` say where the teacher stopped, as far as that was told. `outing` is the
    id of the first visit of one going to a family's door, `arrived` when that one was begun.
    """

    id: str
    case: str
    visit: str
    form: FormRef
    amends: str | None
    started_at: str
    changed_at: str
    page_ref: str = ""
    page_title: str = ""
    focus_ref: str | None = None
    outing: str = ""
    arrived: str = ""


@dataclass(frozen=True)
class InkRow:
    """A signature in a draft: the strokes file's bytes and the text the guardian was shown when signing."""

    strokes: bytes
    shown: str


class Drafts:
    """Drafts; all that people said passes through the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(
        self, db: Database, row: DraftRow, session: Mapping[str, Any], seen: Mapping[str, Any], carried: Carried
    ) -> None:
        """Keeps a new draft; `seen` are the records whose values its author sees, per property."""
        names = {"id": row.id, "case_id": row.case, "visit": row.visit, "amends": row.amends}
        form = {"form_id": row.form.id, "form_version": row.form.version, "form_sha256": row.form.sha256}
        course = {"started_at": row.started_at, "changed_at": row.changed_at}
        outing = {"outing": row.outing or row.visit, "arrived": row.arrived or row.started_at}
        said = {"session": session, "seen": seen, "carried": carried}
        sealed = {part: self._seal(row.id, part, value) for part, value in said.items()}
        db.table("draft").insert(names | form | course | outing | sealed)

    def get(self, db: Database, draft_id: str) -> DraftRow:
        """The draft. Raises NoSuchDraft."""
        row = db.execute(f"SELECT {_NAMES} FROM draft WHERE id = ?", [draft_id]).fetchone()
        if row is None:
            raise NoSuchDraft()
        return _row(row)

    def all(self, db: Database) -> list[DraftRow]:
        """All drafts, the one changed last in front."""
        rows = db.execute(f"SELECT {_NAMES} FROM draft ORDER BY changed_at DESC, rowid DESC").fetchall()
        return [_row(row) for row in rows]

    def save(self, db: Database, draft_id: str, session: Mapping[str, Any], changed_at: str) -> None:
        """Keeps all answers. Raises NoSuchDraft when the draft was sealed or discarded meanwhile."""
        sealed = self._seal(draft_id, "session", session)
        cursor = db.execute(
            "UPDATE draft SET session = ?, changed_at = ? WHERE id = ?", [sealed, changed_at, draft_id]
        )
        if cursor.rowcount != 1:
            raise NoSuchDraft()

    def session(self, db: Database, draft_id: str) -> dict[str, Any]:
        """The answers kept. Raises NoSuchDraft."""
        return self._blob(db, draft_id, "session")

    def seen(self, db: Database, draft_id: str) -> dict[str, list[str]]:
        """Per property, the records whose values the author saw when starting."""
        return self._blob(db, draft_id, "seen")

    def carried(self, db: Database, draft_id: str) -> Carried:
        """Answers taken over from another visit of the same outing, by reference. Raises NoSuchDraft."""
        return self._blob(db, draft_id, "carried")

    def put_carried(self, db: Database, draft_id: str, carried: Carried) -> None:
        """Keeps what is carried; what is named no more was answered anew."""
        db.execute("UPDATE draft SET carried = ? WHERE id = ?", [self._seal(draft_id, "carried", carried), draft_id])

    def go_to(self, db: Database, draft_id: str, page_ref: str, page_title: str, focus_ref: str | None) -> None:
        """Keeps where the teacher is."""
        db.execute(
            "UPDATE draft SET page_ref = ?, page_title = ?, focus_ref = ? WHERE id = ?",
            [page_ref, page_title, focus_ref, draft_id],
        )

    def put_place(self, db: Database, draft_id: str, place: Mapping[str, Any] | None, reason: str | None) -> None:
        """Keeps the position or the reason why there is none."""
        sealed = None if place is None else self._seal(draft_id, "place", place)
        db.execute("UPDATE draft SET place = ?, no_place = ? WHERE id = ?", [sealed, reason, draft_id])

    def place(self, db: Database, draft_id: str) -> tuple[dict[str, Any] | None, str | None]:
        """The position kept, and the reason why there is none."""
        row = db.execute("SELECT place, no_place FROM draft WHERE id = ?", [draft_id]).fetchone()
        if row is None or row[0] is None:
            return None, row[1] if row else None
        return open_json(self._vault, _label(draft_id, "place"), bytes(row[0])), row[1]

    def put_file(
        self, db: Database, draft_id: str, attachment: Attachment, claims: Mapping[str, int] | None = None
    ) -> str | None:
        """Names a durable file as the answer to `attachment.question`; the sha256 it replaces, if any.

        `claims` is what the camera wrote into the original about the place.
        """
        former = self.file(db, draft_id, attachment.question or "")
        know_file(db, attachment.sha256, attachment.size, attachment.type)
        row = {name: value for name, value in attachment.__dict__.items() if name != "question"}
        names = {"draft_id": draft_id, "ref": attachment.question}
        sealed = self._seal(draft_id, "claims", dict(claims)) if claims else None
        db.table("draft_file").upsert(row | names | {"claims": sealed}, pk=("draft_id", "ref"))
        return former.sha256 if former else None

    def drop_file(self, db: Database, draft_id: str, ref: str) -> str | None:
        """Takes the file off a question; its sha256, if there was one."""
        former = self.file(db, draft_id, ref)
        db.execute("DELETE FROM draft_file WHERE draft_id = ? AND ref = ?", [draft_id, ref])
        return former.sha256 if former else None

    def file(self, db: Database, draft_id: str, ref: str) -> Attachment | None:
        """The file attached to a question."""
        return next((file for file in self.files(db, draft_id) if file.question == ref), None)

    def files(self, db: Database, draft_id: str) -> list[Attachment]:
        """All files attached, by question."""
        names = "role, sha256, size, type, ref, taken_at, source, src_sha256, dhash"
        rows = db.execute(f"SELECT {names} FROM draft_file WHERE draft_id = ? ORDER BY ref", [draft_id]).fetchall()
        return [Attachment(*row) for row in rows]

    def claims(self, db: Database, draft_id: str) -> dict[str, dict[str, int]]:
        """What cameras wrote into their originals, by the sha256 of the photo kept."""
        rows = db.execute(
            "SELECT sha256, claims FROM draft_file WHERE draft_id = ? AND claims IS NOT NULL", [draft_id]
        ).fetchall()
        return {sha: open_json(self._vault, _label(draft_id, "claims"), bytes(claims)) for sha, claims in rows}

    def put_ink(self, db: Database, draft_id: str, ref: str, ink: InkRow) -> None:
        """Keeps all strokes of a signature drawn so far."""
        strokes = self._vault.seal(_label(draft_id, f"ink:{ref}"), ink.strokes)
        shown = self._seal(draft_id, f"shown:{ref}", ink.shown)
        row = {"draft_id": draft_id, "ref": ref, "strokes": strokes, "shown": shown}
        db.table("draft_ink").upsert(row, pk=("draft_id", "ref"))

    def drop_ink(self, db: Database, draft_id: str, ref: str) -> None:
        """Forgets a signature."""
        db.execute("DELETE FROM draft_ink WHERE draft_id = ? AND ref = ?", [draft_id, ref])

    def ink(self, db: Database, draft_id: str) -> dict[str, InkRow]:
        """The signatures, by question."""
        rows = db.execute("SELECT ref, strokes, shown FROM draft_ink WHERE draft_id = ?", [draft_id]).fetchall()
        return {ref: self._ink(draft_id, ref, strokes, shown) for ref, strokes, shown in rows}

    def follow(self, db: Database, draft_id: str, moved: Callable[[str], str | None]) -> None:
        """Files and signatures go where their questions went; those of a question that is gone (None) are dropped."""
        rows = list(db.table("draft_file").rows_where("draft_id = ?", [draft_id]))
        rows = [row for row in rows if moved(row["ref"]) != row["ref"]]
        inks = {ref: ink for ref, ink in self.ink(db, draft_id).items() if moved(ref) != ref}
        for row in rows:
            self.drop_file(db, draft_id, row["ref"])
        for ref in inks:
            self.drop_ink(db, draft_id, ref)
        for row in rows:
            if (ref_now := moved(row["ref"])) is not None:
                db.table("draft_file").insert(row | {"ref": ref_now})
        for ref, ink in inks.items():
            if (ref_now := moved(ref)) is not None:
                self.put_ink(db, draft_id, ref_now, ink)

    def delete(self, db: Database, draft_id: str) -> list[str]:
        """Deletes the draft; the files it named. Raises NoSuchDraft."""
        files = [file.sha256 for file in self.files(db, draft_id)]
        for table in ("draft_file", "draft_ink"):
            db.execute(f"DELETE FROM {table} WHERE draft_id = ?", [draft_id])
        if db.execute("DELETE FROM draft WHERE id = ?", [draft_id]).rowcount != 1:
            raise NoSuchDraft()
        return files

    def _ink(self, draft_id: str, ref: str, strokes: bytes, shown: bytes) -> InkRow:
        drawn = self._vault.open(_label(draft_id, f"ink:{ref}"), bytes(strokes))
        return InkRow(drawn, open_json(self._vault, _label(draft_id, f"shown:{ref}"), bytes(shown)))

    def _seal(self, draft_id: str, part: str, value: Any) -> bytes:
        return seal_json(self._vault, _label(draft_id, part), value)

    def _blob(self, db: Database, draft_id: str, part: str) -> dict[str, Any]:
        row = db.execute(f"SELECT {part} FROM draft WHERE id = ?", [draft_id]).fetchone()
        if row is None:
            raise NoSuchDraft()
        if row[0] is None:  # a draft of an older version of the app
            return {}
        found: dict[str, Any] = open_json(self._vault, _label(draft_id, part), bytes(row[0]))
        return found


def _label(draft_id: str, part: str) -> str:
    return f"draft:{draft_id}:{part}"


def _row(row: tuple[Any, ...]) -> DraftRow:
    id_, case, visit, form_id, version, sha256, amends, started, changed, page, title, focus, outing, arrived = row
    form = FormRef(form_id, version, sha256)
    place = (page or "", title or "", focus)
    return DraftRow(id_, case, visit, form, amends, started, changed, *place, outing or visit, arrived or started)
