"""The arrows between the parts: who may use what. Reads the sources; a planted breach proves that it looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.imports import Use, sources, uses

ROOT = Path(__file__).parent.parent

# The command line of the offline checker is the one place of casebook that reads files and prints.
CHECKER = "casebook/verify/command.py"

# Whoever names `what` must be one of `where`; both are matched as whole dotted names or path patterns.
RESERVED: list[tuple[str, tuple[str, ...]]] = [
    ("flet*", ("fieldapp/ui/*", "fieldapp/platform/*")),
    ("fontTools", ("fieldapp/platform/web_fonts.py",)),
    ("requests", ("fieldapp/sync/http.py",)),
    ("urllib3", ("fieldapp/sync/http.py",)),
    ("urllib.request", ("fieldapp/sync/http.py",)),
    ("http.client", ("fieldapp/sync/http.py",)),
    ("httpx", ()),
    ("sqlite3", ("fieldapp/store/*", "sync_server/store/*")),
    ("sqlite_utils", ("fieldapp/store/*",)),
    ("sqlalchemy", ("sync_server/store/*",)),
    ("alembic", ("sync_server/store/*",)),
    ("PIL", ("fieldapp/capture/*", "fieldapp/platform/web_icon.py", "sync_server/documents/*", "sync_server/sample/*",
             "sync_server/pictures.py")),
    ("cryptography", ("casebook/ed25519.py", "fieldapp/platform/*", "fieldapp/store/vault.py", "sync_server/keys.py")),
    ("rfc8785", ("casebook/*",)),
    ("fastapi", ("sync_server/web/*",)),
    ("starlette", ("sync_server/web/*",)),
    ("jinja2", ("sync_server/web/*",)),
    ("pyxform", ("sync_server/forms.py",)),
    ("fieldapp", ("fieldapp/*", "main.py")),
    ("sync_server", ("sync_server/*",)),
    ("tests", ()),
    ("fieldapp.store", ("fieldapp/*.py", "!fieldapp/ui/*")),
    ("fieldapp.sync", ("fieldapp/*.py", "!fieldapp/ui/*")),
    ("casebook.ed25519", ("fieldapp/*", "sync_server/*", CHECKER)),
]

# casebook is pure: time, ids, randomness, files and network come in as arguments.
PURE = {
    "__future__", "abc", "base64", "binascii", "bisect", "calendar", "codecs", "collections", "contextlib", "copy",
    "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "html",
    "io", "itertools", "json", "keyword", "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap",
    "types", "typing", "unicodedata", "uuid", "xml", "zoneinfo", "casebook", "rfc8785",
}  # fmt: skip
IMPURE_CALLS = ("open", "io.open", "io.FileIO", "print", "input", "exec", "eval", "*.now", "*.utcnow", "*.today", "*.uuid1", "*.uuid4",
                "uuid1", "uuid4", "*.read_text", "*.read_bytes", "*.write_text", "*.write_bytes")  # fmt: skip
INJECTED = ("env.now", "*.env.now", "*._env.now")  # a clock that came in as an argument


def outside(use: Use, where: Iterable[str]) -> bool:
    """Whether `use` stands where it must not; a pattern with `!` forbids although another allows."""
    forbidden = any(fnmatch(use.place, pattern[1:]) for pattern in where if pattern.startswith("!"))
    return forbidden or not any(fnmatch(use.place, pattern) for pattern in where)


def names(use: Use, what: str) -> bool:
    """Whether `use` imports `what` or something inside it."""
    return not use.call and any(fnmatch(prefix, what) for prefix in prefixes(use.target))


def prefixes(target: str) -> list[str]:
    parts = target.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def reserved_breaches(found: list[Use]) -> list[str]:
    return [f"{use}: {what} is reserved" for what, where in RESERVED for use in found
            if names(use, what) and outside(use, where)]  # fmt: skip


def impure_imports(found: list[Use]) -> list[str]:
    edge = {"argparse", "assets", "os", "pathlib", "sys"}
    allowed = {"casebook/ed25519.py": PURE | {"cryptography"}, CHECKER: PURE | edge}
    return [f"{use}: casebook is pure" for use in found
            if use.place.startswith("casebook/") and not use.call
            and use.target.split(".")[0] not in allowed.get(use.place, PURE)]  # fmt: skip


def impure_calls(found: list[Use]) -> list[str]:
    return [f"{use}: casebook is pure" for use in found
            if use.place.startswith("casebook/") and use.call and use.place != CHECKER
            and any(fnmatch(use.target, pattern) for pattern in IMPURE_CALLS)
            and not any(fnmatch(use.target, pattern) for pattern in INJECTED)]  # fmt: skip


def unknown_on_the_phone(found: list[Use]) -> list[str]:
    """Imports that neither the phone's package nor the standard library carries; the web mode alone has more."""
    carried = set(sys.stdlib_module_names) | {
        "casebook", "fieldapp", "assets", "main", "flet", "flet_camera", "flet_geolocator", "flet_secure_storage",
        "flet_permission_handler", "flet_audio_recorder", "flet_audio",
        "sqlite_utils", "requests", "PIL", "rfc8785", "cryptography", "fontTools",
        "noto_cjk_sans_otc", "flet_web", "jnius",
    }  # fmt: skip
    return [f"{use}: not on the phone" for use in found if not use.call
            and use.place.split("/")[0] in {"casebook", "fieldapp", "assets", "main.py"}
            and use.target.split(".")[0] not in carried]  # fmt: skip


