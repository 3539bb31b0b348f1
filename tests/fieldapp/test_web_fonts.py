"""The web mode must show every name without internet."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from flet_web.fastapi.flet_static_files import FletStaticFiles
from fontTools.ttLib import TTFont
from PIL import Image

from fieldapp.platform import web_fonts
from fieldapp.platform.web_fonts import DEFAULT_FONT, FONTS, FontsMissing, web_assets

RARE_NAME_CHARACTERS = "㛃禤𬱖䶮𬭎𫘧"
SIGNS = "①★→✓—…“”，。？！：；（）《》0123456789Aa"


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return web_assets(tmp_path_factory.mktemp("cache"))


def test_the_default_font_draws_rare_names_signs_and_every_wording(assets: Path) -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(str(files("assets"))).glob("locale/*/*.json"))
    with TTFont(assets / DEFAULT_FONT, lazy=True) as font:
        drawn = set(font.getBestCmap())
    asked = {ord(sign) for sign in RARE_NAME_CHARACTERS + SIGNS + texts if not sign.isspace()}
    assert {chr(point) for point in asked - drawn} == set()


def test_every_font_the_client_may_ask_for_is_there(assets: Path) -> None:
    """A missing one is asked for again without end."""
    client = Path(str(files("flet_web"))) / "web" / "main.dart.js"
    names = set(re.findall(r'"(noto[a-z0-9]+/v\d+/[^"]+)"', client.read_text("utf-8")))
    assert len(names) > 500
    assert [name for name in names if not (assets / FONTS / name).is_file()] == []


def test_the_page_may_load_only_from_its_own_origin(assets: Path) -> None:
    page = (assets / "index.html").read_text("utf-8")
    assert "<!-- fletAppConfig -->" in page
    assert "https:" not in page.split("Content-Security-Policy")[1].split(">")[0]


@pytest.mark.parametrize("name", ["favicon.ico", "favicon.png", "icons/icon-192.png", "icons/apple-touch-icon-192.png"])
def test_the_tab_and_the_home_screen_show_the_apps_own_sign(assets: Path, name: str) -> None:
    stock = Path(str(files("flet_web"))) / "web" / name
    assert not stock.exists() or stock.read_bytes() != (assets / name).read_bytes()
    with Image.open(assets / name) as picture:
        seen = picture.convert("RGBA").resize((64, 64))
    assert seen.getpixel((32, 8))[:3] == pytest.approx((0x2F, 0x6B, 0x5E), abs=12), "green above the roof"
    assert min(seen.getpixel((32, 17))[:3]) > 200, "the ridge of the roof is white"


async def test_a_browser_that_asks_for_the_icon_gets_it(assets: Path) -> None:
    served = httpx.ASGITransport(FletStaticFiles(assets_dir=str(assets), no_cdn=True))
    async with httpx.AsyncClient(transport=served, base_url="http://app") as browser:
        for name in ("favicon.ico", "favicon.png"):
            answer = await browser.get(f"/{name}")
            assert answer.status_code == 200 and answer.content == (assets / name).read_bytes()


def test_the_second_start_finds_everything_ready(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_fonts, "_face", lambda source: pytest.fail("cut again"))
    assert web_assets(assets.parent) == assets


def test_a_start_that_lost_the_race_uses_the_winners_folder(assets: Path, tmp_path: Path) -> None:
    building = tmp_path / "building"
    building.mkdir()
    (building / "index.html").write_text("late")
    assert web_fonts._publish(building, assets) == assets
    assert not building.exists()
    assert (assets / "index.html").read_text("utf-8") != "late"


def test_a_missing_font_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(web_fonts, "import_module", absent)
    with pytest.raises(FontsMissing, match="noto_cjk_sans_otc"):
        web_assets(tmp_path)
