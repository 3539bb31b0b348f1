"""Who went along on a visit, as forms say it: the names of colleagues in one text."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[^\w\u00b7\u2022]+")  # a name may hold a middle dot


def names_in(text: str) -> tuple[str, ...]:
    """The names, in order, whatever was put between them."""
    return tuple(filter(None, _BETWEEN.split(text)))
