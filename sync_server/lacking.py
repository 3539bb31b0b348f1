"""What the school lacks of what a phone has: records, files, and the files that records name."""

from __future__ import annotations

from casebook.packs import is_hash
from casebook.protocol import MissingReply, MissingRequest
from sync_server.store import archive
from sync_server.store.engine import Store
from sync_server.uploads import Uploads


def missing(store: Store, uploads: Uploads, school: str, asked: MissingRequest) -> MissingReply:
    """Which of these the school lacks, and from which byte it lacks a file."""
    with store.read() as conn:
        rids = archive.not_held(conn, school, asked.rids)
        held = [rid for rid in asked.rids if rid not in set(rids)] if asked.with_files else []
        named = archive.files_named(conn, school, held)
    files = [sha256 for sha256 in asked.files if is_hash(sha256)]  # nothing else may come near a file name
    return MissingReply(rids, uploads.missing(school, [*files, *named]))
