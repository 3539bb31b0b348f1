"""The tables of the school's store; the school is the first column of every key, so that a county can shard by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

#: Name of the newest migration; `serve` refuses a store that stands elsewhere.
HEAD = "0007"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> Column[int]:
    """A whole number up to 2^53 (SQLite's STRICT tables know it as INTEGER only)."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), nullable=optional, autoincrement=False)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _table(name: str, *parts: SchemaItem) -> Table[Any]:
    return Table(name, metadata, _text("school"), *parts, sqlite_strict=True)


def _key(*columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("school", *columns)


def _belongs(table: str, *columns: str) -> ForeignKeyConstraint:
    ours = ["school", *columns]
    return ForeignKeyConstraint(ours, [f"{table}.{column}" for column in ours])


#: `gen` names this life of the store: it changes when the store is restored from a backup.
school = _table("school", _text("name"), _text("gen"), _text("made_at"), _key())

#: One row per school: the newest sequence number of records and feed rows, of the audit, and the newest hybrid clock.
counter = _table(
    "counter", _whole("sseq"), _whole("audit"), _whole("hlc_ms"), _whole("hlc_n"), _key(), _belongs("school")
)

#: `roles` is a JSON array of role names; `password` an Argon2id hash, empty for those who only use a phone.
account = _table(
    "account",
    _text("account"), _text("login"), _text("name"), _text("password"), _text("roles"),
    _whole("active"), _text("made_at"),
    _key("account"), UniqueConstraint("school", "login"), _belongs("school"),
)  # fmt: skip

#: Which students and rows an account may see besides its own: `class:<id>`, `case:<id>` or
#: `village:<code>`; `pair:<id>` says of an assigned child that one helps it as its pair.
reach = _table(
    "reach", _text("account"), _text("scope"), _text("since"),
    _key("account", "scope"), _belongs("school"), Index(None, "school", "scope"),
)  # fmt: skip

#: `account` is who carries the phone; the office's own key belongs to nobody and has `office` set.
device = _table(
    "device",
    _text("dev"), _text("account", optional=True), _bytes("public_key"),
    _text("name"), _text("platform"), _text("app_version"),
    _text("token", optional=True), _whole("office"), _whole("active"), _text("enrolled_at"),
    _text("revoked_at", optional=True),
    _key("dev"), UniqueConstraint("school", "token"), _belongs("account", "account"),
)  # fmt: skip

#: When a device last spoke with the school, roughly.
device_seen = _table("device_seen", _text("dev"), _text("seen_at"), _key("dev"), _belongs("device", "dev"))

enrol_code = _table(
    "enrol_code",
    _text("handle"), _text("code"), _text("account"), _text("made_at"), _text("expires_at"),
    _text("used_at", optional=True), _whole("tries"),
    _key("handle"), _belongs("account", "account"),
)  # fmt: skip

session = _table(
    "session", _text("token"), _text("account"), _text("made_at"), _text("seen_at"), _text("expires_at"),
    _key("token"), _belongs("account", "account"),
)  # fmt: skip

#: The archive. Rows are added once and never changed; `payload` and `signature` are the bytes as they were written.
record = _table(
    "record",
    _text("rid"), _whole("sseq"), _bytes("payload"), _bytes("signature"), _text("keyid"),
    _text("type"), _text("case", optional=True), _text("visit", optional=True), _text("author"),
    _text("dev"), _whole("ep"), _whole("seq"), _text("prev"),
    _text("received_at"), _text("verdict"), _text("code", optional=True),
    _bytes("receipt"), _bytes("receipt_signature"),
    _key("rid"), UniqueConstraint("school", "sseq"), _belongs("school"),
    Index(None, "school", "case", "sseq"), Index(None, "school", "dev", "ep", "seq"),
    Index(None, "school", "visit"), Index(None, "school", "verdict", "sseq"), Index(None, "school", "type", "sseq"),
    Index(None, "school", "case", "type"),
)  # fmt: skip

#: What a look at the record should mention: gap, fork, swapped (its device's chain), form_unknown.
record_flag = _table("record_flag", _text("rid"), _text("flag"), _key("rid", "flag"), _belongs("record", "rid"))

record_file = _table(
    "record_file",
    _text("rid"), _text("sha256"), _text("role"), _text("type"), _whole("size"), _text("visit", optional=True),
    _key("rid", "sha256", "role"), _belongs("record", "rid"), Index(None, "school", "sha256"),
)  # fmt: skip

#: A row here means: the whole file lies in the file store, synced, its hash and content checked.
file = _table(
    "file", _text("sha256"), _whole("size"), _text("type"), _text("complete_at"), _key("sha256"), _belongs("school")
)

#: Which class, day and session a headcount is of: an index over the records, for those who reach the class.
headcount = _table(
    "headcount", _text("rid"), _text("class_id"), _text("day"), _text("session"),
    _key("rid"), _belongs("record", "rid"), Index(None, "school", "class_id", "day"),
)  # fmt: skip

#: Seconds by which the clock of the device was ahead of the school's when a record first arrived, where it matters.
clock_offset = _table("clock_offset", _text("rid"), _whole("seconds"), _key("rid"), _belongs("record", "rid"))

#: The transparency log: how many records its tree has, and its complete subtrees' hashes, largest first.
tree = _table("tree", _whole("size"), _bytes("peaks"), _key(), _belongs("school"))

#: Which leaf of the tree a record is; `hash` is that of its bytes and signature as they arrived.
tree_leaf = _table(
    "tree_leaf", _whole("n"), _text("rid"), _bytes("hash"),
    _key("n"), UniqueConstraint("school", "rid"), _belongs("record", "rid"),
)  # fmt: skip

#: The complete subtrees above the leaves: the `n`-th from the left of its `level`.
tree_node = _table(
    "tree_node", _whole("level"), _whole("n"), _bytes("hash"), _key("level", "n"), _belongs("school")
)

#: Every signed state of the log that was ever given out.
checkpoint = _table(
    "checkpoint", _text("gen"), _whole("size"), _text("at"), _text("note"), _key("gen", "size", "at"),
    _belongs("school"),
)  # fmt: skip

#: The running number of the year that an episode of a case got when the school first saw it.
case_number = _table(
    "case_number", _text("case"), _whole("episode"), _whole("year"), _whole("serial"),
    _key("case", "episode"), UniqueConstraint("school", "year", "serial"), _belongs("school"),
)  # fmt: skip

#: The index (a projection of the archive): the values of case properties that no later record replaced.
case_value = _table(
    "case_value",
    _text("case"), _text("prop"), _text("rid"), _text("value"), _whole("hlc_ms"), _whole("hlc_n"),
    _text("author"), _text("at"),
    _key("case", "prop", "rid"), _belongs("record", "rid"), Index(None, "school", "prop", "value"),
)  # fmt: skip

case_superseded = _table(
    "case_superseded", _text("case"), _text("rid"), _text("prop"), _key("case", "rid", "prop"), _belongs("school")
)

#: One row per visit, whatever number of versions; `head` is the rid of the version that counts.
visit = _table(
    "visit",
    _text("visit"), _text("case"), _text("head"), _whole("versions"), _text("form_id"), _text("author"),
    _text("started"), _text("ended"), _text("received_at"), _text("status"),
    _whole("files_total"), _whole("files_present"), _text("form_version", optional=True),
    _key("visit"), _belongs("school"),
    Index(None, "school", "status", "received_at"), Index(None, "school", "case"),
    Index(None, "school", "form_id", "form_version"),
)  # fmt: skip

#: Rows that flow down to phones; `value` is JSON text, or nothing when the row was taken back.
feed_row = _table(
    "feed_row",
    _text("feed"), _text("key"), _whole("sseq"), _text("scope"), _text("value", optional=True),
    _key("feed", "key"), UniqueConstraint("school", "sseq"), _belongs("school"), Index(None, "school", "scope"),
)  # fmt: skip

#: What one account still has to be told because its reach changed: `kind` is record, row or gone.
backfill = _table(
    "backfill",
    _text("account"), _whole("sseq"), _text("kind"), _text("feed"), _text("key"),
    _key("account", "sseq"), _belongs("school"),
)  # fmt: skip

class_room = _table(
    "class_room", _text("class_id"), _text("name"), _text("teacher", optional=True),
    _key("class_id"), _belongs("school"),
)  # fmt: skip

student = _table(
    "student", _text("student"), _text("class_id"), _text("name"),
    _key("student"), _belongs("class_room", "class_id"), Index(None, "school", "class_id"),
)  # fmt: skip

form = _table(
    "form",
    _text("form_id"), _text("version"), _text("sha256"), _bytes("xml"), _text("titles"), _text("purposes"),
    _text("published_at"),
    _key("form_id", "version"), _belongs("school"),
)  # fmt: skip

#: The sheets (JSON) a published version was made from, and who published it; nobody, when it came with the program.
form_sheets = _table(
    "form_sheets", _text("form_id"), _text("version"), _text("sheets"), _text("account", optional=True),
    _key("form_id", "version"), _belongs("form", "form_id", "version"),
)  # fmt: skip

#: Changed forms that were uploaded and passed every check, but are not published yet: at most one for each form.
form_draft = _table(
    "form_draft",
    _text("form_id"), _text("version"), _text("sha256"), _bytes("xml"), _text("titles"), _text("purposes"),
    _text("sheets"), _text("remarks"), _text("account"), _text("made_at"),
    _key("form_id"), _belongs("account", "account"),
)  # fmt: skip

#: The form somebody is trying out in the browser: answers about an invented child, thrown away afterwards.
form_trial = _table(
    "form_trial", _text("account"), _text("sha256"), _text("page"), _text("draft"), _text("made_at"),
    _key("account"), _belongs("account", "account"),
)  # fmt: skip

#: The register as it stands: `kind` is student, class, staff or village; `value` is JSON.
register_entry = _table(
    "register_entry", _text("kind"), _text("key"), _text("value"), _text("changed_at"),
    _key("kind", "key"), _belongs("school"),
)  # fmt: skip

#: Every change of the register, added once: `origin` says by what, such as `import:<id>` or `event:<id>`.
register_change = _table(
    "register_change",
    _whole("n"), _text("at"), _text("account"), _text("kind"), _text("key"), _text("origin"),
    _text("before", optional=True), _text("after"),
    _key("n"), _belongs("school"), Index(None, "school", "kind", "key"),
)  # fmt: skip

#: Uploaded rosters that nobody has confirmed yet: the cells as they were read, compressed; thrown away after a day.
roster_draft = _table(
    "roster_draft", _text("draft"), _text("account"), _text("file_sha256"), _bytes("tables"), _text("made_at"),
    _key("draft"), _belongs("school"),
)  # fmt: skip

#: Rosters that were confirmed; `counts` is JSON, the cells themselves are not kept.
roster_import = _table(
    "roster_import",
    _text("draft"), _text("account"), _text("file_sha256"), _text("plan_sha256"), _text("counts"), _text("at"),
    _key("draft"), _belongs("school"),
)  # fmt: skip

#: The base figure of a class in a term, frozen once (R11); `students` is a JSON list of ids.
base_figure = _table(
    "base_figure",
    _text("term"), _text("class_id"), _text("class_name"), _whole("count"), _text("students"),
    _text("account"), _text("at"),
    _key("term", "class_id"), _belongs("school"),
)  # fmt: skip

#: Events of the roll (R13) as their sealed records tell them: `rid` entered it, `decided_rid` approved or refused it.
roll_event = _table(
    "roll_event",
    _text("event"), _text("student"), _text("kind"), _text("status"), _text("class_id"), _text("on_day"),
    _text("until", optional=True), _text("facts"), _text("rid"), _text("account"), _text("at"),
    _text("decided_rid", optional=True), _text("decided_by", optional=True), _text("decided_at", optional=True),
    _key("event"), _belongs("record", "rid"), Index(None, "school", "student"), Index(None, "school", "status"),
)  # fmt: skip

#: Children of whom somebody said that they are no brothers and sisters; `pair` is both ids, the smaller first.
no_household = _table(
    "no_household", _text("pair"), _text("account"), _text("at"), _key("pair"), _belongs("school")
)

#: What the server does by itself: when a job was last tried and last came off, and with what result (JSON).
night_job = _table(
    "night_job",
    _text("job"), _text("tried_at"), _text("done_at", optional=True), _text("fault", optional=True), _text("facts"),
    _key("job"), _belongs("school"),
)  # fmt: skip

#: Who did or read what; `n` counts up per school. Facts are ids and codes, never names.
audit = _table(
    "audit",
    _whole("n"), _text("at"), _text("account"), _text("act"), _text("subject"), _text("facts"),
    _key("n"), _belongs("school"), Index(None, "school", "subject"),
)  # fmt: skip
