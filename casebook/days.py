"""Days as records, forms and addresses write them: YYYY-MM-DD, and nothing else that a calendar might read."""

from __future__ import annotations

import datetime as dt
import re

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def day_written(text: object) -> dt.date | None:
    """The day that `text` is, None when it is no day or is written in another way: one day has one name."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
