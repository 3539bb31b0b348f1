"""Sets the versions of a visit side by side, and marks what changed from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from casebook.forms import AnswerRow
from casebook.kinds.visit import carried_of
from casebook.wording import Wording
from sync_server.captures import plain_answers
from sync_server.visits import Evidence, Signature, Version, VisitFile
from sync_server.web.console.dates import Dates
from sync_server.web.console.ink import Drawing, draw
from sync_server.web.console.page import Ask, Console
from sync_server.web.console.sealed import Sentence, said

#: Shown elsewhere on the page, or said by the form and not by people.
ELSEWHERE = frozenset({"note", "image", "signature", "file", "audio", "geopoint"})
DATES = frozenset({"date", "datetime"})


@dataclass
class DrawnRow:
    """A question and its answer in words in every version; `kind` heading stands over the rows that follow.

    `carried_at`: when the newest answer was given in another visit of the same outing, if it was taken over from there.
    """

    label: str
    kind: str
    words: list[str]
    carried_at: str = ""

    @property
    def newest(self) -> str:
        """The answer that counts."""
        return self.words[-1]

    @property
    def changed(self) -> bool:
        """Whether the versions differ."""
        return len(set(self.words)) > 1


@dataclass
class DrawnSection:
    """A page of the form over all versions; `hidden` when its reader may not see it."""

    title: str
    hidden: bool = False
    rows: dict[str, DrawnRow] = field(default_factory=dict)


@dataclass(frozen=True)
class DrawnFile:
    """A photo, voice note or document of a version with its caption.

    `is_new` when no former version had it; `hidden` when its reader may not see it; `shared` when it was taken for
    another visit of the same outing.
    """

    evidence: Evidence
    label: str
    is_new: bool
    hidden: bool
    shared: bool = False


@dataclass(frozen=True)
class DrawnSignature:
    """A signature with its picture. Of one that is not the guardian's: `label` as the form asks, and the name."""

    signature: Signature
    label: str
    name: str
    relation: str
    mode: str
    drawing: Drawing | None


@dataclass(frozen=True)
class DrawnVersion:
    """A version ready to be drawn. What a newer version shows already is counted in `repeated`, not drawn again."""

    version: Version
    received_at: str
    findings: list[Sentence]
    sign_mode: str
    photos: list[DrawnFile]
    sounds: list[DrawnFile]
    papers: list[DrawnFile]
    signatures: list[DrawnSignature]
    repeated: int
    reviewer: str

    @property
    def unsigned(self) -> str:
        """How the guardian did without signing by hand, as the form says; whoever else signed."""
        return "" if any(signature.guardians for signature in self.version.signatures) else self.sign_mode


def versions(
    console: Console, ask: Ask, file: VisitFile, names: Mapping[str, str], restricted: bool
) -> list[DrawnVersion]:
    """Every version, oldest first; without `restricted` what only few may see is named and not shown."""
    found: list[DrawnVersion] = []
    shown: set[str] = set()
    for version in reversed(file.versions):
        former = {sha256 for other in file.versions[: version.number - 1] for sha256 in _hashes(other)}
        drawn = _Files(version, former, shown, restricted)
        photos, sounds, papers = (drawn.fresh(kind) for kind in (version.photos, version.sounds, version.papers))
        signatures = [s for s in _signatures(ask.wording, version) if _strokes(s) not in shown]
        repeated = drawn.repeated + len(version.signatures) - len(signatures)
        found.append(
            DrawnVersion(
                version=version,
                received_at=version.seal.original.received_at,
                findings=said(console, ask, version.seal),
                sign_mode=_mode(ask.wording, version.sign_mode),
                photos=photos,
                sounds=sounds,
                papers=papers,
                signatures=signatures,
                repeated=repeated,
                reviewer=names.get(version.review.author, "") if version.review else "",
            )
        )
        shown |= _hashes(version)
    return found[::-1]


def _hashes(version: Version) -> set[str]:
    signed = (signature.strokes for signature in version.signatures if signature.strokes)
    brought = (*version.photos, *version.sounds, *version.papers)
    return {evidence.attachment.sha256 for evidence in (*brought, *signed)}


