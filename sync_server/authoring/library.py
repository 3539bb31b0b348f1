"""The school's forms: what is published, what waits to be published, and everything an author may do with them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import assets
from casebook.errors import NoSuchPage
from sync_server import access, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.authoring import examining
from sync_server.authoring.complaints import Complaint, SheetsRefused
from sync_server.authoring.examining import Examined, Lineage
from sync_server.authoring.reading import Reading
from sync_server.authoring.sheets import Workbook, read_workbook
from sync_server.authoring.versions import newest, version_order
from sync_server.authoring.vocabulary import SETTINGS
from sync_server.forms import Compiled, to_xform
from sync_server.store import form_desk, forms, visits
from sync_server.store.accounts import Account
from sync_server.store.engine import Connection, Store
from sync_server.store.form_desk import FormDraft, Sheets
from sync_server.store.forms import PublishedForm


@dataclass(frozen=True)
class Version:
    """A published version, who published it (None: it came with the program), and how many visits it served."""

    form: PublishedForm
    account: str | None
    visits: int


@dataclass(frozen=True)
class FormFile:
    """One form: its versions, the newest first; whether phones may start it; the draft that waits."""

    form_id: str
    versions: tuple[Version, ...] = ()
    offered: bool = False
    draft: FormDraft | None = None

    @property
    def newest(self) -> Version | None:
        """The version phones start visits with."""
        return self.versions[0] if self.versions else None

    @property
    def titles(self) -> Mapping[str, str]:
        """The titles of the newest version, or of the draft of a form that is not published yet."""
        newest_one = self.newest
        return newest_one.form.titles if newest_one else self.draft.titles if self.draft else {}

    @property
    def visits(self) -> int:
        """Visits made with any version."""
        return sum(version.visits for version in self.versions)


@dataclass(frozen=True)
class Supplied:
    """A form version that came with the program and is not published at this school."""

    form_id: str
    version: str
    titles: Mapping[str, str] = field(default_factory=dict)


def publish(conn: Connection, school: str, form: Compiled, at: str, account: str | None = None) -> bool:
    """Publishes a compiled form together with the sheets it was made from; false when it is out already."""
    done = forms.publish(conn, school, form, at)
    if form.workbook is not None:
        sheets = Sheets(form.form_id, form.version, form.workbook.to_json(), account)
        form_desk.keep_sheets(conn, school, sheets)
    return done


class Library:
    """What principals, the academic office and the registrar do with the forms of one school."""

    def __init__(self, store: Store, school: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._school, self._clock = store, school, clock

    # -- looking

    def files(self, actor: Account) -> list[FormFile]:
        """All forms, published or waiting, by id. Raises NotAllowed."""
        access.require(actor, Verb.AUTHOR_FORMS)
        with self._store.read() as conn:
            published = forms.all_of(conn, self._school)
            waiting = {draft.form_id: draft for draft in form_desk.drafts(conn, self._school)}
            ids = sorted({form.form_id for form in published} | waiting.keys())
            facts = form_desk.publishers(conn, self._school), visits.counts_by_form(conn, self._school)
            return [self._file(conn, id, published, waiting.get(id), *facts) for id in ids]

    def file(self, actor: Account, form_id: str) -> FormFile:
        """One form. Raises NotAllowed, NoSuchPage."""
        found = next((file for file in self.files(actor) if file.form_id == form_id), None)
        if found is None:
            raise NoSuchPage()
        return found

    def xform(self, actor: Account, form_id: str, version: str) -> PublishedForm | FormDraft:
        """A version with its XForm: a published one, or the draft. Raises NotAllowed, NoSuchPage."""
        access.require(actor, Verb.AUTHOR_FORMS)
        with self._store.read() as conn:
            published = forms.one(conn, self._school, form_id, version)
            draft = form_desk.draft_of(conn, self._school, form_id)
        if published is not None:
            return published
        if draft is None or draft.version != version:
            raise NoSuchPage()
        return draft

    def sheets(self, actor: Account, form_id: str, version: str) -> Workbook | None:
        """What a version was made from; None for one published by an older program that kept no sheets."""
        found = self.xform(actor, form_id, version)
        if isinstance(found, FormDraft):
            return Workbook.from_json(found.sheets)
        with self._store.read() as conn:
            kept = form_desk.sheets_of(conn, self._school, form_id, version)
        return Workbook.from_json(kept.sheets) if kept else _supplied_sheets(form_id, found.sha256)

    def supplied(self, actor: Account) -> list[Supplied]:
        """Forms of the program that this school has not published, or not in this version."""
        known = {file.form_id: file for file in self.files(actor)}
        return [one for one in supplied_forms() if _is_news(one, known.get(one.form_id))]

    # -- changing

    def take_in(self, actor: Account, content: bytes, renumber: bool) -> Examined:
        """Keeps an uploaded workbook as the form's draft. Raises NotAllowed, SheetsRefused."""
        access.require(actor, Verb.AUTHOR_FORMS)
        return self._keep(actor, examining.read(content), renumber)

    def adopt(self, actor: Account, form_id: str) -> Examined:
        """Makes a draft of a form that came with the program. Raises NotAllowed, NoSuchPage, SheetsRefused."""
        if form_id not in {one.form_id for one in self.supplied(actor)}:
            raise NoSuchPage()
        workbook = read_workbook(assets.root().joinpath("forms", form_id))
        return self._keep(actor, Reading.of(workbook), renumber=True)

    def publish(self, actor: Account, form_id: str, sha256: str) -> bool:
        """Publishes the draft that the author saw; false when it has changed or gone meanwhile. Raises NotAllowed."""
        access.require(actor, Verb.AUTHOR_FORMS)

        def write(conn: Connection) -> bool:
            draft = form_desk.draft_of(conn, self._school, form_id)
            versions = self._lineage(conn, form_id).versions
            if draft is None or draft.sha256 != sha256 or (versions and not _outdoes(draft.version, versions)):
                return False
            forms.publish(conn, self._school, draft, self._now())
            sheets = Sheets(form_id, draft.version, draft.sheets, actor.id)
            form_desk.keep_sheets(conn, self._school, sheets)
            form_desk.discard(conn, self._school, form_id)
            self._note(conn, actor, Act.PUBLISH_FORM, form_id, version=draft.version, sha256=sha256)
            return True

        return self._store.run_tx(write)

    def discard(self, actor: Account, form_id: str) -> None:
        """Throws the draft away. Raises NotAllowed."""
        access.require(actor, Verb.AUTHOR_FORMS)

        def write(conn: Connection) -> None:
            if form_desk.discard(conn, self._school, form_id):
                self._note(conn, actor, Act.DISCARD_FORM, form_id)

        self._store.run_tx(write)

    def offer(self, actor: Account, form_id: str, offered: bool) -> None:
        """Stops phones from starting a form, or lets them start it again. Raises NotAllowed."""
        access.require(actor, Verb.AUTHOR_FORMS)

        def write(conn: Connection) -> None:
            if forms.offer(conn, self._school, form_id, offered, self._now()):
                self._note(conn, actor, Act.OFFER_FORM if offered else Act.WITHDRAW_FORM, form_id)

        self._store.run_tx(write)

    # -- parts

    def _keep(self, actor: Account, reading: Reading, renumber: bool) -> Examined:
        form_id = reading.workbook.rows[SETTINGS][0]["form_id"]
        with self._store.read() as conn:
            lineage = self._lineage(conn, form_id)
        examined = examining.examine(reading, lineage, self._clock().date(), renumber)
        compiled = examined.compiled
        if examined.is_unchanged:
            facts = {"version": newest(lineage.versions)}
            raise SheetsRefused([Complaint("authoring.unchanged", facts=facts)])
        draft = FormDraft(
            form_id, compiled.version, compiled.sha256, compiled.xml, compiled.titles, compiled.purposes,
            reading.workbook.to_json(), _remarks_text(examined), actor.id, self._now(),
        )  # fmt: skip

        def write(conn: Connection) -> None:
            form_desk.put_draft(conn, self._school, draft)
            self._note(conn, actor, Act.UPLOAD_FORM, form_id, version=draft.version, sha256=draft.sha256)

        self._store.run_tx(write)
        return examined

    def _lineage(self, conn: Connection, form_id: str) -> Lineage:
        versions = tuple(form.version for form in forms.all_of(conn, self._school) if form.form_id == form_id)
        last = forms.one(conn, self._school, form_id, newest(versions)) if versions else None
        if last is None:
            return Lineage()
        return Lineage(versions, last.xml, tuple(sorted(last.titles.items())), last.purposes)

    def _file(
        self, conn: Connection, form_id: str, published: list[PublishedForm], draft: FormDraft | None,
        publishers: Mapping[tuple[str, str], str | None], counts: Mapping[tuple[str, str | None], int],
    ) -> FormFile:  # fmt: skip
        mine = [form for form in published if form.form_id == form_id]
        mine.sort(key=lambda form: version_order(form.version), reverse=True)
        versions = tuple(
            Version(form, publishers.get((form_id, form.version)), counts.get((form_id, form.version), 0))
            for form in mine
        )
        offered = bool(mine) and forms.is_offered(conn, self._school, form_id, mine[0].version)
        return FormFile(form_id, versions, offered, draft)

    def _note(self, conn: Connection, actor: Account, act: Act, form_id: str, **facts: object) -> None:
        audit.note(conn, actor, self._now(), act, f"form:{form_id}", **facts)

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")


