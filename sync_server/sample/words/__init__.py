"""Word lists the sample school is drawn from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def word_list(name: str) -> Mapping[str, Any]:
    """The lists of `words/<name>.json`."""
    found: Mapping[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return found
