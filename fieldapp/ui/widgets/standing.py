"""How a child stands, on its page: state in words, ledger's class, deadlines with reasons, episodes, headcounts."""

from __future__ import annotations

import flet as ft

from casebook.rules.words import absence_key, deadline_key, ledger_key
from casebook.wording import Wording
from fieldapp.standings import DayCard, DeadlineCard, EpisodeCard, StandingCard
from fieldapp.ui import spoken
from fieldapp.ui.actions import Handler, guard, part
from fieldapp.ui.state import app_of, use_app
from fieldapp.ui.widgets.duty import show_reasons
from fieldapp.ui.widgets.layout import banner, card, fact, heading, link, small, tag
from fieldapp.ui.widgets.work import CALM, DUE, LATE

DONE = ("met", "met_late")
LOOK = {
    "met": (ft.Icons.CHECK, *CALM), "met_late": (ft.Icons.CHECK, *DUE), "open": (ft.Icons.SCHEDULE, *CALM),
    "warned": (ft.Icons.SCHEDULE, *DUE), "overdue": (ft.Icons.ERROR_OUTLINE, *LATE),
    "no_day": (ft.Icons.EVENT_BUSY, *DUE),
}


def state_in_words(words: Wording, state: str) -> str:
    """A state, also that of a child of whom nothing is to be looked into."""
    key = f"app.state.{state}"
    return words(key) if words.has(key) else words(f"app.standing.{state}")


@part
def Standing(child: StandingCard) -> ft.Control:
    """The whole section; deadlines that were met are folded away."""
    words = use_app().words
    unfolded, unfold = ft.use_state(False)
    blocks: list[ft.Control] = [heading(words("app.standing.title")), _summary(words, child)]
    met = sum(due.status in DONE for due in child.deadlines)
    shown = [due for due in child.deadlines if unfolded or due.status not in DONE]
    if child.deadlines:
        blocks += [heading(words("app.standing.deadlines")),
                   *[_deadline(words, due, at) for at, due in enumerate(shown, 1)]]
    if met:
        text = words("app.standing.hide_kept") if unfolded else words("app.standing.show_kept", count=met)
        blocks.append(link("deadlines-met", text, guard(lambda: unfold(not unfolded))))
    blocks += [*_episodes(words, child.episodes), *_days(words, child.days)]
    return ft.Column(blocks, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _summary(words: Wording, child: StandingCard) -> ft.Control:
    number = child.case_no if child.numbered else words("app.standing.pending")
    attempts = child.attempts
    tried = words("app.standing.attempts.said", phone=attempts.phone, door=attempts.door, joint=attempts.joint,
                  service=attempts.service) if any(vars(attempts).values()) else ""
    rows = [
        ("app.standing.state", state_in_words(words, child.state)),
        ("app.standing.ledger", words(ledger_key(child.ledger)) if child.ledger != "none" else ""),
        ("app.standing.case_no", number),
        ("app.standing.absent_days", words("app.standing.days", n=child.absent_days) if child.absent_days else ""),
        ("app.standing.attempts", tried),
        *[(f"app.standing.voice.{voice.side}", _reasons(words, voice.codes)) for voice in child.voices],
    ]
    alarm = [banner(words("app.standing.missing"), red=True)] if child.missing else []
    return card(ft.Column([*alarm, *[fact(words(key), value) for key, value in rows if value]], spacing=6))


def _reasons(words: Wording, codes: tuple[str, ...]) -> str:
    keys = [f"console.value.reason.{code}" for code in codes]
    return words("app.comma").join(words(key) for key in keys if words.has(key))


def _deadline(words: Wording, due: DeadlineCard, at: int) -> ft.Control:
    """Name, day, whether it was kept, and why it is that day."""
    day = f"{spoken.day(words, due.due)} {spoken.clock(due.at)}".strip() if due.due else words("app.standing.no_due")
    state = words(f"app.standing.status.{due.status}")
    kept = words("app.standing.kept", day=spoken.day(words, due.kept_on)) if due.kept_on else ""
    return card(ft.Column([
        ft.Text(words("app.standing.deadline", name=words(deadline_key(due.key)), due=day)),
        tag(" · ".join(filter(None, (state, kept))), *LOOK[due.status]),
        ft.Row([link(f"why-deadline-{at}", words("app.why"), _explain(due), ft.Icons.HELP_OUTLINE)]),
    ], spacing=4))


def _explain(due: DeadlineCard) -> Handler:
    return guard(lambda: show_reasons(app_of(ft.context.page), due.because, due.clause))


def _episodes(words: Wording, episodes: tuple[EpisodeCard, ...]) -> list[ft.Control]:
    if not episodes:
        return []
    return [heading(words("app.standing.episodes")), card(ft.Column([
        ft.Text(_episode(words, episode)) for episode in reversed(episodes)], spacing=6))]


def _episode(words: Wording, episode: EpisodeCard) -> str:
    said = [words("app.standing.episode", number=episode.number, since=spoken.day(words, episode.since),
                  opened=spoken.day(words, episode.opened_on))]
    ends = {"returned": episode.returned_on, "struck": episode.struck_off_on, "closed": episode.closed_on}
    said += [words(f"app.standing.episode.{end}", day=spoken.day(words, day)) for end, day in ends.items() if day]
    return words("app.task.between").join(said)


def _days(words: Wording, days: tuple[DayCard, ...]) -> list[ft.Control]:
    if not days:
        return []
    return [heading(words("app.standing.roll")), card(ft.Column([
        small(words("app.standing.roll.day", day=spoken.day(words, day.day), what=_day(words, day)))
        for day in reversed(days)], spacing=4))]


def _day(words: Wording, day: DayCard) -> str:
    known = day.status in ("excused", "elsewhere") and day.kind and words.has(absence_key(day.kind))
    what = words(absence_key(day.kind)) if known else words(f"app.standing.day.{day.status}")
    return words("app.standing.roll.assumed", what=what) if day.assumed else what