def _strokes(signed: DrawnSignature) -> str:
    return signed.signature.strokes.attachment.sha256 if signed.signature.strokes else ""


def side_by_side(dates: Dates, file: VisitFile, restricted: bool) -> list[DrawnSection]:
    """All answers, section by section as the newest form has them; blank ones are left out."""
    count = len(file.versions)
    sections: dict[str, DrawnSection] = {}
    for place, version in reversed(list(enumerate(file.versions))):
        for section in version.reading.sections:
            drawn = sections.setdefault(section.title, DrawnSection(section.title))
            drawn.hidden = drawn.hidden or (section.restricted and not restricted)
            for answer in section.answers:
                may_read = restricted or answer.ref not in version.reading.kept_back
                if answer.kind not in ELSEWHERE and may_read:
                    row = drawn.rows.setdefault(answer.ref, DrawnRow(answer.label, answer.kind, [""] * count))
                    row.words[place] = _words(answer, dates)
    _mark_carried(dates, file, sections.values())
    for page in sections.values():
        page.rows = {} if page.hidden else _filled(page.rows)
    return [page for page in sections.values() if page.rows or page.hidden]


def _mark_carried(dates: Dates, file: VisitFile, sections: Iterable[DrawnSection]) -> None:
    record = file.versions[-1].record
    carried = carried_of(record) if record else {}
    for section in sections:
        for ref, row in section.rows.items():
            if ref in carried and row.newest:
                row.carried_at = dates.moment(carried[ref]["answered"])


def _filled(rows: dict[str, DrawnRow]) -> dict[str, DrawnRow]:
    """Without blank answers, and without headings that have nothing below."""
    kept: dict[str, DrawnRow] = {}
    heading: tuple[str, DrawnRow] | None = None
    for ref, row in rows.items():
        if row.kind == "heading":
            heading = (ref, row)
        elif any(row.words):
            if heading is not None:
                kept[heading[0]] = heading[1]
                heading = None
            kept[ref] = row
    return kept


def _words(answer: AnswerRow, dates: Dates) -> str:
    if answer.kind in DATES and answer.value:
        return dates.day(answer.value) if answer.kind == "date" else dates.moment(answer.value)
    return answer.words


@dataclass
class _Files:
    """Captions the files of a version and counts those that a newer version has `shown` already.

    New is what no former version had, if there was one.
    """

    version: Version
    former: set[str]
    shown: set[str]
    restricted: bool
    repeated: int = 0

    def fresh(self, files: tuple[Evidence, ...]) -> list[DrawnFile]:
        """Those that are not shown yet."""
        drawn = [self._drawn(file) for file in files if file.attachment.sha256 not in self.shown]
        self.repeated += len(files) - len(drawn)
        return drawn

    def _drawn(self, file: Evidence) -> DrawnFile:
        question = file.attachment.question or ""
        is_new = self.version.number > 1 and file.attachment.sha256 not in self.former
        hidden = file.kept_back and not self.restricted
        record = self.version.record
        shared = record is not None and question in carried_of(record)
        return DrawnFile(file, self.version.reading.caption(question), is_new, hidden, shared)


def _signatures(wording: Wording, version: Version) -> list[DrawnSignature]:
    found = []
    answers = plain_answers(version.record) if version.record else {}
    for signature in version.signatures:
        question = signature.question or ""
        label, asked = version.reading.caption(question), question.rsplit("/", 1)[-1]
        name = answers.get(f"{asked.removesuffix('_signature')}_name", "")
        content = signature.strokes.content if signature.strokes else None
        key = f"console.value.relation.{signature.relation}"
        relation = wording(key) if wording.has(key) else signature.relation
        mode = _mode(wording, signature.mode or "unknown")
        found.append(DrawnSignature(signature, label, name, relation, mode, draw(content) if content else None))
    return found


def _mode(wording: Wording, mode: str) -> str:
    """How it was signed, in words; a way that only a newer form knows is shown as it is."""
    key = f"console.sign_mode.{mode}"
    return wording(key) if wording.has(key) else mode
