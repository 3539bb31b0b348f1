"""Every paper that a whole term brings about shows rare characters as they are, on the page and on the printer (9.4 i)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets import load_wording
from casebook.feeds import CLASSES
from sync_server.figures import Statistics
from sync_server.play.playing import performed
from sync_server.play.stage import Stage
from sync_server.play.story import load
from sync_server.store import rows
from tests.e2e.chromium import FLAGS, find, with_chinese_font
from tests.journeys.pages import Reader

TERM = Path(__file__).parent / "term.story.yaml"
CHILD, FATHER, VILLAGE, ADDRESS = "𠮷𬎆·㛃䶮", "禤𬱖", "㵐溪村", "上寨𡋾组7号"
SERVERS = ("张㛃", "黎𬎆")
MORE = f"""
extends: {TERM}
staff:
  zhang: {{name: {SERVERS[0]}}}
  li: {{name: {SERVERS[1]}}}
events:
  - at: 2025-11-28 16:00
    act: reported
    by: office
    as: rf
    says: {{report: RF, no: RF-48, addressees: [{VILLAGE}], on: 2025-11-28, way: hand, proof: stamp, period: 2025-W48, text: "{CHILD}"}}
  - at: 2025-11-18 09:00
    act: notice_issued
    child: boy
    by: registrar
    says: {{notice: N3, no: N3-2025-3, addressee: {FATHER}, on: 2025-11-18}}
  - at: 2025-11-25 09:00
    act: reported
    child: boy
    by: office
    says: {{report: RB, no: RB-1, addressees: [township, county], on: 2025-11-25, way: hand, proof: stamp}}
  - at: 2025-11-20 15:00
    roll: mark_suspected
    child: boy
    by: registrar
    says: {{paper_no: Q-1}}
"""


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    file = tmp_path_factory.mktemp("papers") / "papers.story.yaml"
    file.write_text(MORE, "utf-8")
    with performed(load(file)) as (played, stage):
        assert played.differences == []
        yield stage


def papers(stage: Stage) -> dict[str, str]:
    """Kind of the paper -> its address: all that the case brought about, the proof of service, the week's report."""
    with stage.wiring.store.read() as conn:
        life = stage.wiring.lives.of(conn, stage.students["boy"])
    kinds = ("notice", "report", "document")
    told = {next((deed.text(kind) for kind in kinds if deed.text(kind)), deed.act): deed.rid for deed in life.facts.deeds}
    others = {"RF": f"/papers/{stage.labels['rf']}", "proof": f"/visits/{stage.labels['service']}/proof"}
    return {kind: f"/papers/{rid}" for kind, rid in told.items()} | others


@pytest.mark.parametrize("kind", ["confirmed", "N1", "N2", "N3", "RA", "RB", "RC", "RD", "RF", "proof"])
def test_a_paper_of_the_school_names_the_child_in_its_own_characters(term: Stage, kind: str) -> None:
    page = Reader(term, "principal").page(papers(term)[kind])
    assert CHILD in page
    named = {"N1": (FATHER,), "N3": (FATHER,), "N2": (VILLAGE, ADDRESS), "RF": (VILLAGE,), "proof": (FATHER, ADDRESS, *SERVERS)}
    assert [name for name in named.get(kind, ()) if name not in page] == []


def test_every_page_that_names_the_child_names_it_whole(term: Stage) -> None:
    """Ledger, weekly, lists, card, case file, visit record, events of the roll, and what is to be re-keyed."""
    reader = Reader(term, "principal")
    boy, room = term.students["boy"], term.rooms["8.2"]
    monday = "?first=2025-11-10"
    seeds = [*papers(term).values(), f"/cases/{boy}", f"/roster/children/{boy}", "/roster/rekeying", f"/attendance/{room}?day=2025-11-11", f"/weekly/{room}{monday}"]
    given = reader.all_pages(seeds)
    naming = {path for path, content in given.items() if CHILD.encode() in content}
    for start in ("/cases/", "/visits/", "/papers", "/roster", "/roster/children/", "/roster/events", "/students", "/attendance/", "/figures", "/weekly/"):
        assert any(path.startswith(start) for path in naming), start
    spoiled = {path for path, content in given.items() if "\ufffd".encode() in content or b"&#131" in content or b"\\ud842" in content}
    assert spoiled == set()
    halves = [piece.encode() for piece in ("𠮷𬎆", "㛃䶮")]
    cut = {path for path, content in given.items() if path not in naming and any(half in content for half in halves)}
    assert cut == set()


def test_the_months_report_has_exactly_the_figures_of_the_page_of_figures(term: Stage) -> None:
    """R48: one way of counting."""
    desk, wiring = Statistics(term.wiring.store, term.school, term.wiring.lives, term.clock), term.wiring
    with wiring.store.read() as conn:
        rooms = sorted(rows.of_feed(conn, term.school, CLASSES))
        found = desk.month(conn, dt.date(2025, 12, 1), rooms)  # December's was not sent, so it is the one to write now
    say = load_wording("zh_CN")
    counted = say(
        "reports.month_counts", month=say("reports.month", year=2025, month=12), classes=len(rooms), made=found.made,
        owing=found.owed, confirmed=len(found.confirmed), lost=0, back=len(found.back), suspected=0,
        watch=len(found.by_ledger.get("watch", ())),
    )  # fmt: skip
    assert counted in Reader(term, "office").words("/papers/report?v=RE")
    assert found.made > 0 and found.owed >= found.made


def test_the_story_prints_the_names_as_they_are(term: Stage) -> None:
    assert term.student("boy").name == CHILD
    assert load_wording("zh_CN").has("notices.title.N3")


def test_no_character_is_a_box_on_the_printed_paper(term: Stage, tmp_path: Path) -> None:
    """Each rare character has a glyph of some font, in the fonts that papers and pages ask for."""
    from playwright.sync_api import sync_playwright

    pages = {kind: Reader(term, "principal").page(address) for kind, address in papers(term).items() if kind in ("N1", "N2", "RC", "RF", "proof")}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find(), args=FLAGS, env=with_chinese_font(tmp_path))
        tab = browser.new_page()
        for kind, page in pages.items():
            tab.set_content(page)
            tab.emulate_media(media="print")
            boxes = tab.evaluate(FINDS_BOXES)
            assert boxes == [], kind
        browser.close()


#: Draws every character of the page beyond the common ones in its own font, and a character that no font has beside
#: it: what looks the same is a box.
FINDS_BOXES = """() => {
  const draw = (text, font) => {
    const canvas = document.createElement('canvas'); canvas.width = canvas.height = 48;
    const context = canvas.getContext('2d'); context.font = '32px ' + font; context.fillText(text, 4, 36);
    return canvas.toDataURL();
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), boxes = new Set();
  while (walker.nextNode()) {
    const font = getComputedStyle(walker.currentNode.parentElement).fontFamily;
    for (const sign of walker.currentNode.textContent)
      if (sign.codePointAt(0) > 0x3400 && draw(sign, font) === draw(String.fromCodePoint(0x10FFFD), font)) boxes.add(sign);
  }
  return [...boxes];
}"""
