"""The command line of the checker: reads files, prints words, answers with an exit status. The only impure module."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from assets import SOURCE_LOCALE, load_wording, locales
from casebook.ed25519 import Ed25519Verifier
from casebook.errors import CasebookError
from casebook.translog.notes import read_voucher
from casebook.verify.bundle import read_bundle
from casebook.verify.examining import Trust, examine
from casebook.verify.telling import tell
from casebook.wording import Wording

CLEAN, FOUND, UNREADABLE = 0, 1, 2
_PIECE = 1024 * 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Checks a bundle: 0 when nothing was found, 1 when something was, 2 when it could not be checked."""
    options = _options(argv)
    say = load_wording(options.language)
    try:
        bundle = read_bundle(options.bundle.read_bytes())
        trust = _trust(options)
        report = examine(bundle, trust, Ed25519Verifier())
    except OSError as error:
        return _print(say("verify.no_such_file", file=error.filename), UNREADABLE)
    except (CasebookError, UnicodeDecodeError):
        return _print(say("verify.unreadable", file=options.bundle.name), UNREADABLE)
    for line in tell(bundle, trust, report, say):
        _print(line, CLEAN)
    return FOUND if report.findings else CLEAN


class _Parser(argparse.ArgumentParser):
    """argparse, which knows only English, with every text from the catalogue."""

    say: Wording

    def format_help(self) -> str:
        """What can be said, each with its meaning."""
        parts = [(" ".join(one.option_strings) or one.dest.upper(), one.help or "") for one in self._actions]
        wide = max(len(first) for first, _ in parts) + 2
        rows = [f"  {first.ljust(wide)}{meaning}" for first, meaning in parts]
        return "\n".join([self.say("verify.help.usage"), "", self.description or "", "", *rows, ""])

    def error(self, message: str) -> NoReturn:
        """Says that it was typed wrongly, and how it is typed."""
        _print(f"{self.say('verify.help.wrong')}\n{self.format_help()}", UNREADABLE)
        raise SystemExit(UNREADABLE)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    language = os.environ.get("JIAFANG_LOCALE", "")
    language = language if language in locales() else SOURCE_LOCALE
    say = load_wording(language)
    parser = _Parser(description=say("verify.about"), add_help=False)
    parser.say = say
    parser.add_argument("bundle", type=Path, help=say("verify.help.bundle"))
    parser.add_argument("--key", help=say("verify.help.key"))
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help=say("verify.help.checkpoint"))
    parser.add_argument("--files", type=Path, help=say("verify.help.files"))
    parser.add_argument("--language", default=language, choices=sorted(locales()), help=say("verify.help.language"))
    parser.add_argument("-h", "--help", action="help", help=say("verify.help.help"))
    return parser.parse_args(argv)


def _trust(options: argparse.Namespace) -> Trust:
    outside = [path.read_text("utf-8") for path in options.checkpoint]
    key = read_voucher(options.key) if options.key else None
    return Trust(key, outside, _lying(options.files) if options.files else None)


def _lying(folder: Path) -> dict[str, str]:
    """Every file below the folder whose name is a hash (whatever its extension), and its content's hash."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and len(path.name.split(".")[0]) == 64)
    return {path.name.split(".")[0]: _hash(path) for path in found}


def _hash(path: Path) -> str:
    content = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            content.update(piece)
    return content.hexdigest()


def _print(text: str, status: int) -> int:
    print(text.encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8"))
    return status