def remarks_of(draft: FormDraft) -> dict[str, Any]:
    """What the draft's author should know: `repairs`, `remarks`, `renumbered`."""
    kept: dict[str, Any] = json.loads(draft.remarks)
    return kept


def _remarks_text(examined: Examined) -> str:
    kept = {
        "repairs": [asdict(repair) for repair in examined.repairs],
        "remarks": [asdict(remark) for remark in examined.remarks],
        "renumbered": examined.renumbered,
    }
    return json.dumps(kept, ensure_ascii=False)


def _outdoes(version: str, versions: tuple[str, ...]) -> bool:
    return version_order(version) > version_order(newest(versions))


def _is_news(one: Supplied, known: FormFile | None) -> bool:
    if known is None:
        return True
    return known.draft is None and all(version.form.version != one.version for version in known.versions)


@cache
def supplied_forms() -> tuple[Supplied, ...]:
    """Every form that comes with the program, in the version that does; nothing is compiled."""
    folders = sorted(assets.root().joinpath("forms").iterdir(), key=lambda entry: entry.name)
    found = []
    for folder in folders:
        if folder.joinpath("survey.csv").is_file():
            workbook = read_workbook(folder)
            titles = {"zh": workbook.setting("form_title"), "en": workbook.setting("title_en")}
            found.append(Supplied(workbook.setting("form_id"), workbook.setting("version"), titles))
    return tuple(found)


def _supplied_sheets(form_id: str, sha256: str) -> Workbook | None:
    folder = assets.root().joinpath("forms", form_id)
    if not folder.joinpath("survey.csv").is_file():
        return None
    workbook = read_workbook(folder)
    return workbook if hashlib.sha256(to_xform(workbook)[0]).hexdigest() == sha256 else None
