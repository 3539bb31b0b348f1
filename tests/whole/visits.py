"""What is answered in the stories: an absence visit in which a guardian is met at the door."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw


@dataclass(frozen=True)
class Typed:
    """An answer that is typed, not chosen."""

    text: str


Answer = str | list[str] | Typed | Path | bool
SUMMARY = "和家长谈了四十分钟，家长答应明天送孩子回校。"


def photo(path: Path, seed: int, size: tuple[int, int] = (1600, 1200), grain: int = 8) -> Path:
    """A picture with enough detail to weigh like a photo; the same for the same seed. A finer grain weighs more."""
    width, height = size[0] // grain, size[1] // grain
    coarse = Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))
    picture = coarse.resize(size, Image.Resampling.BICUBIC)
    ImageDraw.Draw(picture).rectangle((100, 100, 700, 500), fill=(47, 107, 94))
    picture.save(path, quality=80)
    return path


def absence_visit(photos: list[Path]) -> dict[str, Answer]:
    """F2: the child was absent without leave."""
    return {
        "mode": "door", "with_whom": ["cadre"], "companions": Typed("村委会李主任"), "contact_result": "met_guardian",
        "met_same": "same", "met_name": Typed("李家长"), "met_relation": "52", "can_read": "little", "interpreter": "none",
        "excuse": "none", "sign_level": "slight",
        "here_now": "seen", "reason_topics": ["learning"], "reasons_guardian": ["LE1"], "reasons_student": ["LE1"],
        "will_asked": "willing", "attitude_asked": "2", "explained": ["law"], "promise_when": "tomorrow",
        "worry": ["none"], "photos_1": photos[0], "photos_2": photos[1], "summary": Typed(SUMMARY),
        "next_action": "call", "next_when": "tomorrow", "read_aloud": True, "sign_mode": "handwritten",
    }  # fmt: skip
