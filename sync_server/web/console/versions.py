"""Sets the versions of a visit side by side, and marks what changed from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from casebook.forms import AnswerRow
from casebook.wording import Wording
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
    """A question and its answer in words in every version; `kind` heading stands over the rows that follow."""

    label: str
    kind: str
    words: list[str]

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
class DrawnPhoto:
    """A photo of a version with its caption; `is_new` when no former version had it."""

    evidence: Evidence
    label: str
    is_new: bool


@dataclass(frozen=True)
class DrawnSignature:
    """A signature with its picture."""

    signature: Signature
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
    photos: list[DrawnPhoto]
    signatures: list[DrawnSignature]
    repeated: int
    reviewer: str


def versions(console: Console, ask: Ask, file: VisitFile, names: Mapping[str, str]) -> list[DrawnVersion]:
    """Every version, oldest first."""
    found: list[DrawnVersion] = []
    shown: set[str] = set()
    for version in reversed(file.versions):
        former = {sha256 for other in file.versions[: version.number - 1] for sha256 in _hashes(other)}
        photos, signatures = _photos(version, former), _signatures(ask.wording, version)
        fresh_photos = [photo for photo in photos if photo.evidence.attachment.sha256 not in shown]
        fresh_signatures = [signed for signed in signatures if _strokes(signed) not in shown]
        repeated = len(photos) + len(signatures) - len(fresh_photos) - len(fresh_signatures)
        found.append(
            DrawnVersion(
                version=version,
                received_at=version.seal.original.received_at,
                findings=said(console, ask, version.seal),
                sign_mode=_mode(ask.wording, version.sign_mode),
                photos=fresh_photos,
                signatures=fresh_signatures,
                repeated=repeated,
                reviewer=names.get(version.review.author, "") if version.review else "",
            )
        )
        shown |= _hashes(version)
    return found[::-1]


def _hashes(version: Version) -> set[str]:
    signed = (signature.strokes for signature in version.signatures if signature.strokes)
    return {evidence.attachment.sha256 for evidence in (*version.photos, *signed)}


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
                if answer.kind not in ELSEWHERE:
                    row = drawn.rows.setdefault(answer.ref, DrawnRow(answer.label, answer.kind, [""] * count))
                    row.words[place] = _words(answer, dates)
    for page in sections.values():
        page.rows = {} if page.hidden else _filled(page.rows)
    return [page for page in sections.values() if page.rows or page.hidden]


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


def _photos(version: Version, former: set[str]) -> list[DrawnPhoto]:
    """The photos with their captions; new is what no former version had, if there was one."""
    return [
        DrawnPhoto(
            photo, version.reading.caption(photo.attachment.question or ""),
            version.number > 1 and photo.attachment.sha256 not in former,
        )
        for photo in version.photos
    ]  # fmt: skip


def _signatures(wording: Wording, version: Version) -> list[DrawnSignature]:
    found = []
    for signature in version.signatures:
        content = signature.strokes.content if signature.strokes else None
        key = f"console.value.relation.{signature.relation}"
        relation = wording(key) if wording.has(key) else signature.relation
        mode = _mode(wording, signature.mode or "unknown")
        found.append(DrawnSignature(signature, relation, mode, draw(content) if content else None))
    return found


def _mode(wording: Wording, mode: str) -> str:
    """How it was signed, in words; a way that only a newer form knows is shown as it is."""
    key = f"console.sign_mode.{mode}"
    return wording(key) if wording.has(key) else mode
