"""Answers for a Chromium to drive: finds it, or installs it from the system's packages where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# Background services of the browser only disturb: they look up hosts that a test must not need.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


class ChromiumMissing(RuntimeError):
    """No browser to drive; the text says what to install."""


def find() -> str:
    """Path of the browser: $CHROMIUM, else the first known name on the path, else the usual places."""
    chosen = os.environ.get("CHROMIUM")
    candidates = [chosen] if chosen else [*NAMES, *PLACES]
    for candidate in candidates:
        if path := shutil.which(candidate):
            return path
    raise ChromiumMissing(
        "The browser tests need Chromium or Chrome. Install it (Debian/Ubuntu: apt-get install chromium) "
        "or set CHROMIUM=/path/to/chrome."
    )


def with_chinese_font(folder: Path) -> dict[str, str]:
    """An environment in which Chromium finds one Chinese font, whatever the machine has."""
    fonts = folder / "fonts.conf"
    cache = f"<cachedir>{folder}/fontcache</cachedir>"
    fonts.write_text(f"<fontconfig><dir>{files('noto_cjk_sans_otc')}</dir>{cache}</fontconfig>", "utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(fonts)}


def may_install() -> list[str] | None:
    """The command prefix with which packages may be installed without asking anybody, or None."""
    if not shutil.which("apt-get"):
        return None
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def install(prefix: list[str]) -> None:
    """Install Debian's chromium; a failing update alone is not fatal, the package lists may be fresh enough."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, check=False)
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    subprocess.run(command, env=quiet, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Print the browser's path, installing it first when that is possible; 0 also when it stays missing.

    The tests themselves fail without a browser, so nothing is skipped silently and all others still run.
    """
    try:
        print(f"== Chromium: {find()}")
        return 0
    except ChromiumMissing as missing:
        prefix = None if os.environ.get("CHROMIUM") else may_install()
        if prefix is None:
            print(missing, file=sys.stderr)
            return 0
    print("== Chromium is missing; installing it from the system's packages")
    install(prefix)
    print(f"== Chromium: {Path(find())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
