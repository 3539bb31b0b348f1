"""A teacher's phone in memory: the real store, the real sealing and the real sync over a database that is not on disk."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from casebook.casefile import CaseFile, Entry, fold
from casebook.protocol import AccountCard, EnrolReply, SchoolCard, b64, to_json, unb64
from casebook.records import FormRef
from casebook.sealing import Verifier, device_id
from fieldapp import sealing
from fieldapp.cards import SyncReport
from fieldapp.platform.clock import CHINA
from fieldapp.store.books import Books
from fieldapp.store.drafts import Drafts
from fieldapp.store.foreseen import Foreseen
from fieldapp.store.records import AT_SCHOOL_SQL, ChainState, Records
from fieldapp.store.roster import Roster
from fieldapp.store.settings import Settings
from fieldapp.store.store import Database
from fieldapp.store.vault import PlainVault
from fieldapp.sync import engine
from fieldapp.sync.exchange import Exchange
from fieldapp.workspace import Workspace
from tests.convergence.memory import Image, MemoryStore, never
from tests.convergence.school import NOON, SCHOOL, School
from tests.convergence.seals import KeyStore


class Killed(BaseException):
    """The app ended in the middle of something, as a dead battery ends it."""


class Sealing(Workspace):
    """Of a workspace only what sealing asks for: no rules are read, no lives worked out."""

    def __post_init__(self) -> None:
        pass


@dataclass
class SkewedClock:
    """The time everywhere, and how far this phone is off."""

    moment: Callable[[], dt.datetime]
    skew: dt.timedelta

    @property
    def tz(self) -> dt.timezone:
        return CHINA

    def now(self) -> dt.datetime:
        return self.moment() + self.skew

    def monotonic_ms(self) -> int:
        return 0


class Handset:
    """One installation of the app. A clone has the same key."""

    def __init__(
        self, account: str, keys: KeyStore, clock: SkewedClock, verifier: Verifier, image: Image | None = None
    ) -> None:  # fmt: skip
        self.account, self.keys, self.clock, self._verifier = account, keys, clock, verifier
        self.load(image)

    @property
    def dev(self) -> str:
        """The device's id."""
        return device_id(self.keys.signer.public_key)

    def load(self, image: Image | None) -> None:
        """Starts the app over a database, or without one; what was open before is gone."""
        vault, on_commit = PlainVault(), never
        if hasattr(self, "store"):
            on_commit = self.store.on_commit
            self.store.close()
        self.store = MemoryStore(image)
        self.store.on_commit = on_commit
        self._books = Books(self.store, Settings(vault), Roster(vault), Records(vault), Drafts(vault), Foreseen(vault))
        self._work = Sealing(self._books, self.clock, self.keys, "en")

    def enrol(self, school: School, epoch: int) -> None:
        """Becomes a phone of this school."""
        school.know(self.dev, self.keys.signer.public_key, self.account)
        card = AccountCard(self.account, self.account, ["class_teacher"])
        reply = EnrolReply("t", self.dev, SchoolCard(SCHOOL, "S"), card, b64(school.signer.public_key), school.log.gen, NOON)
        with self.store.write() as db:
            self._books.settings.put(
                db, gen=reply.gen, school=to_json(reply.school), account=to_json(card) | {"device": self.dev},
                server_key=reply.server_key, cursor=0, revoked=False, offer_again=False,
            )  # fmt: skip
            self._books.records.put_chain(db, self.dev, ChainState(epoch, 0, "", (0, 0)))

    def write(self, case: str, sets: Mapping[str, Any]) -> str:
        """Records what was seen at a door; its rid."""
        base = {prop: rids for prop, rids in self.file(case).base_for(sets).items() if rids}
        plain = sealing.unsealed(self._work, "observation", case, {})
        return sealing.seal_own(self._work, replace(plain, set=dict(sets), base=base), _nothing)

    def visit(self, case: str, visit: str, amends: str | None) -> str:
        """Records a visit, or a supplement to one; its rid."""
        body = {"visit": visit, "purposes": ["absence"], "instance": "<data/>", "signatures": []}
        plain = sealing.unsealed(self._work, "visit", case, body, amends=(amends,) if amends else ())
        return sealing.seal_own(self._work, replace(plain, form=FormRef("absence_visit", "1", "a" * 64)), _nothing)

    def sync(self, conversation: Any) -> SyncReport:
        """Talks to the school once, by the phone's real steps. Raises Killed."""
        settings, db = self._books.settings, self.store.db
        return engine.synchronise(
            Exchange(
                conversation=conversation, books=self._books, verifier=self._verifier, school=SCHOOL,
                server_key=unb64(settings.get(db, "server_key")), device=settings.get(db, "account")["device"],
                now_ms=lambda: round(self.clock.now().timestamp() * 1000), pause=lambda seconds: None,
            )
        )  # fmt: skip

    def file(self, case: str) -> CaseFile:
        """A child's case file, folded from what is here."""
        return fold(case, self.entries(case))

    def entries(self, case: str) -> list[Entry]:
        """A child's records."""
        return self._books.records.of_case(self.store.db, case)

    @property
    def held(self) -> set[str]:
        """Every record here."""
        return {rid for (rid,) in self.store.db.execute("SELECT rid FROM record")}

    @property
    def acknowledged(self) -> set[str]:
        """The records for which the school has given a receipt."""
        rows = self.store.db.execute(f"SELECT rid FROM record WHERE verdict IN ({AT_SCHOOL_SQL})")
        return {rid for (rid,) in rows}

    @property
    def chain(self) -> ChainState:
        """The end of this device's chain."""
        found = self._books.records.chain(self.store.db, self.dev)
        assert found is not None
        return found


def die_sometimes(dice: random.Random, chance: float, counted: Callable[[str], None]) -> Callable[[], None]:
    """What a store does on commit when the app is killed now and then."""

    def on_commit() -> None:
        if dice.random() < chance:
            counted("killed before a commit")
            raise Killed

    return on_commit


def _nothing(db: Database, rid: str, record: object) -> None:
    """Nothing else belongs to the transaction."""
