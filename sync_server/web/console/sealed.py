"""Says what was found about a seal, in a person's words."""

from __future__ import annotations

from dataclasses import dataclass

from sync_server.seals import Examined
from sync_server.web.console.page import Ask, Console


@dataclass(frozen=True)
class Sentence:
    """A sentence and how much it matters: good, plain, due, bad."""

    tone: str
    text: str


def said(console: Console, ask: Ask, seal: Examined) -> list[Sentence]:
    """The findings as sentences; facts that end in `_at` are instants."""
    dates = console.dates(ask)

    def word(name: str, fact: object) -> object:
        return dates.moment(str(fact)) if name.endswith("_at") else fact

    return [
        Sentence(f.tone, ask.wording(f"console.seal.{f.code}", **{n: word(n, v) for n, v in f.facts.items()}))
        for f in seal.findings
    ]
