"""How a form is cut into pages, and what stands on a page: one section a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from casebook.forms.definition import Control, FormDef, Text
from casebook.forms.growth import may_grow
from casebook.forms.nodes import Node
from casebook.forms.texts import rendered


class PagePlan(NamedTuple):
    """A page as the form defines it; `ref` is its group's path, or that of its first loose question."""

    ref: str
    label: Text | None
    controls: tuple[Control, ...]


class Placed(NamedTuple):
    """A control at its node: a question, or the title of a group or repeat instance (then `place` counts from 1).

    With `grows` it is the end of a repeat that a person may lengthen now; the node is the one above the instances.
    """

    control: Control
    node: Node
    label: Text | None = None
    place: int = 0
    grows: bool = False


def plan_pages(form: FormDef) -> tuple[PagePlan, ...]:
    """One page for each top-level group that shows something; loose questions in a row share a page."""
    plans: list[PagePlan] = []
    loose: list[Control] = []
    for control in form.controls:
        first = next((question.path for question in control.questions() if question.path), None)
        if first is None:
            continue
        if control.is_question:
            loose.append(control)
            continue
        plans += _loose_page(loose)
        loose = []
        plans.append(PagePlan(control.path or first, control.label, (control,)))
    return (*plans, *_loose_page(loose))


def _loose_page(controls: list[Control]) -> list[PagePlan]:
    return [PagePlan(controls[0].path or "", None, tuple(controls))] if controls else []


def page_refs(plans: tuple[PagePlan, ...]) -> dict[str, str]:
    """The page of each question, by the question's path."""
    return {
        question.path: plan.ref
        for plan in plans
        for control in plan.controls
        for question in control.questions()
        if question.path
    }


def placed_on(plan: PagePlan, root: Node) -> Iterator[Placed]:
    """What stands on the page now, in order. The page's own group gives no title: the page shows it."""
    return (placed for placed in laid_out(plan, root) if not placed.grows)


def laid_out(plan: PagePlan, root: Node) -> Iterator[Placed]:
    """As `placed_on`, and where the repeats end that a person may lengthen."""
    for control in plan.controls:
        if control.is_question:
            yield from _walk(control, root)
        else:
            yield from _group(control, root, titled=False)


def _walk(control: Control, near: Node) -> Iterator[Placed]:
    if control.kind == "repeat":
        yield from _repeat(control, near)
    elif control.kind == "group":
        yield from _group(control, near, titled=True)
    elif control.path:
        for node in near.instance.targets(control.path, near)[:1]:
            if node.is_relevant():
                yield Placed(control, node, control.label)


def _group(control: Control, near: Node, titled: bool) -> Iterator[Placed]:
    if control.kind == "repeat":
        yield from _repeat(control, near)
        return
    repeats = near.instance.form.repeats
    node = near
    if control.path and control.path not in repeats:
        node = next(iter(near.instance.targets(control.path, near)), near)
        if not node.is_relevant():
            return
    # a titled repeat comes as a group of the same path around it: the title goes to each instance
    around = control.path in repeats
    inside = [placed for child in control.children for placed in _titled(child, node, control, around)]
    if inside and titled and control.label is not None and not around:
        yield Placed(control, node, control.label)
    yield from inside


def _titled(child: Control, node: Node, group: Control, around: bool) -> Iterator[Placed]:
    if around and child.kind == "repeat" and child.path == group.path:
        return _repeat(child, node, group.label)
    return _walk(child, node)


def _repeat(control: Control, near: Node, label: Text | None = None) -> Iterator[Placed]:
    parent_path, _, name = (control.path or "").rpartition("/")
    for above in near.instance.targets(parent_path, near):
        if name in above.ranges:
            above.ranges[name].get()
        for place, node in enumerate(list(above.families.get(name, ())), 1):
            if node.is_relevant():
                yield Placed(control, node, label or control.label, place)
                for child in control.children:
                    yield from _walk(child, node)
        if may_grow(above, control):
            yield Placed(control, above, label or control.label, grows=True)


def title_of(placed: Placed) -> str:
    """The label as it reads now."""
    return rendered(placed.label, placed.node)
