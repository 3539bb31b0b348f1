"""What happens by itself: metadata at the start and end, dynamic defaults, values set when another changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from casebook.errors import FormBroken
from casebook.forms import growth
from casebook.forms.casting import computed_text
from casebook.forms.choices import follow, follow_choices
from casebook.forms.dates import moment_text
from casebook.forms.definition import Action, Control
from casebook.forms.environment import present
from casebook.forms.expressions import Context
from casebook.forms.instance import Instance
from casebook.forms.nodes import Node

_AT_START = frozenset({"odk-instance-first-load", "xforms-ready"})
_NEW_REPEAT = frozenset({"odk-new-repeat"})
_MOST_IN_TURN = 20
_CHANGED = frozenset({"xforms-value-changed"})


def first_load(instance: Instance, given: Collection[Node]) -> None:
    """Metadata and dynamic defaults of a new form; answers in `given` were prefilled and stay."""
    _preload(instance, instance.root)
    growth.count_first(instance)
    _fire(instance, instance.form.actions, _AT_START, instance.root, given)
    _fire(instance, _actions_inside(instance.form.controls), _AT_START, instance.root, given)
    follow_choices(instance.root, given)


def new_repeat(instance: Instance, node: Node) -> None:
    """Metadata and dynamic defaults of a new repeat instance."""
    _preload(instance, node)
    _fire(instance, instance.form.actions, _NEW_REPEAT, node)
    control = instance.form.repeats[node.definition.path]
    _fire(instance, (*control.actions, *_actions_inside(control.children, nested=False)), _NEW_REPEAT, node)
    follow_choices(node, ())


def value_changed(instance: Instance, node: Node, depth: int = 0) -> None:
    """Sets what the form says to set when this answer changes, and what that sets in turn.

    Raises FormBroken (reason `restless`) if answers set each other in a circle.
    """
    control = node.control
    if control is None or not control.actions:
        return
    if depth > _MOST_IN_TURN:
        raise FormBroken(reason="restless", form_id=instance.form.form_id)
    instance.settle()
    _fire(instance, control.actions, _CHANGED, node, depth=depth)


def finish(instance: Instance) -> None:
    """Metadata of the end."""
    for node in instance.root.everything():
        if node.bind is not None and node.bind.preload == ("timestamp", "end") and node.value is not None:
            node.value.put(moment_text(present(instance.env)))
    instance.settle()


def _actions_inside(controls: Iterable[Control], nested: bool = True) -> Iterable[Action]:
    """Actions of all controls; with `nested` false not those of repeats inside, which have their own time."""
    for control in controls:
        if nested or control.kind != "repeat":
            yield from control.actions
            yield from _actions_inside(control.children, nested)


def _preload(instance: Instance, top: Node) -> None:
    for node in top.everything():
        if node.bind is not None and node.bind.preload is not None and node.value is not None:
            value = _preloaded(instance, node, *node.bind.preload)
            if value is not None:
                node.value.put(value)


def _preloaded(instance: Instance, node: Node, kind: str, parameter: str) -> str | None:
    match kind, parameter:
        case "uid", _:
            return node.raw() or f"uuid:{instance.env.uuid()}"
        case "timestamp", "start":
            return moment_text(present(instance.env))
        case "date", "today":
            return present(instance.env).date().isoformat()
        case "property", name:
            return instance.device_property(name)
    return None


def _fire(
    instance: Instance,
    actions: Iterable[Action],
    events: frozenset[str],
    near: Node,
    given: Collection[Node] = (),
    depth: int = 0,
) -> None:
    for action in actions:
        if events.isdisjoint(action.events):
            continue
        for node in instance.targets(action.ref, near):
            if node.value is not None and node not in given:
                _set(instance, action, node, events is not _CHANGED, depth)


def _set(instance: Instance, action: Action, node: Node, at_start: bool, depth: int) -> None:
    assert node.value is not None
    kind = node.bind.type if node.bind is not None else "string"
    value = action.text
    if action.kind == "setgeopoint":
        value = ""
    elif action.value is not None:
        value = computed_text(action.value(Context(instance, node)), kind, instance.zone)
    if at_start and node.value.compute is not None:
        # a computed answer starts from here: once() will find it
        node.value.value = value
    elif node.value.value != value or node.value.stale:
        node.value.put(value)
        follow(node)
        value_changed(instance, node, depth + 1)
