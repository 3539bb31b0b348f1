"""Marks of ours in the wrong place: an answer of last time must never stand in for evidence or for a finding."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.forms.definition import Control, FormDef
from casebook.forms.linting.sites import Issue, issue
from casebook.forms.marks import FINDINGS, SAME_AS_LAST, restricted_paths

_EVIDENCE = frozenset({"upload", "trigger", "rank"})
_TIMES = frozenset({"time", "dateTime", "geopoint"})


def mark_faults(form: FormDef) -> Iterator[Issue]:
    """Every question that offers its last answer and must not."""
    restricted = restricted_paths(form)
    for path, control in form.controls_by_path.items():
        if SAME_AS_LAST not in control.appearance:
            continue
        bind = form.binds.get(path)
        if _is_evidence(form, control):
            yield issue(path, "last_of_evidence")
        elif bind is not None and bind.save_to in FINDINGS:
            yield issue(path, "last_of_finding")
        elif path in restricted:
            yield issue(path, "last_of_restricted")
        elif any(path.startswith(f"{repeat}/") for repeat in form.repeats):
            yield issue(path, "last_in_repeat")


def _is_evidence(form: FormDef, control: Control) -> bool:
    """Photos, signatures, sounds, papers, places, times, ticks, and what is not asked at all."""
    bind = form.binds.get(control.path or "")
    if control.kind in _EVIDENCE:
        return True
    return bind is not None and (bind.type in _TIMES or bind.preload is not None or bind.readonly is not None)
