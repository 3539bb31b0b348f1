"""Where ODK's two engines part, or we part from them: each class with what we do and why. Anything else is a fault.

`docs/forms-engine.md` shows the same table to people; a test keeps both in step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.differential.compare import Split


@dataclass(frozen=True)
class Place:
    """Where a split stands in the form: the sources of the expressions behind it, the type and kind of its question."""

    sources: Sequence[str]
    type: str
    kind: str

    def mentions(self, *parts: str) -> bool:
        """Whether one of the expressions has one of these parts."""
        return any(part in source for source in self.sources for part in parts)


@dataclass(frozen=True)
class Policy:
    """One class of disagreement. `follows` is node, java or own; a split is only explained if we really follow it."""

    id: str
    says: str
    follows: str
    why: str
    applies: Callable[[Split, Place], bool]

    def explains(self, split: Split, place: Place) -> bool:
        """Whether the split is of this class, and we do what the policy says."""
        told = {"node": split.node, "java": split.java, "own": split.ours}[self.follows]
        return split.ours == told and self.applies(split, place)


_TRUTHS = ({"true", "1"}, {"false", "0"})


def _same_truth(split: Split, place: Place) -> bool:
    told = {text for text in (split.ours, split.node, split.java) if text is not None}
    return any(told <= truth for truth in _TRUTHS)


def _same_choices(split: Split, place: Place) -> bool:
    told = [text for text in (split.ours, split.node, split.java) if text is not None]
    return place.kind == "select" and len({" ".join(sorted(text.split())) for text in told}) == 1


def _guidance(split: Split, place: Place) -> bool:
    return split.aspect == "hint" and str(split.node).startswith(str(split.ours)) and split.java in (split.ours, None)


POLICIES: tuple[Policy, ...] = (
    Policy("guidance", "Guidance is shown with the hint (node) or asked for apart (java)", "java",
           "Guidance is long; it unfolds when the teacher asks for it.", _guidance),
    Policy("truth-text", "A truth is stored as true/false (node) or 1/0 (java)", "node",
           "XPath writes true and false; both read back as the same.",
           lambda split, place: split.aspect in ("value", "sent") and _same_truth(split, place)),
    Policy("choice-order", "Several choices are stored in the order of the list (node) or of tapping (java)", "java",
           "What was said first is a finding of its own.", _same_choices),
)  # fmt: skip
