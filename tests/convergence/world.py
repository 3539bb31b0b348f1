"""A school, its teachers' phones and everything that can happen to them; remembers what really happened."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from casebook.errors import CasebookError
from fieldapp.cards import SyncReport
from fieldapp.platform.clock import CHINA
from tests.convergence.link import KILLED, Link
from tests.convergence.memory import Image
from tests.convergence.phone import Handset, Killed, SkewedClock, die_sometimes
from tests.convergence.school import School
from tests.convergence.seals import QUICK, KeyStore, Seals

CASES = ("1" * 32, "2" * 32)
PROPS = ("guardian_phone", "home_address", "will")
CLOCK_SET = "clock set"
YEAR = dt.timedelta(days=365)
CREWS = (("ta", "ta"), ("ta", "tb"), ("ta", "ta", "tb"))  # whose phones there are; a teacher may have two
ROUNDS = 8
BEGIN = dt.datetime(2026, 11, 21, 8, 0, tzinfo=CHINA)


@dataclass(frozen=True)
class Written:
    """What really happened when a record was written: `saw` are the records of the same property its author had."""

    case: str
    sets: frozenset[str]
    saw: dict[str, frozenset[str]]


@dataclass
class World:
    """`chances`: how likely each fault of the link is; a fault that is not named never happens."""

    dice: random.Random
    chances: dict[str, float] = field(default_factory=dict)
    seals: Seals = QUICK
    faults: Counter[str] = field(default_factory=Counter)
    written: dict[str, Written] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)  # at some moment neither at school nor on any phone
    latest: dict[str, dt.datetime] = field(default_factory=dict)  # the latest a device's own clock has ever shown

    def __post_init__(self) -> None:
        self.moment = BEGIN
        self.school = School(self.dice.randrange(1, 6), self.dice.randrange(1, 6), self.seals)
        self.backups = [self.school.log.backup()]
        self.strays: list = []
        self.images: dict[int, tuple[Image, tuple[int, int] | None]] = {}
        self._number, self._busy = 0, set[int]()
        self.phones = [self._phone(account) for account in self.dice.choice(CREWS)]

    # -- what people do

    def write(self, place: int, case: str, prop: str) -> None:
        """A teacher records something; the value is new each time."""
        phone = self._at(place)
        saw = {entry.rid for entry in phone.entries(case) if prop in entry.record.set}
        rid = self._alive(phone, lambda: phone.write(case, {prop: f"v{len(self.written)}"}))
        if rid:
            self.written[rid] = Written(case, frozenset({prop}), {prop: frozenset(saw)})

    def visit(self, place: int, case: str) -> None:
        """A teacher records a visit, or supplements one that is on the phone."""
        phone = self._at(place)
        known = [entry for entry in phone.entries(case) if entry.record.type == "visit"]
        amended = self.dice.choice(known) if known and self.dice.random() < 0.6 else None
        visit = amended.record.body["visit"] if amended else f"visit{len(self.written)}"
        rid = self._alive(phone, lambda: phone.visit(case, visit, amended.rid if amended else None))
        if rid:
            self.written[rid] = Written(case, frozenset(), {})

    def sync(self, place: int) -> None:
        """A phone talks to the school over its bad link."""
        if place % len(self.phones) in self._busy:
            return
        phone = self._at(place)
        others = place % len(self.phones)
        self._busy.add(others)
        link = Link(self.school, self.dice, self.chances, self._count, self._meanwhile, self.strays)
        self._alive(phone, lambda: phone.sync(link))
        self._busy.discard(others)
        self.acknowledged |= phone.acknowledged

    def wait(self, minutes: int) -> None:
        """Time passes; what was late on the way arrives."""
        self.moment += dt.timedelta(minutes=minutes)
        while self.strays and self.dice.random() < 0.7:
            self.school.push(self.strays.pop(self.dice.randrange(len(self.strays))))

    # -- what goes wrong

    def back_up_school(self) -> None:
        """The school's computer is backed up; old backups are kept."""
        self.backups = [*self.backups[-2:], self.school.log.backup()]

    def restore_school(self, loud: bool) -> None:
        """The school's computer goes back to some backup, by our command or by copied files."""
        self._number += 1
        with_gen = f"g{self._number}" if loud else None
        self._destroying("school restored" if loud else "school restored silently",
                         lambda: self.school.restore(self.dice.choice(self.backups), with_gen))  # fmt: skip

    def back_up_phone(self, place: int) -> None:
        """A phone is copied."""
        index = place % len(self.phones)
        self.images[index] = (self.phones[index].store.image(), self.phones[index].keys.counted())

    def restore_phone(self, place: int, loud: bool) -> None:
        """A phone's database goes back to its copy; silently when what it keeps outside the database goes back too."""
        index = self._idle(place)
        if index is None or index not in self.images:
            return
        phone, (image, counted) = self.phones[index], self.images[index]
        self._destroying("phone restored" if loud else "phone restored silently", lambda: phone.load(image))
        if not loud:
            phone.keys.count_kept = counted

    def reinstall(self, place: int) -> None:
        """The app is deleted and installed again: a new key, nothing on it."""
        index = self._idle(place)
        if index is None:
            return
        gone = self.phones[index]

        def anew() -> None:
            gone.store.close()
            self.phones[index] = self._phone(gone.account)

        self.images.pop(index, None)
        self._destroying("re-installed", anew)

    def clone(self, place: int) -> None:
        """The whole phone is copied onto another one: two now speak with the same key."""
        if len(self.phones) > 5:
            return
        phone = self._at(place)
        self._count("phone cloned")
        skewed = SkewedClock(lambda: self.moment, phone.clock.skew)
        keys = KeyStore(phone.keys.signer, phone.keys.counted())
        self.phones.append(Handset(phone.account, keys, skewed, self.seals.verifier, phone.store.image()))
        self._watch_commits(self.phones[-1])

    def set_clock(self, place: int, years: int) -> None:
        """Somebody sets a phone's clock: wrong by a year, or right again."""
        self._count(CLOCK_SET)
        self._at(place).clock.skew = years * YEAR

    # -- the end

    def settle(self) -> None:
        """No more faults: everything late arrives, every phone talks until nobody has anything new."""
        for request in self.strays:
            self.school.push(request)
        for phone in self.phones:
            phone.store.on_commit = lambda: None
        for _ in range(ROUNDS):
            if all([quiet(phone.sync(Link(self.school, self.dice))) for phone in self.phones]):
                break
        self._look()

    def close(self) -> None:
        """The phones are put away."""
        for phone in self.phones:
            phone.store.close()

    @property
    def held(self) -> set[str]:
        """Every record that exists anywhere."""
        return set(self.school.held).union(*(phone.held for phone in self.phones))

    def _phone(self, account: str) -> Handset:
        self._number += 1
        years = self.dice.choice((0, 0, 1, -1)) if CLOCK_SET in self.chances else 0
        keys = KeyStore(self.seals.signer(f"{account}{self._number}"))
        phone = Handset(account, keys, SkewedClock(lambda: self.moment, years * YEAR), self.seals.verifier)
        phone.enrol(self.school, self.dice.randrange(1, 2**31))
        self._watch_commits(phone)
        return phone

    def _watch_commits(self, phone: Handset) -> None:
        phone.store.on_commit = die_sometimes(self.dice, self.chances.get(KILLED, 0) / 3, self._count)

    def _at(self, place: int) -> Handset:
        phone = self.phones[place % len(self.phones)]
        self.latest[phone.dev] = max(phone.clock.now(), self.latest.get(phone.dev, phone.clock.now()))
        return phone

    def _idle(self, place: int) -> int | None:
        index = place % len(self.phones)
        return None if index in self._busy else index

    def _alive(self, phone: Handset, work: Callable[[], object]) -> str | None:
        """What the work gave; None when the app was killed in it or could not do it."""
        try:
            done = work()
        except (Killed, CasebookError):
            return None
        return done if isinstance(done, str) else None

    def _meanwhile(self) -> None:
        """While one phone waits for an answer, something else happens."""
        if self.dice.random() < 0.8:
            self.sync(self.dice.randrange(len(self.phones)))
        elif self.faults["school restored silently"] or self.faults["school restored"]:
            self.restore_school(self.dice.random() < 0.5)

    def _destroying(self, fault: str, work: Callable[[], object]) -> None:
        """A disaster; what nobody holds after it cannot be asked for."""
        self._count(fault)
        self._look()
        work()
        self.vanished |= set(self.written) - self.held

    def _look(self) -> None:
        for phone in self.phones:
            self.acknowledged |= phone.acknowledged

    def _count(self, fault: str) -> None:
        self.faults[fault] += 1


def quiet(report: SyncReport) -> bool:
    """Whether a sync found nothing to tell in either direction."""
    return report.complete and not (report.problem or report.texts_sent or report.records_received)
