"""Keys of the sentences for what the rules say in codes; the sentences are in the catalogues."""

from __future__ import annotations

from collections.abc import Iterable

from casebook.rules.due import Deadline
from casebook.rules.states import Refused
from casebook.wording import Wording


def refused_key(code: str) -> str:
    """What is missing for a step."""
    return f"rule.refused.{code}"


def refused_keys(codes: Iterable[str]) -> list[str]:
    """The same for several codes."""
    return [refused_key(code) for code in codes]


def because_key(code: str) -> str:
    """One step of the explanation of a date."""
    return f"rule.because.{code}"


def deadline_key(key: str) -> str:
    """What a deadline is called."""
    return f"rule.deadline.{key}"


def duty_key(kind: str) -> str:
    """What is to be done."""
    return f"rule.duty.{kind}"


def defect_key(code: str) -> str:
    """What is missing in a proof of service."""
    return f"rule.defect.{code}"


def ledger_key(ledger_class: str) -> str:
    """A class of the ledger."""
    return f"rule.ledger.{ledger_class}"


def figure_key(formula: str) -> str:
    """What a rate counts."""
    return f"rule.figure.{formula}"


def event_key(event: str) -> str:
    """What an event or an act is called."""
    return f"rule.event.{event}"


def paper_key(paper: str) -> str:
    """What a paper is called."""
    return f"rule.paper.{paper}"


def absence_key(kind: str) -> str:
    """A kind of absence."""
    return f"rule.absence.{kind}"


def refusal(refused: Refused, wording: Wording) -> list[str]:
    """All that is missing for a step, one sentence each; missing papers are named."""
    papers = wording("rule.between_papers").join(wording(paper_key(paper)) for paper in refused.facts.get("papers", ()))
    return [wording(refused_key(code), papers=papers) for code in refused.missing]


def explained(deadline: Deadline, wording: Wording) -> list[str]:
    """Why a deadline is on its day: one sentence for each step, in order."""
    return [wording(because_key(step.code), **step.facts) for step in deadline.because]
