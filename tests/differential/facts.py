"""What an engine says about a form, taken apart into single facts whose way of writing no longer matters."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection, Iterator
from typing import TypeAlias

from casebook.forms.xmlinput import local_name, split_tag
from tests.differential.engines import Facts

#: the text of each fact of one node by aspect; blank for nothing
Told: TypeAlias = dict[str, str]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_TIME = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)\Z")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
#: an instant nearer than this to the present was taken from the clock, which ran on between the engines
_CLOCK = dt.timedelta(minutes=30)
ABSENT = "(absent)"
_JAVAROSA = "http://openrosa.org/javarosa"


def told(facts: Facts) -> Told:
    """What is told of one node. Of what is not relevant only that: engines keep there what they like."""
    found = {"relevant": str(bool(facts["relevant"]))}
    return found | dict(_shown(facts)) if facts["relevant"] else found


def _shown(facts: Facts) -> Iterator[tuple[str, str]]:
    if "value" in facts:
        yield "value", plain(facts["value"])
    if "label" not in facts:
        return
    yield "required", str(bool(facts["required"]))
    yield "readonly", str(bool(facts["readonly"]))
    for aspect in ("label", "hint", "guidance"):
        if aspect in facts:
            yield aspect, " ".join(facts[aspect].split())
    yield "violation", facts.get("violation", "")
    yield "message", " ".join(facts.get("message", "").split())
    if "choices" in facts:
        yield "choices", " ".join(value for value, _ in facts["choices"])
        yield "choice labels", " | ".join(" ".join(label.split()) for _, label in facts["choices"])


def plain(text: str) -> str:
    """A value without what only looks different: identifiers, instants of the clock, the writing of numbers."""
    text = _UUID.sub("UUID", text.strip())
    if _NUMBER.match(text):
        return _number(text)
    if " " in text and all(map(_NUMBER.match, text.split())):
        return " ".join(map(plain, text.split()))
    if _TIME.match(text):
        return _instant(f"1970-01-02T{text}").partition("T")[2]
    return _INSTANT.sub(lambda match: _instant(match[0]), text)


def _number(text: str) -> str:
    """Twelve digits of a number; what is behind them depends on the order of operations."""
    if len(text) > 40:
        return text
    whole = ".0" if text.endswith(".0") else ""
    return f"{float(text):.12g}{whole}"


def whole(text: str) -> str:
    """Numbers of a decimal question: 10 and 10.0 are the same."""
    return re.sub(r"(\d)\.0(?!\d)", r"\1", text)


def _instant(text: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if abs(dt.datetime.now(dt.UTC) - moment) < _CLOCK:
        return "NOW"
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def sent(xml: str, repeats: Collection[str]) -> dict[str, str]:
    """The leaves and attributes of the instance as it would be sent; `repeats` are the paths of repeats."""
    found: dict[str, str] = {}
    root = ElementTree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", xml))
    _gather(root, f"/{local_name(root.tag)}", f"/{local_name(root.tag)}", repeats, found)
    return found


def _gather(
    element: ElementTree.Element, ref: str, path: str, repeats: Collection[str], found: dict[str, str]
) -> None:
    for key, text in element.attrib.items():
        namespace, name = split_tag(key)
        if namespace != _JAVAROSA:
            found[f"{ref}/@{name}"] = plain(text)
    children = list(element)
    if not children:
        found[ref] = plain(element.text or "")
    counts: dict[str, int] = {}
    for child in children:
        name = local_name(child.tag)
        counts[name] = counts.get(name, 0) + 1
        below = f"{path}/{name}"
        place = f"[{counts[name]}]" if below in repeats else ""
        _gather(child, f"{ref}/{name}{place}", below, repeats, found)


def path_of(ref: str) -> str:
    """The reference without the places in repeats."""
    return re.sub(r"\[\d+\]", "", ref)
