"""Words that a form's author may write into `appearance` for us alone; other clients of XLSForm pass them over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from casebook.forms.definition import Control, FormDef
from casebook.policies import Policy, policy_of

#: The answer is a fact that rarely changes: the phone offers the one of the child's last visit.
SAME_AS_LAST = "same-as-last"
#: Only few may read the answer, see the photo or open the file (domain 4.14); on a group: everything in it.
RESTRICTED = "restricted"
#: The answer is names of colleagues: the phone offers those of the school, who went along lately first.
COLLEAGUES = "colleagues"

#: What a visit finds out is found out anew every time: never offered from the last one.
FINDINGS = frozenset({
    "outcome", "attitude", "will", "promise_date", "back_on", "sign_level", "situation", "seen", "excuse",
    "whereabouts", "whereabouts_detail", "whereabouts_confidence",
    "reasons_guardian", "reasons_student", "reasons_judged", "reasons_status",
    "guardianship", "guardian_voice", "guardian_wishes", "student_voice", "student_feelings", "strengths", "needs",
    "risk_level", "relapse_risk", "lessons", "peers", "mood", "home_support", "in_class", "missed_days", "measures",
    "next_action", "next_date", "follow_plan", "help_status", "term_goals", "will_register", "homework",
})  # fmt: skip
#: Questions whose answers may be facts, by how they are asked; times are not, for they say when a visit was.
FACT_KINDS = frozenset({"text", "integer", "decimal", "date", "select_one", "select_multiple", "range", "barcode"})

_PLACE = re.compile(r"\[\d+\]")


def path_of(ref: str) -> str:
    """The path of a reference: without its places in repeats."""
    return _PLACE.sub("", ref)


def restricted_paths(form: FormDef) -> frozenset[str]:
    """Paths of all questions that are marked so, or share a page with an answer that goes to a restricted property."""
    pages = restricted_pages(form)
    marked = set(_marked(form.controls, False))
    return frozenset(marked | {path for path in form.controls_by_path if page_of(path) in pages})


def restricted_pages(form: FormDef) -> frozenset[str]:
    """Outermost groups of which nothing is shown: marked ones, and those with an answer to a restricted property."""
    by_property = {page_of(path) for path, bind in form.binds.items()
                   if policy_of(bind.save_to or "") is Policy.RESTRICTED}  # fmt: skip
    marked = {page_of(one.path) for one in form.controls if one.path and RESTRICTED in one.appearance}
    return frozenset(by_property | marked)


def page_of(ref: str) -> str:
    """The outermost group of a question: /data/safety/worry -> safety; a loose question is its own group."""
    parts = ref.split("/")
    return parts[2] if len(parts) > 2 else ref


def _marked(controls: Iterable[Control], above: bool) -> Iterator[str]:
    for control in controls:
        inside = above or RESTRICTED in control.appearance
        if inside and control.is_question and control.path:
            yield control.path
        yield from _marked(control.children, inside)