CHECKS: list[Callable[[list[Use]], list[str]]] = [
    reserved_breaches, impure_imports, impure_calls, unknown_on_the_phone,
]  # fmt: skip


@pytest.fixture(scope="module")
def project() -> list[Use]:
    return uses(ROOT)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_arrows_hold(check: Callable[[list[Use]], list[str]], project: list[Use]) -> None:
    assert check(project) == []


def test_all_four_packages_were_read() -> None:
    read = {path.relative_to(ROOT).parts[0] for path in sources(ROOT)}
    assert read == {"main.py", "casebook", "fieldapp", "sync_server", "assets"}


BREACHES = [
    ("casebook/a.py", "import time", impure_imports),
    ("casebook/a.py", "def f():\n    from os import path", impure_imports),
    ("casebook/a.py", "import sqlite3", impure_imports),
    ("casebook/rules/a.py", "from ...fieldapp import desk", impure_imports),
    ("casebook/a.py", "from casebook import ed25519", reserved_breaches),
    ("casebook/a.py", "from cryptography import x509", reserved_breaches),
    ("casebook/a.py", "import datetime\nx = datetime.datetime.now()", impure_calls),
    ("casebook/a.py", "from datetime import date\nx = date.today()", impure_calls),
    ("casebook/a.py", "import uuid\nx = uuid.uuid4()", impure_calls),
    ("casebook/a.py", "x = open('y')", impure_calls),
    ("fieldapp/desk.py", "import sync_server.intake", reserved_breaches),
    ("fieldapp/desk.py", "import flet as ft", reserved_breaches),
    ("fieldapp/desk.py", "import sqlite_utils", reserved_breaches),
    ("fieldapp/sync/engine.py", "import requests", reserved_breaches),
    ("fieldapp/ui/app.py", "from fieldapp.store import drafts", reserved_breaches),
    ("fieldapp/ui/screens/a.py", "from PIL import Image", reserved_breaches),
    ("fieldapp/desk.py", "import pandas", unknown_on_the_phone),
    ("sync_server/a.py", "from fieldapp.desk import Desk", reserved_breaches),
    ("sync_server/a.py", "import importlib\nimportlib.import_module('fieldapp.desk')", reserved_breaches),
    ("sync_server/cases.py", "from sqlalchemy import select", reserved_breaches),
    ("sync_server/intake.py", "import starlette", reserved_breaches),
    ("sync_server/web/a.py", "from tests.imports import uses", reserved_breaches),
]


@pytest.mark.parametrize(("place", "text", "check"), BREACHES, ids=[f"{place}: {text}" for place, text, _ in BREACHES])
def test_a_planted_breach_is_found(
    place: str, text: str, check: Callable[[list[Use]], list[str]], tmp_path: Path
) -> None:
    planted = tmp_path / place
    planted.parent.mkdir(parents=True)
    planted.write_text(text)
    assert len(check(uses(tmp_path))) == 1
