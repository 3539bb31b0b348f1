"""Fills in a visit on the phone's screen, question after question, as a teacher would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.e2e.screen import Screen
from tests.whole.visits import Answer, Typed

Stroke = Sequence[tuple[float, float]]
SIGNATURE: list[Stroke] = [
    [(0.15, 0.30), (0.35, 0.28), (0.55, 0.30), (0.80, 0.27)],
    [(0.48, 0.12), (0.46, 0.40), (0.40, 0.62), (0.22, 0.85)],
    [(0.50, 0.45), (0.62, 0.65), (0.85, 0.86)],
]

PAGES = 30  # more pages than any form has: a story that goes round in circles ends


def fill(screen: Screen, answers: Mapping[str, Answer]) -> None:
    """Answer what is asked and known, page after page, until the signature or the end is reached.

    `answers` maps question names to a choice, a list of choices, a typed text, a photo file, or True for a
    confirmation. Raises AssertionError when a page asks for something that is not among them.
    """
    done: set[str] = set()
    for _ in range(PAGES):
        while name := next_question(screen, answers, done):
            answer(screen, name, answers[name])
            done.add(name)
        if _arrived(screen) or not turn(screen, may_go_on=lambda: bool(next_question(screen, answers, done))):
            return
    raise AssertionError(f"still asked after {PAGES} pages:\n{screen.text()}")


def answer(screen: Screen, name: str, value: Answer) -> None:
    """Give one answer by what its question offers."""
    field = f"q-{name}"
    if isinstance(value, Path):
        screen.choose_file(field, value)
        screen.wait_for(f"{field}-photo")
    elif isinstance(value, Typed):
        screen.type(field, value.text)
        screen.page.wait_for_timeout(150)
    elif value is True:
        screen.choose(field)
    else:
        for choice in value if isinstance(value, list) else [value]:
            screen.choose(f"{field}-{choice}")


def read_and_sign(screen: Screen, strokes: Sequence[Stroke] = SIGNATURE, done: bool = True) -> None:
    """Turn the phone to the guardian, have the text read, let the guardian sign; stay on the pad unless `done`."""
    screen.tap("read")
    screen.wait_for("readback")
    screen.tap("read-done")
    screen.choose("q-sign_mode-handwritten")
    screen.tap("q-guardian_signature")
    screen.draw("pad", strokes)
    if done:
        screen.see(f"已存 {len(strokes)} 笔")
        screen.tap("sign-done")
        screen.wait_for("go-next")


def to_seal(screen: Screen) -> None:
    """Go on to the last page, where everything is checked and sealed."""
    for _ in range(PAGES):
        if screen.has("seal") or not turn(screen):
            return
    raise AssertionError(f"nothing to seal:\n{screen.text()}")


def names(screen: Screen) -> list[str]:
    """The names of everything marked on the screen, in reading order."""
    found = screen.page.eval_on_selector_all(
        "[flt-semantics-identifier]", "nodes => nodes.map(node => node.getAttribute('flt-semantics-identifier'))"
    )
    return [str(name) for name in found]


def next_question(screen: Screen, answers: Mapping[str, Answer], done: set[str]) -> str | None:
    """The first question still to be answered, once the page has stopped growing from the answer before."""
    found = names(screen)
    for _ in range(20):
        asked = [name.removeprefix("q-") for name in found if name.startswith("q-")]
        for name in asked:
            if name in answers and name not in done:
                return name
        before, found = found, _a_moment_later(screen)
        if found == before:
            break
    return None


def _a_moment_later(screen: Screen) -> list[str]:
    screen.page.wait_for_timeout(300)
    return names(screen)


def _arrived(screen: Screen) -> bool:
    """Whether it is time to turn the phone to the guardian, or all pages are through."""
    return screen.has("read") or screen.has("seal")


def turn(screen: Screen, may_go_on: Callable[[], bool] = lambda: False) -> bool:
    """Go on to the next page; False when this was the last. A page that holds us back is all right as long as
    something on it can still be answered. Raises AssertionError otherwise.
    """
    before = screen.text()
    screen.tap("go-next")
    for _ in range(40):
        screen.page.wait_for_timeout(100)
        problems = [name for name in names(screen) if name.startswith("problem-")]
        if problems:
            assert may_go_on(), f"not answered: {problems}\n{screen.text()}"
            return True
        if screen.has("seal"):
            return False
        if screen.has("go-next") and screen.text() != before:
            return True
    raise AssertionError(f"the page does not turn:\n{screen.text()}")
