"""The phone's screen as a person uses it: reads what is shown, taps, types, draws, takes a picture.

Flutter paints on a canvas; its accessibility tree, once switched on, is ordinary HTML, and that is what is read here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, FileChooser, Locator, Page, TimeoutError

PATIENCE_MS = 120_000  # for a machine with much else to do; a quiet one needs a second
TAPS_AGAIN_MS = 20_000
WINDOW_HEIGHT = 740
TREE_SWITCH = "flt-semantics-placeholder"
SHOWN_TEXT = """() => [...document.querySelectorAll('flt-semantics')].flatMap(node => [
    node.getAttribute('aria-label') || '',
    [...node.childNodes].filter(child => child.nodeName !== 'FLT-SEMANTICS').map(child =>
        child.textContent || child.value || (child.getAttribute && child.getAttribute('aria-label')) || '').join(' ')
]).filter(text => text.trim()).join('\\n')"""

# Upper and lower edge of the scrolling list around a control, null where there is none.
SCROLL_AREA = """node => { while ((node = node.parentElement)) {
    if (getComputedStyle(node).overflowY === 'scroll') {
        const box = node.getBoundingClientRect(); return [Math.max(0, box.top), Math.min(innerHeight, box.bottom)] } }
    return null }"""


class Screen:
    """One open phone screen in Chromium."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.set_default_timeout(PATIENCE_MS)

    def open(self, route: str = "/") -> Screen:
        """Load the app (anew) and wait until it has drawn its first screen."""
        self.page.goto(self.url + route)
        self.page.wait_for_selector(TREE_SWITCH, state="attached", timeout=PATIENCE_MS)
        self.page.evaluate(f"document.querySelector('{TREE_SWITCH}').click()")
        self.page.wait_for_selector("flt-semantics", state="attached")
        return self

    def marked(self, identifier: str) -> Locator:
        """The control that the app gave this name."""
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]').first

    def wait_for(self, identifier: str) -> Locator:
        """The named control, once it is on the screen."""
        found = self.marked(identifier)
        found.wait_for(state="attached")
        return found

    def has(self, identifier: str) -> bool:
        """Whether the named control is on the screen now."""
        return self.marked(identifier).count() > 0

    def see_only(self, prefix: str, text: str) -> None:
        """Wait until exactly one control of those that begin with `prefix` is left, and `text` is on the screen."""
        one = f"document.querySelectorAll('[flt-semantics-identifier^=\"{prefix}\"]').length === 1"
        self.page.wait_for_function(one)
        self.see(text)

    def text(self) -> str:
        """All that the screen says now, as a screen reader would read it."""
        return str(self.page.evaluate(SHOWN_TEXT))

    def see(self, *wanted: str) -> str:
        """Wait until the screen says all of `wanted`; returns what it says. Raises AssertionError with the rest."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while True:
            shown = self.text()
            missing = [text for text in wanted if text not in shown]
            if not missing:
                return shown
            assert time.monotonic() < deadline, f"not on the screen: {missing}\n--- the screen says:\n{shown}"
            self.page.wait_for_timeout(60)

    def tap(self, identifier: str) -> Screen:
        """Tap the middle of the named control, scrolled into view first."""
        box = self._in_view(identifier)
        self.page.mouse.click(box[0] + box[2] / 2, box[1] + box[3] / 2)
        return self

    def choose(self, identifier: str) -> Screen:
        """Tap the named choice unless it is chosen already; it must then show that it is."""
        if self.wait_for(identifier).get_attribute("aria-checked") == "true":
            return self
        self.tap(identifier)
        self.page.wait_for_selector(
            f'[flt-semantics-identifier="{identifier}"][aria-checked="true"]', state="attached", timeout=30_000
        )
        return self

    def type(self, identifier: str, text: str) -> Screen:
        """Tap the named field and put `text` in at once, as an input method does."""
        focused = "['INPUT', 'TEXTAREA'].includes(document.activeElement.tagName)"
        self.tap(identifier)
        try:
            self.page.wait_for_function(focused, timeout=TAPS_AGAIN_MS)
        except TimeoutError:  # a list that was still gliding takes a tap as a stop: people tap again
            self.tap(identifier)
            self.page.wait_for_function(focused)
        self.page.wait_for_timeout(150)  # the first letter is lost while the field is still taking the focus
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)
        return self

    def choose_file(self, identifier: str, path: Path) -> Screen:
        """Tap the named control and answer the file dialog with `path`."""
        with self.page.expect_file_chooser() as asked:
            self.tap(identifier)
        chooser: FileChooser = asked.value
        chooser.set_files(path)
        return self

    def draw(self, identifier: str, strokes: Sequence[Sequence[tuple[float, float]]]) -> Screen:
        """Draw with the finger; points are fractions of the named area's width and height."""
        left, top, width, height = self._settled(identifier)
        mouse = self.page.mouse
        for stroke in strokes:
            points = [(left + x * width, top + y * height) for x, y in stroke]
            mouse.move(*points[0])
            mouse.down()
            for point in points[1:]:
                mouse.move(*point, steps=4)
            mouse.up()
            self.page.wait_for_timeout(80)
        return self

    def told(self, *wanted: str) -> Screen:
        """Wait until the screen says all of `wanted` in a dialog, and close it."""
        self.see(*wanted)
        self.tap("error-close")
        self.marked("error-close").wait_for(state="detached")
        return self

    def back(self) -> Screen:
        """The arrow at the top left."""
        self.page.get_by_role("button", name=re.compile("Back|返回")).first.click(force=True)
        return self

    def picture(self, path: Path) -> Path:
        """Save what the screen looks like; waits until two pictures in a row are the same."""
        path.parent.mkdir(parents=True, exist_ok=True)
        before = b""
        for _ in range(20):
            now = self.page.screenshot()
            if now == before:
                break
            before = now
            self.page.wait_for_timeout(150)
        path.write_bytes(before)
        return path

    def _in_view(self, identifier: str) -> tuple[float, float, float, float]:
        """Scroll the list around the control until its middle lies well inside; returns the place it came to rest."""
        stuck = 0
        for _ in range(60):
            box = self._settled(identifier)
            area = self.marked(identifier).evaluate(SCROLL_AREA)
            middle = box[1] + box[3] / 2
            if stuck == 4:
                break
            if area is None:
                if 0 < middle < WINDOW_HEIGHT:
                    break
                stuck += 1  # the tree is being built anew: a list without scrolling would not reach beyond the window
                continue
            top, bottom = area
            off = middle - (top + bottom) / 2
            if abs(off) <= max(20, (bottom - top) / 2 - 70):  # a control at the edge shows only a part of itself
                break
            self.page.mouse.move(180, (top + bottom) / 2)
            self.page.mouse.wheel(0, max(-300, min(300, off)))
            stuck = 0 if self._moved(identifier, box[1]) else stuck + 1  # a list at its end does not move either
        return box

    def _moved(self, identifier: str, from_y: float) -> bool:
        for _ in range(5):
            self.page.wait_for_timeout(100)
            with suppress(AssertionError):
                if self._box(identifier)[1] != from_y:
                    return True
        return False

    def _box(self, identifier: str) -> tuple[float, float, float, float]:
        box = self.marked(identifier).bounding_box()
        assert box, f"{identifier} has no place on the screen"
        return box["x"], box["y"], box["width"], box["height"]

    def _settled(self, identifier: str) -> tuple[float, float, float, float]:
        """The control's place once nothing has moved it for a fifth of a second."""
        self.wait_for(identifier)
        places: list[tuple[float, float, float, float] | None] = []
        for _ in range(100):
            try:
                places.append(self._box(identifier))
            except (AssertionError, Error):  # the tree is being built anew
                places.append(None)
            if places[-1] is not None and len(places) > 4 and len(set(places[-5:])) == 1:
                return places[-1]
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{identifier} never came to rest")
