"""What the app says when it cannot start in the web mode."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from fieldapp.ui.app import run


def said(monkeypatch: pytest.MonkeyPatch, folder: Path, **settings: str) -> str:
    for name, value in {"DATA": str(folder), **settings}.items():
        monkeypatch.setenv(f"JIAFANG_{name}", value)
    with pytest.raises(SystemExit) as ended:
        run()
    return str(ended.value.code)


def test_a_port_that_cannot_be_had_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        assert f"端口 {taken} 用不了" in said(monkeypatch, tmp_path / "f", PORT=taken)
    assert "端口 x 用不了" in said(monkeypatch, tmp_path / "f", PORT="x")
    assert "端口 99999 用不了" in said(monkeypatch, tmp_path / "f", PORT="99999")
    assert not (tmp_path / "f").exists()


def test_a_language_there_is_not_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "JIAFANG_LOCALE" in said(monkeypatch, tmp_path / "f", LOCALE="fr")
