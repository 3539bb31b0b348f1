"""Finds answers whose value or relevance depends on itself, and answers that set each other in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from casebook.forms.definition import FormDef
from casebook.forms.expressions.syntax import Expr, Path, walk
from casebook.forms.linting.sites import Issue, issue

#: ("value", "relevant" or "trigger", path)
_Knot = tuple[str, str]


def circle_faults(form: FormDef, parsed: Mapping[tuple[str, str], Expr]) -> Iterator[Issue]:
    """One issue for each circle found; `parsed` has the expressions by (path, rule).

    An answer may read its own former value; that alone is no circle.
    """
    threads = {knot: _threads(form, knot, parsed) for knot in _knots(parsed)}
    threads.update(_triggers(form))
    done: set[_Knot] = set()
    for knot in threads:
        circle = _circle_from(knot, threads, done)
        if circle:
            names = " → ".join(path.rpartition("/")[2] for _, path in circle)
            yield issue(circle[0][1], "circle", names=names)


def _triggers(form: FormDef) -> dict[_Knot, list[_Knot]]:
    """For each question that sets others when it changes: which."""
    return {
        ("trigger", path): [("trigger", action.ref) for action in control.actions]
        for path, control in form.controls_by_path.items()
        if control.actions
    }


def _knots(parsed: Mapping[tuple[str, str], Expr]) -> list[_Knot]:
    roles = {"calculate": "value", "relevant": "relevant"}
    return [(roles[rule], path) for path, rule in parsed if rule in roles]


def _threads(form: FormDef, knot: _Knot, parsed: Mapping[tuple[str, str], Expr]) -> list[_Knot]:
    """What the knot needs: values it reads, and the relevance of those and of all groups around them."""
    role, path = knot
    found: list[_Knot] = []
    if role == "value":
        found += [("relevant", above) for above in _upwards(path)]
    else:
        found += [("relevant", above) for above in _upwards(path)[1:]]
    for read in _reads(parsed[(path, "calculate" if role == "value" else "relevant")]):
        if knot != ("value", read):
            found.append(("value", read))
        if not (role == "value" and read == path):
            found += [("relevant", above) for above in _upwards(read)]
    return found


def _upwards(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _reads(expr: Expr) -> Iterator[str]:
    for part in walk(expr):
        if isinstance(part, Path) and part.absolute and all(step.plain for step in part.steps):
            yield "".join(f"/{step.test}" for step in part.steps)


def _circle_from(
    start: _Knot, threads: Mapping[_Knot, list[_Knot]], done: set[_Knot]
) -> list[_Knot] | None:
    """A circle reached from `start`, by a walk in depth; knots in `done` lead to none."""
    waiting = [(start, iter(threads.get(start, ())))] if start not in done else []
    trail = [start] if waiting else []
    while waiting:
        _, following = waiting[-1]
        knot = next(following, None)
        if knot is None:
            done.add(waiting.pop()[0])
            trail.pop()
        elif knot in trail:
            done.update(trail)
            return trail[trail.index(knot) :]
        elif knot in threads and knot not in done:
            waiting.append((knot, iter(threads[knot])))
            trail.append(knot)
    return None
