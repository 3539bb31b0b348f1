"""Where ODK's two engines part, or we part from them: each class with what we do and why. Anything else is a fault.

`docs/forms-engine.md` shows the same table to people; a test keeps both in step.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from casebook.forms.growth import MOST_INSTANCES
from tests.differential.compare import Split
from tests.differential.facts import whole
from tests.differential.place import AGGREGATES, Place


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
        return any(one is None or _alike(split.ours, one) for one in followed) and self.applies(split, place)


_TRUTHS = ({"true", "1"}, {"false", "0"})


def _alike(one: str | None, other: str | None) -> bool:
    """Whether both say the same, or write the same truth in two ways."""
    return one == other or any({one, other} <= truth for truth in _TRUTHS)


def _same_truth(split: Split, place: Place) -> bool:
    return all(text is None or _alike(split.ours, text) for text in (split.node, split.java))


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


def _squeezed(text: str | None) -> str:
    return "".join(str(text).split())


def _fewer(some: str | None, more: str | None) -> bool:
    return set(str(some).split()) < set(str(more).split())


def _below_one(count: str | None) -> bool:
    return count is not None and _is_decimal(count) and float(count) < 1


def _whole_decimal(split: Split, place: Place) -> bool:
    return whole(str(split.node)) == split.ours or (split.ours == split.java and place.reads_decimal())


def _midnight(split: Split, place: Place) -> bool:
    """JavaRosa says midnight of the same day, give or take its time zone."""
    try:
        gap = dt.datetime.fromisoformat(str(split.java)) - dt.datetime.fromisoformat(f"{split.ours}T00:00+00:00")
    except (ValueError, TypeError):
        return False
    return abs(gap) < dt.timedelta(hours=15)


def _only_day(split: Split, place: Place) -> bool:
    """JavaRosa says the day of what we say to the second, give or take its time zone."""
    ours, java = str(split.ours), str(split.java)
    if "T" not in ours or not _is_day(java) or not _is_day(ours[:10]):
        return False
    return abs(dt.date.fromisoformat(ours[:10]) - dt.date.fromisoformat(java)) <= dt.timedelta(days=1)


def _within_a_day(split: Split) -> bool:
    ours, node = str(split.ours), str(split.node)
    return _is_decimal(ours) and _is_decimal(node) and abs(float(ours) - float(node)) <= 1


def _nearly(split: Split, place: Place) -> bool:
    if not place.mentions("area(") or not (_is_decimal(str(split.ours)) and _is_decimal(str(split.java))):
        return False
    return abs(float(str(split.ours)) - float(str(split.java))) < 0.001 * float(str(split.java))


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
    Policy("count-in-passing", "Instances that a count made before what makes it irrelevant was computed stay (node), or the count is "
           "what it would be (java)", "own", "What is not asked is not there, and nothing is made in passing.",
           lambda split, place: split.at == 0 and split.aspect == "relevant" and place.count == "" and place.decided_by_calculation()),
    Policy("no-count", "A repeat with a count of none has none (node) or one (java)", "node", "None is none.",
           lambda split, place: split.aspect == "relevant" and _below_one(place.count)),
    Policy("sum-of-none", "The sum of no answers is blank (node) or 0 (java)", "java",
           "XPath says 0, and a sum of nothing is nothing.",
           lambda split, place: place.mentions("sum(")
           and ((split.ours, split.node) == ("0", "") or place.reads_irrelevant())),
    Policy("sum-of-removed", "The sum over a repeat whose last instance was removed is blank (node) or what it was before (java)",
           "own", "The sum of nothing is 0, and calculations always show the present answers.",
           lambda split, place: (split.ours, split.node) == ("0", "") and place.mentions("sum(") and place.removed()),
    Policy("count-irrelevant", "Irrelevant instances count (node) or do not (java)", "java",
           "What is not asked is not there.", lambda split, place: place.mentions("count(")),
    Policy("whole-decimal", "A whole number of a decimal question is the text 2.0 (node) or 2 (java), also where texts "
           "are compared", "java", "People write 2.", _whole_decimal),
    Policy("default-of-calculation", "Defaults are computed after calculations (node) or before (java)", "own",
           "The author of such a default means the calculated value, also where it becomes relevant only later.",
           lambda split, place: place.default and place.reads_calculation()
           and (split.ours == split.node or split.java == "" or place.rests_on(*AGGREGATES))),
    Policy("default-of-irrelevant", "What is irrelevant at first gets no default (node) or does (java)", "java",
           "It may become relevant.", lambda split, place: split.node == "" and place.default),
    Policy("default-of-counted", "A further instance that a count makes of what is irrelevant at first gets no default (node) or "
           "that of the moment when it becomes relevant (java)", "own",
           "Both by their own rows: the instance is there from the start, and its default with it.",
           lambda split, place: split.node == "" and place.default and place.counted()),
    Policy("default-of-filtered", "A default sees the defaults before it as they are offered (node) or written (java)",
           "java", "Choices are pruned when all defaults are there.",
           lambda split, place: place.default and place.reads_filtered()),
    Policy("least-of-absent", "An absent number spoils min() and max() (node) or is left out (java)", "java",
           "What is not asked is not there.", lambda split, place: place.mentions("min(", "max(")),
    Policy("least-of-irrelevant-at-start", "A default is spoilt by an irrelevant number in min() and max() (node) or takes it as it was "
           "(java)", "own", "Both by their own rows: what is not asked is not there, at the start as later.",
           lambda split, place: split.node == "" and place.default and place.mentions("min(", "max(") and place.reads_irrelevant()),
    Policy("most-instances", "A computed count above 500 makes as many instances (node, java)", "own",
           "A wrong count must not fill the phone.",
           lambda split, place: split.ours == "False" and place.place_in_repeat() > MOST_INSTANCES),
    Policy("pruned-required", "A required answer that was pruned is missed only when touched (node) or at once (java)",
           "java", "What is missing must be said.",
           lambda split, place: place.kind.startswith("select") and split.aspect in ("violation", "message")),
    Policy("irrelevant-read", "An irrelevant answer reads as blank (node) or, at the start and in choice filters, as it "
           "was (java)", "node", "What is not asked is not there.", lambda split, place: place.reads_irrelevant()),
    Policy("stale-choices", "Choices follow what becomes relevant (node) or only what is answered (java)", "node",
           "Choices always fit the present answers.",
           lambda split, place: split.aspect.startswith("choice") or (split.java == "" and place.is_filtered())),
    Policy("count-shrinks", "When a count goes down, surplus instances go (node) or stay (java)", "node",
           "What was counted away is not sent.",
           lambda split, place: split.aspect == "relevant" and place.count is not None),
    Policy("add-irrelevant", "An instance of a repeat that is not asked can be added (node) or not (java)", "java",
           "What is not asked is not there.", lambda split, place: split.aspect == "taken" and place.kind == "repeat"),
    Policy("pruned-at-start", "What reads a pruned default is computed anew (node) or not (java)", "node",
           "Calculations always show the present answers.", lambda split, place: place.reads_filtered()),
    Policy("metadata-in-repeat", "Metadata stays blank in later instances of a repeat (node) or not (java)", "java",
           "Every instance tells who and when.", lambda split, place: split.node == "" and place.preloaded),
    Policy("join-irrelevant", "Joining drops irrelevant or absent answers (node) or takes them as blank (java)", "java",
           "The places of what is joined stay.", lambda split, place: place.mentions("join(")),
    Policy("choice-name-language", "The name of a choice follows the language (node) or keeps that of the start (java)",
           "node", "Texts are read in the language of the screen.",
           lambda split, place: place.mentions("jr:choice-name(")),
    Policy("blank-in-aggregate", "A blank spoils sum(), min() and max() (node) or is left out (java)", "node",
           "A total that lacks a part is not the total: it shows when all is answered.",
           lambda split, place: place.mentions("sum(", "min(", "max(") and place.reads_blank()),
    Policy("stale-aggregate", "What rests on aggregates is not always computed anew (java)", "node",
           "Calculations always show the present answers.", lambda split, place: place.rests_on(*AGGREGATES)),
    Policy("greatest-below-zero", "The greatest of numbers that are all below 0 is one of them (node) or 0 (java)", "own",
           "XPath says so; beside an absent number, too, which is left out as above.",
           lambda split, place: split.java == "0" and _is_decimal(str(split.ours)) and float(str(split.ours)) < 0
           and place.mentions("max(")),
    Policy("day-as-instant", "A day computed without a type is stored as a day (node) or as its midnight (java)", "node",
           "A day is a day in every time zone.", _midnight),
    Policy("instant-as-text", "An instant made a text keeps its time (node) or only its day (java)", "node",
           "Nothing said so is lost.", _only_day),
    Policy("written-day", "A day that is computed or written as a text is a day (node) or a text, which is neither before "
           "nor after a day (java)", "node", "What reads as a day is one.",
           lambda split, place: (split.aspect in ("relevant", "value", "violation", "message", "required", "readonly")
                                 or "/@" in split.ref) and place.reads_written_day()),
    Policy("no-day", "What is no day reads Invalid Date (node) or is blank (java)", "java",
           "A blank is what authors test for.", lambda split, place: split.node == "Invalid Date"),
    Policy("boolean-of-blank", "A blank answer as a condition holds (node) or not (java)", "java",
           "Who writes so asks whether there is an answer.",
           lambda split, place: place.reads_blank() and (place.mentions("boolean(") or place.asks_whether_answered())),
    Policy("boolean-of-pruned", "A pruned default as a condition is a blank that holds (node) or still as it was (java)", "own",
           "Both by their own rows: what is computed shows the present answers, and a blank is none.",
           lambda split, place: place.reads_blank() and place.reads_filtered() and place.reads_default()
           and (place.mentions("boolean(") or place.asks_whether_answered())),
    Policy("boolean-of-zero", "The text 0 as a condition holds (node) or not (java)", "node", "XPath says so.",
           lambda split, place: place.mentions("boolean(")),
    Policy("boolean-under-blank-count", "With a blank count, an instance whose condition is the text 0 is not there (node), or is not "
           "asked (java)", "own", "Both by their own rows: the instance stays, and the text 0 holds.",
           lambda split, place: split.aspect == "relevant" and place.count == "" and place.mentions("boolean(") and place.reads_zero()),
    Policy("day-through-number", "A day that became a number comes back as the same day (node) or, east of London, as the "
           "day before (java)", "node", "Deadlines are counted in days of the calendar; our lint names the way there.",
           lambda split, place: place.mentions("decimal-date-time(")),
    Policy("instant-as-day", "An instant is no answer to a date question (node) or its day is (java)", "java",
           "The day is what the author wants of it.", lambda split, place: place.type == "date" and split.node == ""),
    Policy("instant-beside", "Where it is compared or subtracted, an instant counts to the second (node) or as its day (java)",
           "node", "A day begins at its midnight.", lambda split, place: place.reads_instant()),
    Policy("instant-as-number", "An instant as a number loses its time of day (node, java)", "own", "Nothing said so is lost.",
           lambda split, place: place.mentions("number(") and place.reads_instant()),
    Policy("day-as-number", "A day as a number counts the days of the calendar (java) or, east of London, begins the day "
           "before (node)", "java", "Deadlines are counted in days of the calendar.",
           lambda split, place: place.reads_day() and _within_a_day(split)),
    Policy("written-day-as-number", "The number of a day that is written as a text is its day, begun the day before east of "
           "London (node), or none (java)", "own", "What reads as a day is one, and days of the calendar are counted.",
           lambda split, place: split.java == "" and _within_a_day(split) and place.mentions("number(")
           and (place.mentions("format-date(") or place.reads_day())),
    Policy("blank-between-values", "Blanks between two values in a text stay (node) or go (java)", "node",
           "The author wrote them.", lambda split, place: _squeezed(split.ours) == _squeezed(split.java)),
    Policy("unknown-text", "A text that does not exist reads blank (node) or [itext:] (java)", "node",
           "Nobody shall read codes.", lambda split, place: "[itext:" in str(split.java)),
    Policy("irrelevant-file", "A photo that is no longer asked for still counts (node) or not (java)", "java",
           "What is not asked is not there.",
           lambda split, place: place.reads_file() and place.reads_irrelevant()),
    Policy("missing-translation", "A text that one language lacks reads - as the form compiler writes it", "own",
           "We show the text of the form's own language; our lint names it.",
           lambda split, place: "-" in (split.node, split.java)),
    Policy("override", "What a person entered in a calculated question stays until the computed value moves (node), or "
           "until something it reads moves or instances come or go (java)", "node",
           "A person's entry is not wiped by a change that changes nothing.",
           lambda split, place: split.aspect == "value" and place.kind != "" and place.calculated),
    Policy("override-in-passing", "A new instance, whose calculations are blank for a moment, makes both forget what a "
           "person entered in a calculated question", "own",
           "The computed value is the same before and after: the entry is not wiped by a change that changes nothing.",
           lambda split, place: split.aspect == "value" and place.calculated and place.kind != "" and place.grows
           and place.keeps_entry and place.rests_on(*AGGREGATES)),
    Policy("override-of-whole", "A computed whole number that moves by less than one makes both forget what a person entered in its "
           "place", "own", "What is computed reads the same before and after: the entry is not wiped by a change that changes nothing.",
           lambda split, place: split.aspect == "value" and place.type == "int" and place.calculated and place.keeps_entry),
    Policy("long-separator", "What comes after a separator of several signs is cut behind its first (node)", "java",
           "XPath says so.", lambda split, place: place.mentions("substring-after(")),
    Policy("place-of-another", "The place of an instance that the expression does not stand in is known (node) or 0 (java)",
           "node", "It has a place.", lambda split, place: place.mentions("position(") and split.java == "0"),
    Policy("infinity", "A number without end equals itself (node) or nothing (java)", "node", "XPath says so.",
           lambda split, place: place.reads_infinity()),
    Policy("areas", "Areas of land differ in the fourth digit (node, java)", "node",
           "No form of a school measures land so exactly.", _nearly),
    Policy("nan-in-text", "What is no number vanishes in a text (node) or reads NaN (java)", "node",
           "Nobody shall read codes.", lambda split, place: "NaN" in str(split.java)),
    Policy("count-at-start", "A default that counts what is irrelevant counts it, as irrelevant instances count (node) or are "
           "not yet known to be (java)", "own", "Both by their own rows: what is not asked is not there, at the start as later.",
           lambda split, place: place.default and place.mentions("count(") and place.reads_irrelevant()
           and split.ours == "0" and split.node == split.java),
    Policy("once-of-aggregate", "What is computed once reads what rests on instances before they are computed (node) or after the "
           "first of them (java)", "own", "What is kept for good is taken when all is there.",
           lambda split, place: split.aspect in ("value", "sent") and place.mentions("once(") and place.reads_calculation()
           and place.rests_on(*AGGREGATES)),
    Policy("both-at-start", "A default sets off what it triggers, and that reads what is irrelevant or computed", "own",
           "Each by its own rule above.", lambda split, place: split.at == 0 and split.node == "" and place.triggered
           and (place.reads_irrelevant() or place.reads_calculation())),
    Policy("entity-after-removal", "What decides on the entities of instances behind a removed one is computed (node) or "
           "not any more (java)", "node", "The entity must fit the answers.",
           lambda split, place: "/@" in split.ref and place.moved_up()),
    Policy("trigger-at-start", "A default does not set off what its question triggers (node) or does (java)", "either",
           "A default is a first answer.", lambda split, place: split.node == "" and place.triggered),
    Policy("trigger-by-relevance", "A question that becomes relevant sets off what it triggers (node) or not (java)",
           "java", "Only an answer is an answer.", lambda split, place: place.triggered),
    Policy("digest", "A digest of what engines write in different ways", "either", "It follows from the rows above.",
           lambda split, place: split.aspect in ("value", "sent") and place.mentions("digest(")),
    Policy("offered-again", "An answer that was no longer offered comes back with its choice (node) or is gone (java)",
           "java", "What the teacher no longer saw must not come back unseen.",
           lambda split, place: place.kind in ("select", "select1") and _fewer(split.ours, split.node)),
)  # fmt: skip
