"""Fills in every form that ships by hand: from start to seal on the phone's screen, then read in the console.

`python -m tests.e2e.walk_forms [form_id …]` keeps a picture of each page below `build/walk`, to be looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import assets
from tests.e2e.chromium import FLAGS, find, with_chinese_font
from tests.e2e.office import Office
from tests.e2e.screen import Screen
from tests.e2e.visit_form import PAGES, SIGNATURE, answer, names, next_question, turn
from tests.sync_server.form_effort import Walked
from tests.whole.processes import ROOT
from tests.whole.story import PhoneApp, SchoolServer, plant_template
from tests.whole.visits import Answer, Typed, photo

PICTURES = ROOT / "build" / "walk"
ABSENT = "赵宇伟"
CHILDREN = {"persuasion_visit": "刘宇义", "notice_service": "刘宇义", "followup_visit": "王湖海"}  # others: who is absent
ONE_OF = '[flt-semantics-identifier="{}"], [flt-semantics-identifier="{}"]'
TYPED = ("text", "integer", "decimal", "barcode")


def main() -> int:
    """Walk the forms named on the command line, or all; exit code 1 when one of them could not be sealed or read."""
    asked = sys.argv[1:] or sorted(entry.name for entry in assets.root().joinpath("forms").iterdir() if entry.is_dir())
    with tempfile.TemporaryDirectory(prefix="walk-") as folder, sync_playwright() as playwright:
        shared = Path(folder)
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS, env=with_chinese_font(shared))
        failed = _day_of_visits(browser, shared, asked)
        browser.close()
    print(f"{len(asked)} forms, {len(failed)} not through: {' '.join(failed)}")
    return 1 if failed else 0


def _day_of_visits(browser: Browser, folder: Path, forms: list[str]) -> list[str]:
    school = SchoolServer(plant_template(folder), folder)
    phone = PhoneApp(folder, school.url, folder / "cache")
    try:
        school.start()
        phone.start()
        screen = _enrolled(browser, school, phone)
        failed = [form_id for form_id in forms if not _through(screen, form_id, folder)]
        screen.open("/").tap("sync").wait_for("sync-done")
        desk = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        _read_all(Office(desk, school).log_in())
    finally:
        phone.kill()
        school.stop()
    return failed


def _enrolled(browser: Browser, school: SchoolServer, phone: PhoneApp) -> Screen:
    page = browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.on("crash", lambda: print("the browser's page has crashed", flush=True))
    screen = Screen(page, phone.url).open()
    screen.type("code", school.enrol_code()).tap("enrol")
    screen.wait_for("sync-done")
    return screen


def _through(screen: Screen, form_id: str, folder: Path) -> bool:
    """Whether the form could be sealed on its first scripted path; says what held it back."""
    path: Walked = import_module(f"tests.sync_server.test_{form_id}").PATHS[0]
    try:
        _start(screen, form_id)
        _fill(screen, form_id, _answers(form_id, path, folder))
        screen.tap("seal")
        screen.wait_for("sealed")
        _picture(screen, form_id, "sealed")
    except Exception as error:
        _picture(screen, form_id, "held-back")
        print(f"{form_id}: {error}", flush=True)
        return False
    print(f"{form_id}: sealed", flush=True)
    return True


def _start(screen: Screen, form_id: str) -> None:
    child = CHILDREN.get(form_id, ABSENT)
    screen.open("/students").type("search", child)
    screen.see_only("student-", child)
    screen.tap("student-1")
    screen.wait_for("start-visit")
    _picture(screen, form_id, "student")
    screen.tap("start-other" if screen.has("start-other") else "start-visit")
    screen.tap(f"start-{form_id}")
    screen.page.wait_for_selector(ONE_OF.format("section", "same-outing"), state="attached")
    if screen.has("same-outing"):  # this door was visited a moment ago
        screen.tap("same-outing")
        screen.wait_for("section")


def _fill(screen: Screen, form_id: str, answers: Mapping[str, Answer]) -> None:
    done: set[str] = set()
    for number in range(1, PAGES):
        _picture(screen, form_id, f"{number:02}")
        if screen.has("read") and "read" not in done:
            _read_back(screen)
            done.add("read")
        while name := next_question(screen, answers, done):
            _give(screen, name, answers[name])
            done.add(name)
        _picture(screen, form_id, f"{number:02}-answered")
        if screen.has("seal"):
            return
        if not turn(screen, may_go_on=lambda: _first_choices(screen, done)):
            return


def _give(screen: Screen, name: str, value: Answer) -> None:
    """One answer; the first choice where this child's file does not lead to the script's."""
    choices = [one for one in names(screen) if one.startswith(f"q-{name}-")]
    if name.endswith("signature"):
        _sign(screen, name)
    elif value is True:
        screen.tap(f"q-{name}")  # what is confirmed may be locked by it
    elif isinstance(value, str) and choices and f"q-{name}-{value}" not in choices:
        screen.choose(choices[0])
    else:
        answer(screen, name, value)


def _read_back(screen: Screen) -> None:
    screen.tap("read")
    screen.wait_for("readback")
    screen.tap("read-done")
    screen.wait_for("go-next")


def _sign(screen: Screen, name: str) -> None:
    screen.tap(f"q-{name}")
    screen.draw("pad", SIGNATURE)
    screen.tap("sign-done")
    screen.wait_for("go-next")


def _first_choices(screen: Screen, done: set[str]) -> bool:
    """Answers what the page misses with the first choice it offers; this child's file differs from the script's."""
    screen.page.wait_for_timeout(1500)  # the page is still scrolling to what is missing
    found = names(screen)
    missing = [name.removeprefix("problem-") for name in found if name.startswith("problem-")]
    for name in missing:
        choices = [one for one in found if one.startswith(f"q-{name}-")]
        if name in done or not choices:
            return False
        print(f"  not in the script: {name}")
        screen.choose(choices[0])
        done.add(name)
    return bool(missing)


def _answers(form_id: str, path: Walked, folder: Path) -> dict[str, Answer]:
    """The script's answers as they are given on a screen, by the names that the screen shows."""
    walk = path.walk(form_id)
    given: dict[str, Answer] = {}
    for number, (ref, question) in enumerate((ref, walk.session.question(ref)) for ref in walk.session.answered):
        name = ref.rsplit("/", 1)[-1]
        if question.kind == "image":
            given[name] = photo(folder / f"{form_id}-{number}.jpg", number)
        elif question.kind in TYPED:
            given[name] = Typed(question.value)
        elif question.kind == "acknowledge":
            given[name] = True
        elif question.kind == "select_multiple":
            given[name] = question.value.split()
        elif question.kind == "date":
            given[name] = "today"
        else:
            given[name] = question.value
    return given


def _read_all(office: Office) -> None:
    """Open each visit in the console; a picture and its words are kept."""
    page = office.page
    page.goto(f"{office.school.url}/visits?status=waiting")
    links = [page.locator("table.visits a", has_text=name) for name in {ABSENT, *CHILDREN.values()}]
    found = [href for link in links for href in link.evaluate_all("links => links.map(link => link.href)")]
    for number, link in enumerate(dict.fromkeys(found), start=1):
        page.goto(link)
        page.screenshot(path=PICTURES / f"console-{number:02}.png", full_page=True)
        (PICTURES / f"console-{number:02}.txt").write_text(office.text(), "utf-8")


def _picture(screen: Screen, form_id: str, name: str) -> None:
    screen.picture(PICTURES / form_id / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
