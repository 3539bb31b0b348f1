"""What every use case works with: the books, the clock, the case files, the lives, the forms and the words."""

from __future__ import annotations

import copy
import datetime as dt
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assets import SOURCE_LOCALE, load_wording
from casebook import feeds
from casebook.casefile import CaseFile
from casebook.errors import NoSuchCase
from casebook.rules.absence import World
from casebook.rules.calendar import SchoolCalendar
from casebook.rules.lifecycle import Lifecycle
from casebook.wording import Wording
from fieldapp.casefiles import CaseFiles
from fieldapp.lives import Kept, Lives
from fieldapp.platform.clock import Clock, StandingClock
from fieldapp.platform.collector import collector_at_rest
from fieldapp.platform.signer import SignerStore
from fieldapp.store import forms
from fieldapp.store.books import Books

if TYPE_CHECKING:
    from casebook.forms.definition import FormDef
    from casebook.sealing import Signer
    from fieldapp.cards import TaskCard
    from fieldapp.store.store import Database

FORMS_IN_MEMORY = 4


@dataclass
class Workspace:
    """One teacher's phone. `refresh` at the start of a use case; then everything reads the same state."""

    books: Books
    clock: Clock
    signer_store: SignerStore
    locale: str = SOURCE_LOCALE
    cases: CaseFiles = field(init=False)
    lives: Lives = field(init=False)
    #: the duties shown last from what was foreseen, and by which stretch and revision
    shown: tuple[tuple[int, int], list[TaskCard]] | None = field(default=None, init=False)
    _forms: dict[str, FormDef] = field(default_factory=dict, init=False)
    _signer: Signer | None = field(default=None, init=False)
    _refreshing: threading.RLock = field(default_factory=threading.RLock, init=False)

    def __post_init__(self) -> None:
        self.cases = CaseFiles(self.books.records, self.books.roster)
        self.lives = Lives(self.books, self.cases, self.clock.now)

    @property
    def db(self) -> Database:
        """This thread's connection, for reading."""
        return self.books.store.db

    def refresh(self) -> None:
        """Takes in what other threads have written since."""
        with self._refreshing:
            self.books.roster.refresh(self.db)
            self.lives.refresh(self.db, self.cases.refresh(self.db))

    def ahead(self, moment: dt.datetime) -> Workspace:
        """The same work at a later moment, if nobody writes anything; it is not to be refreshed."""
        later = copy.copy(self)
        later.clock, later.lives = StandingClock(moment), self.lives.ahead(moment)
        return later

    def today(self) -> dt.date:
        """The day here."""
        return self.clock.now().date()

    @property
    def words(self) -> Wording:
        """The catalogue of the language the teacher reads."""
        preferences = self.books.settings.get(self.db, "preferences", {})
        return load_wording(preferences.get("locale", self.locale))

    @property
    def calendar(self) -> SchoolCalendar:
        """The school's calendar as far as it is known here."""
        return self.lives.world().calendar

    def world(self) -> World:
        """Calendar, rules and headcounts as far as they are known here, now."""
        return self.lives.world()

    def student(self, student_id: str) -> dict[str, object]:
        """The child's row of the roster. Raises NoSuchCase."""
        row = self.books.roster.student(student_id)
        if row is None:
            raise NoSuchCase(case=student_id)
        return row

    def case_file(self, student_id: str) -> CaseFile:
        """The child's case file."""
        return self.cases.of(self.db, student_id)

    def life(self, student_id: str) -> Lifecycle:
        """The child under the rules, at this moment."""
        return replace(self.kept(student_id).life, world=self.world())

    def kept(self, student_id: str) -> Kept:
        """The child's life with its duties and deadlines, as they were worked out and still hold."""
        return self.lives.of(self.db, student_id)

    def form(self, sha256: str) -> FormDef:
        """One very version of a form, ready to be filled in. Raises FormUnknown, FormBroken."""
        if sha256 not in self._forms:
            while len(self._forms) >= FORMS_IN_MEMORY:
                self._forms.pop(next(iter(self._forms)))
            self._forms[sha256] = read_form(forms.xml_of(self.db, sha256))
        return self._forms[sha256]

    def signer(self) -> Signer:
        """The device's key. Raises StoreDamaged."""
        if self._signer is None:
            self._signer = self.signer_store.load_or_create()
        return self._signer

    def account(self) -> dict[str, object]:
        """Whose phone this is: `id`, `name`, `roles`; empty before enrolment."""
        account: dict[str, object] = self.books.settings.get(self.db, "account", {})
        return account

    @property
    def me(self) -> dict[str, object]:
        """What the school says of whoever carries this phone: `classes` in reach, children assigned (`cases`)."""
        return self.books.roster.row(feeds.ME, str(self.account().get("id", ""))) or {}


def read_form(xml: bytes) -> FormDef:
    """A form's definition. Raises FormBroken."""
    from casebook.forms.definition import FormDef

    with collector_at_rest():
        return FormDef.from_xml(xml)
