"""A sealed form in words: what was asked and answered, as it stood, for the console and for reading back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from casebook.forms import growth
from casebook.forms.cells import Cell
from casebook.forms.definition import FormDef
from casebook.forms.environment import Env
from casebook.forms.instance import Instance
from casebook.forms.layout import PagePlan, Placed, placed_on, plan_pages
from casebook.forms.lists import ListSource
from casebook.forms.nodes import Node
from casebook.forms.questions import heading, kind_of
from casebook.forms.serialise import restore
from casebook.forms.texts import label_of, rendered
from casebook.forms.words import answer_in_words
from casebook.forms.xmlinput import MAX_ANSWERS_BYTES, parse_xml
from casebook.wording import Wording


class AnswerRow(NamedTuple):
    """One line: a question with its answer, a note, or a heading inside the section."""

    ref: str
    label: str
    kind: str
    value: str
    words: str


class Section(NamedTuple):
    """One page of the form."""

    title: str
    rows: list[AnswerRow]


def answers_in_words(
    formdef: FormDef,
    xml: str,
    lists: Mapping[str, ListSource],
    language: str | None,
    env: Env,
    *,
    wording: Wording,
) -> list[Section]:
    """The answers of `xml` section by section, in a language of the form.

    Nothing is computed again: computed values are shown as they were written, and what is not in the XML was not
    asked. Questions left blank are shown with blank words. Raises FormBroken if the XML cannot be read.
    """
    instance = Instance(formdef, lists, env, wording, formdef.language_like(language), sealed=True)
    growth.grow(instance)
    element, _ = parse_xml(xml.encode(), MAX_ANSWERS_BYTES)
    present = restore(instance, element)
    for node in instance.root.everything():
        if node not in present:
            node.relevance = Cell(instance.graph, "relevance", node, False)
    sections = []
    for plan in plan_pages(formdef):
        rows = [_row(placed) for placed in placed_on(plan, instance.root)]
        if rows:
            sections.append(Section(_title(plan, instance), rows))
    return sections


def _title(plan: PagePlan, instance: Instance) -> str:
    nodes = instance.targets(plan.ref, instance.root)
    return rendered(plan.label, nodes[0] if nodes else instance.root) or instance.form.title


def _row(placed: Placed) -> AnswerRow:
    if not placed.control.is_question:
        title = heading(placed)
        return AnswerRow(title.ref, title.label, "heading", "", "")
    node: Node = placed.node
    return AnswerRow(node.ref, label_of(node), kind_of(node), node.string(), answer_in_words(node))
