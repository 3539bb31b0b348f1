"""XForm engine: reads forms written with XLSForm, fills them in, checks answers, says them in words. Pure.

`casebook.forms.linting` examines forms before they are published; filling in does without it.
"""

from __future__ import annotations

from casebook.errors import FormBroken
from casebook.forms.changes import Changes
from casebook.forms.choices import Choice
from casebook.forms.definition import FormDef
from casebook.forms.entities import EntityOp
from casebook.forms.environment import Env
from casebook.forms.in_words import AnswerRow, Section, answers_in_words
from casebook.forms.lists import ListSource, LookupSource, TableSource
from casebook.forms.questions import Page, Problem, Question, Repeat
from casebook.forms.references import ref_without
from casebook.forms.session import Session, extract

__all__ = [
    "AnswerRow",
    "Changes",
    "Choice",
    "EntityOp",
    "Env",
    "FormBroken",
    "FormDef",
    "ListSource",
    "LookupSource",
    "Page",
    "Problem",
    "Question",
    "Repeat",
    "Section",
    "Session",
    "TableSource",
    "answers_in_words",
    "extract",
    "ref_without",
]
