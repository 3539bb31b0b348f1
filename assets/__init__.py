"""What ships beside the code: forms, texts for people, icons. Found through the import system, never by path."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from casebook.wording import Wording

SOURCE_LOCALE = "zh_CN"


def root() -> Traversable:
    """The folder of assets, wherever the package is installed."""
    return files(__name__)


def read_bytes(path: str) -> bytes:
    """Bytes of one asset; `path` is relative with forward slashes. Raises FileNotFoundError."""
    return root().joinpath(path).read_bytes()


@cache
def locales() -> frozenset[str]:
    """The languages that there are catalogues for."""
    return frozenset(entry.name for entry in root().joinpath("locale").iterdir() if entry.is_dir())


@cache
def load_wording(locale: str = SOURCE_LOCALE) -> Wording:
    """The message catalogue of `locale`; what it lacks is taken from the source language."""
    texts = _catalogue(SOURCE_LOCALE)
    if locale != SOURCE_LOCALE:
        texts = texts | _catalogue(locale)
    return Wording(texts, locale)


def _catalogue(locale: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for subject in sorted(root().joinpath("locale", locale).iterdir(), key=lambda entry: entry.name):
        if subject.name.endswith(".json"):
            texts.update(json.loads(subject.read_text(encoding="utf-8")))
    return texts
