"""Where ODK's two engines part, or we part from them: each class with what we do and why. Anything else is a fault.

`docs/forms-engine.md` shows the same table to people; a test keeps both in step.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.differential.compare import Split


@dataclass(frozen=True)
class Place:
    """Where a split stands in the form: the sources of the expressions behind it, the type and kind of its question.

    `count` is the value that decides how many instances the repeat has; None unless it is a counted repeat.
    """

    sources: Sequence[str]
    deep: Sequence[str]
    type: str
    kind: str
    count: str | None = None
    calculated: bool = False
    #: whether a default is computed for the question
    default: bool = False
    preloaded: bool = False
    #: whether another question's change sets it
    triggered: bool = False
    #: what the person entered in this step, if it was this question
    entered: str = ""

    def mentions(self, *parts: str) -> bool:
        """Whether one of the expressions has one of these parts."""
        return any(part in source for source in self.sources for part in parts)

    def rests_on(self, *parts: str) -> bool:
        """The same, or one of the expressions that they read from."""
        return any(part in source for source in self.deep for part in parts)


@dataclass(frozen=True)
class Policy:
    """One class of disagreement. `follows` is node, java, either or own; a split is only explained if we do follow."""

    id: str
    says: str
    follows: str
    why: str
    applies: Callable[[Split, Place], bool]

    def explains(self, split: Split, place: Place) -> bool:
        """Whether the split is of this class, and we do what the policy says."""
        told = {"node": [split.node], "java": [split.java], "either": [split.node, split.java]}
        followed = told.get(self.follows, [None])
        return (split.ours in followed or None in followed) and self.applies(split, place)


_TRUTHS = ({"true", "1"}, {"false", "0"})


def _same_truth(split: Split, place: Place) -> bool:
    told = {text for text in (split.ours, split.node, split.java) if text is not None}
    return any(told <= truth for truth in _TRUTHS)


def _same_choices(split: Split, place: Place) -> bool:
    told = [text for text in (split.ours, split.node, split.java) if text is not None]
    return place.kind == "select" and len({" ".join(sorted(text.split())) for text in told}) == 1


def _guidance(split: Split, place: Place) -> bool:
    return split.aspect == "hint" and str(split.node).startswith(str(split.ours)) and split.java in (split.ours, None)


def _unreadable(split: Split, place: Place) -> bool:
    """A number or day that cannot be read: nobody but us has the text, or only part of it."""
    if split.aspect == "violation":
        return split.ours == "type"
    kinds = {"int": _is_integer, "decimal": _is_decimal, "date": _is_day}
    return split.aspect in ("value", "sent") and place.type in kinds and bool(split.ours) and not kinds[place.type](str(split.ours))


def _is_integer(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,9}", text) is not None


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text) is not None


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _below_one(count: str | None) -> bool:
    return count is not None and _is_decimal(count) and float(count) < 1


def _whole_decimal(split: Split, place: Place) -> bool:
    return split.node is not None and re.sub(r"\b(\d+)\.0\b", r"\1", split.node) == split.ours


POLICIES: tuple[Policy, ...] = (
    Policy("guidance", "Guidance is shown with the hint (node) or asked for apart (java)", "java",
           "Guidance is long; it unfolds when the teacher asks for it.", _guidance),
    Policy("truth-text", "A truth is stored as true/false (node) or 1/0 (java)", "node",
           "XPath writes true and false; both read back as the same.",
           lambda split, place: split.aspect in ("value", "sent") and _same_truth(split, place)),
    Policy("choice-order", "Several choices are stored in the order of the list (node) or of tapping (java)", "java",
           "What was said first is a finding of its own.", _same_choices),
    Policy("unreadable", "A number or day that cannot be read is dropped, cut or refused", "own",
           "We keep what was typed and say what is wrong with it; it cannot be sealed.", _unreadable),
    Policy("unreadable-taken", "Such an answer is taken with a complaint (node) or refused (java)", "node",
           "The form stays usable; the complaint stands beside the question.",
           lambda split, place: split.aspect == "taken" and place.type in ("int", "decimal", "date")),
    Policy("full-width", "Full-width digits are no number (node) or read as one (java)", "java",
           "Chinese keyboards type them.", lambda split, place: not place.entered.isascii()),
    Policy("blank-count", "A repeat whose count is blank has none (node) or keeps its instances (java)", "java",
           "A count that is being typed anew must not wipe the answers.",
           lambda split, place: split.aspect == "relevant" and place.count == ""),
    Policy("irrelevant-count", "A count that is not asked counts as blank (node) or as what it would be (java)", "node",
           "What is not asked is not there.", lambda split, place: split.aspect == "relevant" and place.count == ""),
    Policy("no-count", "A repeat with a count of none has none (node) or one (java)", "node", "None is none.",
           lambda split, place: split.aspect == "relevant" and _below_one(place.count)),
    Policy("sum-of-none", "The sum of no answers is blank (node) or 0 (java)", "java",
           "XPath says 0, and a sum of nothing is nothing.",
           lambda split, place: place.mentions("sum(") and (split.ours, split.node) == ("0", "")),
    Policy("count-irrelevant", "Irrelevant instances count (node) or do not (java)", "java",
           "What is not asked is not there.", lambda split, place: place.mentions("count(")),
    Policy("whole-decimal", "A whole number in a decimal question reads 2.0 in texts (node) or 2 (java)", "java",
           "People write 2.", _whole_decimal),
    Policy("default-of-calculation", "Defaults are computed after calculations (node) or before (java)", "node",
           "The author of such a default means the calculated value.",
           lambda split, place: split.at == 0 and split.java == "" and place.default),
    Policy("default-of-irrelevant", "What is irrelevant at first gets no default (node) or does (java)", "java",
           "It may become relevant.", lambda split, place: split.node == "" and place.default),
    Policy("metadata-in-repeat", "Metadata stays blank in later instances of a repeat (node) or not (java)", "java",
           "Every instance tells who and when.",
           lambda split, place: split.node == "" and place.preloaded),
    Policy("join-irrelevant", "Joining drops irrelevant or absent answers in different ways", "java",
           "What is not asked is not there.", lambda split, place: place.mentions("join(")),
    Policy("choice-name-language", "The name of a choice follows the language (node) or keeps that of the start (java)",
           "node", "Texts are read in the language of the screen.", lambda split, place: place.mentions("jr:choice-name(")),
    Policy("stale-aggregate", "What rests on aggregates is not always computed anew (java)", "node",
           "Calculations always show the present answers.",
           lambda split, place: place.rests_on("sum(", "min(", "max(", "count(", "join(", "count-non-empty(")),
    Policy("override", "What a person entered in a calculated question gives way when its value is computed anew: when "
           "the computed value moves (node), when something it reads moves, or instances come or go (java)",
           "either", "It stays until something it is computed from moves.",
           lambda split, place: split.aspect == "value" and place.kind != "" and place.calculated),
    Policy("trigger-at-start", "A default does not set off what its question triggers (node) or does (java)", "either",
           "A default is a first answer.", lambda split, place: split.at == 0 and place.triggered),
    Policy("offered-again", "An answer that was no longer offered comes back with its choice (node) or is gone (java)",
           "java", "What the teacher no longer saw must not come back unseen.",
           lambda split, place: place.kind == "select1" and split.java == ""),
)  # fmt: skip
