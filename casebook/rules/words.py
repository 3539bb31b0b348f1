"""Keys of the sentences for what the rules say in codes; the sentences are in the catalogues."""

from __future__ import annotations

import re
from collections.abc import Callable

from casebook.rules.due import Deadline
from casebook.rules.states import Refused
from casebook.wording import Wording

_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


def _said_by(part: str) -> Callable[[str], str]:
    """Turns a code into the key of its sentence."""
    return lambda code: part + code


refused_key = _said_by("rule.refused.")  # what is missing for a step
because_key = _said_by("rule.because.")  # one step of the explanation of a date
deadline_key = _said_by("rule.deadline.")  # what a deadline is called
duty_key = _said_by("rule.duty.")  # what is to be done
defect_key = _said_by("rule.defect.")  # what is missing in a proof of service
ledger_key = _said_by("rule.ledger.")  # a class of the ledger
figure_key = _said_by("rule.figure.")  # what a rate counts
event_key = _said_by("rule.event.")  # what an event or an act is called
paper_key = _said_by("rule.paper.")  # what a paper is called
absence_key = _said_by("rule.absence.")  # a kind of absence


def source_told(source: str, wording: Wording) -> str:
    """Where a rule comes from, as people read it: what ships with the program has words, a school's own text stands."""
    key = f"rule.source.{_BETWEEN_WORDS.sub('_', source.lower()).strip('_')}"
    return wording(key) if wording.has(key) else source


def refusal(refused: Refused, wording: Wording) -> list[str]:
    """All that is missing for a step, one sentence each; missing papers are named."""
    papers = wording("rule.between_papers").join(wording(paper_key(paper)) for paper in refused.facts.get("papers", ()))
    return [wording(refused_key(code), papers=papers) for code in refused.missing]


def explained(deadline: Deadline, wording: Wording) -> list[str]:
    """Why a deadline is on its day: one sentence for each step, in order."""
    return [wording(because_key(step.code), **step.facts) for step in deadline.because]
