"""Leave of one child: what was asked and what became of it, a new one, the call back, the end, the withdrawal (R17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from casebook.kinds.leave import LEAVE_KINDS, PROOFS
from casebook.rules.words import absence_key
from fieldapp.cards import OutboxState
from fieldapp.leaves import ASKING, COMING, RUNNING, WITHDRAWN, Adult, LeaveCard, LeavePage
from fieldapp.ui import places, spoken
from fieldapp.ui.actions import Handler, confirm, guard, say, screen
from fieldapp.ui.sheet import Sheet
from fieldapp.ui.state import AppState, app_of, use_app
from fieldapp.ui.widgets.asked import choice, day, line, near_days
from fieldapp.ui.widgets.layout import (
    banner,
    card,
    fact,
    frame,
    heading,
    link,
    mark,
    primary,
    quiet,
    safe_line,
    small,
    tag,
)
from fieldapp.ui.widgets.work import CALM, DUE, STATE_LOOK

KIND_ORDER = ("sick", "personal", "official")
PROOF_ORDER = ("slip", "statement", "message", "none")
assert set(KIND_ORDER) == LEAVE_KINDS and set(PROOF_ORDER) == PROOFS
LOOK = {
    RUNNING: (ft.Icons.EVENT_AVAILABLE, *DUE), COMING: (ft.Icons.SCHEDULE, *CALM), WITHDRAWN: (ft.Icons.BLOCK, *CALM),
}
OVER_LOOK = (ft.Icons.DONE, *CALM)


@dataclass(frozen=True)
class Doing:
    """What the screen is at: "" the list, ask, check (before the seal), withdraw or end; and of which leave."""

    what: str = ""
    leave: str = ""


Turn = Callable[[Doing], None]


@screen
def Leave() -> ft.View:
    """The list, or one thing to say at a time."""
    app = use_app()
    ft.use_state(app.news)
    doing, turn = ft.use_state(Doing())
    page = app.desk.leaves.page(ft.use_route_params()["student"])
    sheet = app.sheet(f"leave/{page.case}", lambda: Sheet(page.said, lambda said: app.desk.leaves.jot(page.case, said)))
    later = app.sheet(f"leave/{page.case}/later", lambda: Sheet({}, lambda said: None))
    ft.use_state(sheet.turn)
    ft.use_state(later.turn)
    if doing.what == "ask":
        return _ask(app, page, sheet, turn)
    if doing.what == "check":
        return _check(app, page, sheet, turn)
    if doing.what in ("withdraw", "end"):
        return _later(app, page, later, doing, turn)
    return _list(app, page, turn)


def _list(app: AppState, page: LeavePage, turn: Turn) -> ft.View:
    words = app.words
    cards = [_card(app, page, one, at, turn) for at, one in enumerate(page.leaves, 1)]
    text = words("leave.go_on") if page.said else words("leave.new")
    ask = primary("ask-leave", text, guard(lambda: turn(Doing("ask"))), ft.Icons.ADD)
    return frame(words("leave.title", name=page.name), [
        *_must_call(app, page), *(cards or [ft.Text(words("leave.nothing"))]), ft.Container(height=8)],
        route=places.leave(page.case), safe=safe_line(words("leave.safe" if page.keeps else "leave.not_yours")),
        bottom=[ask] if page.keeps else [])


def _must_call(app: AppState, page: LeavePage) -> list[ft.Control]:
    return [banner(app.words("leave.must_call", hours=page.call_hours), icon=ft.Icons.CALL)] if page.to_call else []


def _card(app: AppState, page: LeavePage, one: LeaveCard, at: int, turn: Turn) -> ft.Control:
    """One leave with what was done about it, and what can be done now."""
    words = app.words
    state = OutboxState(one.outbox) if one.outbox else None
    days = spoken.day(words, one.first) if one.first == one.last else \
        words("leave.days", first=spoken.day(words, one.first), last=spoken.day(words, one.last))
    rows = [("leave.asked_by", one.asked_by), ("leave.reason", one.reason),
            ("leave.proof", words(f"leave.proof.{one.proof}")),
            ("leave.verified", spoken.moment(words, one.verified_at)),
            ("leave.returned", spoken.day(words, one.returned_on)), ("leave.withdrawn", one.withdrawn)]
    steps = [small(words(f"leave.step.{step.what}", name=step.author_name, at=spoken.moment(words, step.at)))
             for step in one.steps]
    lines: list[ft.Control] = [
        tag(words(f"leave.standing.{one.standing}"), *LOOK.get(one.standing, OVER_LOOK)),
        ft.Text(f"{words(absence_key(one.kind))} · {days}", theme_style=ft.TextThemeStyle.TITLE_SMALL),
        *[fact(words(key), value) for key, value in rows if value], *steps,
        *([tag(spoken.way(words, state), *STATE_LOOK[state])] if state else []),
        *_doable(app, page, one, at, turn)]
    return mark(f"leave-{at}", card(ft.Column(
        lines, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)), container=True)


def _doable(app: AppState, page: LeavePage, one: LeaveCard, at: int, turn: Turn) -> list[ft.Control]:
    """Call back, end, withdraw: each a new record over the former."""
    words, found = app.words, []
    if one.standing == WITHDRAWN or not page.keeps:
        return []
    if not one.verified_at:
        found += _calling(app, page, one, at, turn)
    if not one.returned_on and one.standing == RUNNING:
        found.append(quiet(f"end-{at}", words("leave.end"), guard(lambda: turn(Doing("end", one.id))), ft.Icons.LOGIN))
    found.append(link(f"withdraw-{at}", words("leave.withdraw"), guard(lambda: turn(Doing("withdraw", one.id))),
                      ft.Icons.BLOCK))
    return found


def _calling(app: AppState, page: LeavePage, one: LeaveCard, at: int, turn: Turn) -> list[ft.Control]:
    """The call back: whom to call, and what the family said."""
    words = app.words
    late = [banner(words("leave.call_by", at=spoken.moment(words, one.call_by)))] if one.unchecked else []

    def said_yes() -> None:
        here = app_of(ft.context.page)

        def seal() -> None:
            here.desk.leaves.verify(page.case, one.id)
            _sealed(here)

        confirm(words, "leave.verify.ask", seal, loses=False)

    calls = [_call(app, adult, f"call-{at}-{number}") for number, adult in enumerate(page.adults, 1) if adult.phone]
    return [*late, *calls, quiet(f"verify-{at}", words("leave.verify"), guard(said_yes), ft.Icons.DONE)]


def _call(app: AppState, adult: Adult, identifier: str) -> ft.Control:
    text = app.words("leave.call", who=_adult(app, adult), phone=adult.phone)
    return mark(identifier, ft.OutlinedButton(text, icon=ft.Icons.CALL, action=ft.OpenUrl(f"tel:{adult.phone}")))


def _adult(app: AppState, adult: Adult) -> str:
    relation = f"app.relation.{adult.relation}"
    return app.words("leave.adult", name=adult.name, relation=app.words(relation)) if app.words.has(relation) \
        else adult.name


def _ask(app: AppState, page: LeavePage, sheet: Sheet, turn: Turn) -> ft.View:
    """Who asked, from when to when, of what kind, why, with what proof."""
    words = app.words
    kinds = {kind: words(absence_key(kind)) for kind in KIND_ORDER}
    proofs = {proof: words(f"leave.proof.{proof}") for proof in PROOF_ORDER}
    askers = [*(_adult(app, adult) for adult in page.adults), words("leave.the_child")]
    people = ft.Row([quiet(f"asker-{at}", name, _asked_by(sheet, name)) for at, name in enumerate(askers, 1) if name],
                    wrap=True, spacing=8, run_spacing=8)
    near = near_days(page.today, after=True)
    return frame(words("leave.title", name=page.name), [
        *choice(sheet, "kind", words("leave.kind"), kinds),
        *day(app, sheet, "first", words("leave.first"), near), *day(app, sheet, "last", words("leave.last"), near),
        *line(sheet, "reason", words("leave.why"), lines=2),
        *line(sheet, "asked_by", words("leave.who")), people,
        *choice(sheet, "proof", words("leave.what_proof"), proofs), ft.Container(height=8),
    ], route=places.leave(page.case), safe=safe_line(words("leave.safe")), bottom=[
        primary("check-leave", words("leave.check"), _to_check(app, sheet, turn), ft.Icons.ARROW_FORWARD),
        quiet("go-back", words("app.back"), guard(lambda: turn(Doing())), ft.Icons.ARROW_BACK)])


def _asked_by(sheet: Sheet, name: str) -> Handler:
    return guard(lambda: sheet.say(asked_by=name))


def _to_check(app: AppState, sheet: Sheet, turn: Turn) -> Handler:
    """Goes on when all is said; else names the first thing that is missing."""
    def check() -> None:
        sheet.flush()
        missing = next((name for name in ASKING if not sheet.text(name).strip()), None)
        if missing:
            say(app.words(f"leave.missing.{missing}"))
        elif sheet.text("last") < sheet.text("first"):
            say(app.words("leave.missing.order"))
        else:
            turn(Doing("check"))

    return guard(check)


def _check(app: AppState, page: LeavePage, sheet: Sheet, turn: Turn) -> ft.View:
    """What will be sealed, to be read once more."""
    words = app.words
    shown = {"kind": words(absence_key(sheet.text("kind"))), "first": spoken.day(words, sheet.text("first")),
             "last": spoken.day(words, sheet.text("last")), "proof": words(f"leave.proof.{sheet.text('proof')}")}
    rows: list[ft.Control] = [fact(words(f"leave.part.{name}"), shown.get(name) or sheet.text(name)) for name in ASKING]

    def seal() -> None:
        here = app_of(ft.context.page)
        here.desk.leaves.ask(page.case, {name: sheet.text(name) for name in ASKING})
        turn(Doing())
        here.close_sheet(f"leave/{page.case}")
        _sealed(here)

    return frame(words("leave.title", name=page.name), [
        heading(words("leave.check.title")), card(ft.Column(rows, spacing=8)), *_must_call(app, page),
    ], route=places.leave(page.case), safe=safe_line(words("leave.safe")), bottom=[
        small(words("leave.meaning")), primary("seal", words("leave.seal"), guard(seal), ft.Icons.LOCK_OUTLINE),
        quiet("go-back", words("leave.change"), guard(lambda: turn(Doing("ask"))), ft.Icons.ARROW_BACK)])


def _later(app: AppState, page: LeavePage, later: Sheet, doing: Doing, turn: Turn) -> ft.View:
    """The end of a leave asks its day, the withdrawal its reason."""
    words, ends = app.words, doing.what == "end"
    name = "on" if ends else "why"
    asked = day(app, later, "on", words("leave.end.day"), near_days(page.today, after=False)) if ends \
        else line(later, "why", words("leave.withdraw.why"), lines=2)

    def seal() -> None:
        here, said = app_of(ft.context.page), later.text(name).strip()
        if not said:
            say(words(f"leave.missing.{name}"))
            return
        desk = here.desk.leaves
        (desk.end if ends else desk.withdraw)(page.case, doing.leave, said)
        turn(Doing())
        here.close_sheet(f"leave/{page.case}/later")
        _sealed(here)

    return frame(words("leave.title", name=page.name), [ft.Text(words(f"leave.{doing.what}.meaning")), *asked],
                 route=places.leave(page.case), safe=safe_line(words("leave.safe")), bottom=[
        primary("seal", words("leave.seal"), guard(seal), ft.Icons.LOCK_OUTLINE),
        quiet("go-back", words("app.back"), guard(lambda: turn(Doing())), ft.Icons.ARROW_BACK)])


def _sealed(app: AppState) -> None:
    """Says that it is safe; the last sync knew nothing of it."""
    app.sync.report = None
    app.news.version += 1
    say(app.words("leave.sealed"))
