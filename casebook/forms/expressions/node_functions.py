"""Functions on truth, node sets and the form itself."""

from __future__ import annotations

from casebook.forms.expressions.chance import seed_of, shuffle_by_chance, shuffle_by_seed
from casebook.forms.expressions.context import Context
from casebook.forms.expressions.registry import ANY, FUNCTIONS, Function, function
from casebook.forms.expressions.text_functions import own
from casebook.forms.treenode import TreeNode
from casebook.forms.values import NAN, Value, to_number, to_text, to_truth


def _never_called(context: Context, *values: Value) -> Value:
    raise NotImplementedError


#: the compiler gives these their own form: they do not evaluate all arguments, or look at how they are written
for _name, _least, _most in (("if", 3, 3), ("coalesce", 1, ANY), ("once", 1, 1), ("indexed-repeat", 3, ANY)):
    FUNCTIONS[_name] = Function(_never_called, _least, _most)


@function("true", 0)
def _true(context: Context) -> Value:
    return True


@function("false", 0)
def _false(context: Context) -> Value:
    return False


@function("not", 1)
def _not(context: Context, value: Value) -> Value:
    return not to_truth(value)


@function("boolean", 1)
def _boolean(context: Context, value: Value) -> Value:
    return to_truth(value)


@function("boolean-from-string", 1)
def _boolean_from_string(context: Context, value: Value) -> Value:
    return to_text(value).strip().lower() in ("true", "1")


def _nodes(value: Value) -> list[TreeNode]:
    return value if isinstance(value, list) else []


@function("count", 1)
def _count(context: Context, value: Value) -> Value:
    return float(len(_nodes(value)))


@function("count-non-empty", 1)
def _count_non_empty(context: Context, value: Value) -> Value:
    return float(sum(node.string() != "" for node in _nodes(value)))


@function("last", 0)
def _last(context: Context) -> Value:
    return float(context.size)


@function("position", 0, 1)
def _position(context: Context, value: Value | None = None) -> Value:
    if value is None:
        return float(context.position)
    nodes = _nodes(value)
    return float(nodes[0].position()) if nodes else NAN


@function("name", 0, 1)
def _name_of(context: Context, value: Value | None = None) -> Value:
    nodes = _nodes(own(context, value))
    return nodes[0].name if nodes else ""


FUNCTIONS["local-name"] = FUNCTIONS["name"]


@function("current", 0)
def _current(context: Context) -> Value:
    return [context.current]


@function("instance", 1)
def _instance(context: Context, name: Value) -> Value:
    document = context.host.list_named(to_text(name))
    return [] if document is None else [document]


@function("randomize", 1, 2)
def _randomize(context: Context, value: Value, seed: Value | None = None) -> Value:
    nodes = _nodes(value)
    if seed is None:
        return shuffle_by_chance(nodes, context.host.random)
    number = to_number(seed, context.host.zone)
    return shuffle_by_seed(nodes, seed_of(number, to_text(seed)))


@function("uuid", 0, 1)
def _uuid(context: Context, length: Value | None = None) -> Value:
    if length is None:
        return context.host.uuid()
    count = to_number(length, context.host.zone)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    wanted = int(count) if 0 < count <= 1_000 else 0
    return "".join(letters[int(context.host.random() * len(letters))] for _ in range(wanted))


@function("random", 0)
def _random(context: Context) -> Value:
    return context.host.random()


@function("version", 0)
def _version(context: Context) -> Value:
    return context.host.version


@function("property", 1)
def _property(context: Context, name: Value) -> Value:
    return context.host.device_property(to_text(name))


@function("jr:itext", 1)
def _itext(context: Context, text_id: Value) -> Value:
    return context.host.itext(to_text(text_id), context.current)


@function("jr:guidance", 1)
def _guidance(context: Context, text_id: Value) -> Value:
    """Ours: the longer hint that lives under the same text id."""
    return context.host.itext(to_text(text_id), context.current, "guidance")


@function("jr:choice-name", 2)
def _choice_name(context: Context, value: Value, path: Value) -> Value:
    # pyxform writes the second argument as "' /data/question '": blanks inside the quotes
    return context.host.choice_label(to_text(value), to_text(path).strip(), context)


@function("pulldata", 4)
def _pulldata(context: Context, name: Value, wanted: Value, column: Value, key: Value) -> Value:
    document = context.host.list_named(to_text(name))
    for root in document.children() if document is not None else ():
        for row in root.lookup("item", to_text(column), to_text(key)) or ():
            return to_text(row.children_named(to_text(wanted)))
    return ""
