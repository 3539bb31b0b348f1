"""Draws the sample's signatures: strokes a hand could have made, in the shape of writing but of no one's."""

from __future__ import annotations

from math import pi, sin
from random import Random

from casebook.records import canonical

STROKES_TYPE = "application/vnd.jiafang.strokes+json"
WIDTH, HEIGHT = 680, 300
TENTHS = 10
STEP_MS = 12
LIFT_MS = (90, 260)
CHARACTER = 180
# Brush strokes of a character in a unit box: start, pull and end of a curve, and how long the hand takes (ms).
BRUSH: tuple[tuple[tuple[float, float], tuple[float, float], tuple[float, float], int], ...] = (
    ((0.12, 0.26), (0.50, 0.20), (0.88, 0.24), 230),
    ((0.18, 0.52), (0.50, 0.47), (0.84, 0.50), 210),
    ((0.10, 0.84), (0.52, 0.78), (0.94, 0.82), 260),
    ((0.50, 0.06), (0.52, 0.50), (0.49, 0.92), 280),
    ((0.28, 0.12), (0.30, 0.40), (0.27, 0.70), 200),
    ((0.52, 0.34), (0.42, 0.66), (0.10, 0.94), 260),
    ((0.50, 0.40), (0.64, 0.70), (0.94, 0.92), 280),
    ((0.22, 0.08), (0.30, 0.14), (0.34, 0.24), 90),
    ((0.72, 0.10), (0.68, 0.18), (0.60, 0.26), 90),
    ((0.70, 0.30), (0.80, 0.62), (0.62, 0.90), 240),
)


def signature(name: str, seed: str) -> bytes:
    """The strokes file of someone signing `name`; `seed` makes each signing different, as hands are."""
    hand = Random(f"hand:{name}")  # the same person writes the same strokes each time, never quite alike
    now = Random(f"strokes:{name}:{seed}")
    written = [character for character in name if character != "·"]
    size = min(CHARACTER, (WIDTH - 60) // max(1, len(written)))
    clock, strokes = 0, []
    for place, _ in enumerate(written):
        left = 30 + place * size + now.uniform(-4, 4)
        top = (HEIGHT - size) / 2 + now.uniform(-12, 12)
        for brush in sorted(hand.sample(range(len(BRUSH)), hand.randint(4, 8))):
            clock += now.randint(*LIFT_MS)
            stroke = _stroke(BRUSH[brush], left, top, size * 0.9, clock, now)
            clock = stroke[-1][2]
            strokes.append(stroke)
    return canonical({"v": 1, "width": WIDTH, "height": HEIGHT, "strokes": strokes})


def _stroke(
    brush: tuple[tuple[float, float], tuple[float, float], tuple[float, float], int],
    left: float,
    top: float,
    size: float,
    start_ms: int,
    rng: Random,
) -> list[list[int]]:
    """Points [x, y, t] of one stroke: tenths of a pixel and milliseconds; slow at both ends, a little unsteady."""
    first, pull, last, lasts_ms = brush
    points = max(4, lasts_ms // STEP_MS)
    bend = rng.uniform(-0.05, 0.05)
    found = []
    for step in range(points):
        share = (1 - _cosine(step / (points - 1))) / 2
        x = _curve(first[0], pull[0] + bend, last[0], share)
        y = _curve(first[1], pull[1] + bend, last[1], share)
        unsteady = rng.uniform(-0.006, 0.006)
        across, down = left + (x + unsteady) * size, top + (y - unsteady) * size
        found.append([round(across * TENTHS), round(down * TENTHS), start_ms + step * STEP_MS])
    return found


def _curve(first: float, pull: float, last: float, share: float) -> float:
    rest = 1 - share
    return rest * rest * first + 2 * rest * share * pull + share * share * last


def _cosine(share: float) -> float:
    return sin(pi / 2 + share * pi)
