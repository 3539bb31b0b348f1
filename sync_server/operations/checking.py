"""Looks at everything a school keeps: is it sound, does every seal hold, is every file there, is the index right?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.ed25519 import Ed25519Verifier
from casebook.errors import CasebookError, StoreDamaged
from casebook.translog.checkpoints import open_checkpoint
from casebook.translog.tree import Frontier, leaf_hash
from sync_server.seals import BAD, Seals
from sync_server.store import checking, devices, files, schools, snapshot, tree
from sync_server.store.blobs import Blobs
from sync_server.store.engine import Connection, Store
from sync_server.store.filestore import digest_of
from sync_server.store.originals import Original
from sync_server.store.tree import Kept


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its code (checking.<code> has the sentence) and what it is wrong with, an id or hash."""

    code: str
    subject: str
    part: str = ""


@dataclass(frozen=True)
class Looked:
    """What a look at everything came to."""

    records: int
    files: int
    findings: tuple[Finding, ...]


class Checker:
    """Checks one school once; reads only. `receipt_key` is the public key of its receipts."""

    def __init__(self, store: Store, blobs: Blobs, school: str, receipt_key: bytes) -> None:
        self._store, self._blobs, self._school = store, blobs, school
        self._receipt_key = receipt_key
        self._seals = Seals(school, Ed25519Verifier(), receipt_key)
        self._records = self._files = 0
        self._unreadable: list[Original] = []  # nothing can be said of what the index shows of these

    def look(self) -> Looked:
        """Reads everything; the school may go on working."""
        found = [Finding("unsound", line) for line in snapshot.complaints_of(self._store)]
        try:
            with self._store.read() as conn:
                for part in (self._in_the_archive, self._in_the_files, self._in_the_index, self._in_the_log):
                    found.extend(part(conn))
        except StoreDamaged as error:  # what lies behind the damage cannot be read
            found.append(Finding("unsound", error.code))
        return Looked(self._records, self._files, tuple(found))

    def _in_the_archive(self, conn: Connection) -> Iterator[Finding]:
        newest = schools.size(conn, self._school)
        for page in checking.every_record(conn, self._school):
            for original, examined in zip(page, self._seals.open_all(conn, page), strict=True):
                self._records += 1
                if examined.record is None:
                    yield self._broken(conn, original)
                else:
                    for part in checking.row_differs(conn, self._school, original, examined.record):
                        yield Finding("row_differs", original.rid, part)
                if self._seals.receipt(original).tone == BAD:
                    yield Finding("receipt_broken", original.rid)
                if original.sseq > newest:
                    yield Finding("beyond_the_log", original.rid)

    def _broken(self, conn: Connection, original: Original) -> Finding:
        if original.sealed.rid != original.rid:
            self._unreadable.append(original)
            return Finding("altered", original.rid)
        known = devices.by_id(conn, self._school, original.sealed.keyid)
        return Finding("unsealed" if known else "key_unknown", original.rid)

    def _in_the_files(self, conn: Connection) -> Iterator[Finding]:
        for sha256 in sorted(files.all_of(conn, self._school)):
            self._files += 1
            try:
                if digest_of(self._blobs.files, sha256) != sha256:
                    yield Finding("file_altered", sha256)
            except FileNotFoundError:
                yield Finding("file_missing", sha256)
            except OSError:
                yield Finding("file_unreadable", sha256)

    def _in_the_index(self, conn: Connection) -> Iterator[Finding]:
        for visit in checking.visits_that_differ(conn, self._school, {one.visit for one in self._unreadable}):
            yield Finding("visit_differs", visit)
        for case in checking.cases(conn, self._school):
            entries = checking.entries(conn, self._school, case)
            if entries is not None:
                shown, replaced = checking.index_of(conn, self._school, case)
                said, over = checking.folded(case, entries)
                for part in sorted({one[0] for one in shown ^ said} | {one[0] for one in replaced ^ over}):
                    yield Finding("index_differs", case, part)

    def _in_the_log(self, conn: Connection) -> Iterator[Finding]:
        """Grows the tree anew: every record is a leaf, and every checkpoint that was given out still holds."""
        for rid in tree.without_leaf(conn, self._school):
            yield Finding("not_in_the_log", rid)
        frontier, known = Frontier(), tree.nodes(conn, self._school)
        roots = {0: frontier.root}
        for leaf in tree.every_leaf(conn, self._school):
            if leaf.entry is None or leaf_hash(leaf.entry) != leaf.hash:
                yield Finding("leaf_differs", leaf.rid)
            if leaf.n != frontier.size:
                break
            frontier, grown = frontier.append(leaf.hash)
            if any(known.get(one.at) != one.hash for one in grown[1:]):
                yield Finding("tree_differs", str(leaf.n))
            roots[frontier.size] = frontier.root
        if tree.frontier(conn, self._school) != frontier:
            yield Finding("tree_differs", str(frontier.size))
        for kept in tree.given_out(conn, self._school, schools.gen_of(conn, self._school)):
            if not self._holds(kept, roots):
                yield Finding("checkpoint_differs", str(kept.size))

    def _holds(self, kept: Kept, roots: dict[int, bytes]) -> bool:
        try:
            said = open_checkpoint(kept.note, self._school, self._receipt_key, Ed25519Verifier())
        except CasebookError:
            return False
        return said.size == kept.size and roots.get(said.size) == said.root
