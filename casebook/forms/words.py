"""An answer in words, as it is read to a guardian or shown to a principal."""

from __future__ import annotations

from casebook.forms.choices import choices_of, chosen
from casebook.forms.nodes import Node
from casebook.forms.questions import kind_of

_ATTACHED = ("image", "signature", "audio", "file")


def answer_in_words(node: Node) -> str:
    """Labels for choices, a word for what is attached or acknowledged; other answers as written."""
    answer = node.string()
    if not answer:
        return ""
    control, wording = node.control, node.instance.wording
    if control is not None and control.is_choice:
        labels = {choice.value: choice.label for choice in choices_of(node)}
        names = [labels.get(value) or value for value in chosen(node, answer)]
        return wording("forms.listing").join(names)
    kind = kind_of(node)
    if kind == "acknowledge":
        return wording("forms.acknowledged")
    if kind in _ATTACHED:
        return wording(f"forms.attached.{kind}")
    return answer
