"""Answers for the web mode drawing every Chinese name without internet: it puts fonts where the web client looks.

The offline web client loads one default font before its first frame and draws everything with it. In its place
goes the complete Simplified Chinese face of an installed font package, so rare name characters need no second
font. For what that face lacks (emoji, foreign scripts) the client would ask for small fonts it does not carry,
and ask again without end; a blank font under each of those names ends the asking after one answer.
The app's own sign for the browser's tab and the home screen lies beside them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from fieldapp.platform.web_icon import icons

FACE = "Noto Sans CJK SC"
FONTS = "assets/fonts"
DEFAULT_FONT = f"{FONTS}/roboto.woff2"  # the client tells formats by content, not by this name
VERTICAL_TABLES = frozenset({"vhea", "vmtx", "VORG", "BASE"})  # nothing here is written top to bottom
FALLBACK_FONT = re.compile(rb'"([a-z0-9]+/v\d+/[^"/]+\.(?:woff2|ttf|otf))"')
RECIPE = b"2"  # change it whenever this module writes something else, so that old caches are left alone

# Only this origin: the stock page asks a public network for a script at every start.
CONTENT_POLICY = (
    "default-src 'self' data: blob:; connect-src 'self' ws: wss: data: blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'"
)


class FontsMissing(RuntimeError):
    """The packages that carry the web client or the Chinese font are not installed or not as expected."""


def web_assets(cache: Path) -> Path:
    """Return an assets folder for `flet.run(assets_dir=...)`; made on first use (a second), kept under `cache`.

    The folder's name is the hash of the font, the web client and this recipe, so an upgrade of any makes a new one.
    Raises FontsMissing when the packages of the web mode are not installed.
    """
    collection, client = _package_folder("noto_cjk_sans_otc"), _package_folder("flet_web") / "web"
    source = next(collection.glob("*.ttc"), None)
    if source is None:
        raise FontsMissing(f"no font collection in {collection.name}")
    script, page = (client / "main.dart.js").read_bytes(), (client / "index.html").read_text("utf-8")
    ready = cache / f"web-{_key(RECIPE, source.read_bytes(), script, page.encode())}"
    if ready.exists():
        return ready
    cache.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=cache, prefix="building-"))
    _write(building, DEFAULT_FONT, _face(source))
    _write_fallbacks(building, {name.decode() for name in FALLBACK_FONT.findall(script)})
    _write(building, "index.html", _closed(page).encode())
    for name, picture in icons().items():
        _write(building, name, picture)
    return _publish(building, ready)


def _package_folder(name: str) -> Path:
    try:
        package = import_module(name)
    except ImportError as missing:
        raise FontsMissing(f"package {name} is not installed") from missing
    return Path(str(package.__file__)).parent


def _key(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def _face(source: Path) -> bytes:
    """The bytes of FACE alone, its tables copied as they are (decoding them would take a minute)."""
    from fontTools.ttLib import TTCollection
    from fontTools.ttLib.sfnt import SFNTWriter

    with TTCollection(str(source), lazy=True) as collection:
        font = next((font for font in collection if font["name"].getDebugName(4) == FACE), None)
        if font is None:
            raise FontsMissing(f"{FACE} is not in {source.name}")
        reader: Any = font.reader
        tables = [tag for tag in reader.keys() if tag not in VERTICAL_TABLES]  # noqa: SIM118
        written = BytesIO()
        writer = SFNTWriter(written, len(tables), reader.sfntVersion)
        for tag in tables:
            writer[tag] = reader[tag]
        writer.close()
    return written.getvalue()


def _blank() -> bytes:
    """A valid font that draws nothing but a space."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "space"])
    builder.setupCharacterMap({0x20: "space"})
    builder.setupGlyf({".notdef": Glyph(), "space": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "space": (500, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Blank", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    written = BytesIO()
    builder.save(written)
    return written.getvalue()


def _write_fallbacks(folder: Path, names: Iterable[str]) -> None:
    blank = _blank()
    for name in names:
        _write(folder, f"{FONTS}/{name}", blank)


def _closed(page: str) -> str:
    policy = f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
    return page.replace("<head>", f"<head>\n  {policy}", 1)


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _publish(building: Path, ready: Path) -> Path:
    """Rename into place; two starts at once build the same folder, the slower one drops its copy."""
    try:
        building.rename(ready)
    except OSError:
        shutil.rmtree(building)
        if not ready.exists():
            raise
    return ready
