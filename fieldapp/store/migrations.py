"""The history of the phone's tables. Append only: a phone in the field may be at any step.

BLOB columns have passed through the vault; plain columns hold ids, states and counts only.
`rev` is the store's revision at a row's last change: readers keep their caches by it.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("fieldapp")


@migrations()
def m001_settings_and_feeds(db: Database) -> None:
    """What the app remembers, and the rows that flow down from the school."""
    db.table("setting").create({"name": str, "value": bytes}, pk="name", not_null={"value"}, strict=True)
    db.table("counter").create({"name": str, "value": int}, pk="name", not_null={"value"}, strict=True)
    db.table("counter").insert({"name": "revision", "value": 0})
    feed_row = {"feed": str, "key": str, "value": bytes, "rev": int}
    db.table("feed_row").create(feed_row, pk=("feed", "key"), not_null={"rev"}, strict=True)
    db.table("feed_row").create_index(["rev"])
    form = {"form_id": str, "version": str, "sha256": str, "titles": str, "purposes": str, "xml": bytes}
    db.table("form").create(form | {"offered": int, "rev": int}, pk=("form_id", "version", "sha256"), strict=True)


@migrations()
def m002_records(db: Database) -> None:
    """Sealed records, whose files they name, and the head of this device's chain."""
    db.table("file").create(
        {"sha256": str, "size": int, "type": str, "at_school": int, "arrived": int, "damaged": int},
        pk="sha256", not_null={"size", "type", "at_school", "arrived", "damaged"}, strict=True,
    )  # fmt: skip
    names = {"rid": str, "type": str, "case_id": str, "visit": str, "own": int, "payload": bytes, "sig": bytes}
    course = {"sealed_at": str, "sseq": int, "received_at": str, "verdict": str, "code": str}
    proof = {"keyid": str, "form_sha256": str, "receipt": str, "receipt_sig": str, "rev": int}
    db.table("record").create(
        names | course | proof,
        pk="rid", not_null={"type", "own", "payload", "sig", "keyid", "rev"}, strict=True,
    )  # fmt: skip
    db.table("record").create_index(["case_id"])
    db.table("record").create_index(["own", "verdict"])
    db.table("record").create_index(["rev"])
    db.table("record_file").create(
        {"rid": str, "position": int, "sha256": str, "role": str, "size": int},
        pk=("rid", "position"), foreign_keys=[("rid", "record", "rid"), ("sha256", "file", "sha256")],
        not_null={"sha256", "role", "size"}, strict=True,
    )  # fmt: skip
    db.table("record_file").create_index(["sha256"])
    chain = {"dev": str, "ep": int, "seq": int, "rid": str, "hlc_ms": int, "hlc_n": int}
    db.table("chain").create(chain, pk="dev", not_null={"ep", "seq", "rid", "hlc_ms", "hlc_n"}, strict=True)


@migrations()
def m003_drafts(db: Database) -> None:
    """Visits being written, with their photos and signatures."""
    names = {"id": str, "case_id": str, "visit": str, "form_id": str, "form_version": str, "form_sha256": str}
    course = {"amends": str, "started_at": str, "changed_at": str}
    course |= {"page_ref": str, "page_title": str, "focus_ref": str}
    db.table("draft").create(
        names | course | {"session": bytes, "seen": bytes, "place": bytes, "no_place": str},
        pk="id", not_null={"case_id", "visit", "form_id", "session", "started_at"}, strict=True,
    )  # fmt: skip
    claims = {"source": str, "taken_at": str, "src_sha256": str, "dhash": str, "claims": bytes}
    db.table("draft_file").create(
        {"draft_id": str, "ref": str, "sha256": str, "size": int, "type": str, "role": str} | claims,
        pk=("draft_id", "ref"), not_null={"sha256", "size", "type", "role"}, strict=True,
        foreign_keys=[("draft_id", "draft", "id"), ("sha256", "file", "sha256")],
    )  # fmt: skip
    db.table("draft_file").create_index(["sha256"])
    db.table("draft_ink").create(
        {"draft_id": str, "ref": str, "strokes": bytes, "shown": bytes},
        pk=("draft_id", "ref"), foreign_keys=[("draft_id", "draft", "id")], strict=True,
    )  # fmt: skip


@migrations()
def m004_outings(db: Database) -> None:
    """Which going to a family's door a draft belongs to, when one arrived there, and the answers carried over."""
    for name, kind in {"outing": str, "arrived": str, "carried": bytes}.items():
        db.table("draft").add_column(name, kind)
    db.execute("UPDATE draft SET outing = visit, arrived = started_at")


@migrations()
def m005_clock_offsets(db: Database) -> None:
    """How many seconds the clock of a record's device was ahead of the school's, as the school measured it."""
    db.table("record").add_column("clock_offset", int, not_null_default=0)


@migrations()
def m006_foreseen(db: Database) -> None:
    """The duties of the first screen as they were worked out before, with the time for which they hold (seconds);
    what has no place in the school's log yet is found without looking at everything.
    """
    names = {"since": int, "until": int, "revision": int, "made_of": str, "value": bytes}
    db.table("foreseen").create(names, pk="since", not_null={*names} - {"since"}, strict=True)
    db.table("record").create_index(["sseq"])
