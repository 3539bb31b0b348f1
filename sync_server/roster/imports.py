"""Takes a roster in: upload, preview, and the confirmation that does exactly what the preview showed, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from casebook.errors import NoSuchPage
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.authoring.complaints import SheetsRefused
from sync_server.registry import Staff
from sync_server.roster import register
from sync_server.roster.plan import Plan
from sync_server.roster.planning import Circumstances, plan_import
from sync_server.roster.reading import read_lists
from sync_server.roster.spreadsheets import Table, read_tables
from sync_server.store import accounts, rosters
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.register import Authorship
from sync_server.store.rosters import RosterDraft, RosterImport

KEPT = dt.timedelta(days=1)  # an uploaded file holds identity numbers: it waits no longer than this


@dataclass(frozen=True)
class Confirmation:
    """Whether the import was done; if not, the register has changed since the preview, or something is wrong."""

    done: bool
    plan: Plan


class Imports:
    """The roster imports of one school. `clock` gives aware times in the school's zone."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    def take_in(self, actor: Account, content: bytes) -> str:
        """Keeps an uploaded file for a preview and returns its id. Raises NotAllowed, SheetsRefused."""
        access.require(actor, Verb.KEEP_REGISTER)
        tables = read_tables(content)
        lists = read_lists(tables)
        if not any(lists.lines.values()):
            raise SheetsRefused(lists.complaints)
        file_sha256, now = hashlib.sha256(content).hexdigest(), self._clock()
        draft = RosterDraft(secrets.token_hex(8), actor.id, file_sha256, _packed(tables), _instant(now))

        def keep(conn: Connection) -> None:
            rosters.forget(conn, self._school, _instant(now - KEPT))
            rosters.put_draft(conn, self._school, draft)
            self._note(conn, actor, Act.UPLOAD_ROSTER, draft.draft, sha256=file_sha256)

        self._store.run_tx(keep)
        return draft.draft

    def plan(self, actor: Account, draft: str) -> Plan:
        """What the import of an uploaded file would do now. Raises NotAllowed, NoSuchPage."""
        access.require(actor, Verb.KEEP_REGISTER)
        with self._store.read() as conn:
            return self._plan(conn, draft)

    def confirm(self, actor: Account, draft: str, plan_sha256: str) -> Confirmation:
        """Does what the preview with this fingerprint showed, in one transaction; otherwise does nothing.

        Raises NotAllowed, NoSuchPage.
        """
        access.require(actor, Verb.KEEP_REGISTER)
        return self._store.run_tx(lambda conn: self._confirm(conn, actor, draft, plan_sha256))

    def discard(self, actor: Account, draft: str) -> None:
        """Throws an uploaded file away. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_REGISTER)

        def write(conn: Connection) -> None:
            if rosters.discard(conn, self._school, draft):
                self._note(conn, actor, Act.DISCARD_ROSTER, draft)

        self._store.run_tx(write)

    def done(self, actor: Account, draft: str) -> RosterImport | None:
        """The import that was confirmed under this id, if it was. Raises NotAllowed."""
        access.require(actor, Verb.KEEP_REGISTER)
        with self._store.read() as conn:
            return rosters.import_of(conn, self._school, draft)

    def _plan(self, conn: Connection, draft: str) -> Plan:
        kept = rosters.draft_of(conn, self._school, draft)
        if kept is None:
            raise NoSuchPage()
        around = Circumstances(draft, self._clock().date(), tuple(accounts.all_of(conn, self._school)))
        return plan_import(read_lists(_unpacked(kept.tables)), register.load(conn, self._school), around)

    def _confirm(self, conn: Connection, actor: Account, draft: str, plan_sha256: str) -> Confirmation:
        plan = self._plan(conn, draft)
        if plan.sha256 != plan_sha256 or not plan.may_go_on:
            return Confirmation(False, plan)
        kept = rosters.draft_of(conn, self._school, draft)
        assert kept is not None
        now = _instant(self._clock())
        self._open_accounts(conn, plan, now)
        by = Authorship(actor.id, now, f"import:{draft}")
        register.write(conn, self._school, [one.after for one in plan.nouns], by)
        rosters.discard(conn, self._school, draft)
        done = RosterImport(draft, actor.id, kept.file_sha256, plan_sha256, plan.counts(), now)
        rosters.note_import(conn, self._school, done)
        self._note(conn, actor, Act.IMPORT_ROSTER, draft, plan=plan_sha256, **plan.counts())
        return Confirmation(True, plan)

    def _open_accounts(self, conn: Connection, plan: Plan, now: str) -> None:
        """Before the classes are written, so that a class teacher's reach follows at once."""
        for one in plan.accounts:
            accounts.add(conn, Account(one.staff, self._school, one.login, one.name, one.roles), "", now)
        for planned in plan.staff:
            person = planned.after
            known = accounts.by_id(conn, self._school, person.id) if isinstance(person, Staff) else None
            if known is not None and isinstance(person, Staff):
                accounts.set_roles(conn, self._school, known.id, dict.fromkeys([*known.roles, *person.roles]))

    def _note(self, conn: Connection, actor: Account, act: Act, draft: str, **facts: object) -> None:
        line = replace(actor, school=self._school)
        audit.note(conn, line, _instant(self._clock()), act, f"roster:{draft}", **facts)


def _packed(tables: list[Table]) -> bytes:
    told = [[table.name, table.rows, sorted(table.filled)] for table in tables]
    return zlib.compress(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass"), 6)


def _unpacked(kept: bytes) -> list[Table]:
    return [
        Table(name, {int(number): row for number, row in rows.items()}, frozenset(map(tuple, filled)))
        for name, rows, filled in json.loads(zlib.decompress(kept))
    ]


def _instant(now: dt.datetime) -> str:
    return now.isoformat(timespec="seconds")
