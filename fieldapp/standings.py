"""How a child stands under the rules, for its page: state, ledger's class, deadlines with reasons, episodes, days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casebook import feeds
from casebook.rules.due import Deadline
from casebook.rules.lifecycle import TEACHER_CAUSED, Attempts, Lifecycle
from casebook.rules.reckoning import Because
from casebook.rules.replay import Episode
from casebook.rules.standing import is_going_on
from fieldapp.bearer import Bearer
from fieldapp.platform.clock import instant
from fieldapp.workspace import Workspace

LAST_DAYS = 15  # school days that the page shows


@dataclass(frozen=True)
class DeadlineCard:
    """One deadline of a child: `status` is met, met_late, overdue, warned, open or no_day; `kept_on` what met it."""

    key: str
    due: str | None
    at: str | None
    status: str
    clause: str
    because: tuple[Because, ...]
    kept_on: str | None = None


@dataclass(frozen=True)
class EpisodeCard:
    """One time of staying away; days, None while it has not come to that."""

    number: int
    since: str
    opened_on: str
    returned_on: str | None
    struck_off_on: str | None
    closed_on: str | None


@dataclass(frozen=True)
class DayCard:
    """One school day by the headcounts: `status` present, excused, unexcused, elsewhere or unknown, and its kind.

    `assumed`: nobody reported the class that day, so the absence is taken to go on.
    """

    day: str
    status: str
    kind: str
    assumed: bool


@dataclass(frozen=True)
class VoiceCard:
    """The newest reasons (codes) from one side: guardian, student or judged."""

    side: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class StandingCard:
    """How a child stands under the rules: the state, the ledger's class, and what led there.

    `state` is one of `casebook.rules.states.STATES`; `case_no` is blank without a case, and while the school's
    computer has given no number yet (`numbered` is false then). `days` and `deadlines` go from old to new.
    """

    state: str
    ledger: str
    case_no: str
    numbered: bool
    missing: bool
    absent_days: int
    attempts: Attempts
    deadlines: tuple[DeadlineCard, ...]
    episodes: tuple[EpisodeCard, ...]
    days: tuple[DayCard, ...]
    voices: tuple[VoiceCard, ...]


def standing_card(work: Workspace, student_id: str) -> StandingCard:
    """The child now. Reasons that name a teacher are there only for those who may read them (R62)."""
    kept = work.kept(student_id)
    life, number = kept.life, case_number(work, kept.life)
    matter = is_going_on(life)
    return StandingCard(
        state=life.state, ledger=life.ledger_class, case_no=number, numbered=bool(number) or life.episode is None,
        missing=life.missing, absent_days=len(life.absent_days) if matter else 0,
        attempts=life.attempts if matter else Attempts(),
        deadlines=tuple(_deadline(due, life) for due in kept.deadlines),
        episodes=tuple(_episode(episode) for episode in life.story.episodes),
        days=tuple(DayCard(day.day.isoformat(), day.status, day.kind, day.assumed) for day in life.days[-LAST_DAYS:]),
        voices=tuple(_voices(work, life)),
    )  # fmt: skip


def case_number(work: Workspace, life: Lifecycle) -> str:
    """The number of the newest episode as the school's computer gave it; blank before that, and without a case."""
    row = work.books.roster.row(feeds.CASES, life.child.case) or {}
    return str(row["case_no"]) if life.episode and row.get("episode") == life.episode.number else ""


def may_read_restricted(work: Workspace, life: Lifecycle, source: str) -> bool:
    """Whether the person with this phone may read all reasons of a contact: by office, or as its author."""
    bearer = Bearer.of(work)
    author = next((contact.author for contact in life.facts.contacts if contact.rid == source), "")
    return bearer.reads_restricted or author == bearer.id


def _voices(work: Workspace, life: Lifecycle) -> Iterator[VoiceCard]:
    for side, voice in life.voices.items():
        codes = voice.codes
        if voice.restricted and may_read_restricted(work, life, voice.source):
            contact = next(one for one in life.contacts if one.rid == voice.source)
            codes = contact.codes(f"reasons_{side}")
        if codes:
            yield VoiceCard(side, codes)


def without_restricted(codes: str) -> str:
    """Codes of reasons, a blank between them, without those that name a teacher."""
    return " ".join(code for code in codes.split() if not code.startswith(TEACHER_CAUSED))


def _deadline(due: Deadline, life: Lifecycle) -> DeadlineCard:
    return DeadlineCard(
        key=due.key, due=due.due.isoformat() if due.due else None, at=instant(due.at) if due.at else None,
        status=due.status(life.world.now), clause=due.clause, because=due.because,
        kept_on=due.kept.day.isoformat() if due.kept else None,
    )  # fmt: skip


def _episode(episode: Episode) -> EpisodeCard:
    over = (episode.returned_on, episode.struck_off_on, episode.closed_on)
    return EpisodeCard(
        episode.number, episode.since.isoformat(), episode.opened_on.isoformat(),
        *(day.isoformat() if day else None for day in over),
    )  # fmt: skip
