"""One visit: who, when, where, what was said, photos, signature, seal, evidence, and the decision."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from casebook.errors import CasebookError
from casebook.feeds import STUDENTS
from casebook.records import Place
from casebook.rules.evidence import minutes_between
from sync_server import access, aid, audit
from sync_server.access import Verb
from sync_server.audit import Act
from sync_server.outings import FellowVisit, fellow_visits
from sync_server.review import LEAST_REMARK
from sync_server.store import accounts, forms, rows
from sync_server.visits import VisitFile
from sync_server.web.console.page import Ask, Console, problem_of
from sync_server.web.console.versions import DrawnRow, DrawnSection, DrawnVersion, side_by_side, versions

DONE = ("accepted", "returned")
#: Why a phone had no position, as far as this version has words for it.
NO_PLACE = ("denied", "switched_off", "no_signal", "timed_out", "unsupported", "skipped")


@dataclass(frozen=True)
class Drawn:
    """A visit ready to be drawn."""

    file: VisitFile
    student: str
    class_name: str
    village: str
    author: str
    minutes: int
    versions: list[DrawnVersion]
    sections: list[DrawnSection]
    obstacle: str | None
    title: str
    outing: list[tuple[FellowVisit, str]]

    @property
    def place(self) -> Place | None:
        """Where it was: by the first version, since a supplement may be written at school."""
        return next((v.record.place for v in self.file.versions if v.record and v.record.place), None)

    @property
    def no_place(self) -> str:
        """Why there is no position, if the phone said so."""
        said = (v.record.body.get("no_place") for v in self.file.versions if v.record)
        return next((reason for reason in said if reason in NO_PLACE), "")

    @property
    def changes(self) -> list[DrawnRow]:
        """The answers that differ between versions."""
        return [row for section in self.sections for row in section.rows.values() if row.changed]

    @property
    def head(self) -> DrawnVersion:
        """The version that counts."""
        return self.versions[self.file.head.number - 1]


def show(console: Console, ask: Ask) -> Response:
    """The page. Raises NoSuchVisit, NotAllowed."""
    return drawn(console, ask)


def drawn(console: Console, ask: Ask, error: CasebookError | None = None, remark: str = "") -> Response:
    """The page; after a decision that failed with what stood in its way, and the remark still in its place."""
    visit, wiring = ask.part("visit"), console.wiring
    with wiring.store.read() as conn:
        proofs = aid.require_visit(conn, console.visits, ask.actor, visit, console.visits.subject(conn, visit)[1])
        file = console.visits.open(conn, visit, ask.wording, proofs)
        names = accounts.names(conn, console.school)
        child = rows.one(conn, console.school, STUDENTS, file.row.case) or {}
        titles, language = forms.titles(conn, console.school), ask.wording.locale[:2]
        fellows = fellow_visits(conn, console.school, console.visits, file, ask.actor)
    wiring.store.run_tx(lambda c: audit.note(c, ask.actor, wiring.now(), Act.READ_VISIT, f"visit:{visit}"))
    restricted = access.allows(ask.actor, Verb.READ_RESTRICTED, access.written_by(file.subject))
    dates = console.dates(ask)
    page = Drawn(
        file=file, student=child.get("name", ""), class_name=child.get("class_name", ""),
        village=child.get("village_name", ""), author=names.get(file.row.author, ""), minutes=_minutes(file),
        versions=versions(console, ask, file, names, restricted), sections=side_by_side(dates, file, restricted),
        obstacle=console.reviews.obstacle(ask.actor, file.row, file.subject, file.head.seal.broken),
        title=titles.get(file.row.form_id, {}).get(language, file.row.form_id),
        outing=[(fellow, titles.get(fellow.form_id, {}).get(language, fellow.form_id)) for fellow in fellows],
    )  # fmt: skip
    problem = problem_of(ask.wording, error) if error else None
    done = ask.query("done") if ask.query("done") in DONE else ""
    return console.page(
        ask, "visit", error.status if error else 200, page=page, problem=problem, remark=remark, done=done,
        least_remark=LEAST_REMARK, opens_case=access.allows(ask.actor, Verb.READ_CASE, file.subject), of_aid=proofs,
    )  # fmt: skip


def _minutes(file: VisitFile) -> int:
    first = file.versions[0].record
    return minutes_between(first.at.started, first.at.ended) if first else 0
