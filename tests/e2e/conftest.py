"""Browser, school and phone for the stories; keeps pictures of a screen on which a story failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.chromium import FLAGS, find, with_chinese_font
from tests.e2e.screen import Screen
from tests.whole.story import PhoneApp, SchoolServer

PHONE_SIZE = {"width": 360, "height": 740}
DESK_SIZE = {"width": 1366, "height": 768}
FAILURES = Path("build/e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """On a failure, keep what every open page looked like."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(item.funcargs.get("open_pages", [])):
            FAILURES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=FAILURES / f"{item.name}-{number}.png")
    return report


@pytest.fixture(scope="module")
def browser(shared: Path) -> Iterator[Browser]:
    """Chromium with a Chinese font of our own, so that it shows Chinese on every machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS, env=with_chinese_font(shared))
        yield browser
        browser.close()


@pytest.fixture
def open_pages() -> list[Page]:
    """Pages of this story."""
    return []


@pytest.fixture
def phone(school: SchoolServer, shared: Path, tmp_path: Path) -> Iterator[PhoneApp]:
    """A teacher's app, not started; stopped afterwards. Its log must be free of unhandled errors."""
    app = PhoneApp(tmp_path, school.url, shared / "cache")
    yield app
    app.kill()
    assert app.calm(), app.said()[-3000:]


@pytest.fixture
def phone_context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone-sized browser; anything but the loopback is refused."""
    context = browser.new_context(viewport=PHONE_SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    context.close()


@pytest.fixture
def screen(phone: PhoneApp, phone_context: BrowserContext, open_pages: list[Page]) -> Screen:
    """The phone's screen; open it once the app runs."""
    page = phone_context.new_page()
    open_pages.append(page)
    return Screen(page, phone.url)


@pytest.fixture
def console(browser: Browser, open_pages: list[Page]) -> Iterator[Page]:
    """An office computer's browser page."""
    context = browser.new_context(viewport=DESK_SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    open_pages.append(page)
    yield page
    context.close()
