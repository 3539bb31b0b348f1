"""The command `play`: reads a story, plays it, prints what came of it, and says in words what went wrong."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from casebook.rules.facts import CHINA
from casebook.rules.outline import plain
from casebook.wording import Wording
from sync_server.play.expecting import line, told
from sync_server.play.playing import Played, play
from sync_server.play.said import StoryBroken
from sync_server.play.stage import StageFailed
from sync_server.play.story import load


def run(file: Path, until: str | None, say: Wording) -> tuple[int, str, list[str]]:
    """Exit code (0 as told, 1 not as expected, 2 not playable), the outcome as JSON, and what people should read."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        stop = _moment(until)
    except ValueError:
        return 2, "", [say("play.no_moment", said=until)]
    try:
        played = play(load(file), stop)
    except StoryBroken as broken:
        return 2, "", [say("play.broken", place=str(broken.place), what=_what(say, broken.sentence, broken.facts))]
    except StageFailed as failed:
        return 2, "", [say(failed.sentence), *failed.findings]
    except OSError:
        return 2, "", [say("play.no_file", file=file)]
    return int(not played.well), json.dumps(outline(played), ensure_ascii=False, indent=1), list(_remarks(played, say))


def outline(played: Played) -> dict[str, Any]:
    """Everything as plain JSON values."""
    found: dict[str, Any] = plain({
        "title": played.title, **played.told, "events": played.events, "expectations": played.expectations,
        "differences": [told(one) for one in played.differences],
    })  # fmt: skip
    return found


def _remarks(played: Played, say: Wording) -> Iterator[str]:
    if played.well:
        yield say("play.well", count=played.expectations)
        return
    yield say("play.different", count=len(played.differences), of=played.expectations)
    yield from map(line, played.differences)


def _what(say: Wording, sentence: str, facts: Any) -> str:
    usual = {"said": "", "kind": "", "name": "", "known": "", "open": "", "unasked": ""}
    named = {**usual, **facts}
    kind = say(f"play.kind.{named['kind']}") if named["kind"] else ""
    return say(sentence, **named | {"kind": kind})


def _moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    found = dt.datetime.fromisoformat(text if len(text) > 10 else f"{text} 23:59")
    return found if found.tzinfo else found.replace(tzinfo=CHINA)
