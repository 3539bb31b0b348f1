"""Takes the pictures of docs/pictures from a real run: `make pictures`, or one language with zh or en as argument."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from sync_server.sample.photos import photo
from tests.e2e.chromium import FLAGS, find, with_chinese_font
from tests.e2e.office import Office
from tests.e2e.screen import Screen
from tests.e2e.visit_form import SIGNATURE, answer, fill, to_seal
from tests.whole.processes import ROOT
from tests.whole.story import PhoneApp, SchoolServer, plant_template
from tests.whole.visits import SUMMARY, Answer, Typed, absence_visit

PICTURES = ROOT / "docs" / "pictures"
LANGUAGES = {"zh": ("zh_CN", "zh-CN"), "en": ("en", "en-US")}
SUMMARIES = {"zh": SUMMARY, "en": "We talked for forty minutes. The family brings the child back tomorrow."}
REMARKS = {"zh": "请补充孩子现在由谁照看。", "en": "Please add who looks after the child now."}
COLOURS = 128
Snap = Callable[[str], None]


def main() -> int:
    """Take all pictures; prints their names and sizes."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, sync_playwright() as playwright:
        shared = Path(folder)
        template = plant_template(shared)
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS, env=with_chinese_font(shared))
        for language in sys.argv[1:] or LANGUAGES:
            take(browser, language, template, shared / language)
        browser.close()
    for picture in sorted(PICTURES.rglob("*.png")):
        print(f"{picture.relative_to(ROOT)} {picture.stat().st_size // 1024} KiB")
    return 0


def take(browser: Browser, language: str, template: Path, folder: Path) -> None:
    """The whole story once, with a picture of every step."""
    app_locale, browser_locale = LANGUAGES[language]
    target = PICTURES / language
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    school = SchoolServer(template, folder)
    phone = PhoneApp(folder, school.url, folder.parent / "cache", app_locale)
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, device_scale_factor=1.5, locale=browser_locale, timezone_id="Asia/Shanghai")
    desk = browser.new_context(viewport={"width": 1366, "height": 900}, locale=browser_locale, timezone_id="Asia/Shanghai")
    try:
        school.start()
        phone.start()
        screen, office = Screen(context.new_page(), phone.url), Office(desk.new_page(), school)
        tell(screen, office, folder, language, Camera(screen, office.page, target))
        strip([target / f"{name}.png" for name in ("today", "visit", "read", "sign")], target / "phone.png")
    finally:
        context.close()
        desk.close()
        phone.kill()
        school.stop()


class Camera:
    """Takes and shrinks pictures."""

    def __init__(self, screen: Screen, page: Page, folder: Path) -> None:
        self._screen, self._page, self._folder = screen, page, folder

    def phone(self, name: str) -> None:
        """The phone's screen as it is now."""
        self._screen.page.wait_for_timeout(FADES_MS)
        shrink(self._screen.picture(self._folder / f"{name}.png"))

    def console(self, name: str, whole: bool = False) -> None:
        """The console's page as it is now, or the whole of it."""
        self._page.wait_for_load_state("networkidle")
        path = self._folder / f"{name}.png"
        self._page.screenshot(path=path, full_page=whole)
        shrink(path)


def tell(screen: Screen, office: Office, folder: Path, language: str, camera: Camera) -> None:
    """From the enrolment to the supplement."""
    answers = absence_visit([drawn(folder, scene) for scene in ("house", "landscape")])
    screen.open()
    screen.type("code", office.school.enrol_code())
    camera.phone("enrol")
    screen.tap("enrol")
    screen.wait_for("sync-done")
    office.school.kill()  # from here to the sync: no signal
    camera.phone("today")
    count(screen, camera)
    screen.tap("students")
    screen.type("search", "oy")
    camera.phone("students")
    screen.type("search", "oyyj")
    screen.see_only("student-", "欧阳艳㛃")
    screen.tap("student-1")
    camera.phone("student")
    record(screen, answers, language, camera)
    office.school.start()
    sync(screen, office)
    screen.open("/outbox")
    camera.phone("outbox")
    review(office, language, camera)
    sync(screen, office)
    screen.open("/")
    camera.phone("returned")
    school_day(office, camera)


FADES_MS = 700


def count(screen: Screen, camera: Camera) -> None:
    """Why a duty is due on its day, and the class as it is counted."""
    screen.tap("why-task-1")
    camera.phone("why")
    screen.tap("why-close")
    screen.page.wait_for_timeout(FADES_MS)  # until then a tap is the dialog's
    screen.tap("classes")
    screen.tap("class-1")
    screen.tap("lesson-1")
    camera.phone("headcount")
    screen.open("/")


def drawn(folder: Path, scene: str) -> Path:
    """One of the sample's drawn photographs as a file."""
    path = folder / f"{scene}.jpg"
    path.write_bytes(photo(scene, "picture").jpeg)
    return path


def sync(screen: Screen, office: Office) -> None:
    """One tap, to the end."""
    before = office.school.pulls()
    screen.tap("sync")
    office.school.wait_for_pull(before)
    screen.page.wait_for_timeout(1500)


def record(screen: Screen, answers: dict[str, Answer], language: str, camera: Camera) -> None:
    """The visit itself, to the seal."""
    screen.tap("start-visit")
    answer(screen, "mode", "door")
    answer(screen, "with_whom", ["cadre"])
    camera.phone("visit")
    fill(screen, {**answers, "summary": Typed(SUMMARIES[language])})
    screen.tap("read")
    screen.wait_for("readback")
    camera.phone("read")
    screen.tap("read-done")
    screen.choose("q-sign_mode-handwritten")
    screen.tap("q-guardian_signature")
    screen.draw("pad", SIGNATURE)
    camera.phone("sign")
    screen.tap("sign-done")
    screen.wait_for("go-next")
    to_seal(screen)
    camera.phone("finish")
    screen.tap("seal")
    screen.wait_for("sealed")
    camera.phone("sealed")


def review(office: Office, language: str, camera: Camera) -> None:
    """The principal reads and returns it."""
    office.page.goto(f"{office.school.url}/login")
    if language == "en":
        office.page.get_by_role("link", name="English").click()
    camera.console("console-login")
    office.log_in()
    camera.console("console-home")
    office.open_visit("欧阳艳㛃")
    camera.console("console-visit", whole=True)
    office.decide("returned", REMARKS[language])
    office.page.click("p.crumb a >> nth=1")
    camera.console("console-case")


def school_day(office: Office, camera: Camera) -> None:
    """What the office sees of one day: who is missing, what is due, the papers, the figures."""
    for page in ("attendance", "weekly", "figures", "papers"):
        office.page.goto(f"{office.school.url}/{page}")
        camera.console(f"console-{page}")
    office.page.goto(f"{office.school.url}/papers")
    office.page.locator('main a[href^="/papers/"]').first.click()
    camera.console("console-report")


def shrink(path: Path) -> None:
    """Fewer colours: a screen needs no more, and the repository stays small."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def strip(pictures: list[Path], path: Path, gap: int = 24) -> None:
    """Several phone screens side by side."""
    shown = [Image.open(picture).convert("RGB") for picture in pictures]
    width = sum(picture.width for picture in shown) + gap * (len(shown) - 1)
    sheet = Image.new("RGB", (width, shown[0].height), "white")
    left = 0
    for picture in shown:
        sheet.paste(picture, (left, 0))
        left += picture.width + gap
    sheet.thumbnail((1400, 1400), Image.Resampling.LANCZOS)
    sheet.save(path)
    shrink(path)


if __name__ == "__main__":
    sys.exit(main())
