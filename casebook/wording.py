"""Looks up the sentences people read; logic only ever names a key."""

from __future__ import annotations

from collections.abc import Mapping


class Wording:
    """A message catalogue of one language: `wording("key", name=...)` gives the sentence."""

    def __init__(self, texts: Mapping[str, str], locale: str) -> None:
        self._texts = texts
        self.locale = locale

    def __call__(self, key: str, **facts: object) -> str:
        """The sentence for `key` with `{name}` places filled; an unknown key is returned itself, never an error."""
        text = self._texts.get(key)
        if text is None:
            return key
        try:
            return text.format_map(_Blanks(facts))
        except (ValueError, IndexError):
            return text

    def has(self, key: str) -> bool:
        """Whether the catalogue knows `key`."""
        return key in self._texts


class _Blanks(dict[str, object]):
    """A missing fact leaves a visible dash: a half sentence is better than a crash in front of a family."""

    def __missing__(self, key: str) -> str:
        return "—"
