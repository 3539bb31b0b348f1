"""Strokes become a smooth path; what is no signature draws nothing and breaks nothing."""

from __future__ import annotations

import json

import pytest

from sync_server.web.console.ink import draw


def strokes(*lines: list[list[int]]) -> bytes:
    return json.dumps({"v": 1, "width": 300, "height": 200, "strokes": list(lines)}).encode()


def test_a_stroke_runs_through_the_middles_and_ends_where_the_finger_left() -> None:
    drawing = draw(strokes([[100, 100, 0], [200, 300, 16], [400, 100, 900]]))
    assert drawing is not None
    assert drawing.path == "M100 100Q200 300 300 200L400 100"
    assert drawing.view_box == "20 20 460 360"
    assert (drawing.strokes, drawing.seconds) == (1, 1)


def test_a_dot_is_drawn() -> None:
    drawing = draw(strokes([[100, 100, 0]]))
    assert drawing is not None
    assert drawing.path == "M100 100h1"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b"{}", b'{"strokes": 5}', b'{"strokes": [[1]]}', b'{"strokes": [[["a", "b", "c"]]]}',
        b'{"strokes": []}', b'{"strokes": [[]]}', b'{"strokes": [[[1, 2]]]}', b'{"strokes": [[[1e400, 2, 3]]]}',
        b"[" * 100_000, strokes([[0, 0, 0]] * 60_000), b" " * 3_000_000,
    ],
)  # fmt: skip
def test_what_is_no_signature_draws_nothing(content: bytes) -> None:
    assert draw(content) is None
